/** The facts of a watchtower's own log: what it was given, what the chain told, and what it has sent. */
import type { ChannelId } from "../channel/channel-id.ts";
import type { BlockId, ChainPosition } from "../channel/holdings.ts";
import type { VariablePart } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import type { Hex } from "../primitives/hex.ts";
import type { ChainCall, EffectId } from "../protocols/effects.ts";
import type { Appointment } from "./appointment.ts";

/** What passes between the tower and its clients. */
export type ClientEvent =
  | {
      /** Newer than any before it of this client and channel, and checked. */
      readonly type: "AppointmentKept";
      readonly client: Address;
      readonly channelId: ChannelId;
      readonly appointment: Appointment;
    }
  | {
      /** The channel is not watched for this client any more: it asked for that, or nothing is left to do. */
      readonly type: "AppointmentEnded";
      readonly client: Address;
      readonly channelId: ChannelId;
    };

/** What a log of the adjudicator told about a watched channel. */
export type SightEvent =
  | {
      /** Unless something newer is shown before `finalizesAtSec`, this state is final. */
      readonly type: "ChallengeSeen";
      readonly channelId: ChannelId;
      /** Seconds since 1970-01-01 UTC, in the time of the chain's blocks. */
      readonly finalizesAtSec: number;
      readonly variablePart: VariablePart;
      readonly position: ChainPosition;
    }
  | {
      /** Something newer was shown: no clock runs. */
      readonly type: "AnswerSeen";
      readonly channelId: ChannelId;
      readonly turnNum: number;
      readonly position: ChainPosition;
    }
  | {
      /** The final state of all was shown. The log does not tell what it pays. */
      readonly type: "ConclusionSeen";
      readonly channelId: ChannelId;
      readonly position: ChainPosition;
    }
  | {
      /** Allocations of one asset were paid. */
      readonly type: "PayoutSeen";
      readonly channelId: ChannelId;
      /** Place of the asset in the outcome. */
      readonly assetIndex: number;
      readonly initialHoldings: bigint;
      readonly finalHoldings: bigint;
      /** Places of the allocations, empty for all; undefined when the chain does not tell. */
      readonly indices: readonly number[] | undefined;
      readonly position: ChainPosition;
    }
  | {
      /** In a ledger channel, what a virtual channel pays each side took the place of its guarantee. */
      readonly type: "ReclaimSeen";
      readonly channelId: ChannelId;
      readonly assetIndex: number;
      readonly target: ChannelId;
      readonly left: bigint;
      readonly right: bigint;
      readonly position: ChainPosition;
    };

/** How far the chain was read. */
export type ReadingEvent =
  | {
      /** All logs up to this confirmed block are facts here. Challenges that end by its time are final. */
      readonly type: "ChainFollowed";
      readonly block: BlockId;
      /** Seconds since 1970-01-01 UTC. */
      readonly blockTimeSec: number;
    }
  | {
      /** The blocks above `fork` are gone, and with them what they told. */
      readonly type: "ChainTurnedBack";
      readonly fork: BlockId;
    };

/** The tower's own transactions. */
export type CallEvent =
  | {
      readonly type: "CallRequested";
      readonly effectId: EffectId;
      readonly channelId: ChannelId;
      readonly call: ChainCall;
    }
  | {
      /** Signed, and durable before it is sent. Again under the same nonce when a dearer one takes its place. */
      readonly type: "CallSigned";
      readonly effectId: EffectId;
      readonly channelId: ChannelId;
      readonly nonce: number;
      readonly transactionHash: Hash;
      readonly raw: Hex;
    }
  | {
      /** In a confirmed block. `reason` says why the contract refused it; undefined when it did not, or does not say. */
      readonly type: "CallMined";
      readonly effectId: EffectId;
      readonly channelId: ChannelId;
      readonly block: BlockId;
      readonly succeeded: boolean;
      readonly reason: string | undefined;
    }
  | {
      /** Never sent: it could not succeed any more. */
      readonly type: "CallPointless";
      readonly effectId: EffectId;
      readonly channelId: ChannelId;
      readonly reason: string;
    };

/** Everything that a tower's log holds. */
export type TowerEvent = ClientEvent | SightEvent | ReadingEvent | CallEvent;
