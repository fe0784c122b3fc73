/** What a node gives its watchtower: the newest state that the chain would take, ready to be shown. */
import type { ChallengeState } from "../channel/challenge.ts";
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import type { Outcome } from "../channel/outcome.ts";
import * as channel from "../channel/schema.ts";
import type { Signature } from "../crypto/signature.ts";
import type { Schema } from "../primitives/schema.ts";
import { list, optional, record } from "../primitives/schema-composite.ts";

/**
 * All that is needed to answer an older state of one channel, and to take the money out once it is final.
 * Nothing in it can pay anybody else than the newest state does. Source: ADR 0028.
 */
export type Appointment = {
  readonly fixedPart: FixedPart;
  /** The newest state that the chain supports. A ledger channel's names the virtual channels that it guarantees. */
  readonly candidate: ChallengeState;
  /** The postfund, where the candidate redeems vouchers; else nothing. */
  readonly proof: readonly ChallengeState[];
  /**
   * Of the client, over `challengeHash` of a candidate that redeems vouchers: such a channel can only end on the
   * chain. Undefined for a state that all signed, which a checkpoint shows.
   */
  readonly challengerSignature: Signature | undefined;
  /**
   * What the final state pays that the client has signed, while others have not, as far as it knows: they may
   * conclude by it, and no log tells what it says. Undefined where it signed none, or the candidate is it.
   */
  readonly closing: Outcome | undefined;
};

/** States before the candidate, at most: no app of ours asks for more than one. */
export const PROOF_STATES_MAX = 1;

/** Signatures on one state, at most: one per participant. */
const SIGNATURES_MAX = 255;

/** A state as it is shown to the adjudicator. */
export const challengeState: Schema<ChallengeState> = record({
  variablePart: channel.variablePart,
  signatures: list(channel.signature, SIGNATURES_MAX),
});

/** How an appointment is written, in the tower's log and on the way to it. */
export const appointmentSchema: Schema<Appointment> = record({
  fixedPart: channel.fixedPart,
  candidate: challengeState,
  proof: list(challengeState, PROOF_STATES_MAX),
  challengerSignature: optional(channel.signature),
  closing: optional(channel.outcome),
});

/** The channel that an appointment is about. */
export function channelOf({ fixedPart }: Appointment): ChannelId {
  return channelIdOf(fixedPart);
}

/** The turn by which appointments of one channel are ordered: the chain takes the higher one. */
export function turnOf({ candidate }: Appointment): number {
  return candidate.variablePart.turnNum;
}

/** What is paid when the channel is concluded: by the final state of all, or the one that the client signed. */
export function closingOutcome({ candidate, closing }: Appointment): Outcome | undefined {
  return candidate.variablePart.isFinal ? candidate.variablePart.outcome : closing;
}
