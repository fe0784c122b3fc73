/** Tests that the limit of guarantees keeps its promise: one party alone can dispute a full ledger. */
import { describe, expect } from "bun:test";
import { GUARANTEES_MAX } from "../src/channel/ledger-limits.ts";
import { checkVariablePart } from "../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import { invariant, unit } from "../test/kind.ts";
import { disputeCosts } from "./guarantees-gas-dispute.ts";
import { fullLedger } from "./guarantees-gas-ledger.ts";
import { floorGas, TRANSACTION_BYTES_MAX, TRANSACTION_GAS_MAX } from "./guarantees-gas-limits.ts";
import {
  gasOf,
  HUB_DAY_SHARE_MAX,
  hubGas,
  largestOf,
  shareOfDay,
} from "./guarantees-gas-shares.ts";

/** Part of a day's blocks that one ledger may fill: a thousandth. */
const LEDGER_DAY_SHARE_MAX = 0.001;

const FULL_LEDGERS = [
  {
    name: "of coins over ten intermediaries",
    targets: GUARANTEES_MAX,
    assets: 1,
    intermediaries: 10,
  },
  { name: "of two assets", targets: GUARANTEES_MAX / 2, assets: 2, intermediaries: 1 },
] as const;

describe("a full ledger", () => {
  for (const { name, ...options } of FULL_LEDGERS) {
    invariant(
      `${name} is paid out within the limits of the main chain`,
      async () => {
        const costs = await disputeCosts(options);

        const { targets, assets } = options;
        expect(costs).toHaveLength(1 + targets + targets * assets + 1);
        const largest = largestOf(costs);
        expect(largest.gas).toBeLessThan(TRANSACTION_GAS_MAX);
        expect(largest.sizeBytes).toBeLessThan(TRANSACTION_BYTES_MAX);
        expect(shareOfDay(gasOf(costs))).toBeLessThan(LEDGER_DAY_SHARE_MAX);
        expect(shareOfDay(hubGas(costs))).toBeLessThan(HUB_DAY_SHARE_MAX);
      },
      120_000,
    );
  }

  invariant("has a state that every node takes", () => {
    const app = `0x${"ac".repeat(20)}` as Address;
    const token = `0x${"70".repeat(20)}` as Address;
    for (const assets of [[ZERO_ADDRESS], [ZERO_ADDRESS, token]]) {
      const targets = GUARANTEES_MAX / assets.length;
      const apps = { ledger: app, target: app };
      const { ledger } = fullLedger({ targets, assets, intermediaries: 1 }, apps);

      const { variablePart } = ledger.claim.candidate;
      expect(checkVariablePart(variablePart)).toEqual({ ok: true, value: variablePart });
    }
  });
});

describe("floorGas", () => {
  unit(
    "asks 10 gas for a zero byte and 40 for another, above the 21,000 of every transaction",
    () => {
      expect(floorGas(new Uint8Array(3))).toBe(21_030);
      expect(floorGas(Uint8Array.of(0, 1, 255))).toBe(21_090);
    },
  );
});
