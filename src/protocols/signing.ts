/** How every protocol signs a state, and takes a signature from somebody else. */

import {
  type Channel,
  type ChannelEvent,
  moverOf,
  nextTurn,
  stateAt,
  supportedState,
  supportsTurn,
} from "../channel/channel.ts";
import { directFundId, type ObjectiveId, virtualFundId } from "../channel/objective-id.ts";
import { isSupported, type SignedState } from "../channel/signed-state.ts";
import {
  checkVariablePart,
  isSameState,
  stateHash,
  TURN,
  type VariablePart,
} from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import type { Message } from "../messages/message.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Effect } from "./effects.ts";
import type { Action, Context } from "./protocol.ts";
import type { Rejection } from "./rejection.ts";
import { evolveOneChannel, type ProtocolEvent, type Subject } from "./subject.ts";

/** A signature of participant `by` on a state. */
export type ReceivedState = {
  readonly objectiveId: ObjectiveId;
  readonly by: number;
  readonly variablePart: VariablePart;
  readonly signature: Signature;
};

/** Signs a state, records it, and sends the signature to everybody else. */
export function signState(
  { channel, objective }: Subject,
  variablePart: VariablePart,
  context: Context,
): Action {
  const { turnNum } = variablePart;
  const { signed, signature } = signOnly({ channel, objective }, variablePart, context);
  const message = stateMessage(channel, objective.id, variablePart, signature);
  return { events: withSupport(channel, signed, turnNum), effects: toOthers(channel, message) };
}

/** Signs a state and records it; whoever must have the signature is the caller's business. */
export function signQuietly(
  subject: Subject,
  variablePart: VariablePart,
  context: Context,
): readonly ProtocolEvent[] {
  const { signed } = signOnly(subject, variablePart, context);
  return withSupport(subject.channel, signed, variablePart.turnNum);
}

function signOnly(
  { channel, objective }: Subject,
  variablePart: VariablePart,
  { sign }: Context,
): { readonly signed: ProtocolEvent; readonly signature: Signature } {
  const { turnNum } = variablePart;
  assert((channel.mySignedTurn ?? -1) < turnNum, "a turn is signed once, and turns only increase");
  assert(!channel.finalSignedByMe, "nothing is signed after a final state");
  const known = stateAt(channel, turnNum);
  assert(isSameAs(channel, variablePart, known), "only one state is signed for a turn");

  const signature = sign(stateHash(channel.id, variablePart));
  const signed: ProtocolEvent = {
    type: "StateSigned",
    channelId: channel.id,
    objectiveId: objective.id,
    variablePart,
    signature,
  };
  return { signed, signature };
}

/** Says again what this node signed for a turn; undefined when it signed nothing there that still matters. */
export function repeatState(
  channel: Channel,
  objectiveId: ObjectiveId,
  turnNum: number,
): Message | undefined {
  const state = stateAt(channel, turnNum);
  const signature = state?.signatures[channel.myIndex];
  if (state === undefined || signature === undefined) return undefined;
  return stateMessage(channel, objectiveId, state.variablePart, signature);
}

/** True for the newest state that all have signed, when it is no end. */
export function isAgreed({ id, supported }: Channel, part: VariablePart): boolean {
  return !part.isFinal && supported !== undefined && isSameState(id, supported.variablePart, part);
}

/** The facts that a state brings which a peer held for me, and whose signatures were checked. */
export function takeBackState(
  channel: Channel,
  held: ChannelEvent & { readonly type: "ChannelResynced" },
): ProtocolEvent[] {
  return withSupport(channel, held, held.variablePart.turnNum);
}

