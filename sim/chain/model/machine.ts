/** One transaction or question while it runs: what it has changed, told and used so far. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { balanceCell, type CellName, codeCell, nonceCell, storageCell } from "./cells.ts";
import type { KnownCode } from "./codes.ts";
import type { Contract } from "./contract.ts";
import * as gas from "./gas.ts";

/** What a contract told. */
export type ModelLog = {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
};

/** What a call cannot change. */
export type BlockView = {
  readonly timeSec: bigint;
  /** The value of a cell before the call. */
  readonly read: (name: CellName) => bigint;
  /** Another contract in the place of a known one. */
  readonly contractOf?: ((code: KnownCode) => Contract) | undefined;
};

/** Changes that stay in here until somebody takes them over. */
export class Machine {
  readonly timeSec: bigint;
  readonly logs: ModelLog[] = [];
  readonly changes: Map<CellName, bigint> = new Map();
  /** Gas used so far, as the table counts it. */
  gasUsed = 0n;
  /** Gas given back at the end for storage that was cleared. */
  gasRefund = 0n;
  readonly #read: BlockView["read"];
  readonly #contractOf: (code: KnownCode) => Contract;
  readonly #warm = new Set<CellName>();

  constructor({ contractOf, read, timeSec }: BlockView) {
    this.#read = read;
    this.#contractOf = contractOf ?? (({ contract }) => contract);
    this.timeSec = timeSec;
  }

  /** What a known code does in here. */
  contractOf(code: KnownCode): Contract {
    return this.#contractOf(code);
  }

  /** The value of a cell, as far as the call has come. */
  peek(name: CellName): bigint {
    return this.changes.get(name) ?? this.#read(name);
  }

  /** Sets a cell without gas: nonces, fees, gifts. */
  poke(name: CellName, value: bigint): void {
    this.changes.set(name, value);
  }

  /** Reads a word of storage. */
  load(address: Hex, slot: Hex): bigint {
    const name = storageCell(address, slot);
    this.gasUsed += this.#touch(name);
    return this.peek(name);
  }

  /** Writes a word of storage. */
  store(address: Hex, slot: Hex, value: bigint): void {
    const name = storageCell(address, slot);
    if (!this.#warm.has(name)) this.gasUsed += gas.COLD_SLOT;
    this.#warm.add(name);
    const cost = gas.storeCost({ original: this.#read(name), present: this.peek(name), value });
    this.gasUsed += cost.gas;
    this.gasRefund += cost.refund;
    this.changes.set(name, value);
  }

  /** Writes a log. */
  tell(log: ModelLog): void {
    this.gasUsed += gas.logCost(log.topics.length, log.data.length / 2 - 1);
    this.logs.push(log);
  }

  /** Moves coins. False when the giver has not enough. */
  pay(from: Hex, to: Hex, amountWei: bigint): boolean {
    const owned = this.peek(balanceCell(from));
    if (owned < amountWei) return false;
    if (amountWei === 0n) return true;
    this.poke(balanceCell(from), owned - amountWei);
    this.poke(balanceCell(to), this.peek(balanceCell(to)) + amountWei);
    return true;
  }

  /** Takes coins out of the world. */
  burn(from: Hex, amountWei: bigint): void {
    this.poke(balanceCell(from), this.peek(balanceCell(from)) - amountWei);
  }

  /** True for an account that the chain does not know: no coins, no transaction, no code. */
  isEmpty(address: Hex): boolean {
    const cells = [balanceCell(address), nonceCell(address), codeCell(address)];
    return cells.every((name) => this.peek(name) === 0n);
  }

  #touch(name: CellName): bigint {
    const isWarm = this.#warm.has(name);
    this.#warm.add(name);
    return isWarm ? gas.WARM_SLOT : gas.COLD_SLOT;
  }
}
