/**
 * Virtual fund: two participants open a channel over intermediaries, without a transaction.
 *
 *     prefund signed from left to right -> guarantees in all ledger channels -> postfund signed by all
 *
 * Money is set aside before the prefund is signed, no guarantee is signed before everybody has signed the
 * prefund, and nobody signs the postfund before her own guarantees are there. Source: Nitro protocol, "virtual
 * funding"; ADR 0014.
 */

import { type Channel, phaseOf, stateAt, supportsTurn } from "../channel/channel.ts";
import { INTERMEDIARIES_MAX, type Profile } from "../channel/channel-use.ts";
import { externalDestination } from "../channel/destination.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import { ALLOCATION_TYPE, AMOUNT_MAX, type Outcome, totalOf } from "../channel/outcome.ts";
import { TURN } from "../channel/state.ts";
import type { Signature } from "../crypto/signature.ts";
import { assertDefined } from "../primitives/assert.ts";
import { mark } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Effect } from "./effects.ts";
import { additionFor, agreeOn, isGuaranteed, leaveLedgers, virtualUseOf } from "./guarantees.ts";
import { type Action, type Context, climb, nothing, type Rung, type Step } from "./protocol.ts";
import type { Rejection } from "./rejection.ts";
import {
  allSignatures,
  type ReceivedState,
  receiveState,
  signQuietly,
  signState,
  toOthers,
} from "./signing.ts";
import { evolveOneChannel, type ProtocolEvent, type Subject } from "./subject.ts";

/** What a virtual fund can wait for. */
export type VirtualFundWait = "PrefundComplete" | "GuaranteesComplete" | "PostfundComplete";

/** The whole protocol, top to bottom. */
export const ladder: readonly Rung<VirtualFundWait>[] = [
  { waitingFor: "PrefundComplete", act: signPrefund, until: signedByAll(TURN.prefund) },
  { waitingFor: "GuaranteesComplete", act: agreeToAdditions, until: isFunded },
  { waitingFor: "PostfundComplete", act: signPostfund, until: signedByAll(TURN.postfund) },
];

/** Climbs as far as it can. See `protocol.ts`. */
export function crank(subject: Subject, context: Context): Step<VirtualFundWait> {
  return wasClosed(subject) ? overtaken(subject) : climb(ladder, subject, context);
}

/**
 * True when the participants close the channel instead of opening it, and I have not signed the postfund: now
 * I never will. Once I have, I cannot know whether everybody has, and wait to hear it, or for the end.
 */
function wasClosed({ channel }: Subject): boolean {
  const isClosing = [...channel.pending.values()].some(({ variablePart }) => variablePart.isFinal);
  const isLeft = isClosing && (channel.mySignedTurn ?? -1) < TURN.postfund;
  return isLeft || (phaseOf(channel) === "Finalized" && !channel.wasOpen);
}

function overtaken(subject: Subject): Step<VirtualFundWait> {
  const { channel, objective } = subject;
  const { channelId, id: objectiveId } = objective;
  const by = channel.myIndex;
  const code = "Overtaken";
  mark("virtual/end-overtook-opening");
  const rejected: ProtocolEvent = { type: "ObjectiveRejected", objectiveId, channelId, by, code };
  // Whoever has signed the postfund waits to hear that I never will.
  const message = { type: "ObjectiveRejection", objectiveId, channelId, code } as const;
  return {
    events: [rejected, ...leaveLedgers(subject)],
    effects: toOthers(channel, message),
    waitingFor: "Nothing",
  };
}

/** Takes the signatures of the first participants on the prefund; those that are known already add nothing. */
export function decidePrefund(
  channel: Channel,
  objectiveId: ReceivedState["objectiveId"],
  signatures: readonly Signature[],
  context: Context,
): Result<ProtocolEvent[], Rejection> {
  if (signatures.length > channel.fixedPart.participants.length) {
    return reject({ code: "WrongSignature" });
  }
  const events: ProtocolEvent[] = [];
  let current = channel;
  for (const [by, signature] of signatures.entries()) {
    const state = stateAt(current, TURN.prefund);
    if (state === undefined || state.signatures[by] === signature) continue;
    // My own comes back from nobody: what my log has lost of it I sign again, and it is the same.
    if (by === channel.myIndex) continue;
    const { variablePart } = state;
    const taken = receiveState(current, { objectiveId, by, variablePart, signature }, context);
    if (!taken.ok) return taken;
    events.push(...taken.value);
    for (const event of taken.value) current = evolveOneChannel(current, event) ?? current;
  }
  return accept(events);
}