/** The facts that a peer's signature on a known or checked state adds; none when it was known before. */
export function receiveState(
  channel: Channel,
  received: ReceivedState,
  { recoverSigner }: Context,
): Result<ProtocolEvent[], Rejection> {
  const { by, signature, variablePart } = received;
  const { turnNum } = variablePart;
  const known = stateAt(channel, turnNum);
  const isOther = !isSameAs(channel, variablePart, known);
  if (isOther || (known !== undefined && servesAnother(channel, received))) {
    return reject({ code: "ConflictingState", turnNum });
  }
  const signer = recoverSigner(stateHash(channel.id, variablePart), signature);
  // Whoever forwards signatures may forward more than there are participants.
  if (signer === undefined || signer !== channel.fixedPart.participants[by]) {
    return reject({ code: "WrongSignature" });
  }
  if (known?.signatures[by] !== undefined) return marked("state/signature-again", accept([]));

  const event: ProtocolEvent = { type: "StateReceived", channelId: channel.id, ...received };
  return accept(withSupport(channel, event, turnNum));
}

/** Takes a peer's signature on the prefund or the postfund. One that is past teaches nothing. */
export function receiveOpening(
  { channel }: Subject,
  received: ReceivedState,
  context: Context,
): Result<ProtocolEvent[], Rejection> {
  const { turnNum } = received.variablePart;
  if (turnNum > TURN.postfund) {
    return reject({ code: "TurnOutOfOrder", turnNum, expected: TURN.postfund });
  }
  const isLate = stateAt(channel, turnNum) === undefined;
  return isLate
    ? marked("state/opening-signature-late", accept([]))
    : receiveState(channel, received, context);
}

/**
 * The facts that forwarded signatures add: all of them on the newest state below `turnNum` that they
 * fit. Signatures that fit no state I know add nothing; the state above is judged on its own.
 */
export function receiveBase(
  channel: Channel,
  turnNum: number,
  signatures: readonly Signature[],
  context: Context,
): ProtocolEvent[] {
  if (signatures.length !== channel.fixedPart.participants.length) return [];
  const below = [...channel.pending.values()].filter(
    ({ variablePart }) => variablePart.turnNum < turnNum,
  );
  const base = below.findLast((state) => isSignedBy(channel, state, signatures, context));
  return base === undefined ? [] : completeState(channel, base, signatures);
}

/** True when each signature is the participant's own. Those that are known already were checked. */
function isSignedBy(
  { fixedPart, id }: Channel,
  state: SignedState,
  signatures: readonly Signature[],
  { recoverSigner }: Context,
): boolean {
  const hash = stateHash(id, state.variablePart);
  return signatures.every(
    (signature, by) =>
      state.signatures[by] === signature ||
      recoverSigner(hash, signature) === fixedPart.participants[by],
  );
}

/** The mover's own signature, when somebody else's message brings it along with a state new to me. */
export function forwardedMove(
  channel: Channel,
  received: ReceivedState,
  moverSignature: Signature | undefined,
): ReceivedState | undefined {
  const { turnNum } = received.variablePart;
  const by = moverOf(channel, turnNum);
  const isNews = by !== received.by && stateAt(channel, turnNum) === undefined;
  return isNews && moverSignature !== undefined
    ? { ...received, by, signature: moverSignature }
    : undefined;
}

function completeState(
  channel: Channel,
  { variablePart, signatures: known }: SignedState,
  signatures: readonly Signature[],
): ProtocolEvent[] {
  // Without my own signature the state is not one that I agreed to, and stays as it is.
  if (known[channel.myIndex] === undefined) return [];
  const fundId = channel.use.type === "Virtual" ? virtualFundId : directFundId;
  const objectiveId = channel.proposal?.objectiveId ?? fundId(channel.id);
  const missing = signatures.flatMap((signature, by): ProtocolEvent[] =>
    known[by] !== undefined
      ? []
      : [
          {
            type: "StateReceived",
            channelId: channel.id,
            objectiveId,
            by,
            variablePart,
            signature,
          },
        ],
  );
  const last = missing.at(-1);
  if (last === undefined) return [];
  mark("state/base-completed");
  const before = missing.slice(0, -1).reduce(evolveKnownChannel, channel);
  return [...missing.slice(0, -1), ...withSupport(before, last, variablePart.turnNum)];
}

