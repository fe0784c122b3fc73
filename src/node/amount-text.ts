/** Amounts as people write and read them: wei, or with a unit. */
import { AMOUNT_MAX } from "../channel/outcome.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";

/** Digits behind the point of each unit of the chain's own coin. */
const UNITS: Readonly<Record<string, number>> = { wei: 0, gwei: 9, eth: 18 };

/** From so many wei on an amount of the coin is told in eth: 10^12, a millionth of one. */
const ETH_FROM = 10n ** 12n;

const FORM = /^(\d{1,78})(?:\.(\d{1,78}))?\s*([a-z]+)?$/i;

/**
 * Reads `5`, `5 wei`, `1.5 gwei` or `0.01eth` as an amount in the smallest unit. Undefined for anything else, for a
 * fraction of the smallest unit, and above the largest uint256.
 */
export function parseAmount(text: string): bigint | undefined {
  const [, whole = "", fraction = "", unit = "wei"] = FORM.exec(text.trim()) ?? [];
  const decimals = Object.hasOwn(UNITS, unit.toLowerCase()) ? UNITS[unit.toLowerCase()] : undefined;
  const kept = fraction.replace(/0+$/, "");
  if (whole === "" || decimals === undefined || kept.length > decimals) return undefined;
  const amount = BigInt(`${whole}${kept.padEnd(decimals, "0")}`);
  return amount <= AMOUNT_MAX ? amount : undefined;
}

/** An amount with its unit, without loss: large ones of the coin in eth, the rest in wei or in a token's smallest unit. */
export function describeAmount(amount: bigint, asset: string): string {
  if (asset !== ZERO_ADDRESS) return `${amount} of ${asset}`;
  if (amount < ETH_FROM) return `${amount} wei`;
  const digits = `${amount}`.padStart(19, "0");
  const fraction = digits.slice(-18).replace(/0+$/, "");
  return `${digits.slice(0, -18)}${fraction === "" ? "" : `.${fraction}`} eth`;
}
