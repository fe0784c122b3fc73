/** Who signed: how the contracts read signatures. Source: NitroUtils, ForceMove. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { type ContractSignature, ecrecover } from "./ecrecover.ts";
import { SIGNATURE_WORK } from "./gas.ts";
import type { Machine } from "./machine.ts";
import { PANIC, panic, require } from "./revert.ts";
import {
  channelIdOf,
  type FixedPart,
  hashState,
  type RecoveredVariablePart,
  type SignedVariablePart,
} from "./structs.ts";
import { hashOf } from "./words.ts";

/** "\x19Ethereum Signed Message:\n32", in hex. */
const PERSONAL_PREFIX = "19457468657265756d205369676e6564204d6573736167653a0a3332";

/** The digest that a wallet signs for 32 bytes. Source: EIP-191. */
export function personalDigest(hash: Hex): Hex {
  return hashOf(PERSONAL_PREFIX + hash.slice(2));
}

/** Source: NitroUtils.recoverSigner. */
export function recoverSigner(hash: Hex, signature: ContractSignature): Hex {
  const signer = ecrecover(personalDigest(hash), signature);
  require(signer !== undefined, "Invalid signature");
  return signer;
}

/** Reads who signed a state. Strangers and repeated signatures are passed over. Source: ForceMove.recoverVariablePart. */
export function recoverPart(
  machine: Machine,
  fixedPart: FixedPart,
  { sigs, variablePart }: SignedVariablePart,
): RecoveredVariablePart {
  machine.gasUsed += SIGNATURE_WORK * BigInt(sigs.length);
  let signedBy = 0n;
  const hash = sigs.length > 0 ? hashState(channelIdOf(fixedPart), variablePart) : "0x";
  for (const signature of sigs) {
    const signer = recoverSigner(hash, signature);
    const index = fixedPart.participants.indexOf(signer);
    if (index > 255) throw panic(PANIC.arithmetic);
    if (index >= 0) signedBy |= 1n << BigInt(index);
  }
  return { variablePart, signedBy };
}

/** How many participants signed: the bits in the mask, in a number of eight bits. Source: NitroUtils.getClaimedSignersNum. */
export function countSigners(signedBy: bigint): number {
  let count = 0;
  for (let rest = signedBy; rest > 0n; rest &= rest - 1n) count++;
  if (count > 255) throw panic(PANIC.arithmetic);
  return count;
}
