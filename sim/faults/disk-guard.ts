/** Stands before the disk of a node: lets a write die, tear or fail for want of room, and remembers what was there. */
import type { MemoryDisk, MemoryDiskSnapshot } from "../../src/adapters/memory-disk.ts";
import type { HeadFile, Journal } from "../../src/ports/journal.ts";
import type { KeyValue } from "../../src/ports/key-value.ts";
import { NodeError } from "../../src/primitives/node-error.ts";

/**
 * What is on the disk of an append in the middle of which a process ends: nothing, all, or one half, of which the
 * disk may have written the second one first.
 */
export type Landing = "Nothing" | "Everything" | "Begin" | "End";

/** A process that ends at one of its appends. */
export type Death = {
  /** Counted from 1, from now on. */
  readonly append: number;
  readonly landing: Landing;
  /** Called when the disk has what it keeps, and before anybody hears of it. */
  readonly onDeath: () => void;
};

/** What was on the disk before an append. */
export type Before = Pick<MemoryDiskSnapshot, "head" | "journal">;

/** A death that waits for its append. */
type Armed = Death & { left: number };

/** Errors that a guard made up. */
const injected = new WeakSet<NodeError>();

/** True for the error of a disk that was full because a fault made it so. */
export function isInjectedFullDisk(error: unknown): boolean {
  return error instanceof NodeError && injected.has(error);
}

/** One per disk. It changes the disk that it is given, and stays as long as that. */
export class DiskGuard {
  readonly #disk: MemoryDisk;
  /** How many appends back can be looked. */
  readonly #memory: number;
  readonly #before: Before[] = [];
  readonly #armed = new Set<Armed>();
  /** True while the last append has left a part of itself, which the next one writes over. */
  #isTorn = false;
  /** What fills the disk. */
  #fillings = 0;

  constructor(disk: MemoryDisk, memory: number) {
    this.#disk = disk;
    this.#memory = memory;
    const journal: { write: Journal["write"] } = disk.journal;
    const head: { write: HeadFile["write"] } = disk.head;
    const keyValue: { batch: KeyValue["batch"] } = disk.keyValue;
    const { write } = journal;
    const { write: writeHead } = head;
    const { batch } = keyValue;
    journal.write = (position, bytes) => this.#append(write, position, bytes);
    head.write = async (value) => {
      this.#checkRoom();
      await writeHead(value);
    };
    keyValue.batch = async (writes) => {
      this.#checkRoom();
      await batch(writes);
    };
  }

  /** Lets the process die at an append to come. Gives what calls that off. */
  arm(death: Death): () => void {
    const armed = { ...death, left: death.append };
    this.#armed.add(armed);
    return () => {
      this.#armed.delete(armed);
    };
  }

  /** From now on every write fails. Gives what makes room again, which is called once. */
  fill(): () => void {
    this.#fillings += 1;
    return () => {
      this.#fillings -= 1;
    };
  }

  /** What was on the disk before its last appends; as far back as is remembered. Undefined when there was none. */
  beforeAppends(count: number): Before | undefined {
    return this.#before.at(-count) ?? this.#before[0];
  }

  /** What was remembered is not how the disk was any more. */
  forget(): void {
    this.#before.length = 0;
  }

  async #append(write: Journal["write"], position: number, bytes: Uint8Array): Promise<void> {
    this.#checkRoom();
    this.#remember();
    const death = this.#deathNow();
    if (death === undefined) return write(position, bytes);
    const { begin, end } = partsOf(bytes, death.landing);
    if (begin < end) await write(position + begin, bytes.subarray(begin, end));
    this.#isTorn = end - begin < bytes.length;
    death.onDeath();
    // Nobody hears of it.
    return new Promise(() => {});
  }

  /** The death that this append is; of several the one that was planned first. */
  #deathNow(): Death | undefined {
    for (const armed of this.#armed) armed.left -= 1;
    const death = [...this.#armed].find(({ left }) => left <= 0);
    if (death !== undefined) this.#armed.delete(death);
    return death;
  }

  #remember(): void {
    // A disk that lost the next append as well has nothing of either: a part would be damage, and no node starts with it.
    const wasTorn = this.#isTorn && this.#before.length > 0;
    this.#isTorn = false;
    if (this.#memory === 0 || wasTorn) return;
    const { head, journal } = this.#disk;
    this.#before.push({ head: head.snapshot(), journal: journal.snapshot() });
    if (this.#before.length > this.#memory) this.#before.shift();
  }

  #checkRoom(): void {
    if (this.#fillings === 0) return;
    const error = new NodeError("DiskFull", "the simulated disk is full");
    injected.add(error);
    throw error;
  }
}

function partsOf({ length }: Uint8Array, landing: Landing): { begin: number; end: number } {
  const middle = Math.floor(length / 2);
  if (landing === "Nothing") return { begin: 0, end: 0 };
  if (landing === "Begin") return { begin: 0, end: middle };
  return landing === "End" ? { begin: middle, end: length } : { begin: 0, end: length };
}
