/** Whatever is done to the log of a real run, verify finds it, and names the offset and the rule. */
import { beforeAll, describe, expect } from "bun:test";
import { keyOf } from "../../sim/actors.ts";
import { loadScenario } from "../../sim/commands/scenario-file.ts";
import { runScenario } from "../../sim/run-scenario.ts";
import { startSimulatedChain } from "../../sim/simulated-chain.ts";
import { createMemoryDisk, type MemoryDisk } from "../../src/adapters/memory-disk.ts";
import { openNodeStore } from "../../src/engine/node-store.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { nodeCodec } from "../../src/events/node-codec.ts";
import type { EventRecord } from "../../src/events/record.ts";
import type { LogHead } from "../../src/events/record-head.ts";
import { type LogVerification, verifyLogDisk } from "../../src/node/log-verification.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { type DiskContents, readContents, writeContents } from "../../src/store/disk-contents.ts";
import { EventStore } from "../../src/store/event-store.ts";
import { indexKey } from "../../src/store/keys.ts";
import { adversarial } from "../kind.ts";
import { replaceRecords, storedRecords } from "../log-tampering.ts";
import { toldEvents } from "../told-log.ts";

const SET_UP_TIMEOUT_MS = 60_000;

let contents: DiskContents | undefined;
let stored: readonly Uint8Array[] = [];
let records: readonly EventRecord<NodeEvent>[] = [];
let head: LogHead | undefined;
/** The head of Alice's log that Bob's log holds. */
let heldByBob: LogHead | undefined;

/** Alice's log of the scenario `update`: a channel is opened, paid in by both, and left open. */
beforeAll(async () => {
  const chain = await startSimulatedChain("evm");
  const scenario = await loadScenario(
    new URL("../../scenarios/update.scenario.ts", import.meta.url).pathname,
  );
  await runScenario(scenario, {
    seed: 1,
    chain,
    inspect: async (world) => {
      const { parts, store } = world.node("alice");
      contents = await readContents(parts.disk);
      stored = await storedRecords(parts.disk);
      records = await Array.fromAsync(store.readFrom(0));
      head = store.head;
      const bob = world.node("bob").engine.view();
      heldByBob = bob.peers.get(parts.signatures.addressOf(keyOf("alice")))?.head;
    },
  });
  await chain.local.stop();
}, SET_UP_TIMEOUT_MS);

/** The disk of the log, as the run left it. */
async function freshDisk(): Promise<MemoryDisk> {
  const disk = createMemoryDisk();
  await writeContents(disk, assertDefined(contents, "the disk of the run"));
  return disk;
}

type Found = { readonly verdict: string | undefined; readonly findings: readonly string[] };

async function verified(
  disk: LogVerification["disk"],
  options: Pick<LogVerification, "anchor" | "threads"> = {},
): Promise<Found> {
  const report = await verifyLogDisk({ disk, ...options, onProgress: () => {} });
  return {
    verdict: report.disk?.verdict.code,
    findings: report.findings.map(({ code, offset }) => `${code} at ${offset}`),
  };
}

/** What verify finds once the stored records are others. */
async function afterReplacing(changed: readonly Uint8Array[]): Promise<Found> {
  const disk = await freshDisk();
  await replaceRecords(disk, changed);
  return verified(disk);
}

/** A log of other events with right hashes, and nothing of the old one beside it. */
async function rewritten(events: readonly NodeEvent[]): Promise<MemoryDisk> {
  const disk = createMemoryDisk();
  const { logId } = await EventStore.open({ disk: await freshDisk(), codec: nodeCodec });
  const store = await EventStore.open({ disk, codec: nodeCodec, logId });
  for (const [offset, event] of events.entries()) {
    await store.append([event], offset, records[offset]?.timeMs ?? 0);
  }
  return disk;
}

describe("verify, of a log as it was written", () => {
  adversarial("finds nothing, with every signature", async () => {
    const found = await verified(await freshDisk(), { threads: 2 });

    expect(records.length).toBeGreaterThan(50);
    expect(found).toEqual({ verdict: "Anchored", findings: [] });
  });

  adversarial("says that the end is not proven where no head tells of it", async () => {
    const { journal, keyValue } = await freshDisk();

    expect(await verified({ keyValue, journal })).toEqual({
      verdict: "ConsistentPrefix",
      findings: [],
    });
  });
});

describe("verify, of a log whose index", () => {
  adversarial(
    "lacks an entry, or holds one of other records: the first of its events",
    async () => {
      const disk = createMemoryDisk();
      const store = await openNodeStore(disk, new Uint8Array(16));
      await store.append(toldEvents(700), 0, 1);
      expect((await verified(disk)).findings).toEqual([]);

      const other = assertDefined(await disk.keyValue.get(indexKey(0)), "an entry");
      await disk.keyValue.batch([{ type: "Put", key: indexKey(1), value: other }]);
      expect((await verified(disk)).findings).toEqual(["IndexMismatch at 256"]);
      await disk.keyValue.batch([{ type: "Delete", key: indexKey(1) }]);
      expect((await verified(disk)).findings).toEqual(["IndexMissing at 256"]);
      await store.rebuildIndex();
      expect((await verified(disk)).findings).toEqual([]);
    },
  );
});

