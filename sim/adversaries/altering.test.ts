/** What adversaries move to themselves in an outcome. */
import { describe, expect } from "bun:test";
import { externalDestination } from "../../src/channel/destination.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import type { Address } from "../../src/crypto/address.ts";
import { unit } from "../../test/kind.ts";
import { repeated } from "../../test/sample-messages.ts";
import { paidTo, tilted } from "./altering.ts";

const EVE = repeated("e5", 20) as Address;
const BOB = repeated("b0", 20) as Address;

type Part = readonly [to: string, amount: bigint, allocationType: number];

const outcomeOf = (...parts: readonly Part[]): Outcome =>
  [
    {
      asset: repeated("00", 20),
      assetMetadata: { assetType: 0, metadata: "0x" },
      allocations: parts.map(([destination, amount, allocationType]) => {
        return { destination, amount, allocationType, metadata: "0x" };
      }),
    },
  ] as unknown as Outcome;

const amountsOf = (outcome: Outcome | undefined): readonly bigint[] | undefined =>
  outcome?.flatMap(({ allocations }) => allocations.map(({ amount }) => amount));

const [eve, bob] = [externalDestination(EVE), externalDestination(BOB)];
const TARGET = repeated("ab", 32);

describe("an outcome in her favour", () => {
  unit("takes from the balance of another one, and from no guarantee", () => {
    const ledger = outcomeOf([TARGET, 50n, 2], [eve, 3n, 0], [bob, 9n, 0]);

    expect(amountsOf(tilted(ledger, EVE, 4n))).toEqual([50n, 7n, 5n]);
  });

  unit("takes from the other end of a virtual channel, whose parts are guarantees", () => {
    const virtual = outcomeOf([eve, 3n, 2], [bob, 9n, 2]);

    expect(amountsOf(tilted(virtual, EVE, 4n))).toEqual([7n, 5n]);
  });

  unit(
    "takes no more than there is, and is none where there is nothing, or she has no part",
    () => {
      expect(amountsOf(tilted(outcomeOf([eve, 0n, 0], [bob, 2n, 0]), EVE, 4n))).toEqual([2n, 0n]);
      expect(tilted(outcomeOf([eve, 5n, 0], [bob, 0n, 0]), EVE, 4n)).toBeUndefined();
      expect(tilted(outcomeOf([bob, 5n, 0]), EVE, 4n)).toBeUndefined();
    },
  );
});

describe("what an outcome pays an account", () => {
  unit("is the sum of all its parts", () => {
    expect(paidTo(outcomeOf([eve, 3n, 2], [bob, 9n, 0], [eve, 4n, 0]), EVE)).toBe(7n);
  });
});
