/** What a node tells its watchtower after each step: the newest state of each channel, and which are over. */
import { type Channel, phaseOf } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { isPaidOut } from "../channel/holdings.ts";
import { virtualDefundId } from "../channel/objective-id.ts";
import type { Outcome } from "../channel/outcome.ts";
import { stateHash, TURN } from "../channel/state.ts";
import { challengeHash } from "../channel/state-challenge.ts";
import type { NodeEvent } from "../events/event.ts";
import { bestRedemption } from "../protocols/best-redemption.ts";
import type { Context } from "../protocols/protocol.ts";
import type { Appointment } from "../watchtower/appointment.ts";
import type { NodeView } from "./node-state.ts";

/** One thing for a tower to know. */
export type TowerNotice =
  | { readonly type: "Give"; readonly channelId: ChannelId; readonly appointment: Appointment }
  /** Nothing can be lost in the channel any more. */
  | { readonly type: "End"; readonly channelId: ChannelId };

/** The notices of one durable step: one for each channel that it changed in a way that a tower must know of. */
export function appointmentsAfter(
  events: readonly NodeEvent[],
  state: NodeView,
  context: Context,
): readonly TowerNotice[] {
  const channelIds = new Set(events.flatMap((event) => changedBy(event) ?? []));
  return noticesOf(channelIds, state, context);
}

/** What a tower must know of a node that begins a life: whether it heard of it before is not known. */
export function appointmentsOfAll(state: NodeView, context: Context): readonly TowerNotice[] {
  return noticesOf(state.channels.keys(), state, context);
}

function noticesOf(
  channelIds: Iterable<ChannelId>,
  state: NodeView,
  context: Context,
): readonly TowerNotice[] {
  return [...channelIds].flatMap((channelId): readonly TowerNotice[] => {
    const channel = state.channels.get(channelId);
    if (channel === undefined) return [];
    if (isOver(channel, state)) return [{ type: "End", channelId }];
    const appointment = appointmentOf(channel, context);
    return appointment === undefined ? [] : [{ type: "Give", channelId, appointment }];
  });
}

/** The channel whose best state, or whose end, the event may have brought. */
function changedBy(event: NodeEvent): ChannelId | undefined {
  switch (event.type) {
    case "SupportedStateAdvanced":
    case "VoucherReceived":
    case "VouchersResynced":
    case "ChannelResynced":
    case "ObjectiveCompleted":
      return event.channelId;
    case "StateSigned":
      return event.variablePart.isFinal || isMove(event) ? event.channelId : undefined;
    default:
      return undefined;
  }
}

/** A move of a game counts before the other one has signed it; nothing else that I alone have signed does. */
function isMove({ variablePart }: NodeEvent & { readonly type: "StateSigned" }): boolean {
  return variablePart.appData !== "0x" && variablePart.turnNum > TURN.postfund;
}

/** A virtual channel is over once it is out of both ledgers, any other once all is paid. */
function isOver(channel: Channel, { objectives }: NodeView): boolean {
  if (channel.use.type === "Virtual") {
    return objectives.get(virtualDefundId(channel.id))?.status === "Completed";
  }
  return phaseOf(channel) === "Concluded" && isPaidOut(channel);
}

/** The newest state that the chain takes; undefined before there is one, or where no app takes any. */
function appointmentOf(channel: Channel, context: Context): Appointment | undefined {
  const { fixedPart, id, use } = channel;
  if (use.type === "Virtual" && use.profile === "go-nitro") return undefined;
  const best = bestRedemption(channel, context);
  if (best === undefined) return undefined;
  const { candidate, proof } = best;
  const isRedemption = proof.length > 0;
  const hash = stateHash(id, candidate.variablePart);
  const challengerSignature = isRedemption ? context.sign(challengeHash(hash)) : undefined;
  return { fixedPart, candidate, proof, challengerSignature, closing: closingOf(channel) };
}

/** What the final state pays that I have signed, and not everybody yet. */
function closingOf({ myIndex, pending }: Channel): Outcome | undefined {
  for (const { signatures, variablePart } of pending.values()) {
    if (variablePart.isFinal && signatures[myIndex] !== undefined) return variablePart.outcome;
  }
  return undefined;
}
