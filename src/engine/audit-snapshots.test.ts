/** The audit of snapshots: silent on what a replay writes, and loud on any other byte. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import { cutLog, logOf, snapshotsOf, toldEvents } from "../../test/told-log.ts";
import type { MemoryKeyValue } from "../adapters/memory-key-value.ts";
import { historyKey, SNAPSHOT_KEYS } from "../store/snapshot-keys.ts";
import { auditSnapshots } from "./audit-snapshots.ts";

const told = logOf(toldEvents(900));

async function entries(keyValue: MemoryKeyValue): Promise<[Uint8Array, Uint8Array][]> {
  const found: [Uint8Array, Uint8Array][] = [];
  for await (const [key, value] of keyValue.range(SNAPSHOT_KEYS)) found.push([key, value]);
  return found;
}

describe("auditSnapshots", () => {
  unit("finds nothing to say about snapshots that were written by a node", async () => {
    const { keyValue, snapshots } = await snapshotsOf(told, 250);
    expect(await auditSnapshots(told, keyValue)).toEqual({ audited: 3, problems: [] });

    await snapshots.forgetBefore(500);
    expect(await auditSnapshots(told, keyValue)).toEqual({ audited: 3, problems: [] });

    await snapshots.deleteAll();
    expect(await auditSnapshots(told, keyValue)).toEqual({ audited: 0, problems: [] });
  });

  adversarial("finds every entity, page, header and place that was changed", async () => {
    const { keyValue } = await snapshotsOf(told, 250);
    const before = keyValue.snapshot();
    const all = await entries(keyValue);
    const codes = new Set<string>();
    // Each kind of key many times, which takes a second; all of them would take a minute.
    for (let at = 0; at < all.length; at += 29) {
      const [key, value] = all[at] ?? [];
      if (key === undefined || value === undefined) continue;
      const last = value.length - 1;
      const changed = value.with(last, (value[last] ?? 0) ^ 1);
      await keyValue.batch([{ type: "Put", key, value: changed }]);
      const { problems } = await auditSnapshots(told, keyValue);
      expect([key.toHex(), problems.length > 0]).toEqual([key.toHex(), true]);
      for (const { code } of problems) codes.add(code);
      keyValue.restore(before);
    }

    expect([...codes].sort()).toEqual(["OtherEntities", "OtherHeader", "OtherHistory"]);
  });

  adversarial("finds an entity that was added, and one that was taken away", async () => {
    const { keyValue } = await snapshotsOf(told, 250);
    const before = keyValue.snapshot();
    const [key, value] = (await entries(keyValue)).at(-1) ?? [];
    if (key === undefined || value === undefined) throw new Error("there are entities");
    await keyValue.batch([{ type: "Delete", key }]);
    expect((await auditSnapshots(told, keyValue)).problems).toEqual([
      { code: "OtherEntities", length: 750 },
    ]);

    keyValue.restore(before);
    const other = key.with(key.length - 1, 0x7a);
    await keyValue.batch([{ type: "Put", key: other, value }]);
    expect((await auditSnapshots(told, keyValue)).problems).toEqual([
      { code: "OtherEntities", length: 750 },
    ]);
  });

  adversarial("finds a place in the history that no replay would write", async () => {
    const { keyValue } = await snapshotsOf(told, 250);
    const key = historyKey({ table: 7, key: "other" }, 750);
    await keyValue.batch([{ type: "Put", key, value: Uint8Array.of(1) }]);

    expect((await auditSnapshots(told, keyValue)).problems).toEqual([
      { code: "OtherHistory", length: 750 },
    ]);
  });

  adversarial(
    "finds snapshots that are of more than the log holds, or of another log",
    async () => {
      const { keyValue } = await snapshotsOf(told, 250);
      expect(await auditSnapshots(cutLog(told, 600), keyValue)).toEqual({
        audited: 0,
        problems: [{ code: "OtherLog", length: 750 }],
      });

      const events = told.records.map(({ event }) => event);
      const swapped = logOf([...events.slice(0, 10), ...events.slice(11), ...events.slice(10, 11)]);
      const [first] = (await auditSnapshots(swapped, keyValue)).problems;
      expect(first?.length).toBe(250);
    },
  );
});
