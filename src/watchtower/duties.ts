/** What a tower has to do now: a pure look at its state. It never begins: without a challenge there is nothing. */

import { guaranteePlace } from "../channel/adjudication.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { guaranteedIn } from "../channel/ledger-outcome.ts";
import type { Outcome } from "../channel/outcome.ts";
import { mark } from "../primitives/mark.ts";
import type { ChainCall, EffectId } from "../protocols/effects.ts";
import type { Context } from "../protocols/protocol.ts";
import { type Appointment, turnOf } from "./appointment.ts";
import { bestAppointment, isOpen, type TowerState } from "./tower-state.ts";
import type { WatchedChannel } from "./watched-channel.ts";

/** Something to send, under the name that it has for ever. */
export type Duty = {
  readonly effectId: EffectId;
  readonly channelId: ChannelId;
  readonly call: ChainCall;
};

/**
 * Times that one deed is tried over the same facts of the chain: 3. What is refused then is not refused by
 * chance; the next log about the channel begins a new count.
 */
const ATTEMPTS_MAX = 3;

type Look = { readonly state: TowerState; readonly appOf: Context["appOf"] };

/** What is to be done about a channel, and is not under way; undefined when that is nothing. */
export function dutyIn(look: Look, channelId: ChannelId): Duty | undefined {
  const channel = look.state.channels.get(channelId);
  if (channel === undefined) return undefined;
  const best = bestAppointment(look.state, channelId);
  if (best === undefined) return undefined;
  switch (channel.adjudication.type) {
    case "Open":
      return undefined;
    case "Challenged":
      return answer(look.state, channel, best);
    case "Final":
      return isVirtual(look, best) ? undefined : (reclaim(look, channel) ?? payOut(look, channel));
  }
}

/** True when the chain has decided about a channel, and nothing is left that the tower could take out of it. */
export function isDone(look: Look, channel: WatchedChannel): boolean {
  const { adjudication, id } = channel;
  if (adjudication.type !== "Final") return false;
  const best = bestAppointment(look.state, id);
  if (best === undefined) return true;
  if (isVirtual(look, best)) return !isGuaranteed(look.state, id);
  const { outcome } = adjudication;
  return outcome === undefined || unpaidPlaces(channel, outcome).length === 0;
}

function isVirtual({ appOf }: Look, { fixedPart }: Appointment): boolean {
  return appOf(fixedPart.appDefinition)?.type === "Virtual";
}

/** True while a watched ledger channel has the guarantee, on the chain or in the newest state of a client. */
function isGuaranteed(state: TowerState, target: ChannelId): boolean {
  for (const { adjudication, id } of state.channels.values()) {
    const newest = bestAppointment(state, id)?.candidate.variablePart.outcome;
    const outcome = adjudication.type === "Final" ? adjudication.outcome : newest;
    if (id !== target && guaranteedIn(outcome ?? []).includes(target)) return true;
  }
  return false;
}

/** An older state is answered by the newest: a checkpoint opens the channel again, vouchers end it. */
function answer(state: TowerState, channel: WatchedChannel, best: Appointment): Duty | undefined {
  const { adjudication, id: channelId } = channel;
  if (adjudication.type !== "Challenged" || adjudication.turnNum >= turnOf(best)) return undefined;
  const { candidate, challengerSignature, fixedPart, proof } = best;
  mark("tower/old-state-answered");
  const { finalizesAtSec: deadlineSec } = adjudication;
  const about = { channelId, fixedPart, deadlineSec };
  const deed = `answer/${turnOf(best)}`;
  if (candidate.variablePart.isFinal) {
    mark("tower/answered-by-conclusion");
    return duty(state, channel, deed, { type: "Conclude", ...about, ...candidate });
  }
  if (challengerSignature !== undefined) mark("tower/answered-by-vouchers");
  const claim = { ...about, candidate, proof };
  return duty(
    state,
    channel,
    deed,
    challengerSignature === undefined
      ? { type: "Checkpoint", ...claim }
      : { type: "Challenge", ...claim, challengerSignature },
  );
}

