/** All numbers that a chain knows, with their past: balances, nonces, code and storage, each in a cell of its own. */
import { assert } from "../../../src/primitives/assert.ts";
import type { Hex } from "../../../src/primitives/hex.ts";

/** Names a cell. */
export type CellName = string;

/** The coins of an account, in wei. */
export function balanceCell(address: Hex): CellName {
  return `balance ${address}`;
}

/** Transactions that an account has made. */
export function nonceCell(address: Hex): CellName {
  return `nonce ${address}`;
}

/** Which contract is at an address; 0 where there is none. */
export function codeCell(address: Hex): CellName {
  return `code ${address}`;
}

/** A word of a contract's storage. */
export function storageCell(address: Hex, slot: Hex): CellName {
  return `storage ${address} ${slot}`;
}

/** The contract and slot of a storage cell; undefined for any other cell. */
export function storagePlace(
  name: CellName,
): { readonly address: Hex; readonly slot: Hex } | undefined {
  const [kind, address, slot] = name.split(" ");
  return kind === "storage" ? { address: address as Hex, slot: slot as Hex } : undefined;
}

/** The owner of a balance cell; undefined for any other cell. */
export function balanceOwner(name: CellName): Hex | undefined {
  return name.startsWith("balance ") ? (name.slice("balance ".length) as Hex) : undefined;
}

/** The sender of a nonce cell; undefined for any other cell. */
export function nonceOwner(name: CellName): Hex | undefined {
  return name.startsWith("nonce ") ? (name.slice("nonce ".length) as Hex) : undefined;
}

type Version = { readonly block: number; readonly value: bigint };

/** The cells of one chain. What was never written is 0. */
export class Cells {
  readonly #versions = new Map<CellName, Version[]>();
  /** Per block, the cells that it wrote. */
  readonly #written = new Map<number, readonly CellName[]>();

  /** The value after a block, or after the newest one. */
  read(name: CellName, block: number = Number.POSITIVE_INFINITY): bigint {
    const versions = this.#versions.get(name) ?? [];
    for (let index = versions.length - 1; index >= 0; index--) {
      const version = versions[index];
      if (version !== undefined && version.block <= block) return version.value;
    }
    return 0n;
  }

  /** Writes what a block changed. Each block once, in ascending order. */
  write(block: number, changes: ReadonlyMap<CellName, bigint>): void {
    assert(!this.#written.has(block), "a block is written once");
    this.#written.set(block, [...changes.keys()]);
    for (const [name, value] of changes) {
      const versions = this.#versions.get(name);
      if (versions === undefined) this.#versions.set(name, [{ block, value }]);
      else versions.push({ block, value });
    }
  }

  /** Forgets the newest block, which is this one. */
  takeBack(block: number): void {
    for (const name of this.#written.get(block) ?? []) this.#versions.get(name)?.pop();
    this.#written.delete(block);
  }
}
