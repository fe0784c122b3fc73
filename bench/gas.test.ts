/** Tests that every operation takes exactly the gas that is pinned. */
import { describe, expect } from "bun:test";
import { GUARANTEES_MAX } from "../src/channel/ledger-limits.ts";
import { golden, invariant } from "../test/kind.ts";
import { PINNED_DISPUTE, PINNED_GAS, PINNED_HARDENED_GAS } from "./gas-pinned.ts";
import { weighOperations } from "./gas-table.ts";
import { disputeCosts } from "./guarantees-gas-dispute.ts";
import { gasOf, largestOf } from "./guarantees-gas-shares.ts";

const TIMEOUT_MS = 120_000;

describe("the gas of an operation", () => {
  golden(
    "is what is pinned, to the unit",
    async () => {
      expect(await weighOperations()).toEqual(PINNED_GAS);
    },
    TIMEOUT_MS,
  );

  golden(
    "is what is pinned on the hardened adjudicator, which asks 1,150 more to pay tokens to two",
    async () => {
      const hardened = await weighOperations("hardened");

      expect(hardened).toMatchObject(PINNED_HARDENED_GAS);
      const operation = "conclude and pay two, ERC-20";
      expect(hardened[operation] - PINNED_GAS[operation]).toBe(1_150);
    },
    TIMEOUT_MS,
  );

  golden(
    "adds up to what is pinned for a dispute over a full ledger",
    async () => {
      const shape = { targets: GUARANTEES_MAX, assets: 1, intermediaries: 1 } as const;
      const costs = await disputeCosts(shape);

      const dearest = largestOf(costs).gas;
      expect({ total: gasOf(costs), dearest }).toEqual(PINNED_DISPUTE);
    },
    TIMEOUT_MS,
  );

  invariant("is more for more: another voucher, another recipient, the first deposit", () => {
    const gas = PINNED_GAS;
    expect(gas["challenge, virtual channel with two vouchers"]).toBeGreaterThan(
      gas["challenge, virtual channel with a voucher"],
    );
    expect(gas["transferAllAssets to two, coins"]).toBeGreaterThan(
      gas["transfer to one by index, coins"],
    );
    expect(gas["deposit coins, first"]).toBeGreaterThan(gas["deposit coins, next"]);
  });
});
