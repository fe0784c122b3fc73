/** Payloads of go-nitro in our own words: signed states, and the wish for a final one. */
import { stateAt } from "../../channel/channel.ts";
import { type ChannelId, channelIdOf } from "../../channel/channel-id.ts";
import { TURN } from "../../channel/state.ts";
import type { Address } from "../../crypto/address.ts";
import type { GoNitroPayload } from "../../messages/go-nitro/message.ts";
import { type GoNitroObjective, goNitroObjectiveOf } from "../../messages/go-nitro/objective.ts";
import { early, type Hearing, KNOWN, refused, say } from "./hearing.ts";
import { type GoNitroView, hasSigned, knownFinal, knownState } from "./view.ts";

type SignedStatePayload = GoNitroPayload & { readonly type: "SignedState" };
type RequestPayload = GoNitroPayload & { readonly type: "RequestFinalState" };

/** Everything but the prefund of a virtual channel, which is gathered: see `gathering.ts`. */
export function hearPayload(
  view: GoNitroView,
  from: Address,
  me: Address,
  payload: GoNitroPayload,
): Hearing {
  const objective = goNitroObjectiveOf(payload.objectiveId);
  if (!objective.ok) return refused(objective.reason.code);
  return payload.type === "SignedState"
    ? hearState(view, from, objective.value, payload)
    : hearRequest(view, me, objective.value, payload);
}

/** True for the first state of a virtual channel. */
export function isVirtualPrefund(payload: GoNitroPayload): payload is SignedStatePayload {
  if (payload.type !== "SignedState") return false;
  const objective = goNitroObjectiveOf(payload.objectiveId);
  const isFund = objective.ok && objective.value.type === "VirtualFund";
  return isFund && payload.variablePart.turnNum === TURN.prefund;
}

function hearState(
  view: GoNitroView,
  from: Address,
  { channelId, type }: GoNitroObjective,
  payload: SignedStatePayload,
): Hearing {
  const { fixedPart, objectiveId, signatures, variablePart } = payload;
  if (channelIdOf(fixedPart) !== channelId) return refused("UnknownObjective");
  const by = fixedPart.participants.indexOf(from);
  const signature = signatures[by];
  if (by < 0 || signature === undefined) return refused("NotAParticipant");
  const { isFinal, turnNum } = variablePart;
  const isEnd = type === "DirectDefund" || type === "VirtualDefund";
  if (isFinal !== isEnd) return refused("TurnOutOfOrder");
  if (!isEnd && turnNum > TURN.postfund) return refused("TurnOutOfOrder");
  if (isTaken(view, channelId, { by, isFinal, turnNum })) return KNOWN;
  if (type === "DirectFund" && turnNum === TURN.prefund) {
    const { appData, outcome } = variablePart;
    return say({ type: "Prefund", fixedPart, outcome, appData, signature });
  }
  const baseSignatures: never[] = [];
  const told = { objectiveId, channelId, variablePart, signature };
  return say({ type: "SignedState", ...told, baseSignatures, moverSignature: undefined });
}

/** True when the peer's signature on the state is known, or what all signed above it. */
function isTaken(
  { channels }: GoNitroView,
  channelId: ChannelId,
  { by, isFinal, turnNum }: { by: number; isFinal: boolean; turnNum: number },
): boolean {
  const channel = channels.get(channelId);
  if (channel === undefined) return false;
  if (isFinal) return hasSigned(knownFinal(channel), by);
  const isPast = channel.use.type === "Ledger" && stateAt(channel, turnNum) === undefined;
  return isPast || hasSigned(knownState(channel, turnNum), by);
}

function hearRequest(
  { channels }: GoNitroView,
  me: Address,
  objective: GoNitroObjective,
  { channelId, objectiveId }: RequestPayload,
): Hearing {
  if (objective.type !== "VirtualDefund" || objective.channelId !== channelId) {
    return refused("UnknownObjective");
  }
  const channel = channels.get(channelId);
  if (channel === undefined) return early("UnknownChannel");
  if (channel.fixedPart.participants[0] !== me) return refused("NotTheMover");
  if (knownFinal(channel) !== undefined) return KNOWN;
  return say({ type: "DefundRequest", objectiveId, channelId });
}
