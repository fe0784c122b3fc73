/** Whether an appointment is what it says: a watchtower stores nothing that the chain would not take. */

import type { ChallengeState } from "../channel/challenge.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { checkFixedPart } from "../channel/fixed-part.ts";
import { outcomeSize } from "../channel/outcome-encoding.ts";
import { checkVariablePart, encodeState, stateHash } from "../channel/state.ts";
import { challengeHash } from "../channel/state-challenge.ts";
import type { Address } from "../crypto/address.ts";
import { marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { checkMessageLogSupport } from "../protocols/message-log-rule.ts";
import {
  checkPaymentSupport,
  type RecoveredState,
  type SupportClaim,
} from "../protocols/payment-rule.ts";
import type { App, Context } from "../protocols/protocol.ts";
import { type Appointment, channelOf, PROOF_STATES_MAX } from "./appointment.ts";

/** What a tower judges by. */
export type TowerRules = Pick<Context, "appOf" | "recoverSigner"> & {
  /** Channels that one client may have watched at once. */
  readonly channelsPerClientMax: number;
};

/**
 * Bytes of the encoded states of one appointment, at most: 120 KiB. What shows them must fit a transaction of
 * 128 KiB, which is all that public nodes pass on. Source: ADR 0028.
 */
export const APPOINTMENT_BYTES_MAX: number = 120 * 1024;

/** Why a tower does not take an appointment. The client is at fault; nothing was stored. */
export type AppointmentRejection =
  /** A tower answers for those only who are in the channel. */
  | { readonly code: "NotAParticipant" }
  /** The tower does not know what the channel's app supports. */
  | { readonly code: "AppUnknown" }
  /** No app supports a state of such a channel: a virtual one of the go-nitro profile. */
  | { readonly code: "NotEnforceable" }
  /** A fixed part, a state or an outcome that no contract could read; `why` is its own code. */
  | { readonly code: "Unreadable"; readonly why: string }
  /** More than `APPOINTMENT_BYTES_MAX`, or more states or signatures than any app asks for. */
  | { readonly code: "TooLarge" }
  /** A signature is not of a participant over its state, or there twice. */
  | { readonly code: "WrongSignature" }
  /** The app would not take the state; `why` is the contract's reason. */
  | { readonly code: "NotSupported"; readonly why: string }
  /** The challenger's signature is missing, is not the client's, or is given where nothing is challenged. */
  | { readonly code: "WrongChallenger" }
  /** A newer one is kept, or as new a one of another content. */
  | { readonly code: "Older"; readonly turnNum: number }
  /** The client has `channelsPerClientMax` channels watched. */
  | { readonly code: "TooManyChannels" };

type Checked = Result<undefined, AppointmentRejection>;

const GOOD: Checked = accept(undefined);

/** Looks at everything that does not depend on what the tower keeps. What is cheap to refuse is refused first. */
export function checkAppointment(
  client: Address,
  appointment: Appointment,
  rules: TowerRules,
): Checked {
  const { candidate, closing, fixedPart, proof } = appointment;
  const states = [candidate, ...proof];
  if (proof.length > PROOF_STATES_MAX)
    return marked("tower/appointment-too-large", reject({ code: "TooLarge" }));
  const readable = checkFixedPart(fixedPart);
  if (!readable.ok) return reject({ code: "Unreadable", why: readable.reason.code });
  if (!fixedPart.participants.includes(client)) return reject({ code: "NotAParticipant" });
  const app = rules.appOf(fixedPart.appDefinition);
  if (app === undefined) return reject({ code: "AppUnknown" });
  if (app.type === "Virtual" && app.profile === "go-nitro") {
    return reject({ code: "NotEnforceable" });
  }
  const sized = checkSizes(channelOf(appointment), states, fixedPart.participants.length, closing);
  return sized.ok ? checkClaim(client, appointment, app, rules) : sized;
}

function checkSizes(
  channelId: ChannelId,
  states: readonly ChallengeState[],
  signaturesMax: number,
  closing: Appointment["closing"],
): Checked {
  let sizeBytes = 0;
  for (const { signatures, variablePart } of states) {
    if (signatures.length > signaturesMax) return reject({ code: "TooLarge" });
    const readable = checkVariablePart(variablePart);
    if (!readable.ok) return reject({ code: "Unreadable", why: readable.reason.code });
    sizeBytes += encodeState(channelId, variablePart).length;
  }
  if (closing !== undefined) {
    const [{ variablePart }] = states as [ChallengeState];
    const readable = checkVariablePart({ ...variablePart, outcome: closing });
    if (!readable.ok) return reject({ code: "Unreadable", why: readable.reason.code });
    sizeBytes += outcomeSize(closing);
  }
  return sizeBytes > APPOINTMENT_BYTES_MAX ? reject({ code: "TooLarge" }) : GOOD;
}

/** What the contract of the app would say. */
function checkSupport(
  claim: SupportClaim,
  app: App,
  recoverSigner: Context["recoverSigner"],
): Result<undefined, { readonly code: string }> {
  const { candidate, fixedPart, proof } = claim;
  if (app.type === "Virtual") return checkPaymentSupport(claim, recoverSigner);
  if (app.type === "MessageLog") return checkMessageLogSupport(claim, app.twin);
  return checkUnanimous(candidate, proof, fixedPart.participants.length);
}

function checkClaim(
  client: Address,
  appointment: Appointment,
  app: App,
  { recoverSigner }: TowerRules,
): Checked {
  const { candidate, challengerSignature, fixedPart, proof } = appointment;
  const channelId = channelOf(appointment);
  const states: RecoveredState[] = [];
  for (const state of [candidate, ...proof]) {
    const recovered = recoverState(channelId, state, fixedPart.participants, recoverSigner);
    if (recovered === undefined) return reject({ code: "WrongSignature" });
    states.push(recovered);
  }
  const [shown, ...before] = states as [RecoveredState, ...RecoveredState[]];
  const claim = { fixedPart, candidate: shown, proof: before };
  const supported = checkSupport(claim, app, recoverSigner);
  if (!supported.ok) return reject({ code: "NotSupported", why: supported.reason.code });
  const isRedemption = proof.length > 0;
  if (!isRedemption) {
    return challengerSignature === undefined ? GOOD : reject({ code: "WrongChallenger" });
  }
  const hash = challengeHash(stateHash(channelId, candidate.variablePart));
  const isOurs =
    challengerSignature !== undefined && recoverSigner(hash, challengerSignature) === client;
  return isOurs ? GOOD : reject({ code: "WrongChallenger" });
}

function recoverState(
  channelId: ChannelId,
  { signatures, variablePart }: ChallengeState,
  participants: readonly Address[],
  recoverSigner: Context["recoverSigner"],
): RecoveredState | undefined {
  const hash = stateHash(channelId, variablePart);
  let signedBy = 0n;
  for (const signature of signatures) {
    const signer = recoverSigner(hash, signature);
    const place = signer === undefined ? -1 : participants.indexOf(signer);
    const bit = place < 0 ? 0n : 1n << BigInt(place);
    if (bit === 0n || (signedBy & bit) !== 0n) return undefined;
    signedBy |= bit;
  }
  return { variablePart, signedBy };
}

/** What the ConsensusApp of direct and ledger channels asks for. */
function checkUnanimous(
  { signedBy }: RecoveredState,
  proof: readonly RecoveredState[],
  count: number,
): Result<undefined, { readonly code: "NotUnanimous" | "ProofTooLong" }> {
  if (proof.length > 0) return reject({ code: "ProofTooLong" });
  const isUnanimous = signedBy === (1n << BigInt(count)) - 1n;
  return isUnanimous ? accept(undefined) : reject({ code: "NotUnanimous" });
}
