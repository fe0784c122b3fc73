/** The model and the contracts do the same, and a model that does not is found out. */
import { describe, expect } from "bun:test";
import {
  adjudicator,
  adjudicatorOf,
  hardenedAdjudicator,
} from "../../sim/chain/model/adjudicator.ts";
import { type TransferEffects, transferEffects } from "../../sim/chain/model/asset-holder.ts";
import { type Contract, contractOf } from "../../sim/chain/model/contract.ts";
import { paymentApp } from "../../sim/chain/model/payment-app.ts";
import { payUnchecked } from "../../sim/chain/model/purses.ts";
import { revertWith } from "../../sim/chain/model/revert.ts";
import { type Allocation, GUARANTEE } from "../../sim/chain/model/structs.ts";
import { adversarial, property } from "../kind.ts";
import { type DifferentialResult, runDifferential } from "./run.ts";

/** Transactions in `check`; `bun run differential` makes 100,000. */
const TRANSACTIONS = 800;

/** Most transactions until a planted fault is found. */
const TRANSACTIONS_TO_FIND = 4_000;

/** Longest that one run may take, in milliseconds. */
const TIME_MAX_MS = 600_000;

describe("the model", () => {
  property(
    "does what the contracts do, to the byte",
    async () => {
      const { counts, mismatches, reasons, transactions } = await runDifferential({
        seed: 20_261_121,
        transactions: TRANSACTIONS,
      });

      expect(mismatches).toEqual([]);
      expect(transactions).toBe(TRANSACTIONS);
      // The run is worth something only if calls of every kind succeed, and are refused for many reasons.
      const unsuccessful = [...counts].filter(([, [succeeded]]) => succeeded === 0);
      expect(unsuccessful).toEqual([]);
      expect(reasons.size).toBeGreaterThan(30);
    },
    TIME_MAX_MS,
  );

  const PLANTED: readonly (readonly [what: string, instead: Contract, of: Contract])[] = [
    ["undoes a payout that the token refuses", hardenedAdjudicator, adjudicator],
    [
      "looks at the type of the allocation that is paid",
      adjudicatorOf({ payTokens: payUnchecked, share: shareByIndex }),
      adjudicator,
    ],
    ["takes vouchers without a receipt", withoutReceipts(paymentApp), paymentApp],
    ["has an app that supports nothing", contractOf(), paymentApp],
  ];
  for (const [what, instead, of] of PLANTED) {
    adversarial(
      `is found out when it ${what}`,
      async () => {
        const { mismatches } = await runWith(of, instead);

        expect(mismatches.length).toBeGreaterThan(0);
      },
      TIME_MAX_MS,
    );
  }
});

function runWith(of: Contract, instead: Contract): Promise<DifferentialResult> {
  return runDifferential({
    seed: 1,
    transactions: TRANSACTIONS_TO_FIND,
    stopsAtMismatch: true,
    contractOf: ({ contract }) => (contract === of ? instead : contract),
  });
}

/** What a reader of the contract might take it to do: the type that counts is that of what is paid. */
function shareByIndex(
  held: bigint,
  allocations: readonly Allocation[],
  indices: readonly bigint[],
): TransferEffects {
  if (indices.length === 0) return transferEffects(held, allocations, indices);
  const chosen = indices.map((index) => allocations[Number(index)]);
  if (chosen.some((one) => one?.allocationType === GUARANTEE)) {
    throw revertWith("cannot transfer a guarantee");
  }
  const types = allocations.map(({ allocationType }) => allocationType);
  const simple = allocations.map((one) => ({ ...one, allocationType: 0n }));
  const { left, ...effects } = transferEffects(held, simple, indices);
  const typed = left.map((one, index) => ({ ...one, allocationType: types[index] ?? 0n }));
  return { ...effects, left: typed };
}

/** "VoucherNotReceipted", in hex. */
const NOT_RECEIPTED = Buffer.from("VoucherNotReceipted").toString("hex");

function withoutReceipts(app: Contract): Contract {
  return (frame) => {
    const answer = app(frame);
    const yes = `${"1".padStart(64, "0")}${"40".padStart(64, "0")}${"0".repeat(64)}`;
    return answer.includes(NOT_RECEIPTED) ? `0x${yes}` : answer;
  };
}
