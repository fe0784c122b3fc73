/** What a protocol asks of the world. Stored with the events, run only after they are on disk. */
import type { ChallengeState } from "../channel/challenge.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { Outcome } from "../channel/outcome.ts";
import type { VariablePart } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Hash, Signature } from "../crypto/signature.ts";
import type { Message } from "../messages/message.ts";
import type { Brand } from "../primitives/brand.ts";

/** Names one transaction for ever, so that asking for it twice is harmless. */
export type EffectId = Brand<string, "EffectId">;

/** Ends the name of a transaction that only lets the adjudicator take tokens. */
const APPROVAL_ENDING = "/approve";

/** Names the approval that goes before a deposit. */
export function approvalOf(deposit: EffectId): EffectId {
  return `${deposit}${APPROVAL_ENDING}` as EffectId;
}

/** True for a transaction that puts nothing in: it lets the adjudicator take tokens for a deposit. */
export function isApproval(effectId: EffectId): boolean {
  return effectId.endsWith(APPROVAL_ENDING);
}

/** A call to a contract, in the terms of the protocol. `chain` turns it into bytes. */
export type ChainCall =
  | {
      readonly type: "Deposit";
      readonly channelId: ChannelId;
      readonly asset: Address;
      /** What the adjudicator must hold already; with anything else the contract refuses. */
      readonly expectedHeld: bigint;
      readonly amount: bigint;
    }
  | {
      readonly type: "ApproveToken";
      readonly channelId: ChannelId;
      readonly asset: Address;
      readonly amount: bigint;
    }
  | {
      readonly type: "ConcludeAndTransferAllAssets";
      readonly channelId: ChannelId;
      readonly fixedPart: FixedPart;
      readonly variablePart: VariablePart;
      readonly signatures: readonly Signature[];
    }
  | {
      /** Shows a state and starts the clock on it, or answers one that runs on an older state. */
      readonly type: "Challenge";
      readonly channelId: ChannelId;
      readonly fixedPart: FixedPart;
      /** The states that the app asks for before the candidate, oldest first. */
      readonly proof: readonly ChallengeState[];
      readonly candidate: ChallengeState;
      /** Of a participant, over `challengeHash` of the candidate. */
      readonly challengerSignature: Signature;
      readonly deadlineSec: number | undefined;
    }
  | {
      /** Shows a state that stops the clock of an older one: the channel is open again, from this turn. */
      readonly type: "Checkpoint";
      readonly channelId: ChannelId;
      readonly fixedPart: FixedPart;
      /** The states that the app asks for before the candidate, oldest first. */
      readonly proof: readonly ChallengeState[];
      readonly candidate: ChallengeState;
      /** When the challenge that it answers is over, as in `Conclude`. */
      readonly deadlineSec: number | undefined;
    }
  | {
      /** Ends a channel by its final state, and pays nothing yet. */
      readonly type: "Conclude";
      readonly channelId: ChannelId;
      readonly fixedPart: FixedPart;
      readonly variablePart: VariablePart;
      readonly signatures: readonly Signature[];
      /**
       * Time of the block before which it must be made, in seconds since 1970-01-01 UTC: when the challenge that
       * it answers is over. Undefined when nothing is lost by waiting.
       */
      readonly deadlineSec: number | undefined;
    }
  | {
      /** Pays all that a final channel holds. */
      readonly type: "TransferAllAssets";
      readonly channelId: ChannelId;
      /** As the contract holds it now. */
      readonly outcome: Outcome;
      readonly stateHash: Hash;
    }
  | {
      /** Pays some allocations of one asset. */
      readonly type: "Transfer";
      readonly channelId: ChannelId;
      readonly assetIndex: number;
      readonly outcome: Outcome;
      readonly stateHash: Hash;
      /** Strictly increasing, at least one. */
      readonly indices: readonly number[];
    }
  | {
      /** In a final ledger, puts what a final virtual channel pays each side in the place of its guarantee. */
      readonly type: "Reclaim";
      /** The ledger. */
      readonly channelId: ChannelId;
      readonly sourceStateHash: Hash;
      readonly sourceOutcome: Outcome;
      readonly sourceAssetIndex: number;
      /** Place of the guarantee among the allocations of the source. */
      readonly indexOfTargetInSource: number;
      readonly targetId: ChannelId;
      readonly targetStateHash: Hash;
      readonly targetOutcome: Outcome;
      readonly targetAssetIndex: number;
    };

/** One thing to be done outside. */
export type Effect =
  | { readonly type: "SendMessage"; readonly to: Address; readonly message: Message }
  | {
      readonly type: "SubmitTransaction";
      readonly id: EffectId;
      readonly objectiveId: ObjectiveId;
      readonly call: ChainCall;
    };
