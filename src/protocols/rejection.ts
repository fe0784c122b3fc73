/** Why something that a peer or a user asked for is refused. A value, never an error. */
import type { ChangeRejection } from "../channel/change.ts";
import type { FixedPartRejection } from "../channel/fixed-part.ts";
import type { LedgerRejection } from "../channel/ledger-outcome.ts";
import type { MessageLogRejection } from "../channel/message-log.ts";
import type { TwinRefusal } from "../channel/message-log-twin.ts";
import type { VariablePartRejection } from "../channel/state.ts";
import type { Hash } from "../crypto/signature.ts";
import type { RouteRejection } from "./route.ts";
import type { VoucherRejection } from "./voucher-rejection.ts";

/**
 * The sender is at fault. Nothing was stored, and the sender is told the code; unless the code says
 * otherwise the engine then goes on as if the message had never come.
 */
export type Rejection =
  /** A peer: the bytes are no message. */
  | { readonly code: "Undecodable"; readonly problem: string }
  /** A peer or a user: the parts of a channel are out of range or contradict each other. */
  | FixedPartRejection
  | VariablePartRejection
  | ChangeRejection
  | LedgerRejection
  /** A peer: it is not in this channel. */
  | { readonly code: "NotAParticipant" }
  /** A peer: the signature is not its own, not for this state, or not in canonical form. */
  | { readonly code: "WrongSignature" }
  /** A peer: the turn is below the supported one, or too far above it. */
  | { readonly code: "TurnOutOfOrder"; readonly turnNum: number; readonly expected: number }
  /** A peer: another state is already known for this turn. It may have signed twice. */
  | { readonly code: "ConflictingState"; readonly turnNum: number }
  /** A peer: another participant signs this turn first. */
  | { readonly code: "NotTheMover"; readonly turnNum: number }
  /** A peer: the final state pays something else than the supported one. */
  | { readonly code: "FinalOutcomeMismatch" }
  /** A peer: the mover signed something else than what I had asked for. */
  | { readonly code: "NotWhatWasAsked" }
  /** The app's rule: an asset, a destination or an allocation type changed. */
  | { readonly code: "OutcomeShapeChanged" }
  /** The app's rule: the amounts of one asset no longer add up to what they did. */
  | { readonly code: "TotalChanged" }
  /** The app's rule: the app's contract refuses it too. */
  | { readonly code: "AppRefuses"; readonly why: string }
  /** A user or a peer: no such channel, or no such objective, in this node. */
  | { readonly code: "UnknownChannel" }
  | { readonly code: "UnknownObjective" }
  /** A peer or a user: the channel is no ledger channel, or not one of the two participants' hop. */
  | { readonly code: "NotALedger" }
  /** A user or a peer: the ledger is of go-nitro's profile, which has no such protocol. */
  | { readonly code: "NotEnforceable" }
  /** The chain holds nothing for the channel, and no ledger guarantees it: there is nothing to decide. */
  | { readonly code: "NothingAtStake" }
  /** A user or a peer: of these there is one at a time, and this one is under way. */
  | { readonly code: "WithdrawalRunning" }
  /** A peer: the leader says that nothing is under way, and I know better. */
  | { readonly code: "LedgerNotAtRest" }
  /** A user or a peer: the ledger took another one's place, and has not been paid yet. */
  | { readonly code: "LedgerNotFunded" }
  /** A peer: the end of a ledger is signed before the ledger that goes on. */
  | { readonly code: "SuccessorUnsigned" }
  /** A peer: only the leader proposes, and only the follower agrees or refuses. */
  | { readonly code: "NotTheLeader" }
  | { readonly code: "NotTheFollower" }
  /** A peer: a proposal is built on a state that is not known, or past. */
  | { readonly code: "UnknownBase"; readonly baseTurnNum: number }
  /** A peer: a proposal without changes, where none was refused before. */
  | { readonly code: "NothingProposed" }
  /** A peer: it proposes on and on, though nothing that it proposes is agreed to. */
  | { readonly code: "TooManyProposals"; readonly waiting: number }
  /** A peer: the hop of this virtual channel is to be funded in another ledger channel. */
  | { readonly code: "WrongLedger" }
  /** A user or a peer: guarantees are left in the ledger, or something waits for a signature. */
  | { readonly code: "LedgerNotEmpty" }
  /** A user or a peer: a virtual channel has one to ten intermediaries, and a fee for each. */
  | { readonly code: "RouteMalformed" }
  | RouteRejection
  /** A peer: this intermediary asks for more. */
  | { readonly code: "FeeTooLow"; readonly asked: bigint }
  /** A peer: too much is locked up already for channels that it brought along. They must close first. */
  | { readonly code: "PeerLimitReached"; readonly taken: number }
  | VoucherRejection
  /** This node: the others did not do their part in time. */
  | { readonly code: "TimedOut" }
  /** A user or a peer: this id was used before, and an id is never used twice. */
  | { readonly code: "ChannelIdUsed" }
  | { readonly code: "ObjectiveIdUsed" }
  | MessageLogRejection
  | TwinRefusal
  /** A user or a peer: games are for two. */
  | { readonly code: "NotTwoParticipants" }
  /** A user or a peer: this node does not have the module that makes an outcome of the messages. */
  | { readonly code: "ReducerUnknown"; readonly reducerId: Hash }
  /** A user or a peer: the reducer refuses a message, in its own word, or fails over it. */
  | { readonly code: "ReducerRefused"; readonly by: string }
  /** A user or a peer: not the state that the app's game begins with. */
  | { readonly code: "NotTheBeginning" }
  /** A user or a peer: somebody else has to move. */
  | { readonly code: "NotYourTurn" }
  /** A user or a peer: a move says something, and ends the turn of its mover. */
  | { readonly code: "NothingPlayed" }
  | { readonly code: "TurnNotEnded" }
  /** A peer: the state is not what its messages make of the one before. */
  | { readonly code: "NotWhatWasPlayed" }
  /** A peer: this node may have signed that turn, or receipted that counter, and forgotten it; it goes on behind. */
  | { readonly code: "TurnPassedOver"; readonly turnNum: number }
  /** A user or a peer: somebody who would lose by it has yet to move. She may end it herself, or dispute it. */
  | { readonly code: "GameNotOver" }
  /** A user or a peer: no more messages fit this channel. */
  | { readonly code: "LogFull" }
  /** A user: this node lost what was said, and was shown the newest state alone. */
  | { readonly code: "LogIncomplete" }
  /** A user or a peer: the channel is not funded yet, or is already closing. */
  | { readonly code: "ChannelNotRunning"; readonly phase: string }
  /** A user or a peer: this node signs only for apps it was configured with. */
  | { readonly code: "AppNotAllowed" }
  /** A user or a peer: an asset that is not on this node's allow-list. */
  | { readonly code: "AssetNotAllowed" }
  /** A user or a peer: too short to answer a challenge, or longer than anybody should wait. */
  | { readonly code: "ChallengeDurationOutOfBounds" }
  /** A user or a peer: a direct channel allocates each asset to each participant, once, in order. */
  | { readonly code: "OutcomeNotPerParticipant" }
  /** A user or a peer: nobody would deposit anything for this asset. */
  | { readonly code: "NothingToFund" }
  /** This node's policy said no. The objective is stored as rejected, and its participants are told. */
  | { readonly code: "PolicyRefused"; readonly why: string }
  /** A peer: it rejects what it already agreed to; only the chain can end it now. */
  | { readonly code: "TooLateToReject" }
  /** A peer: it asks for what this node holds again and again, and takes none of the answers. */
  | { readonly code: "AnswersUntaken" }
  /** A user: the engine has too much to do. Try again. */
  | { readonly code: "InboxFull" }
  /** A user: the node stopped before it decided. Ask again once it runs; it may not have happened. */
  | { readonly code: "NodeStopped" }
  /**
   * A user: a participant has yet to tell what this node has signed. Ask again once it is there. Or the log has lost its
   * end, and nobody shows that this opening, or withdrawal, is what was agreed to: ask anew.
   */
  | { readonly code: "Resyncing" }
  /** A user: the key of an earlier wish, which was another one. Draw a new key. */
  | { readonly code: "KeyReused" }
  /** A user: this node does not know where to reach a participant. */
  | { readonly code: "PeerUnknown" };
