/** Payouts and reclaims by calls of other contracts, told by what they leave. */
import { describe, expect } from "bun:test";
import {
  COIN,
  exitOf,
  finalChannel,
  finalTarget,
  runningChannel,
  runningLedger,
  TOKEN,
  target,
} from "../../test/disputed-channel.ts";
import { adversarial, unit } from "../../test/kind.ts";
import { repeated } from "../../test/sample-messages.ts";
import type { AdjudicatorEvent } from "../chain/adjudicator-logs.ts";
import type { Channel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { Outcome } from "../channel/outcome.ts";
import type { Hash } from "../crypto/signature.ts";
import { paidIndices } from "./paid-indices.ts";
import { reclaimedGuarantee } from "./reclaimed-guarantee.ts";

const position = {
  blockNumber: 8,
  blockHash: repeated("0b", 32) as Hash,
  transactionIndex: 0,
  logIndex: 0,
  transactionHash: repeated("0f", 32) as Hash,
};

const final = (alice: bigint, bob: bigint): Channel =>
  finalChannel(runningChannel(), [exitOf(COIN, alice, bob)]);

function payout(
  initialHoldings: bigint,
  finalHoldings: bigint,
  indices?: readonly number[],
): AdjudicatorEvent & { readonly type: "AllocationUpdated" } {
  const type = "AllocationUpdated";
  const channelId = runningChannel().id;
  return { type, channelId, position, assetIndex: 0, initialHoldings, finalHoldings, indices };
}

describe("the places of a payout", () => {
  unit("are those of the call, where it tells", () => {
    expect(paidIndices(final(60n, 40n), payout(100n, 60n, [1]))).toEqual([1]);
    expect(paidIndices(final(60n, 40n), payout(100n, 60n, []))).toEqual([]);
  });

  unit("are told by the sum", () => {
    expect(paidIndices(final(60n, 40n), payout(100n, 60n))).toEqual([1]);
    expect(paidIndices(final(60n, 40n), payout(100n, 40n))).toEqual([0]);
    expect(paidIndices(final(60n, 40n), payout(100n, 0n))).toEqual([0, 1]);
    expect(paidIndices(final(60n, 40n), payout(70n, 60n))).toEqual([1]);
  });

  unit(
    "are told by the sum, too, where the challenge ended since the last block that was read",
    () => {
      const { adjudication } = final(60n, 40n);
      const outcome = adjudication.type === "Final" ? (adjudication.outcome ?? []) : [];
      const shown = { finalizesAtSec: 600, turnNum: 5, stateHash: position.blockHash, outcome };
      const challenged: Channel = {
        ...runningChannel(),
        adjudication: { type: "Challenged", ...shown, appData: "0x" },
      };
      const held = { ...challenged, holdings: final(60n, 40n).holdings };
      expect(paidIndices(held, payout(100n, 60n))).toEqual([1]);
    },
  );

  adversarial("are never mine where somebody else may have been paid the same", () => {
    expect(paidIndices(final(50n, 50n), payout(100n, 50n))).toEqual([1]);
    const other = { ...final(50n, 50n), myIndex: 1 };
    expect(paidIndices(other, payout(100n, 50n))).toEqual([0]);
  });

  unit("are unknown where no payout comes to the sum, or nobody knows what is paid", () => {
    expect(paidIndices(final(60n, 40n), payout(100n, 99n))).toBeUndefined();
    expect(paidIndices(runningChannel(), payout(100n, 60n))).toBeUndefined();
    const unknown = finalChannel(runningChannel(), undefined);
    expect(paidIndices(unknown, payout(100n, 60n))).toBeUndefined();
  });

  unit("are not searched for among more than ten", () => {
    const many = (count: number): Channel => {
      const [exit] = [exitOf(COIN, 60n, 40n)];
      const [first] = exit.allocations;
      const allocations = first === undefined ? [] : new Array(count).fill(first);
      return finalChannel(runningChannel(), [{ ...exit, allocations }]);
    };
    expect(paidIndices(many(10), payout(600n, 0n))).toHaveLength(10);
    expect(paidIndices(many(11), payout(660n, 0n))).toBeUndefined();
  });
});

describe("a reclaim that no call tells", () => {
  const outcome: Outcome = [exitOf(TOKEN, 5n, 5n), exitOf(COIN, 30n, 30n, { 1: 10n, 2: 20n })];
  const ledger = finalChannel(runningLedger(outcome), outcome);
  const log = {
    type: "Reclaimed",
    channelId: ledger.id,
    position,
    assetIndex: 1,
    reclaim: undefined,
  } as const;
  const seenAs = (...known: readonly Channel[]) => {
    const channels = new Map<ChannelId, Channel>(known.map((one) => [one.id, one]));
    return reclaimedGuarantee({ channels } as never, ledger, log, 0);
  };

  unit("is of the only guarantee of the asset whose channel is final", () => {
    const running = { ...runningChannel(), id: target(1) };
    const expected = { target: target(2), left: 15n, right: 5n };
    expect(seenAs(running, finalTarget(2, 15n, 5n))).toEqual(expected);
    expect(seenAs(finalTarget(2, 15n, 5n))).toEqual(expected);
  });

  unit("is so for a ledger whose challenge ended since the last block that was read", () => {
    const shown = { finalizesAtSec: 600, turnNum: 5, stateHash: position.blockHash, outcome };
    const challenged: Channel = {
      ...ledger,
      adjudication: { type: "Challenged", ...shown, appData: "0x" },
    };
    const channels = new Map([[target(2), finalTarget(2, 15n, 5n)]]);
    const seen = reclaimedGuarantee({ channels } as never, challenged, log, 0);
    expect(seen).toEqual({ target: target(2), left: 15n, right: 5n });
  });

  unit("is unknown where there are several, or none", () => {
    expect(seenAs(finalTarget(1, 9n, 1n), finalTarget(2, 15n, 5n))).toBeUndefined();
    expect(seenAs()).toBeUndefined();
  });

  unit("is what the call says, where it does", () => {
    const reclaim = { indexOfTargetInSource: 0, targetChannelId: target(7), left: 3n, right: 4n };
    const seen = reclaimedGuarantee(
      { channels: new Map() } as never,
      ledger,
      { ...log, reclaim },
      0,
    );
    expect(seen).toEqual({ target: target(7), left: 3n, right: 4n });
  });
});
