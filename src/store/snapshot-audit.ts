/** Compares snapshots with what a replay of the log writes in their place. */
import type { KeyRange, KeyValue, KeyValueWrite } from "../ports/key-value.ts";
import { equalBytes } from "../primitives/bytes.ts";
import {
  currentKeys,
  HISTORY_KEYS,
  isCurrentKey,
  isHeaderKey,
  isHistoryKey,
  offsetAtEnd,
} from "./snapshot-keys.ts";

/** What is wrong with a snapshot. The log is right, and the snapshot to be deleted. */
export type SnapshotProblem = {
  /**
   * - `Undecodable`: its header is damaged.
   * - `OtherShape`: a program with other tables wrote it, which this one cannot check.
   * - `OtherLog`: it holds more records than the log.
   * - `OtherHeader`: a replay comes to other digests, or to another snapshot before it.
   * - `OtherHistory`: what it replaced is not what a replay says that it replaced.
   * - `OtherEntities`: the entities of the newest snapshot are not those of a replay.
   */
  readonly code:
    | "Undecodable"
    | "OtherShape"
    | "OtherLog"
    | "OtherHeader"
    | "OtherHistory"
    | "OtherEntities";
  readonly length: number;
};

/**
 * A store to which a replay writes its snapshots: it holds the entities of the newest one in memory, and
 * compares everything else with what is on the disk.
 */
export class ComparingStore implements KeyValue {
  readonly problems: SnapshotProblem[] = [];
  readonly #stored: KeyValue;
  readonly #current = new Map<string, Uint8Array>();
  #matches = 0;
  #length = 0;

  constructor(stored: KeyValue) {
    this.#stored = stored;
  }

  /** Compares what is left when the replay has come to the newest snapshot. */
  async finish(): Promise<void> {
    let entries = 0;
    for await (const _ of this.#stored.range(HISTORY_KEYS)) entries += 1;
    if (entries !== this.#matches) this.#report("OtherHistory");
    let found = 0;
    for (const isSettled of [false, true]) {
      for await (const [key, value] of this.#stored.range(currentKeys(isSettled))) {
        const expected = this.#current.get(key.toHex());
        if (expected === undefined || !equalBytes(expected, value)) this.#report("OtherEntities");
        found += 1;
      }
    }
    if (found !== this.#current.size) this.#report("OtherEntities");
  }

  get = async (key: Uint8Array): Promise<Uint8Array | undefined> => this.#current.get(key.toHex());

  batch = async (writes: readonly KeyValueWrite[]): Promise<void> => {
    for (const write of writes) {
      if (isCurrentKey(write.key)) this.#apply(write);
      else if (write.type === "Put") await this.#compare(write.key, write.value);
    }
  };

  /** The replay begins with nothing, and reads nothing back but single entities. */
  range = async function* (_range: KeyRange): AsyncGenerator<readonly [Uint8Array, Uint8Array]> {};

  close = async (): Promise<void> => {};

  #apply(write: KeyValueWrite): void {
    if (write.type === "Put") this.#current.set(write.key.toHex(), write.value);
    else this.#current.delete(write.key.toHex());
  }

  async #compare(key: Uint8Array, value: Uint8Array): Promise<void> {
    const stored = await this.#stored.get(key);
    const isHeader = isHeaderKey(key);
    this.#length = offsetAtEnd(key);
    // What lies far back may have been forgotten, except for the headers.
    if (stored === undefined && !isHeader) return;
    if (stored !== undefined && equalBytes(stored, value)) {
      if (isHistoryKey(key)) this.#matches += 1;
      return;
    }
    this.#report(isHeader ? "OtherHeader" : "OtherHistory");
  }

  /** Once for each snapshot and code: one wrong entity makes many. */
  #report(code: SnapshotProblem["code"]): void {
    const length = this.#length;
    if (this.problems.some((one) => one.code === code && one.length === length)) return;
    this.problems.push({ code, length });
  }
}
