/** The model beside another chain: it is shown the blocks of that chain, and says what they must have done. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { type CellName, Cells } from "./cells.ts";
import {
  attempt,
  type Call,
  type ModelTransaction,
  type Outcome,
  runCall,
  runTransaction,
} from "./execution.ts";
import { type BlockView, Machine } from "./machine.ts";

/** A transaction in a block of the other chain, with what is not the model's to say: its gas. */
export type FoundTransaction = ModelTransaction & {
  readonly gasUsed: bigint;
  /** True when it failed for want of gas, which the model cannot know. */
  readonly ranOut: boolean;
};

/** A block of the other chain. */
export type FoundBlock = {
  readonly number: number;
  readonly timestampSec: number;
  readonly baseFeeWei: bigint;
  readonly coinbase: Hex;
  readonly transactions: readonly FoundTransaction[];
};

/** What the model says of a block. */
export type BlockForecast = {
  readonly outcomes: readonly Outcome[];
  /** All cells that the block changed, with what is in them afterwards. */
  readonly changes: ReadonlyMap<CellName, bigint>;
};

/** A call that was answered or refused. */
export type CallForecast = { readonly succeeded: boolean; readonly answer: Hex };

/** Rules other than the model's own: to see that what is wrong is found. */
export type ReplicaOptions = Pick<BlockView, "contractOf">;

/** A copy of what contracts see of another chain, kept up to date by the model's own rules. */
export class Replica {
  readonly #cells = new Cells();
  readonly #applied: number[] = [];
  readonly #contractOf: BlockView["contractOf"];
  #timestampSec: number;

  /** Begins after a block of the other chain. Every cell that is not named is zero. */
  constructor(
    start: { readonly number: number; readonly timestampSec: number },
    cells: ReadonlyMap<CellName, bigint>,
    { contractOf }: ReplicaOptions = {},
  ) {
    this.#contractOf = contractOf;
    this.#cells.write(start.number, cells);
    this.#applied.push(start.number);
    this.#timestampSec = start.timestampSec;
  }

  /** The newest block that was shown. */
  get number(): number {
    return this.#applied.at(-1) ?? 0;
  }

  /** What is in a cell now. */
  read(name: CellName): bigint {
    return this.#cells.read(name);
  }

  /** Answers a question as of the newest block that was shown. Empty blocks need not be, their time apart. */
  ask(call: Call, timestampSec: number = this.#timestampSec): CallForecast {
    const machine = new Machine(this.#view(timestampSec, new Map()));
    return attempt(() => runCall(machine, call));
  }

  /** Says what a block does, and goes on from there. */
  apply(block: FoundBlock): BlockForecast {
    const changes = new Map<CellName, bigint>();
    const outcomes: Outcome[] = [];
    for (const transaction of block.transactions) {
      const view = this.#view(block.timestampSec, changes);
      const outcome = runTransaction(view, transaction, block, transaction);
      for (const [name, value] of outcome.changes) changes.set(name, value);
      outcomes.push(outcome);
    }
    this.#cells.write(block.number, changes);
    this.#applied.push(block.number);
    this.#timestampSec = block.timestampSec;
    return { outcomes, changes };
  }

  /** Forgets all blocks above one. */
  takeBackTo(number: number): void {
    let newest = this.#applied.at(-1);
    while (newest !== undefined && newest > number) {
      this.#cells.takeBack(newest);
      this.#applied.pop();
      newest = this.#applied.at(-1);
    }
  }

  #view(timestampSec: number, changes: ReadonlyMap<CellName, bigint>): BlockView {
    return {
      contractOf: this.#contractOf,
      timeSec: BigInt(timestampSec),
      read: (name) => changes.get(name) ?? this.#cells.read(name),
    };
  }
}
