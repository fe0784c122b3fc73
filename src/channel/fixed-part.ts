/** What never changes in a channel: who is in it, and under which rules. */
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { channelIdOf } from "./channel-id.ts";
import { isExternal } from "./destination.ts";

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

/** What the contracts count signers in: one bit per participant of a 256-bit word, as a byte's index. */
export const PARTICIPANTS_MAX = 255;

/** Why a fixed part is refused, whoever proposes it. */
export type FixedPartRejection =
  | { readonly code: "ParticipantCountOutOfRange"; readonly count: number }
  | { readonly code: "ZeroParticipant" }
  | { readonly code: "DuplicateParticipant"; readonly participant: Address }
  | { readonly code: "NonceOutOfRange" }
  | { readonly code: "ChallengeDurationOutOfRange" }
  | { readonly code: "ChannelIdIsExternal" };

/** Refuses participants that the contract would never count, and numbers that it would cut. */
export function checkFixedPart(fixedPart: FixedPart): Result<FixedPart, FixedPartRejection> {
  const { challengeDurationSec, channelNonce, participants } = fixedPart;
  const count = participants.length;
  if (count < 2 || count > PARTICIPANTS_MAX) {
    return reject({ code: "ParticipantCountOutOfRange", count });
  }
  if (participants.includes(ZERO_ADDRESS)) return reject({ code: "ZeroParticipant" });
  const duplicate = participants.find((one, index) => participants.indexOf(one) !== index);
  if (duplicate !== undefined) {
    return reject({ code: "DuplicateParticipant", participant: duplicate });
  }
  if (channelNonce < 0n || channelNonce >= 1n << 64n) return reject({ code: "NonceOutOfRange" });
  if (!isUint48(challengeDurationSec)) return reject({ code: "ChallengeDurationOutOfRange" });
  // An id that reads as an account would pay that account instead of funding the channel.
  const isAccount = isExternal(channelIdOf(fixedPart));
  return isAccount ? reject({ code: "ChannelIdIsExternal" }) : accept(fixedPart);
}

function isUint48(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < 2 ** 48;
}
