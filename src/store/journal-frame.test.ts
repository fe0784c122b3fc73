/** The bytes of a frame, for ever. */
import { describe, expect } from "bun:test";
import { adversarial, golden } from "../../test/kind.ts";
import { added, openSample, SAMPLE_LOG_ID } from "../../test/sample-log.ts";
import { createMemoryDisk } from "../adapters/memory-disk.ts";
import { firstHash } from "../events/record.ts";
import {
  FRAME_HEADER_SIZE_BYTES,
  readFirstFrame,
  readFrame,
  TERMINATOR_SIZE_BYTES,
} from "./journal-frame.ts";

/** Magic, first offset, count and size; the hash before; the last hash; the check. Computed by another program too. */
const HEADER = [
  "434846320000000000000000000000020000009d",
  "6312519971f120dd9a186c8251d871a1ddd2a65b630ac2644537ac9aad837eb1",
  "10ce7e7d36ec04ec641f3d92a8b41f6751f19224d9348f4c1266f7df887c2c03",
  "036ca7c9b808ec50",
].join("");

/** Two records as `record-run.ts` packs them. */
const RUN = [
  "ce00000013c4206312519971f120dd9a186c8251d871a1ddd2a65b630ac2644537ac9aad837eb1",
  "95000101cf0000018bcfe5680092a3626f6201",
  "ce00000015c4209bbea0ddc6fe3437ee6e44300d6200ddf7940519fb9a2e9c84a7c37bb34b7c45",
  "95010101cf0000018bcfe5680092a5616c69636502",
  "ce00000000c42010ce7e7d36ec04ec641f3d92a8b41f6751f19224d9348f4c1266f7df887c2c03",
].join("");

/** A journal with two frames. */
async function sampleJournal(): Promise<Uint8Array> {
  const disk = createMemoryDisk();
  const store = await openSample(disk);
  await store.append([added(1), added(2)], 0, 1_700_000_000_000);
  await store.append([added(3)], 2, 1_700_000_000_001);
  return disk.journal.read();
}

describe("a frame", () => {
  golden("has its header, its run and its terminator where they always were", async () => {
    const journal = await sampleJournal();
    const first = readFirstFrame(journal, SAMPLE_LOG_ID);
    const base = firstHash(SAMPLE_LOG_ID);

    expect(first).toMatchObject({ position: 0, firstOffset: 0, count: 2, previousHash: base });
    const place = { logId: SAMPLE_LOG_ID, base };
    const second = readFrame(journal, first?.endPosition ?? 0, place);
    expect(second).toMatchObject({ firstOffset: 2, count: 1, previousHash: first?.endHash });
    expect(journal.length).toBe((second?.endPosition ?? 0) + TERMINATOR_SIZE_BYTES);
    expect(journal.subarray(0, FRAME_HEADER_SIZE_BYTES).toHex()).toBe(HEADER);
    expect(first?.run.toHex()).toBe(RUN);
  });

  adversarial("is none of another log, base or place", async () => {
    const journal = await sampleJournal();
    const base = firstHash(SAMPLE_LOG_ID);
    const other = SAMPLE_LOG_ID.with(0, 9);

    expect(readFirstFrame(journal, other)).toBeUndefined();
    expect(readFrame(journal, 0, { logId: SAMPLE_LOG_ID, base: firstHash(other) })).toBeUndefined();
    const moved = new Uint8Array([0, ...journal]);
    expect(readFrame(moved, 1, { logId: SAMPLE_LOG_ID, base })).toBeUndefined();
    expect(
      readFirstFrame(journal.subarray(0, FRAME_HEADER_SIZE_BYTES - 1), SAMPLE_LOG_ID),
    ).toBeUndefined();
  });
});
