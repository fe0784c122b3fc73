/** How adversaries alter what their nodes say. */
import { externalDestination } from "../../src/channel/destination.ts";
import type { Outcome, SingleAssetExit } from "../../src/channel/outcome.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import type { Message } from "../../src/messages/message.ts";

/** The order of the curve, secp256k1's n. Source: SEC 2, section 2.4.1. */
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** True for a message by which its sender binds herself. */
export function isSigned(message: Message): boolean {
  return "signature" in message || "signatures" in message;
}

/** True for a message that ends a channel by agreement, or takes its guarantee out of a ledger. */
export function isEnding(message: Message): boolean {
  if (message.type === "SignedState") return message.variablePart.isFinal;
  if (message.type !== "LedgerProposal") return message.type === "SuccessorSignatures";
  return message.changes.some(({ proposal }) => proposal.type === "Remove");
}

/** The message with another signature in the place of the sender's own; as it is where she signs nothing. */
export function resigned(message: Message, change: (own: Signature) => Signature): Message {
  switch (message.type) {
    case "Prefund":
    case "SignedState":
    case "Voucher":
    case "LedgerProposal":
    case "LedgerCountersignature":
      return { ...message, signature: change(message.signature) };
    case "VirtualPrefund":
    case "CompletePrefund":
      return { ...message, signatures: lastChanged(message.signatures, change) };
    case "SuccessorSignatures":
      return { ...message, signatures: message.signatures.map(change) };
    default:
      return message;
  }
}

/** The other signature that the curve accepts for the same hash: n - s in the place of s. */
export function malleated(signature: Signature): Signature {
  const s = BigInt(`0x${signature.slice(66, 130)}`) % CURVE_ORDER;
  const other = (CURVE_ORDER - s).toString(16).padStart(64, "0");
  const v = signature.endsWith("1b") ? "1c" : "1b";
  return `${signature.slice(0, 66)}${other}${v}` as Signature;
}

/** What an outcome pays an account, of all assets together, each in its smallest unit. */
export function paidTo(outcome: Outcome, account: Address): bigint {
  const mine = externalDestination(account);
  const own = outcome
    .flatMap(({ allocations }) => allocations)
    .filter(({ destination }) => destination === mine);
  return own.reduce((sum, { amount }) => sum + amount, 0n);
}

/**
 * The outcome with `amount` of each asset moved to an account from whoever else has most, or all that she has
 * where it is less; undefined where nobody has anything.
 */
export function tilted(outcome: Outcome, to: Address, amount: bigint): Outcome | undefined {
  const changed = outcome.map((exit) => tiltedExit(exit, to, amount));
  return changed.some((exit, index) => exit !== outcome[index]) ? changed : undefined;
}

function tiltedExit(exit: SingleAssetExit, to: Address, amount: bigint): SingleAssetExit {
  const { allocations } = exit;
  const mine = externalDestination(to);
  const winner = allocations.find(({ destination }) => destination === mine);
  if (winner === undefined) return exit;
  // In a virtual channel the ends have guarantees of one another; in a ledger nobody can take those.
  const others = allocations.filter(
    (one) => one.destination !== mine && one.allocationType === winner.allocationType,
  );
  const [loser] = others.toSorted((one, other) => (one.amount > other.amount ? -1 : 1));
  if (loser === undefined || loser.amount === 0n) return exit;
  const part = amount < loser.amount ? amount : loser.amount;
  const moved = new Map([
    [winner, part],
    [loser, -part],
  ]);
  return {
    ...exit,
    allocations: allocations.map((one) => ({
      ...one,
      amount: one.amount + (moved.get(one) ?? 0n),
    })),
  };
}

function lastChanged(
  signatures: readonly Signature[],
  change: (own: Signature) => Signature,
): readonly Signature[] {
  const own = signatures.at(-1);
  return own === undefined ? signatures : signatures.with(-1, change(own));
}
