/**
 * The rule of the published VirtualPaymentApp off chain, with the hashes that our go-nitro channels sign: what a
 * payee must know of a voucher before it counts as money there.
 */
import { decodeAbiParameters, parseAbiParameters } from "viem";
import { channelIdOf } from "../src/channel/channel-id.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import type { Outcome } from "../src/channel/outcome.ts";
import { TURN } from "../src/channel/state.ts";
import { voucherHash } from "../src/channel/voucher.ts";
import { ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Signature } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import type { Hex } from "../src/primitives/hex.ts";
import type { RecoveredState, SupportClaim } from "../src/protocols/payment-rule.ts";

/** Why a claim is refused, in the contract's words; `panic` where it fails in its arithmetic or its places. */
export type VirtualPaymentRefusal =
  | "!unanimous; |proof|=0"
  | "bad candidate turnNum; |proof|=0"
  | "bad proof length"
  | "bad proof[0].turnNum; |proof|=1"
  | "postfund !unanimous; |proof|=1"
  | "bad candidate turnNum; |proof|=1"
  | "redemption not signed by Bob"
  | "Invalid signature"
  | "invalid signature for voucher"
  | "only native asset allowed"
  | "Alice not adjusted correctly"
  | "Bob not adjusted correctly"
  | "panic";

/** Of a redemption the turn is always this. */
const REDEMPTION_TURN = 2;

/** Nothing when the claim is supported, else why it is not. */
export function virtualPaymentRefusal(claim: SupportClaim): VirtualPaymentRefusal | undefined {
  const { candidate, fixedPart, proof } = claim;
  const count = fixedPart.participants.length;
  const [postfund, ...others] = proof;
  if (postfund === undefined) {
    if (!isUnanimous(candidate, count)) return "!unanimous; |proof|=0";
    return candidate.variablePart.turnNum <= TURN.postfund
      ? undefined
      : "bad candidate turnNum; |proof|=0";
  }
  if (others.length > 0) return "bad proof length";
  if (postfund.variablePart.turnNum !== TURN.postfund) return "bad proof[0].turnNum; |proof|=1";
  if (!isUnanimous(postfund, count)) return "postfund !unanimous; |proof|=1";
  if (candidate.variablePart.turnNum !== REDEMPTION_TURN) {
    return "bad candidate turnNum; |proof|=1";
  }
  const isByBob = (candidate.signedBy >> BigInt(count - 1)) % 2n === 1n;
  if (!isByBob) return "redemption not signed by Bob";
  return voucherRefusal(fixedPart, postfund.variablePart.outcome, candidate);
}

/** The contract counts signers; that they are participants is the adjudicator's part. */
function isUnanimous({ signedBy }: RecoveredState, count: number): boolean {
  return [...signedBy.toString(2)].filter((bit) => bit === "1").length === count;
}

function voucherRefusal(
  fixedPart: FixedPart,
  funding: Outcome,
  { variablePart }: RecoveredState,
): VirtualPaymentRefusal | undefined {
  const { amount, signature } = readVoucher(variablePart.appData);
  const hash = voucherHash(channelIdOf(fixedPart), amount);
  const signer = signatureBackend.recoverSigner(hash, signature);
  if (signer === undefined) return "Invalid signature";
  if (signer !== fixedPart.participants[0]) return "invalid signature for voucher";
  const [before, after] = [funding, variablePart.outcome];
  const areCoins = [before, after].every(
    (outcome) => outcome.length === 1 && outcome[0]?.asset === ZERO_ADDRESS,
  );
  if (!areCoins) return "only native asset allowed";
  const had = before[0]?.allocations[0]?.amount;
  const [alice, bob] = after[0]?.allocations ?? [];
  if (alice === undefined || had === undefined || had < amount) return "panic";
  if (alice.amount !== had - amount) return "Alice not adjusted correctly";
  if (bob === undefined) return "panic";
  return bob.amount === amount ? undefined : "Bob not adjusted correctly";
}

const VOUCHER = parseAbiParameters(
  "(uint256 amount, (uint8 v, bytes32 r, bytes32 s) signature) voucher",
);

function readVoucher(appData: Hex): { readonly amount: bigint; readonly signature: Signature } {
  const [{ amount, signature }] = decodeAbiParameters(VOUCHER, appData);
  const v = signature.v.toString(16).padStart(2, "0");
  return { amount, signature: `${signature.r}${signature.s.slice(2)}${v}` as Signature };
}
