/** What the chain tells about a dispute: somebody asks for a newer state, or was answered. */
import type { Signature } from "../crypto/signature.ts";
import type { ChannelId } from "./channel-id.ts";
import type { BlockId, ChainPosition } from "./holdings.ts";
import type { VariablePart } from "./state.ts";

/** States that a challenge may bring, its candidate not counted: one per participant. */
export const CHALLENGE_PROOF_MAX = 255;

/** A state as it was shown to the adjudicator. */
export type ChallengeState = {
  readonly variablePart: VariablePart;
  /**
   * Of participants alone, each at most once and with low `s`: the adjudicator takes more, and ignores
   * it.
   */
  readonly signatures: readonly Signature[];
};

/** Facts about disputes, seen in confirmed blocks. */
export type ChallengeEvent =
  | ChallengeLogEvent
  | {
      /** A confirmed block is as late as the challenge allows: its state is final. No log tells it. */
      readonly type: "ChallengeExpired";
      readonly channelId: ChannelId;
      readonly block: BlockId;
      /** Of that block, in seconds since 1970-01-01 UTC. */
      readonly blockTimeSec: number;
    };

/** Those of them that the adjudicator's logs tell. */
export type ChallengeLogEvent =
  | {
      /** Unless a newer state is shown before `finalizesAtSec`, the candidate's outcome is paid. */
      readonly type: "ChallengeRegistered";
      readonly channelId: ChannelId;
      /** Seconds since 1970-01-01 UTC, in the time of the chain's blocks. */
      readonly finalizesAtSec: number;
      /** The state that was shown as the newest. */
      readonly candidate: ChallengeState;
      /** The states that lead to the candidate, oldest first, where the app asks for them. */
      readonly proof: readonly ChallengeState[];
      readonly position: ChainPosition;
    }
  | {
      /** A newer state was shown in time: the channel goes on from `turnNum`. */
      readonly type: "ChallengeCleared";
      readonly channelId: ChannelId;
      readonly turnNum: number;
      readonly position: ChainPosition;
    };
