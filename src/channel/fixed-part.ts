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

/** With fewer there is nobody to agree with. */
export const PARTICIPANTS_MIN = 2;

/** Signers are counted in a uint8, which 256 would overflow. Source: NitroUtils.getClaimedSignersNum. */
export const PARTICIPANTS_MAX = 255;

/** The largest uint64. */
export const NONCE_MAX: bigint = 2n ** 64n - 1n;

/** The largest uint48 of seconds, 8.9 million years. What a node accepts is far less: see its rules. */
export const CHALLENGE_DURATION_ENCODABLE_MAX_SEC: number = 2 ** 48 - 1;

/**
 * Why a fixed part is refused. Whoever proposes the channel is at fault, and no such channel is
 * opened; nothing is lost, since nothing was signed.
 */
export type FixedPartRejection =
  /** Fewer than `PARTICIPANTS_MIN` or more than `PARTICIPANTS_MAX`. */
  | { readonly code: "ParticipantCountOutOfRange"; readonly count: number }
  /** Nobody can sign as the zero address. */
  | { readonly code: "ZeroParticipant" }
  /** The contract counts one signature of the two, so nothing could ever be supported. */
  | { readonly code: "DuplicateParticipant"; readonly participant: Address }
  /** Not from 0 to `NONCE_MAX`. */
  | { readonly code: "NonceOutOfRange" }
  /** Not whole seconds from 0 to `CHALLENGE_DURATION_ENCODABLE_MAX_SEC`. */
  | { readonly code: "ChallengeDurationOutOfRange" }
  /** Its first twelve bytes are zero: what should fund the channel would pay an account. */
  | { readonly code: "ChannelIdIsExternal" };

/** Refuses what the contracts could not read, or would read otherwise. */
export function checkFixedPart(fixedPart: FixedPart): Result<FixedPart, FixedPartRejection> {
  const { challengeDurationSec, channelNonce, participants } = fixedPart;
  const count = participants.length;
  if (count < PARTICIPANTS_MIN || count > PARTICIPANTS_MAX) {
    return reject({ code: "ParticipantCountOutOfRange", count });
  }
  if (participants.includes(ZERO_ADDRESS)) return reject({ code: "ZeroParticipant" });
  const duplicate = participants.find((one, index) => participants.indexOf(one) !== index);
  if (duplicate !== undefined) {
    return reject({ code: "DuplicateParticipant", participant: duplicate });
  }
  if (channelNonce < 0n || channelNonce > NONCE_MAX) return reject({ code: "NonceOutOfRange" });
  if (!isDuration(challengeDurationSec)) return reject({ code: "ChallengeDurationOutOfRange" });
  const isAccount = isExternal(channelIdOf(fixedPart));
  return isAccount ? reject({ code: "ChannelIdIsExternal" }) : accept(fixedPart);
}

function isDuration(valueSec: number): boolean {
  return (
    Number.isSafeInteger(valueSec) &&
    valueSec >= 0 &&
    valueSec <= CHALLENGE_DURATION_ENCODABLE_MAX_SEC
  );
}
