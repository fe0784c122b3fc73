/** What a dispute over a full ledger takes on chain: the figures behind the limit of guarantees. */
import { GUARANTEES_MAX } from "../src/channel/ledger-limits.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { type DisputeOptions, disputeCosts } from "./guarantees-gas-dispute.ts";
import { TRANSACTION_BYTES_MAX, TRANSACTION_GAS_MAX } from "./guarantees-gas-limits.ts";
import {
  gasOf,
  HUB_DAY_SHARE_MAX,
  HUB_GUARANTEES,
  hubGas,
  largestOf,
  shareOfDay,
} from "./guarantees-gas-shares.ts";

/** Guarantees of one asset that are looked at, the most that an outcome can have among them. */
const COUNTS = [10, 50, GUARANTEES_MAX, 150, 200, 254];

/** The most that a virtual channel may have. */
const INTERMEDIARIES_MAX = 10;

export const benchmark: Benchmark = {
  name: "guarantees-gas",
  question: "What does it take on chain to get the money out of a full ledger, all alone?",
  run: async ({ full }) => {
    const figures: Figure[] = [];
    for (const targets of full ? COUNTS : [10, GUARANTEES_MAX]) {
      figures.push(...(await figuresOf({ targets, assets: 1, intermediaries: 1 })));
    }
    const halves = { targets: GUARANTEES_MAX / 2, assets: 2, intermediaries: 1 } as const;
    figures.push(...(await figuresOf(halves)));
    const dearest = { targets: GUARANTEES_MAX, assets: 1, intermediaries: INTERMEDIARIES_MAX };
    figures.push(...(await figuresOf({ ...dearest, assets: 1 })));
    return { figures };
  },
};

async function figuresOf(options: DisputeOptions): Promise<readonly Figure[]> {
  const { assets, intermediaries, targets } = options;
  const costs = await disputeCosts(options);
  const largest = largestOf(costs);
  const of = `${targets} channels of ${assets} asset(s) over ${intermediaries}`;
  // More guarantees than are allowed are looked at, and held to nothing.
  const isAllowed = targets * assets <= GUARANTEES_MAX;
  const atMost = (floor: number): Partial<Figure> =>
    isAllowed ? { better: "lower", floor } : { better: "lower" };
  const gas = (step?: Parameters<typeof gasOf>[1]): number => gasOf(costs, step);
  return [
    { what: `${of}: challenge of the ledger`, value: gas("challenge the ledger"), unit: "gas" },
    { what: `${of}: challenge of each`, value: gas("challenge a target") / targets, unit: "gas" },
    { what: `${of}: all reclaims`, value: gas("reclaim"), unit: "gas" },
    {
      what: `${of}: dearest transaction`,
      value: largest.gas,
      unit: "gas",
      ...atMost(TRANSACTION_GAS_MAX),
    },
    {
      what: `${of}: longest transaction`,
      value: largest.sizeBytes,
      unit: "bytes",
      ...atMost(TRANSACTION_BYTES_MAX),
    },
    { what: `${of}: whole dispute`, value: gas(), unit: "gas" },
    {
      what: `${of}: a hub with ${HUB_GUARANTEES} guarantees like these, in one day`,
      value: 100 * shareOfDay(hubGas(costs)),
      unit: "% of all blocks",
      ...atMost(100 * HUB_DAY_SHARE_MAX),
    },
  ];
}
