/** What each operation on the adjudicator takes, beside what go-nitro publishes. */
import { GUARANTEES_MAX } from "../src/channel/ledger-limits.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { GO_NITRO_GAS, PINNED_GAS, PINNED_HARDENED_GAS } from "./gas-pinned.ts";
import { type GasOperation, type GasTable, weighOperations } from "./gas-table.ts";
import { disputeCosts } from "./guarantees-gas-dispute.ts";
import { gasOf, largestOf } from "./guarantees-gas-shares.ts";

const operationsOf = (table: Partial<GasTable>): readonly GasOperation[] =>
  Object.keys(table) as GasOperation[];

export const benchmark: Benchmark = {
  name: "gas",
  question: "How much gas does each operation on the contracts take?",
  run: async () => {
    const table = await weighOperations();
    const hardened = await weighOperations("hardened");
    const disputed = { targets: GUARANTEES_MAX, assets: 1, intermediaries: 1 } as const;
    const costs = await disputeCosts(disputed);
    const full = `full ledger of ${GUARANTEES_MAX} guarantees`;
    return {
      figures: [
        ...operationsOf(PINNED_GAS).map((operation) => figureOf(operation, table)),
        ...operationsOf(PINNED_HARDENED_GAS).map((operation) => ({
          what: `${operation}, hardened adjudicator`,
          value: hardened[operation],
          unit: "gas",
          yardstick: "the published adjudicator",
          ratio: hardened[operation] / table[operation],
          better: "lower" as const,
        })),
        { what: `${full}: whole dispute, alone`, value: gasOf(costs), unit: "gas" },
        { what: `${full}: dearest transaction`, value: largestOf(costs).gas, unit: "gas" },
        {
          what: "operations whose gas is not the pinned one",
          value: operationsOf(PINNED_GAS).filter((one) => table[one] !== PINNED_GAS[one]).length,
          unit: "of them",
          better: "lower",
          floor: 0,
        },
      ],
    };
  },
};

function figureOf(operation: GasOperation, table: GasTable): Figure {
  const figure: Figure = { what: operation, value: table[operation], unit: "gas", better: "lower" };
  const theirs = GO_NITRO_GAS[operation];
  if (theirs === undefined) return figure;
  const yardstick = `${theirs.toLocaleString("en-US")}, published by go-nitro`;
  return { ...figure, yardstick, ratio: table[operation] / theirs };
}