/**
 * Refuses a virtual channel that no ledger channel could fund: per asset the first participant's part and the
 * last one's, of the type that nobody but a ledger can pay out.
 */
export function checkVirtualOpening(
  profile: Profile,
  { participants }: FixedPart,
  outcome: Outcome,
  fees: readonly bigint[],
): Result<undefined, Rejection> {
  const count = participants.length - 2;
  if (count < 1 || count > INTERMEDIARIES_MAX || fees.length !== count) {
    return reject({ code: "RouteMalformed" });
  }
  const wrongFee = [...fees, sum(fees)].find((fee) => fee < 0n || fee > AMOUNT_MAX);
  if (wrongFee !== undefined) return reject({ code: "AmountOutOfRange", amount: wrongFee });
  if (outcome.length === 0) return reject({ code: "NothingToFund" });
  const ends = [participants[0], participants.at(-1)].map((end) =>
    externalDestination(assertDefined(end, "a participant")),
  );
  const allocationType = profile === "enforceable" ? ALLOCATION_TYPE.guarantee : 0;
  for (const exit of outcome) {
    const isWhole =
      exit.allocations.length === 2 &&
      exit.allocations.every(
        (part, index) =>
          part.destination === ends[index] &&
          part.allocationType === allocationType &&
          part.metadata === "0x",
      );
    if (!isWhole) return reject({ code: "OutcomeNotPerParticipant" });
    if (totalOf(exit) === 0n) return reject({ code: "NothingToFund" });
  }
  return accept(undefined);
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n);

/** Signs once everybody to my left has; sends all of it on, or back to all when I am the last. */
function signPrefund(subject: Subject, context: Context): Action {
  const { channel } = subject;
  const state = stateAt(channel, TURN.prefund);
  if (state === undefined || state.signatures[channel.myIndex] !== undefined) return nothing;
  if ((channel.mySignedTurn ?? -1) >= TURN.prefund) return nothing;
  const before = state.signatures.slice(0, channel.myIndex);
  if (before.includes(undefined)) return nothing;
  const events = signQuietly(subject, state.variablePart, context);
  const signed = events.reduce((one, event) => evolveOneChannel(one, event) ?? one, channel);
  return { events, effects: prefundMessages(signed, subject) };
}

/** What the prefund's own messages say, to be said again whenever somebody has lost them. */
export function prefundMessages(channel: Channel, { objective }: Subject): readonly Effect[] {
  const { appData, outcome } = { appData: appDataOf(channel), outcome: channel.fundingOutcome };
  const { fixedPart, id: channelId, myIndex } = channel;
  const state = assertDefined(stateAt(channel, TURN.prefund), "the prefund");
  const { fees, right } = virtualUseOf(channel);
  if (right === undefined) {
    const signatures = allSignatures(state);
    const objectiveId = objective.id;
    return toOthers(channel, { type: "CompletePrefund", objectiveId, channelId, signatures });
  }
  const to = assertDefined(fixedPart.participants[myIndex + 1], "the participant after me");
  const signatures = state.signatures
    .slice(0, myIndex + 1)
    .map((signature) => assertDefined(signature, "a signature to my left"));
  const message = {
    type: "VirtualPrefund",
    fixedPart,
    outcome,
    appData,
    fees,
    ledgerId: right,
    signatures,
  } as const;
  return [{ type: "SendMessage", to, message }];
}

function appDataOf(channel: Channel): `0x${string}` {
  return assertDefined(stateAt(channel, TURN.prefund), "the prefund").variablePart.appData;
}

/** What was open once may be closing by now: its guarantees may go, and nobody wants them back. */
function isFunded(subject: Subject): boolean {
  return subject.channel.wasOpen || isGuaranteed(subject);
}

function agreeToAdditions(subject: Subject): Action {
  if (subject.channel.wasOpen) return nothing;
  return agreeOn(subject, (side, ledger) => additionFor(subject.channel, side, ledger));
}

function signPostfund(subject: Subject, context: Context): Action {
  const { channel } = subject;
  const state = stateAt(channel, TURN.postfund);
  if (state === undefined || state.signatures[channel.myIndex] !== undefined) return nothing;
  if ((channel.mySignedTurn ?? -1) >= TURN.postfund) return nothing;
  return signState(subject, state.variablePart, context);
}

function signedByAll(turnNum: number) {
  return ({ channel }: Subject): boolean => supportsTurn(channel, turnNum);
}
