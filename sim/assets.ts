/** The assets of simulated worlds, and how amounts of them are shown. */
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";

/** Something that can be put into a channel. */
export type Asset = {
  readonly address: Address;
  readonly symbol: string;
  /** Digits after the point: one `symbol` is 10 ** decimals of the smallest unit. */
  readonly decimals: number;
  /** What the smallest unit is called. */
  readonly unit: string;
};

/** The chain's own coin. */
export const ETH: Asset = { address: ZERO_ADDRESS, symbol: "ETH", decimals: 18, unit: "wei" };

/** The test token, which counts in whole tokens. */
export function testToken(address: Address): Asset {
  return { address, symbol: "TOK", decimals: 18, unit: "units" };
}

/** Below a millionth of a whole one, an amount reads better in the smallest unit. */
const SHOWN_DIGITS = 6;

/** `1.5 ETH`, `20 TOK`, `7 wei`: exact where it is short, never rounded. */
export function formatAmount(asset: Asset, amount: bigint): string {
  const step = 10n ** BigInt(asset.decimals - SHOWN_DIGITS);
  if (amount % step !== 0n) return `${amount} ${asset.unit}`;
  return `${formatDecimal(asset, amount)} ${asset.symbol}`;
}

/** The amount in whole ones with every digit that counts, and a sign for what is lost. */
export function formatDecimal({ decimals }: Asset, amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, -decimals);
  const fraction = digits.slice(-decimals).replace(/0+$/, "");
  return `${amount < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
