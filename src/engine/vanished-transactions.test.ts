/** Transactions that a reorganisation took out, found in logs of any length. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import { repeated, SAMPLE_CHANNEL_ID, SAMPLE_OBJECTIVE_ID } from "../../test/sample-messages.ts";
import type { Hash } from "../crypto/signature.ts";
import type { NodeEvent } from "../events/event.ts";
import type { EffectId } from "../protocols/effects.ts";
import { vanishedAbove } from "./vanished-transactions.ts";

const blockAt = (blockNumber: number) => ({ blockNumber, blockHash: repeated("0b", 32) as Hash });

const named = (number: number) => ({
  effectId: `deed ${number}` as EffectId,
  objectiveId: SAMPLE_OBJECTIVE_ID,
  channelId: SAMPLE_CHANNEL_ID,
});

const call = {
  type: "ApproveToken",
  channelId: SAMPLE_CHANNEL_ID,
  asset: repeated("70", 20),
  amount: 1n,
};

const requested = (number: number): NodeEvent =>
  ({ type: "TransactionRequested", ...named(number), call }) as NodeEvent;

/** `bump` counts the offers of one transaction: another hash each. */
const submitted = (number: number, bump = 0): NodeEvent => ({
  type: "TransactionSubmitted",
  ...named(number),
  nonce: number,
  transactionHash: repeated(`${bump}${bump}`, 32) as Hash,
  raw: `0x0${bump}`,
});

const confirmed = (number: number, blockNumber: number): NodeEvent => ({
  type: "TransactionConfirmed",
  ...named(number),
  blockNumber,
  gasUsed: 1n,
});

const read = (blockNumber: number): NodeEvent => {
  return { type: "BlocksRead", block: blockAt(blockNumber), blockTimeSec: blockNumber };
};

function logOf(events: readonly NodeEvent[]) {
  let reads = 0;
  return {
    length: events.length,
    reads: () => reads,
    readRange: async function* (from: number, to: number) {
      reads += 1;
      for (const event of events.slice(from, to)) yield { event } as never;
    },
  };
}

const namesOf = async (events: readonly NodeEvent[], fork: number) =>
  (await vanishedAbove(logOf(events), blockAt(fork))).map(({ effectId }) => effectId);

describe("transactions that vanished", () => {
  unit("are those that were confirmed above the fork, as they were signed last", async () => {
    const log = [
      requested(1),
      submitted(1),
      requested(2),
      submitted(2),
      submitted(2, 3),
      confirmed(1, 5),
      read(5),
      confirmed(2, 6),
      read(6),
    ];
    const [gone, ...others] = await vanishedAbove(logOf(log), blockAt(5));
    expect(others).toEqual([]);
    expect(gone).toMatchObject({ ...named(2), call, raw: "0x03" });
    expect(await namesOf(log, 4)).toEqual(["deed 1", "deed 2"] as never);
    expect(await namesOf(log, 6)).toEqual([]);
  });

  property("are all found, however long ago they were asked for", async () => {
    const waits = fc.array(fc.nat(1_500), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(waits, fc.nat(6), async (fillers, fork) => {
        const log: NodeEvent[] = [];
        const count = fillers.length;
        for (let number = 0; number < count; number++) log.push(requested(number));
        for (const [number, filler] of fillers.entries()) {
          for (let index = 0; index < filler; index++)
            log.push({ type: "ClockHeld", askedMs: 1, heldMs: 2 });
          log.push(submitted(number), confirmed(number, number + 1), read(number + 1));
        }
        const expected = [...fillers.keys()].filter((number) => number + 1 > fork);
        expect(await namesOf(log, fork)).toEqual(expected.map((number) => named(number).effectId));
      }),
      { numRuns: 30 },
    );
  });

  unit("are looked for no further back than they were asked for", async () => {
    const old = new Array<NodeEvent>(5_000).fill({ type: "ClockHeld", askedMs: 1, heldMs: 2 });
    const log = logOf([...old, requested(1), submitted(1), read(4), confirmed(1, 6), read(6)]);
    expect(await vanishedAbove(log, blockAt(5))).toHaveLength(1);
    expect(log.reads()).toBe(1);
  });
});
