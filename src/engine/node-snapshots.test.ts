/** A node with a long log begins at once, from its snapshot, and finds out later what was changed before it. */
import { describe, expect } from "bun:test";
import { adversarial } from "../../test/kind.ts";
import { replaceRecords, storedRecords } from "../../test/log-tampering.ts";
import { createMemoryDisk } from "../adapters/memory-disk.ts";
import type { Address } from "../crypto/address.ts";
import type { NodeEvent } from "../events/event.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { LogDisk } from "../store/log-disk.ts";
import { CHECKED_WHOLE_MAX } from "../store/recovery.ts";
import { NodeSnapshots } from "./node-snapshots.ts";
import { openNodeStore } from "./node-store.ts";

const LOG_ID = new Uint8Array(16).fill(7);
const PEER = `0x${"ab".repeat(20)}` as Address;

const receipt = (sequence: number): NodeEvent => ({
  type: "MessageReceived",
  from: PEER,
  sequence,
  messageType: "SignedState",
});

/** A clock on which a pause lasts until all that waits has been done. */
const clock = {
  nowMs: () => 0,
  after: (_delayMs: number, run: () => void) => {
    setTimeout(run, 0);
    return () => {};
  },
};

async function open(disk: LogDisk) {
  const store = await openNodeStore(disk, LOG_ID);
  let written = (): void => {};
  const isWritten = new Promise<void>((resolve) => {
    written = resolve;
  });
  const snapshots = await NodeSnapshots.open({
    store,
    settings: { keyValue: disk.keyValue },
    clock,
    onWritten: () => written(),
    onProblem: (problem) => {
      throw new Error(JSON.stringify(problem));
    },
  });
  return { store, snapshots, isWritten };
}

/** A log too long to be checked whole at each opening, and a snapshot at its end. */
async function writeLong(disk: LogDisk): Promise<void> {
  const { isWritten, snapshots, store } = await open(disk);
  while (store.length <= CHECKED_WHOLE_MAX + 1_000) {
    const from = store.length;
    const events = Array.from({ length: 1_000 }, (_, index) => receipt(from + index + 1));
    await store.append(events, from, 1);
  }
  snapshots.state.peers.set(PEER, {
    ...assertDefined((await open(disk)).snapshots.state.peers.get(PEER), "the peer"),
  });
  snapshots.boundary();
  await isWritten;
}

describe("NodeSnapshots", () => {
  adversarial(
    "begins from the snapshot of a long log, and tells the offset of what was changed before it",
    async () => {
      const disk = createMemoryDisk();
      await writeLong(disk);
      const whole = await open(disk);
      expect(whole.store.recovery.checkedFrom).toBeGreaterThan(CHECKED_WHOLE_MAX / 2);
      expect(whole.snapshots.state.peers.get(PEER)?.lastReceived).toBe(whole.store.length);
      await whole.snapshots.checkRest();
      expect(whole.store.recovery.checkedFrom).toBe(0);

      const records = await storedRecords(disk);
      const spoilt = assertDefined(records[9], "a record").map((byte, at) =>
        at === 40 ? byte ^ 1 : byte,
      );
      await replaceRecords(disk, records.with(9, spoilt));
      const { snapshots } = await open(disk);
      const damage = { code: "LogDamaged", data: { code: "HashMismatch", offset: 9 } };
      await expect(snapshots.checkRest()).rejects.toMatchObject(damage);
    },
    30_000,
  );
});
