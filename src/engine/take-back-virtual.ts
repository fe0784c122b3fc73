/** Takes back what a log has lost of virtual channels, and of what waits in ledger channels. */

import { type Channel, ledgerOf, stateAt } from "../channel/channel.ts";
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import { applyChanges } from "../channel/ledger.ts";
import { virtualFundId } from "../channel/objective-id.ts";
import { isSameOutcome } from "../channel/outcome.ts";
import type { Address } from "../crypto/address.ts";
import type { ResyncMessage } from "../messages/message.ts";
import { assertDefined } from "../primitives/assert.ts";
import { mark } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Side } from "../protocols/guarantees.ts";
import { isActive } from "../protocols/objective.ts";
import type { Rejection } from "../protocols/rejection.ts";
import type { Draft } from "./draft.ts";
import { checkVirtual, type Rules } from "./rules.ts";

type Decision = Result<undefined, Rejection>;
type HeldVirtual = ResyncMessage & { readonly type: "HeldVirtual" };
type HeldStep = ResyncMessage & { readonly type: "HeldStep" };

/** Learns of a virtual channel that the log has lost, which ledger funds it, and whether it was given up. */
export function takeBackVirtual(
  draft: Draft,
  from: Address,
  held: HeldVirtual,
  rules: Rules,
): Decision {
  const { code, fixedPart, ledgerId } = held;
  const by = fixedPart.participants.indexOf(from);
  if (by < 0 || from === rules.me) return reject({ code: "NotAParticipant" });
  const channelId = channelIdOf(fixedPart);
  const created = createOnce(draft, channelId, held, rules);
  if (!created.ok) return created;
  const channel = assertDefined(draft.tables.channels.get(channelId), "the channel");
  if (channel.use.type !== "Virtual") return reject({ code: "ChannelIdUsed" });
  // Fees are in no signature: all who tell of them must agree.
  const isSame = channel.use.fees.every((fee, index) => fee === held.fees[index]);
  if (!isSame) return reject({ code: "RouteMalformed" });
  if (ledgerId !== undefined) {
    const named = nameLedger(draft, channel, by, ledgerId);
    if (!named.ok) return named;
  }
  openFund(draft, channelId, by, code);
  return accept(undefined);
}

/** Learns how a waiting ledger state came to be. The state itself was shown before. */
export function takeBackStep(draft: Draft, from: Address, held: HeldStep): Decision {
  const { baseTurnNum, changes, channelId, isRefused, turnNum } = held;
  const channel = draft.tables.channels.get(channelId);
  if (channel?.ledger === undefined) return reject({ code: "NotALedger" });
  if (!channel.fixedPart.participants.includes(from)) return reject({ code: "NotAParticipant" });
  const known = channel.ledger.waiting.get(turnNum);
  if (known === undefined) return accept(undefined);
  const isTold = known.changes.length > 0;
  if (!isTold && !doesFit(channel, held)) return reject({ code: "UnknownBase", baseTurnNum });
  const step = isTold ? known : { turnNum, baseTurnNum, changes, isRefused };
  if (isTold && known.isRefused === (known.isRefused || isRefused)) return accept(undefined);
  mark("resync/ledger-step-taken-back");
  const refused = known.isRefused || isRefused;
  draft.record({ type: "StepResynced", channelId, ...step, isRefused: refused });
  return accept(undefined);
}

function createOnce(
  draft: Draft,
  channelId: ChannelId,
  { appData, fees, fixedPart, outcome }: HeldVirtual,
  rules: Rules,
): Decision {
  if (draft.tables.channels.get(channelId) !== undefined) return accept(undefined);
  const profile = checkVirtual({ fixedPart, outcome, appData, fees }, rules);
  if (!profile.ok) return profile;
  const myIndex = fixedPart.participants.indexOf(rules.me);
  const use = {
    type: "Virtual",
    profile: profile.value,
    fees,
    left: undefined,
    right: undefined,
  } as const;
  mark("resync/virtual-channel-taken-back");
  draft.record({ type: "ChannelCreated", channelId, fixedPart, myIndex, outcome, appData, use });
  return accept(undefined);
}

/** A neighbour knows which ledger channel we chose. What I have signed for myself I know better. */
export function nameLedger(
  draft: Draft,
  channel: Channel,
  by: number,
  ledgerId: ChannelId,
): Decision {
  const { fixedPart, id: channelId, myIndex, use } = channel;
  const peer = fixedPart.participants[by];
  const ledger = draft.tables.channels.get(ledgerId);
  const isOurs = peer !== undefined && ledger?.fixedPart.participants.includes(peer) === true;
  if (use.type !== "Virtual" || Math.abs(by - myIndex) !== 1 || !isOurs) {
    return reject({ code: "NotALedger" });
  }
  if (ledger.ledger?.profile !== use.profile) return reject({ code: "NotALedger" });
  const side: Side = by < myIndex ? "left" : "right";
  const isSigned = channel.mySignedTurn !== undefined;
  // She names the one that is used now. Whether that has taken the place of mine is yet to be shown.
  if (use[side] === ledgerId || (use[side] !== undefined && isSigned)) return accept(undefined);
  mark("resync/ledger-named");
  draft.record({ type: "LedgerNamed", channelId, side, ledgerId });
  return accept(undefined);
}

/** Whoever says that the opening is given up takes no part in it: no word of hers is needed for that. */
function openFund(draft: Draft, channelId: ChannelId, by: number, code: string | undefined): void {
  const objectiveId = virtualFundId(channelId);
  const goal = { type: "VirtualFund" } as const;
  if (draft.tables.objectives.get(objectiveId) === undefined) {
    draft.record({ type: "ObjectiveCreated", objectiveId, channelId, goal, openedBy: 0 });
  }
  const fund = assertDefined(draft.tables.objectives.get(objectiveId), "the opening");
  if (code === undefined || !isActive(fund)) return;
  draft.record({ type: "ObjectiveRejected", objectiveId, channelId, by, code });
}

/** The changes must lead to the state that was signed. Where what they change is past, nobody can tell. */
function doesFit(channel: Channel, { baseTurnNum, changes, turnNum }: HeldStep): boolean {
  const base = stateAt(channel, baseTurnNum);
  const shown = stateAt(channel, turnNum);
  if (shown === undefined || baseTurnNum >= turnNum) return false;
  if (base === undefined) return true;
  const { profile } = ledgerOf(channel);
  const outcome = applyChanges(profile, channel.id, base.variablePart.outcome, changes);
  return outcome.ok && isSameOutcome(outcome.value, shown.variablePart.outcome);
}
