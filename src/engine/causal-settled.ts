/** What the causal rules remember of updates that are over: two bits for each, since a busy log has no end of them. */
import type { ObjectiveStatus } from "../protocols/objective.ts";

/** How an objective can be over. */
export type SettledStatus = Extract<ObjectiveStatus, "Completed" | "Rejected">;

/** The name of an update within its channel: who asked for it, and which of his it is. */
export type UpdateName = { readonly by: number; readonly count: number };

/** The updates of one channel that are over, many to a block, the blocks by who asked and by count. */
export type SettledUpdates = Map<`${number} ${number}`, Uint8Array>;

/** Updates in a block: 512, in 128 bytes. So the block costs little more than its own bytes. */
const BLOCK_UPDATES = 512;

const BITS_PER_UPDATE = 2;
const UPDATES_PER_BYTE = 8 / BITS_PER_UPDATE;

/** The two bits of an update; 0 is one that is not over. */
const STATUSES: readonly (SettledStatus | undefined)[] = [undefined, "Completed", "Rejected"];

/** How an update ended; undefined for one that has not. */
export function settledStatus(
  updates: SettledUpdates,
  name: UpdateName,
): SettledStatus | undefined {
  const { at, block, shift } = placeOf(name);
  return STATUSES[((updates.get(block)?.[at] ?? 0) >> shift) & 0b11];
}

/** Remembers how an update ended, whatever it counted as before. */
export function settle(updates: SettledUpdates, name: UpdateName, status: SettledStatus): void {
  const { at, block, shift } = placeOf(name);
  const bytes = updates.get(block) ?? new Uint8Array(BLOCK_UPDATES / UPDATES_PER_BYTE);
  const others = (bytes[at] ?? 0) & ~(0b11 << shift);
  bytes[at] = others | (STATUSES.indexOf(status) << shift);
  updates.set(block, bytes);
}

function placeOf({ by, count }: UpdateName): {
  readonly block: `${number} ${number}`;
  readonly at: number;
  readonly shift: number;
} {
  const inBlock = count % BLOCK_UPDATES;
  return {
    block: `${by} ${Math.floor(count / BLOCK_UPDATES)}`,
    at: Math.floor(inBlock / UPDATES_PER_BYTE),
    shift: (inBlock % UPDATES_PER_BYTE) * BITS_PER_UPDATE,
  };
}
