/** One snapshot in the making: what it replaces, entity by entity, and the writes that this takes. */
import type { RecordHash } from "../events/record.ts";
import type { KeyValueWrite } from "../ports/key-value.ts";
import { equalBytes } from "../primitives/bytes.ts";
import type { Hex } from "../primitives/hex.ts";
import { createWriter, type Writer } from "../primitives/message-pack-writer.ts";
import { encode } from "../primitives/schema.ts";
import {
  encodeEntity,
  encodeHeader,
  encodePage,
  encodePosition,
  headerDigest,
  type PageEntry,
  type SnapshotHeader,
} from "./snapshot-codec.ts";
import { EMPTY_SET, SetSum } from "./snapshot-digest.ts";
import type { CurrentEntity } from "./snapshot-disk.ts";
import { currentKey, type EntityName, headerKey, historyKey, pageKey } from "./snapshot-keys.ts";
import type { Change } from "./snapshot-table.ts";

/** A snapshot that is ready to be written, all at once. */
export type FinishedStep = {
  readonly header: SnapshotHeader;
  readonly writes: readonly KeyValueWrite[];
};

const NO_DIGEST: Hex = `0x${"00".repeat(32)}`;
const NOTHING = new Uint8Array();

/** Collects what changes from the snapshot `previous` to the next one. */
export class SnapshotStep {
  readonly #previous: SnapshotHeader | undefined;
  readonly #inUse: SetSum;
  readonly #settled: SetSum;
  readonly #writes: KeyValueWrite[] = [];
  readonly #entries: PageEntry[] = [];
  readonly #scratch: Writer = createWriter();
  #nextOrder: number;

  constructor(previous: SnapshotHeader | undefined) {
    this.#previous = previous;
    this.#inUse = new SetSum(previous?.inUse ?? EMPTY_SET);
    this.#settled = new SetSum(previous?.settled ?? EMPTY_SET);
    this.#nextOrder = previous?.nextOrder ?? 0;
  }

  /** Takes in that `before` became what `change` says. */
  replace({ key, table, value }: Change, before: CurrentEntity | undefined): void {
    const entity = { table: table.number, key };
    if (value === undefined) {
      if (before === undefined) return;
      this.#takeOut(entity, before, undefined);
    } else {
      const encoded = encode(table.schema, value, this.#scratch);
      if (before !== undefined && equalBytes(before.encoded, encoded)) {
        // Touched, and the same again. A fold will ask for it: on the page it is found at once.
        this.#remember(entity, before);
        return;
      }
      const isSettled = table.isSettled?.(value) === true;
      const order = before?.order ?? this.#nextOrder++;
      if (before !== undefined) this.#takeOut(entity, before, isSettled);
      this.#putIn(entity, { encoded, order, isSettled });
    }
    this.#remember(entity, before);
  }

  /** The snapshot of the first `length` records, the last of which has `hash`. */
  finish(length: number, hash: RecordHash, shape: Hex): FinishedStep {
    const previous = this.#previous;
    const header: SnapshotHeader = {
      length,
      hash,
      shape,
      previousLength: previous?.length ?? 0,
      previousDigest: previous === undefined ? NO_DIGEST : headerDigest(previous),
      inUse: this.#inUse.read(),
      settled: this.#settled.read(),
      nextOrder: this.#nextOrder,
    };
    const put = { type: "Put", key: headerKey(length), value: encodeHeader(header) } as const;
    // Before the first snapshot there is nothing to go back to, except the log itself.
    const history = previous === undefined ? [] : this.#history(length);
    return { header, writes: [...this.#writes, ...history, put] };
  }

  /** `isSettled` says where the entity will be instead; undefined when it will be nowhere. */
  #takeOut(entity: EntityName, before: CurrentEntity, isSettled: boolean | undefined): void {
    const set = before.isSettled ? this.#settled : this.#inUse;
    set.remove(entity, before.encoded);
    if (before.isSettled === isSettled) return;
    this.#writes.push({ type: "Delete", key: currentKey(entity, before.isSettled) });
  }

  #putIn(entity: EntityName, current: Omit<CurrentEntity, "stored">): void {
    const { encoded, isSettled } = current;
    const set = isSettled ? this.#settled : this.#inUse;
    set.add(entity, encoded);
    const value = encodeEntity(current, this.#scratch);
    this.#writes.push({ type: "Put", key: currentKey(entity, isSettled), value });
  }

  #remember(entity: EntityName, before: CurrentEntity | undefined): void {
    const isSettled = before?.isSettled ?? false;
    const { key, table } = entity;
    this.#entries.push({ key, table, isSettled, before: before?.stored ?? NOTHING });
  }

  #history(length: number): readonly KeyValueWrite[] {
    const { page, positions } = encodePage(this.#entries);
    const entries = this.#entries.map((entity, index): KeyValueWrite => {
      const value = encodePosition(positions[index] ?? 0, this.#scratch);
      return { type: "Put", key: historyKey(entity, length), value };
    });
    return [{ type: "Put", key: pageKey(length), value: page }, ...entries];
  }
}
