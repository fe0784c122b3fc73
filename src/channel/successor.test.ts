/** What goes on, and what is paid: together they are what was there, and no guarantee changes. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import { SAMPLE_CHANNEL_ID } from "../../test/sample-messages.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import { assert } from "../primitives/assert.ts";
import { channelDestination, externalDestination } from "./destination.ts";
import { ALLOCATION_TYPE, type Allocation, type Outcome, totalOf } from "./outcome.ts";
import { payoutOutcome, successorOutcome, type WithdrawnAmount } from "./successor.ts";

const TOKEN = `0x${"70".repeat(20)}` as Address;
const LEADER = externalDestination(`0x${"a1".repeat(20)}` as Address);
const FOLLOWER = externalDestination(`0x${"b0".repeat(20)}` as Address);

const simple = (destination: Allocation["destination"], amount: bigint): Allocation => ({
  destination,
  amount,
  allocationType: ALLOCATION_TYPE.simple,
  metadata: "0x",
});

const guarantee = (amount: bigint): Allocation => ({
  destination: channelDestination(`0x${"c7".repeat(32)}` as typeof SAMPLE_CHANNEL_ID),
  amount,
  allocationType: ALLOCATION_TYPE.guarantee,
  metadata: `0x${"0e".repeat(64)}`,
});

const exit = (asset: Address, allocations: readonly Allocation[]): Outcome[number] => ({
  asset,
  assetMetadata: { assetType: 0, metadata: "0x" },
  allocations,
});

const LEDGER: Outcome = [
  exit(ZERO_ADDRESS, [guarantee(7n), simple(LEADER, 10n), simple(FOLLOWER, 20n)]),
  exit(TOKEN, [simple(LEADER, 5n), simple(FOLLOWER, 0n)]),
];

const coins = (leader: bigint, follower: bigint): WithdrawnAmount => ({
  asset: ZERO_ADDRESS,
  leader,
  follower,
});

const codeOf = (outcome: Outcome, amounts: readonly WithdrawnAmount[]): string | undefined => {
  const next = successorOutcome("enforceable", outcome, amounts);
  return next.ok ? undefined : next.reason.code;
};

describe("successorOutcome", () => {
  unit("keeps guarantees and assets as they are, and lowers both balances", () => {
    const next = successorOutcome("enforceable", LEDGER, [coins(4n, 20n)]);

    expect(next).toEqual({
      ok: true,
      value: [
        exit(ZERO_ADDRESS, [guarantee(7n), simple(LEADER, 6n), simple(FOLLOWER, 0n)]),
        exit(TOKEN, [simple(LEADER, 5n), simple(FOLLOWER, 0n)]),
      ],
    });
  });

  unit("refuses amounts that cannot be paid like this, each with its code", () => {
    const whole: WithdrawnAmount = { asset: TOKEN, leader: 5n, follower: 0n };
    const other: WithdrawnAmount = { ...whole, asset: `0x${"99".repeat(20)}` as Address };
    const topUp = [exit(TOKEN, [...(LEDGER[1]?.allocations ?? []), simple(LEADER, 3n)])];

    expect(codeOf(LEDGER, [])).toBe("SharesMalformed");
    expect(codeOf(LEDGER, [coins(1n, 0n), coins(0n, 1n)])).toBe("SharesMalformed");
    expect(codeOf(LEDGER, [coins(0n, 0n)])).toBe("SharesMalformed");
    expect(codeOf(LEDGER, [coins(-1n, 2n)])).toBe("AmountOutOfRange");
    expect(codeOf(LEDGER, [coins(1n, 2n ** 256n)])).toBe("AmountOutOfRange");
    expect(codeOf(LEDGER, [coins(11n, 0n)])).toBe("InsufficientFunds");
    expect(codeOf(LEDGER, [coins(0n, 21n)])).toBe("InsufficientFunds");
    expect(codeOf(LEDGER, [other])).toBe("AssetMismatch");
    expect(codeOf(topUp, [{ ...whole, leader: 1n }])).toBe("TopUpRunning");
    expect(codeOf(LEDGER.slice(1), [whole])).toBe("NothingToFund");
    expect(codeOf(LEDGER, [whole])).toBeUndefined();
  });

  unit("says how much is there and how much was asked", () => {
    const next = successorOutcome("enforceable", LEDGER, [coins(10n, 21n)]);

    expect(next).toEqual({
      ok: false,
      reason: { code: "InsufficientFunds", available: 20n, asked: 21n },
    });
  });
});

describe("payoutOutcome", () => {
  unit("pays the rest to the new channel first, then accounts, and nobody nothing", () => {
    const final = payoutOutcome("enforceable", LEDGER, [coins(0n, 15n)], SAMPLE_CHANNEL_ID);

    const next = channelDestination(SAMPLE_CHANNEL_ID);
    expect(final).toEqual([
      exit(ZERO_ADDRESS, [simple(next, 22n), simple(FOLLOWER, 15n)]),
      exit(TOKEN, [simple(next, 5n)]),
    ]);
  });

  property("pays the new channel exactly what it allocates, and all in all what was there", () => {
    const amount = fc.bigInt({ min: 0n, max: 40n });
    fc.assert(
      fc.property(amount, amount, (leader, follower) => {
        const amounts = [coins(leader, follower)];
        const next = successorOutcome("enforceable", LEDGER, amounts);
        const isPossible = leader <= 10n && follower <= 20n && leader + follower > 0n;
        expect(next.ok).toBe(isPossible);
        if (!next.ok) return;
        const final = payoutOutcome("enforceable", LEDGER, amounts, SAMPLE_CHANNEL_ID);
        for (const [index, before] of LEDGER.entries()) {
          const [after, paid] = [next.value[index], final[index]];
          assert(after !== undefined && paid !== undefined, "an exit for each asset");
          expect(paid.allocations[0]?.amount).toBe(totalOf(after));
          expect(totalOf(paid)).toBe(totalOf(before));
        }
      }),
    );
  });
});
