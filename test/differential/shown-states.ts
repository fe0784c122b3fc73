/** States of a differential run with all that they need to be shown. */
import type { ShownState } from "../../sim/chain/model/force-move.ts";
import type { Chance } from "./chance.ts";
import type { Channel } from "./channels.ts";
import { drawOutcome, signState } from "./states.ts";
import { oneWayRedemption, paymentRedemption } from "./vouchers.ts";

/** Draws a state that the channel's app supports, with its proof where it needs one. */
export function drawShownState(
  chance: Chance,
  channel: Channel,
  others: readonly Channel[],
  { isFinal, turnNum }: { readonly turnNum: bigint; readonly isFinal: boolean },
): ShownState {
  const isRedemption = !isFinal && chance.isOneIn(2);
  if (channel.kind === "payment" && isRedemption) return paymentRedemption(chance, channel);
  if (channel.kind === "oneWay" && isRedemption) return oneWayRedemption(chance, channel);
  const outcome = drawOutcome(chance, channel, others);
  const turn = channel.kind === "oneWay" && !isFinal ? turnNum % 2n : turnNum;
  const appData = chance.isOneIn(3) ? chance.bytes(chance.below(70)) : "0x";
  const variablePart = { outcome, appData, turnNum: turn, isFinal };
  return {
    fixedPart: channel.fixedPart,
    proof: [],
    candidate: signState(channel, variablePart, channel.signers),
  };
}