describe("verify, of stored records that were", () => {
  adversarial("changed in one byte: the offset", async () => {
    for (const [offset, record] of stored.entries()) {
      const at = 32 + (offset % (record.length - 32));
      const flipped = record.map((byte, index) => (index === at ? byte ^ 1 : byte));

      expect(await afterReplacing(stored.with(offset, flipped))).toEqual({
        verdict: "Damaged",
        findings: [`HashMismatch at ${offset}`],
      });
    }
  });

  adversarial("deleted: the offset of what now stands in its place", async () => {
    for (const offset of stored.keys()) {
      const isLast = offset === stored.length - 1;

      expect(await afterReplacing(stored.toSpliced(offset, 1))).toEqual({
        verdict: isLast ? "Truncated" : "Damaged",
        findings: [`${isLast ? "Truncated" : "HashMismatch"} at ${offset}`],
      });
    }
  });

  adversarial("swapped, or there twice: the first offset that is wrong", async () => {
    for (const offset of [...stored.keys()].slice(1)) {
      const pair = stored.slice(offset - 1, offset + 1);
      const swapped = stored.toSpliced(offset - 1, 2, ...pair.toReversed());
      const twice = stored.toSpliced(offset, 0, ...pair.slice(0, 1));

      expect((await afterReplacing(swapped)).findings).toEqual([`HashMismatch at ${offset - 1}`]);
      expect((await afterReplacing(twice)).findings).toEqual([`HashMismatch at ${offset}`]);
    }
  });

  adversarial("cut off: the length that is left", async () => {
    for (const length of [...stored.keys()].slice(1)) {
      expect(await afterReplacing(stored.slice(0, length))).toEqual({
        verdict: "Truncated",
        findings: [`Truncated at ${length}`],
      });
    }
  });
});

describe("verify, of a log that somebody could rewrite", () => {
  adversarial("finds that it was rolled back, head and all, by an end kept elsewhere", async () => {
    const disk = await rewritten(records.slice(0, 40).map(({ event }) => event));

    expect(await verified(disk)).toEqual({ verdict: "Anchored", findings: [] });
    expect((await verified(disk, { anchor: head })).findings).toEqual(["Truncated at 40"]);
  });

  adversarial("finds that it was rolled back by the head that the peer's log holds", async () => {
    const held = assertDefined(heldByBob, "a head");
    const events = records.map(({ event }) => event);
    const kept = held.length - 1;
    const disk = await rewritten(events.slice(0, kept));

    expect(kept).toBeGreaterThan(40);
    expect(await verified(await rewritten(events), { anchor: held })).toEqual({
      verdict: "Anchored",
      findings: [],
    });
    expect(await verified(disk)).toEqual({ verdict: "Anchored", findings: [] });
    expect((await verified(disk, { anchor: held })).findings).toEqual([`Truncated at ${kept}`]);
  });

  adversarial("finds that it was forked, by an end kept elsewhere", async () => {
    const events = records.map(({ event }) => event);
    const last = assertDefined(events.at(-1), "the last event");
    const other: NodeEvent = { type: "ClockHeld", askedMs: 1, heldMs: 2 };
    const disk = await rewritten([...events.slice(0, -1), other, last]);

    expect((await verified(disk, { anchor: head })).verdict).toBe("Forked");
  });

  adversarial("finds each state that pays otherwise, by its signature", async () => {
    const events = records.map(({ event }) => event);
    for (const [offset, event] of events.entries()) {
      if (event.type !== "StateSigned" && event.type !== "StateReceived") continue;
      const { outcome } = event.variablePart;
      const paid = outcome.map((exit) => ({
        ...exit,
        allocations: exit.allocations.map((one) => ({ ...one, amount: one.amount + 1n })),
      }));
      const edited = { ...event, variablePart: { ...event.variablePart, outcome: paid } };
      const disk = await rewritten(events.with(offset, edited));

      const { findings } = await verified(disk, { threads: 0 });
      expect(findings).toContain(`WrongSignature at ${offset}`);
    }
  });

  adversarial(
    "finds a signature of its own that was left out, by what was sent with it",
    async () => {
      const events = records.map(({ event }) => event);
      for (const [offset, event] of events.entries()) {
        if (event.type !== "StateSigned") continue;
        const { findings } = await verified(await rewritten(events.toSpliced(offset, 1)));

        expect(findings.some((finding) => finding.startsWith("UnrecordedSignature"))).toBeTrue();
        expect(findings.every((finding) => Number(finding.split(" at ")[1]) >= offset)).toBeTrue();
      }
    },
  );
});