const evolveKnownChannel = (channel: Channel, event: ProtocolEvent): Channel =>
  assertDefined(evolveOneChannel(channel, event), "the channel");

/** Refuses a state whose parts are out of range, or whose turn nobody could be signing now. */
export function checkIncoming(
  channel: Channel,
  variablePart: VariablePart,
): Result<undefined, Rejection> {
  const checked = checkVariablePart(variablePart);
  if (!checked.ok) return checked;
  const { turnNum } = variablePart;
  const expected = nextTurn(channel);
  // A participant that is ahead of me is so by one round at most: everybody moves once per round.
  const furthest = expected + channel.fixedPart.participants.length;
  const lowest = channel.supported?.variablePart.turnNum ?? TURN.prefund;
  if (turnNum < lowest || turnNum > furthest) {
    return reject({ code: "TurnOutOfOrder", turnNum, expected });
  }
  return accept(undefined);
}

/** One message for every other participant. */
export function toOthers({ fixedPart, myIndex }: Channel, message: Message): Effect[] {
  const others = fixedPart.participants.filter((_, index) => index !== myIndex);
  return others.map((to: Address) => ({ type: "SendMessage", to, message }));
}

/** True unless another state is known for the turn. */
function isSameAs(
  { id }: Channel,
  variablePart: VariablePart,
  known: SignedState | undefined,
): boolean {
  return known === undefined || isSameState(id, known.variablePart, variablePart);
}

/** True when the state at this turn was proposed for another objective than the signature says. */
function servesAnother({ proposal }: Channel, received: ReceivedState): boolean {
  const { objectiveId, variablePart } = received;
  return proposal?.turnNum === variablePart.turnNum && proposal.objectiveId !== objectiveId;
}

/** Adds the facts that follow when the signature was the last one missing. */
export function withSupport(
  channel: Channel,
  event: ProtocolEvent,
  turnNum: number,
): ProtocolEvent[] {
  const signed = evolveOneChannel(channel, event)?.pending.get(turnNum);
  if (signed === undefined || !isSupported(signed)) return [event];
  if (supportsTurn(channel, turnNum)) return [event];
  const channelId = channel.id;
  const advanced: ProtocolEvent = { type: "SupportedStateAdvanced", channelId, turnNum };
  if (!signed.variablePart.isFinal) return [event, advanced];
  return [event, advanced, { type: "ChannelFinalized", channelId, turnNum }];
}

function stateMessage(
  channel: Channel,
  objectiveId: ObjectiveId,
  variablePart: VariablePart,
  signature: Signature,
): Message {
  if (variablePart.turnNum === TURN.prefund) {
    const { appData, outcome } = variablePart;
    return { type: "Prefund", fixedPart: channel.fixedPart, outcome, appData, signature };
  }
  return {
    type: "SignedState",
    objectiveId,
    channelId: channel.id,
    variablePart,
    signature,
    ...signaturesToForward(channel, variablePart.turnNum),
  };
}

/**
 * Two participants see each other's signatures in order; with more, a third one's may still travel,
 * and whoever countersigns may be heard before the mover.
 */
function signaturesToForward(
  channel: Channel,
  turnNum: number,
): {
  readonly baseSignatures: readonly Signature[];
  readonly moverSignature: Signature | undefined;
} {
  const isCrowd = channel.fixedPart.participants.length > 2;
  if (!isCrowd || turnNum <= TURN.postfund) {
    return { baseSignatures: [], moverSignature: undefined };
  }
  // Of a virtual channel only the opening lies below another state, be that one supported by now or not.
  const base = channel.openingStates.at(-1) ?? supportedState(channel);
  return {
    baseSignatures: allSignatures(base),
    moverSignature: stateAt(channel, turnNum)?.signatures[moverOf(channel, turnNum)],
  };
}

/** The signatures of a supported state, in participant order. */
export function allSignatures({ signatures }: SignedState): Signature[] {
  const known = signatures.filter((signature) => signature !== undefined);
  assert(known.length === signatures.length, "a supported state carries all signatures");
  return known;
}
