/** What verify says of an end that was kept elsewhere, and of the snapshots beside a log. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import { toldEvents } from "../../test/told-log.ts";
import { createMemoryDisk, type MemoryDisk } from "../adapters/memory-disk.ts";
import { rebuildSnapshots } from "../engine/rebuild-snapshots.ts";
import { openNodeSnapshots } from "../engine/start-state.ts";
import { nodeCodec } from "../events/node-codec.ts";
import type { RecordHash } from "../events/record.ts";
import { assertDefined } from "../primitives/assert.ts";
import { EventStore } from "../store/event-store.ts";
import { encodeHeader } from "../store/snapshot-codec.ts";
import { readHeaders } from "../store/snapshot-disk.ts";
import { headerKey } from "../store/snapshot-keys.ts";
import { type LogVerificationReport, verifyLogDisk } from "./log-verification.ts";

const LENGTH = 600;

const OTHER_HASH = `0x${"ab".repeat(32)}` as RecordHash;

/** A log with a snapshot every 200 events. */
async function freshDisk(): Promise<MemoryDisk> {
  const disk = createMemoryDisk();
  const store = await EventStore.open({ disk, codec: nodeCodec, logId: new Uint8Array(16) });
  await store.append(toldEvents(LENGTH), 0, 1);
  await rebuildSnapshots(store, await openNodeSnapshots(disk.keyValue, store), 200);
  return disk;
}

function verified(disk: MemoryDisk, anchor?: { length: number; hash: RecordHash }) {
  return verifyLogDisk({ disk, anchor, onProgress: () => {} });
}

const toldBy = ({ findings }: LogVerificationReport): readonly (readonly [string, unknown])[] =>
  findings.map(({ code, offset }) => [code, offset]);

describe("verifyLogDisk", () => {
  unit("counts the snapshots that it compared with a replay", async () => {
    const report = await verified(await freshDisk());

    expect(toldBy(report)).toEqual([]);
    expect(report.snapshots).toEqual({ audited: 3, areOfOtherShape: false });
  });

  unit("finds nothing wrong with snapshots of a program with other tables", async () => {
    const disk = await freshDisk();
    for await (const { header, length } of readHeaders(disk.keyValue)) {
      const other = { ...assertDefined(header, "a header"), shape: OTHER_HASH };
      const value = encodeHeader(other);
      await disk.keyValue.batch([{ type: "Put", key: headerKey(length), value }]);
    }
    const report = await verified(disk);

    expect(toldBy(report)).toEqual([]);
    expect(report.snapshots).toEqual({ audited: 0, areOfOtherShape: true });
  });

  adversarial("names the last event that a head of another log can be about", async () => {
    const report = await verified(await freshDisk(), { length: 250, hash: OTHER_HASH });

    expect(toldBy(report)).toEqual([["Forked", 249]]);
    expect(report.findings[0]?.explanation).toContain("after 250 events");
    expect(report.snapshots).toBeUndefined();
  });

  adversarial("names the end of a log that was longer, and how long it was", async () => {
    const report = await verified(await freshDisk(), { length: 900, hash: OTHER_HASH });

    expect(toldBy(report)).toEqual([["Truncated", LENGTH]]);
    expect(report.findings[0]?.explanation).toContain("tells of 900");
  });
});
