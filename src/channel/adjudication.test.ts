/** What payouts and reclaims leave of an outcome, beside what the contract itself says. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { COIN, exitOf, target } from "../../test/disputed-channel.ts";
import { property, unit } from "../../test/kind.ts";
import { guaranteePlace, outcomeAfterPayout, outcomeAfterReclaim } from "./adjudication.ts";
import type { Allocation, SingleAssetExit } from "./outcome.ts";

const evm = chainOfFile("evm");

const ABI = parseAbi([
  "struct Allocation { bytes32 destination; uint256 amount; uint8 allocationType; bytes metadata; }",
  "function compute_transfer_effects_and_interactions(uint256 initialHoldings, Allocation[] allocations, uint256[] indices) pure returns (Allocation[] newAllocations, bool allocatesOnlyZeros, Allocation[] exitAllocations, uint256 totalPayouts)",
  "function compute_reclaim_effects(Allocation[] sourceAllocations, Allocation[] targetAllocations, uint256 indexOfTargetInSource) pure returns (Allocation[])",
]);

type Name = "compute_transfer_effects_and_interactions" | "compute_reclaim_effects";

/** Asks the adjudicator; undefined where it reverts. */
async function ask(functionName: Name, args: never): Promise<unknown> {
  const { deployment, local } = evm();
  const data = encodeFunctionData({ abi: ABI, functionName, args });
  const call = { to: deployment.adjudicator, data };
  const answer = await local.rpc.request("eth_call", [call, "latest"]).catch(() => undefined);
  if (answer === undefined) return undefined;
  return decodeFunctionResult({ abi: ABI, functionName, data: answer as `0x${string}` });
}

const exitWith = (allocations: readonly Allocation[]): SingleAssetExit => ({
  ...exitOf(COIN, 0n, 0n),
  allocations,
});

const [ALICE, BOB] = exitOf(COIN, 0n, 0n).allocations;

const amounts = fc.array(fc.bigInt({ min: 0n, max: 30n }), { minLength: 1, maxLength: 5 });

describe("a payout", () => {
  property("leaves what the contract leaves, whoever is paid and whatever is held", async () => {
    const claims = amounts.chain((each) => {
      const places = fc.subarray([...each.keys()]);
      return fc.record({
        each: fc.constant(each),
        indices: places,
        initialHoldings: fc.bigInt({ min: 0n, max: 80n }),
      });
    });
    await fc.assert(
      fc.asyncProperty(claims, async ({ each, indices, initialHoldings }) => {
        const allocations = each.map((amount, index) => {
          return { ...(index % 2 === 0 ? ALICE : BOB), amount } as Allocation;
        });
        const args = [initialHoldings, allocations, indices.map(BigInt)] as never;
        const [left] = (await ask("compute_transfer_effects_and_interactions", args)) as [unknown];

        const payout = { assetIndex: 1, initialHoldings, indices };
        const before = [exitOf(COIN, 1n, 2n), exitWith(allocations)];
        const after = outcomeAfterPayout(before, payout);
        expect(after[1]?.allocations as unknown).toEqual(left);
        expect(after[0]).toEqual(before[0] as never);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a reclaim", () => {
  const shares = fc.tuple(fc.bigInt({ min: 0n, max: 30n }), fc.bigInt({ min: 0n, max: 30n }));

  property("gives both sides what the contract gives them", async () => {
    await fc.assert(
      fc.asyncProperty(shares, shares, fc.nat(2), async ([left, right], [alice, bob], place) => {
        const guaranteed = { 1: 5n, 2: 6n, 3: 7n, [place + 1]: left + right };
        const source = exitOf(COIN, alice, bob, guaranteed);
        const end = exitOf(COIN, left, right).allocations;
        const args = [source.allocations, end, BigInt(place)] as never;
        const expected = await ask("compute_reclaim_effects", args);
        expect(expected).toBeDefined();

        const id = target(place + 1);
        expect(guaranteePlace(source, id)).toBe(place);
        const [after] = outcomeAfterReclaim([source], COIN, id, { left, right });
        expect(after?.allocations as unknown).toEqual(expected);
        expect(guaranteePlace(after ?? source, id)).toBe(-1);
      }),
      { numRuns: 60 },
    );
  });

  unit("of what is not guaranteed changes nothing", () => {
    const source = [exitOf(COIN, 3n, 4n, { 1: 5n })];
    expect(outcomeAfterReclaim(source, COIN, target(2), { left: 1n, right: 4n })).toEqual(source);
  });
});
