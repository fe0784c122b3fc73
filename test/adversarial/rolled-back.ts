/** Puts an old log in the place of a node's own, as a restored backup or a cheat would. */

import { openStore, type SimulatedNode } from "../../sim/simulated-node.ts";
import { createMemoryDisk, type MemoryDisk } from "../../src/adapters/memory-disk.ts";
import { encodeState } from "../../src/channel/state.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import type { EventRecord } from "../../src/events/record.ts";
import type { KeyValueWrite } from "../../src/ports/key-value.ts";
import { toHex } from "../../src/primitives/hex.ts";
import { SNAPSHOT_KEYS } from "../../src/store/snapshot-keys.ts";

/** What the disk says about the end of the log that was put there. */
export const HEADS = ["anchor", "none", "forged"] as const;

/**
 * - `anchor`: the head file of the longer log is still there.
 * - `none`: there is no head file.
 * - `forged`: the head file is that of the old log, so that nothing on this disk tells.
 */
export type Head = (typeof HEADS)[number];

/** Every record in a node's log. */
export async function recordsOf(node: SimulatedNode): Promise<readonly EventRecord<NodeEvent>[]> {
  const records: EventRecord<NodeEvent>[] = [];
  for await (const record of node.store.readFrom(0)) records.push(record);
  return records;
}

/**
 * Where the step that wrote record `length` began: a step is one frame on a disk, which is there or is not.
 * Records of one millisecond count as one step.
 */
export function endOfStep(records: readonly EventRecord<NodeEvent>[], length: number): number {
  let end = Math.min(length, records.length);
  while (end > 0 && records[end]?.timeMs === records[end - 1]?.timeMs) end -= 1;
  return end;
}

/** Replaces the log of a node that is down by the first `length` records of `records`. */
export async function rollBack(
  { parts }: SimulatedNode,
  records: readonly EventRecord<NodeEvent>[],
  length: number,
  head: Head,
): Promise<void> {
  const disk = parts.disk as MemoryDisk;
  const old = disk.snapshot();
  const snapshots = await snapshotsOn(disk);
  disk.restore(createMemoryDisk().snapshot());
  const store = await openStore(parts);
  for (const { event, timeMs } of records.slice(0, length)) {
    await store.append([event], store.length, timeMs);
  }
  await disk.keyValue.batch(snapshots);
  if (head === "anchor") disk.head.restore(old.head);
  if (head === "none") disk.head.restore(createMemoryDisk().head.snapshot());
}

/** Snapshots may be newer than what is left of their log. */
async function snapshotsOn({ keyValue }: MemoryDisk): Promise<readonly KeyValueWrite[]> {
  const writes: KeyValueWrite[] = [];
  for await (const [key, value] of keyValue.range(SNAPSHOT_KEYS)) {
    writes.push({ type: "Put", key, value });
  }
  return writes;
}

/** A state as it was signed. */
export type SignedTurn = {
  readonly channelId: string;
  readonly turnNum: number;
  readonly isFinal: boolean;
  readonly state: string;
};

/** What a log says that its node signed, in its order. */
export function signedIn(records: readonly EventRecord<NodeEvent>[]): readonly SignedTurn[] {
  return records.flatMap(({ event }) => {
    if (event.type === "ProposalSigned") {
      // One key signs one state in one way: another signature is another state.
      const { channelId, signature, turnNum } = event;
      return [{ channelId, turnNum, isFinal: false, state: signature }];
    }
    if (event.type !== "StateSigned") return [];
    const { channelId, variablePart } = event;
    const { isFinal, turnNum } = variablePart;
    return [{ channelId, turnNum, isFinal, state: toHex(encodeState(channelId, variablePart)) }];
  });
}

/** Turns for which two different states were signed, in one log or over both lives of a node. */
export function signedTwice(lives: readonly (readonly SignedTurn[])[]): readonly SignedTurn[] {
  const first = new Map<string, string>();
  return lives.flat().filter(({ channelId, state, turnNum }) => {
    const key = `${channelId} ${turnNum}`;
    const before = first.get(key) ?? state;
    first.set(key, before);
    return before !== state;
  });
}
