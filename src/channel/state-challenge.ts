/** What a participant signs to challenge with a state on chain. */
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash } from "../crypto/signature.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { fromHex, type Hex, toHex } from "../primitives/hex.ts";

/** What follows the hash: where the text begins, its length of 9, and `forceMove` itself. */
const TAIL = fromHex(
  `0x${(64).toString(16).padStart(64, "0")}${(9).toString(16).padStart(64, "0")}${"666f7263654d6f7665".padEnd(64, "0")}` as Hex,
);

/**
 * `keccak256(abi.encode(stateHash, "forceMove"))`, so that the signature of a state is never a
 * challenge too. Source: ForceMove.requireChallengerIsParticipant.
 */
export function challengeHash(stateHash: Hash): Hash {
  return toHex(keccak256(concatBytes(fromHex(stateHash), TAIL))) as Hash;
}
