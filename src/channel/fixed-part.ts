/** What never changes in a channel: who is in it, and under which rules. */
import type { Address } from "../crypto/address.ts";

/** Source: INitroTypes.FixedPart. */
export type FixedPart = {
  /** 2 to 255, all different, none zero. Their order is the order of deposits and of turns. */
  readonly participants: readonly Address[];
  /** uint64. Makes the channel id new; never used twice with the same participants. */
  readonly channelNonce: bigint;
  /** The ForceMove app that judges states on chain. */
  readonly appDefinition: Address;
  /** Seconds that a challenge can be answered, uint48. */
  readonly challengeDurationSec: number;
};
