/** How much is put into a drawn channel, and how much of it is paid. */
import { between, type Chance, type Weighted, weigh, within } from "./draw-chance.ts";
import type { AssetName } from "./wish.ts";

/** What the deposits of a plan are like. */
export type Size = "Tiny" | "Equal" | "Uneven" | "OneSided" | "Huge";

/** All of them, and how often: with the least of them most wishes are refused, and little happens. */
export const SIZES: Weighted<Size> = [
  [10, "Tiny"],
  [35, "Equal"],
  [30, "Uneven"],
  [12, "OneSided"],
  [13, "Huge"],
];

/** One whole coin or token, in its smallest unit. */
const WHOLE = 10n ** 18n;

/** Whole coins and tokens in a huge deposit at most: ten of them fit into what an actor owns. */
const HUGE_MAX: Readonly<Record<AssetName, number>> = { eth: 9, token: 90 };

/** What each participant puts in, in the smallest unit; somebody puts something in. */
export function drawDeposits(
  chance: Chance,
  {
    asset,
    count,
    size,
  }: { readonly asset: AssetName; readonly count: number; readonly size: Size },
): readonly bigint[] {
  const giver = between(chance, `giver of ${asset}`, [0, count - 1]);
  return Array.from({ length: count }, (_, index) =>
    drawDeposit(within(chance, `${asset} of ${index}`), { asset, size, isGiver: index === giver }),
  );
}

type Deposit = { readonly asset: AssetName; readonly size: Size; readonly isGiver: boolean };

/** One deposit. Who is the giver puts something in whatever the others do. */
function drawDeposit(chance: Chance, { asset, isGiver, size }: Deposit): bigint {
  const some = (min: number, max: number): bigint => BigInt(between(chance, "amount", [min, max]));
  switch (size) {
    case "Tiny":
      return some(isGiver ? 1 : 0, 5);
    case "Equal":
      return 100n;
    case "Uneven":
      return some(1, 1_000);
    case "OneSided":
      return isGiver ? some(10, 1_000) : 0n;
    case "Huge":
      return some(1, HUGE_MAX[asset]) * WHOLE + BigInt(between(chance, "rest", [0, 999]));
  }
}

/** Part of what there is: the least, all, or anything between; 0 where there is nothing. */
export function drawPart(chance: Chance, key: string, available: bigint): bigint {
  if (available <= 1n) return available < 0n ? 0n : available;
  const share = weigh(chance, `share of ${key}`, [
    [25, "Least"],
    [10, "All"],
    [65, "Some"],
  ] as const);
  if (share === "Least") return 1n;
  if (share === "All") return available;
  const part = (available * BigInt(between(chance, key, [1, 50]))) / 100n;
  return part === 0n ? 1n : part;
}
