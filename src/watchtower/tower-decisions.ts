/** What a tower records for each input: pure functions of its state. */

import type { ChainNews } from "../chain/chain-news.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { REORG_DEPTH_MAX } from "../channel/remembered-facts.ts";
import type { Address } from "../crypto/address.ts";
import { unreachable } from "../primitives/assert.ts";
import { jsonOf } from "../primitives/json.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { type Appointment, channelOf, turnOf } from "./appointment.ts";
import {
  type AppointmentRejection,
  checkAppointment,
  type TowerRules,
} from "./appointment-check.ts";
import { sightsOf } from "./chain-sight.ts";
import { dutyIn, isDone } from "./duties.ts";
import type { CallEvent, TowerEvent } from "./tower-event.ts";
import { evolveTower, type TowerState } from "./tower-state.ts";

/** Takes an appointment, refuses it, or finds that there is nothing new in it: then no event follows. */
export function decideAppointment(
  state: TowerState,
  client: Address,
  appointment: Appointment,
  rules: TowerRules,
): Result<readonly TowerEvent[], AppointmentRejection> {
  const checked = checkAppointment(client, appointment, rules);
  if (!checked.ok) return checked;
  const channelId = channelOf(appointment);
  const kept = state.appointments.get(channelId)?.get(client);
  if (kept === undefined) {
    const watched = state.watchedBy.get(client) ?? 0;
    if (watched >= rules.channelsPerClientMax) mark("tower/too-many-channels");
    if (watched >= rules.channelsPerClientMax) return reject({ code: "TooManyChannels" });
  } else if (!isNewer(appointment, kept)) {
    const isSame = jsonOf(appointment) === jsonOf(kept);
    return isSame
      ? accept([])
      : marked("tower/older-refused", reject({ code: "Older", turnNum: turnOf(kept) }));
  }
  return accept([{ type: "AppointmentKept", client, channelId, appointment }]);
}

/** By turn; at one turn, the one that knows what the client would close by. */
function isNewer(one: Appointment, kept: Appointment): boolean {
  if (turnOf(one) !== turnOf(kept)) return turnOf(one) > turnOf(kept);
  return one.closing !== undefined && kept.closing === undefined;
}

/** A client needs a channel watched no more. Nothing follows for one that is not. */
export function decideEnd(
  { appointments }: TowerState,
  client: Address,
  channelId: ChannelId,
): readonly TowerEvent[] {
  const isKept = appointments.get(channelId)?.has(client) ?? false;
  if (isKept) mark("tower/watch-ended-by-client");
  return isKept ? [{ type: "AppointmentEnded", client, channelId }] : [];
}

/** What the chain service tells. */
export function decideNews(state: TowerState, news: ChainNews): readonly TowerEvent[] {
  switch (news.type) {
    case "LogsConfirmed":
      return sightsOf(state, news);
    case "ChainReorged":
      mark("tower/chain-turned-back");
      return [{ type: "ChainTurnedBack", fork: news.fork }];
    case "TransactionSigned":
    case "TransactionMined":
    case "TransactionPointless":
      return decideCall(state, news);
    default:
      // A tower never asks what is held.
      return [];
  }
}

type CallNews = ChainNews & {
  readonly type: "TransactionSigned" | "TransactionMined" | "TransactionPointless";
};

function decideCall({ calls }: TowerState, news: CallNews): readonly CallEvent[] {
  const { effectId } = news;
  const known = calls.get(effectId);
  if (known === undefined) return [];
  const { channelId } = known;
  const about = { effectId, channelId };
  switch (news.type) {
    case "TransactionSigned": {
      const { nonce, raw, transactionHash } = news;
      return [{ type: "CallSigned", ...about, nonce, transactionHash, raw }];
    }
    case "TransactionMined": {
      const { block, succeeded } = news;
      if (!succeeded) mark("tower/call-refused");
      // A transaction is told again when it has changed its block.
      if (known.blockNumber === block.blockNumber) return [];
      const reason = news.reason?.slice(0, REASON_LENGTH_MAX);
      return [{ type: "CallMined", ...about, block, succeeded, reason }];
    }
    case "TransactionPointless": {
      const reason = news.reason.slice(0, REASON_LENGTH_MAX);
      return [{ type: "CallPointless", ...about, reason }];
    }
    default:
      return unreachable(news);
  }
}

/** Characters of a reason that are kept: some of them take several of the bytes that the log has for it. */
const REASON_LENGTH_MAX = 128;

/**
 * What follows from the state: transactions to ask for, and channels that are over. Folds what it gives, so that
 * each thing is asked for once.
 */
export function decideDuties(
  state: TowerState,
  channels: Iterable<ChannelId>,
  { appOf }: TowerRules,
): readonly TowerEvent[] {
  const events: TowerEvent[] = [];
  const look = { state, appOf };
  for (const channelId of [...channels]) {
    const duty = dutyIn(look, channelId);
    if (duty === undefined) continue;
    const event = { type: "CallRequested", ...duty } as const;
    evolveTower(state, event);
    events.push(event);
  }
  return events;
}

/** Ends the watch over channels that nothing can come back for: no reorganisation reaches what ended them. */
export function decideEndings(state: TowerState, { appOf }: TowerRules): readonly TowerEvent[] {
  const newest = state.chain.blocks.at(-1)?.blockNumber ?? 0;
  return [...state.channels.values()].flatMap((channel): readonly TowerEvent[] => {
    const lastBlock = channel.remembered.at(-1)?.blockNumber ?? newest;
    if (newest - lastBlock <= REORG_DEPTH_MAX) return [];
    if (!isDone({ state, appOf }, channel)) return [];
    const { id: channelId } = channel;
    const clients = [...(state.appointments.get(channelId)?.keys() ?? [])];
    return clients.map((client) => ({ type: "AppointmentEnded", client, channelId }));
  });
}
