/** The causal rules by name: what no honest node writes into its log, whatever its peers and its chain do. */

/**
 * The rules. Whoever wrote the log broke them, or changed it afterwards; only where a code says "peer" is it
 * the peer who did, and the node let it through.
 *
 * Channels:
 * - `UnknownChannel`, `ChannelTwice`: a channel is created once, before anything about it.
 * - `ChannelIdMismatch`: its id is the hash of its fixed part.
 * - `NotAParticipant`: a signer, or the node itself, is no participant of the channel.
 * - `SignedTwice`: this node signed two different states for one turn. Money can be lost by it.
 * - `PeerSignedTwice`: a peer did.
 * - `ConflictingState`: a signature is on another state than the one known for its turn.
 * - `TurnNotIncreased`: this node signed a turn that it had signed, or one below it.
 * - `SignedAfterFinal`, `PeerSignedAfterFinal`: something was signed after a final state.
 * - `NotTheMover`: somebody signed a turn first that was not hers.
 * - `NotTheOpeningState`: prefund and postfund pay something else than the channel was created with.
 * - `StateBelowSupported`, `SignatureTwice`: a peer's signature that tells nothing new.
 * - `SignedUnapproved`: this node signed for an objective that was not approved, or was over.
 * - `SignedUnresynced`: this node signed before a participant had told what it holds of a log that was cut.
 * - `NotSupported`: a state counts as supported though a signature is missing.
 * - `SupportedTurnNotIncreased`: the supported state went back.
 * - `NotFinal`: a channel counts as finalized though its supported state is not final.
 *
 * Ledger and virtual channels:
 * - `NotALedger`: a proposal, or money that is set aside, in a channel that is no ledger, or none of the two
 *   that fund the target.
 * - `ProposalMisfit`: a ledger state does not follow from the one that it names.
 * - `NotAgreed`: this node signed a ledger state with a change that no objective of its own agreed to.
 * - `SignedRefused`: this node signed a ledger state that was refused, or one that is built on it.
 * - `NotTheFollower`: somebody else than the follower refused a ledger state.
 * - `NotReserved`: this node signed the prefund of a virtual channel before it had set the money aside.
 * - `AgreedTooEarly`: it agreed to a guarantee before everybody had signed the prefund of the target; or, having
 *   signed the postfund, to its removal before everybody had signed the final state.
 * - `GuaranteeMismatch`: it agreed to a guarantee, or a removal, of other amounts than the target pays.
 * - `PostfundTooEarly`: it signed the postfund of a virtual channel before its own guarantees were there.
 * - `VoucherOutOfPlace`: a voucher of somebody who is no end of a virtual channel, or of one that is not open.
 * - `VoucherNotIncreased`: a voucher promises no more than the one before it.
 * - `VoucherUncovered`: it promises more than its payer has.
 * - `FinalBelowVouchers`: this node signed a final state that pays it less than the vouchers that it holds.
 *
 * Objectives and transactions:
 * - `UnknownObjective`, `ObjectiveTwice`: an objective is created once, before anything about it.
 * - `ObjectiveIdMismatch`: its id names another goal or channel.
 * - `ObjectiveOutOfOrder`: created, then approved, then completed; or rejected before it was completed.
 * - `UnknownTransaction`, `TransactionTwice`, `TransactionOutOfOrder`: requested, then submitted, then
 *   confirmed or failed.
 * - `NonceNotIncreased`: two transactions share a nonce.
 * - `TransactionHashMismatch`: the hash is not that of the signed bytes.
 * - `DepositTooEarly`: money was to go in before everybody had signed the prefund.
 * - `ConcludedTooEarly`: a channel was to be concluded with a state that is not the final supported one.
 *
 * Messages and the chain:
 * - `SequenceGap`: messages to a peer are numbered from 1 without a gap.
 * - `SequenceNotIncreased`: a message of a peer was received twice or in the wrong order.
 * - `AcknowledgedUnsent`, `AcknowledgedTwice`: a peer settled what was not sent, or was settled.
 * - `UnrecordedSignature`: a message or call carries a signature that the log does not hold.
 * - `ChainWentBack`: logs of a channel come in the order of the chain.
 * - `ExpiredTooEarly`: a challenge was called final that could still be answered, or that never was.
 * - `SignedInDispute`: this node signed in a channel that it, or a challenge, had left to the chain.
 */
export type RuleCode =
  | "UnknownChannel"
  | "ChannelTwice"
  | "ChannelIdMismatch"
  | "NotAParticipant"
  | "SignedTwice"
  | "PeerSignedTwice"
  | "ConflictingState"
  | "TurnNotIncreased"
  | "SignedAfterFinal"
  | "PeerSignedAfterFinal"
  | "NotTheMover"
  | "NotTheOpeningState"
  | "StateBelowSupported"
  | "SignatureTwice"
  | "SignedUnapproved"
  | "SignedUnresynced"
  | "NotSupported"
  | "SupportedTurnNotIncreased"
  | "NotFinal"
  | "NotALedger"
  | "ProposalMisfit"
  | "NotAgreed"
  | "SignedRefused"
  | "NotTheFollower"
  | "NotReserved"
  | "AgreedTooEarly"
  | "GuaranteeMismatch"
  | "PostfundTooEarly"
  | "VoucherOutOfPlace"
  | "VoucherNotIncreased"
  | "VoucherUncovered"
  | "FinalBelowVouchers"
  | "UnknownObjective"
  | "ObjectiveTwice"
  | "ObjectiveIdMismatch"
  | "ObjectiveOutOfOrder"
  | "UnknownTransaction"
  | "TransactionTwice"
  | "TransactionOutOfOrder"
  | "NonceNotIncreased"
  | "TransactionHashMismatch"
  | "DepositTooEarly"
  | "ConcludedTooEarly"
  | "SequenceGap"
  | "SequenceNotIncreased"
  | "AcknowledgedUnsent"
  | "AcknowledgedTwice"
  | "UnrecordedSignature"
  | "ChainWentBack"
  | "ExpiredTooEarly"
  | "SignedInDispute";

/** One rule that an event breaks. */
export type BrokenRule = {
  readonly code: RuleCode;
  /** What happened, in words, for people. */
  readonly explanation: string;
};

/** One broken rule, as a list. */
export function broken(code: RuleCode, explanation: string): readonly [BrokenRule] {
  return [{ code, explanation }];
}
