/** Which refusals of a peer's message are situations with a name. */
import { mark } from "../primitives/mark.ts";
import type { MarkName } from "../primitives/marks.ts";
import type { Result } from "../primitives/result.ts";
import type { Rejection } from "../protocols/rejection.ts";

/** What is refused once per message, whichever rule of whichever protocol has refused it. */
const MARKS: Readonly<Partial<Record<Rejection["code"], MarkName>>> = {
  Undecodable: "refused/Undecodable",
  NotAParticipant: "refused/NotAParticipant",
  WrongSignature: "refused/WrongSignature",
  TurnOutOfOrder: "refused/TurnOutOfOrder",
  ConflictingState: "refused/ConflictingState",
  NotTheMover: "refused/NotTheMover",
  FinalOutcomeMismatch: "refused/FinalOutcomeMismatch",
  NotWhatWasAsked: "refused/NotWhatWasAsked",
  OutcomeShapeChanged: "refused/OutcomeShapeChanged",
  TotalChanged: "refused/TotalChanged",
  UnknownChannel: "refused/UnknownChannel",
  UnknownObjective: "refused/UnknownObjective",
  NotALedger: "refused/NotALedger",
  WithdrawalRunning: "refused/WithdrawalRunning",
  TopUpRunning: "refused/TopUpRunning",
  LedgerNotAtRest: "refused/LedgerNotAtRest",
  LedgerNotFunded: "refused/LedgerNotFunded",
  LedgerNotEmpty: "refused/LedgerNotEmpty",
  SuccessorUnsigned: "refused/SuccessorUnsigned",
  NotTheLeader: "refused/NotTheLeader",
  NotTheFollower: "refused/NotTheFollower",
  UnknownBase: "refused/UnknownBase",
  NothingProposed: "refused/NothingProposed",
  TooManyProposals: "refused/TooManyProposals",
  WrongLedger: "refused/WrongLedger",
  RouteMalformed: "refused/RouteMalformed",
  FeeTooLow: "refused/FeeTooLow",
  PeerLimitReached: "refused/PeerLimitReached",
  InsufficientFunds: "refused/InsufficientFunds",
  GuaranteesFull: "refused/GuaranteesFull",
  LedgerTooSmall: "refused/LedgerTooSmall",
  VoucherNotNewer: "refused/VoucherNotNewer",
  VoucherLowered: "refused/VoucherLowered",
  VoucherTooLarge: "refused/VoucherTooLarge",
  ReceiptMissing: "refused/ReceiptMissing",
  ReceiptUnknown: "refused/ReceiptUnknown",
  NothingPaid: "refused/NothingPaid",
  NotOpen: "refused/NotOpen",
  PaymentsOver: "refused/PaymentsOver",
  ChannelDisputed: "refused/ChannelDisputed",
  ChainNotSeen: "refused/ChainNotSeen",
  ChannelNotRunning: "refused/ChannelNotRunning",
  ObjectiveIdUsed: "refused/ObjectiveIdUsed",
  AppNotAllowed: "refused/AppNotAllowed",
  AssetNotAllowed: "refused/AssetNotAllowed",
  ChallengeDurationOutOfBounds: "refused/ChallengeDurationOutOfBounds",
  PolicyRefused: "refused/PolicyRefused",
  PeerUnknown: "refused/PeerUnknown",
  TooLateToReject: "refused/TooLateToReject",
  AnswersUntaken: "refused/AnswersUntaken",
};

/** Marks the refusal of a peer's message, where its code has a name; gives the refusal back. */
export function markRefusal<Verdict extends Result<unknown, Pick<Rejection, "code">>>(
  verdict: Verdict,
): Verdict {
  const name = verdict.ok ? undefined : MARKS[verdict.reason.code];
  if (name !== undefined) mark(name);
  return verdict;
}