/** One at a time: each changes the outcome that the next one has to name. */
function reclaim({ state }: Look, ledger: WatchedChannel): Duty | undefined {
  const { adjudication, id: channelId } = ledger;
  if (adjudication.type !== "Final" || adjudication.outcome === undefined) return undefined;
  const { outcome: sourceOutcome, stateHash: sourceStateHash } = adjudication;
  if (isUnderWay(state, channelId, "reclaim/")) return undefined;
  for (const [sourceAssetIndex, exit] of sourceOutcome.entries()) {
    for (const targetId of guaranteedIn([exit])) {
      const target = state.channels.get(targetId)?.adjudication;
      if (target?.type !== "Final" || target.outcome === undefined) continue;
      const targetAssetIndex = target.outcome.findIndex(({ asset }) => asset === exit.asset);
      if (targetAssetIndex < 0) continue;
      mark("tower/reclaims");
      return duty(state, ledger, `reclaim/${sourceAssetIndex}/${targetId.slice(0, 18)}`, {
        type: "Reclaim",
        channelId,
        sourceStateHash,
        sourceOutcome,
        sourceAssetIndex,
        indexOfTargetInSource: guaranteePlace(exit, targetId),
        targetId,
        targetStateHash: target.stateHash,
        targetOutcome: target.outcome,
        targetAssetIndex,
      });
    }
  }
  return undefined;
}

/** Pays everybody; where one of them cannot be paid, each of the others alone. */
function payOut({ state }: Look, channel: WatchedChannel): Duty | undefined {
  const { adjudication, id: channelId } = channel;
  if (adjudication.type !== "Final" || adjudication.outcome === undefined) return undefined;
  const { outcome, stateHash } = adjudication;
  const [next, ...others] = unpaidPlaces(channel, outcome);
  // The contract pays nobody while a guarantee is among those who would be paid.
  if (next === undefined || guaranteedIn(outcome).length > 0) return undefined;
  const about = { channelId, outcome, stateHash };
  if (attempts(state, channel, "pay").failed < ATTEMPTS_MAX) {
    return duty(state, channel, "pay", { type: "TransferAllAssets", ...about });
  }
  mark("tower/pays-one-by-one");
  for (const { assetIndex, place } of [next, ...others]) {
    const deed = `transfer/${assetIndex}/${place}`;
    if (attempts(state, channel, deed).failed >= ATTEMPTS_MAX) continue;
    const call = { type: "Transfer", ...about, assetIndex, indices: [place] } as const;
    return isUnderWay(state, channelId, "transfer/") ? undefined : duty(state, channel, deed, call);
  }
  return undefined;
}

/** Claims that the contract may still hold something for. What it holds is unknown before the first payout. */
function unpaidPlaces(
  { holdings }: WatchedChannel,
  outcome: Outcome,
): readonly { readonly assetIndex: number; readonly place: number }[] {
  return outcome.flatMap(({ allocations, asset }, assetIndex) =>
    holdings.get(asset) === 0n
      ? []
      : allocations.flatMap(({ amount }, place) => (amount > 0n ? [{ assetIndex, place }] : [])),
  );
}

/** Gives the deed a name, unless it is under way, was done, or was refused too often. */
function duty(
  state: TowerState,
  channel: WatchedChannel,
  deed: string,
  call: ChainCall,
): Duty | undefined {
  const { failed, isDone: wasDone } = attempts(state, channel, deed);
  if (isUnderWay(state, channel.id, `${deed}@`) || wasDone || failed >= ATTEMPTS_MAX) {
    return undefined;
  }
  const effectId = `${channel.id}/${deed}@${placeOf(channel)}/${failed}` as EffectId;
  return { effectId, channelId: channel.id, call };
}

function isUnderWay({ calls }: TowerState, channelId: ChannelId, deed: string): boolean {
  const prefix = `${channelId}/${deed}`;
  return [...calls.values()].some((call) => isOpen(call) && call.effectId.startsWith(prefix));
}

/** How a deed has gone over the facts that are known now. */
function attempts(
  { calls }: TowerState,
  channel: WatchedChannel,
  deed: string,
): { readonly failed: number; readonly isDone: boolean } {
  const prefix = `${channel.id}/${deed}@${placeOf(channel)}/`;
  const now = [...calls.values()].filter(({ effectId }) => effectId.startsWith(prefix));
  return {
    failed: now.filter(({ status }) => status === "Failed").length,
    isDone: now.some(({ status }) => status === "Succeeded"),
  };
}

/** Where the last log about the channel stands: new facts are a new reason to try. */
function placeOf({ lastLog }: WatchedChannel): string {
  return lastLog === undefined ? "0" : `${lastLog.blockNumber}.${lastLog.logIndex}`;
}
