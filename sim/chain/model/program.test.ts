/** Programs that ask much at once: read once, and run on the chain as it is then. */
import { describe, expect } from "bun:test";
import type { Address } from "../../../src/crypto/address.ts";
import type { Hex } from "../../../src/primitives/hex.ts";
import { unit } from "../../../test/kind.ts";
import { balanceCell, type CellName } from "./cells.ts";
import { Machine } from "./machine.ts";
import { runProgram } from "./program.ts";
import { wordOf } from "./words.ts";

const OWNER = `0x${"0a".repeat(20)}` as Address;

/** PUSH20 owner, BALANCE, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN. */
const balanceOf = (owner: Hex): Hex => `0x73${owner.slice(2)}3160005260206000f3`;

function machineWith(cells: readonly (readonly [CellName, bigint])[], timeSec = 0n): Machine {
  const known = new Map(cells);
  return new Machine({ timeSec, read: (name) => known.get(name) ?? 0n });
}

describe("runProgram", () => {
  unit("asks the chain anew each time, and each program for what is its own", () => {
    const rich = machineWith([[balanceCell(OWNER), 5n]]);
    const poor = machineWith([[balanceCell(OWNER), 2n]]);
    const other: Hex = `0x${"0b".repeat(20)}`;

    expect(runProgram(rich, balanceOf(OWNER))).toBe(`0x${wordOf(5n)}`);
    expect(runProgram(poor, balanceOf(OWNER))).toBe(`0x${wordOf(2n)}`);
    expect(runProgram(rich, balanceOf(other))).toBe(`0x${wordOf(0n)}`);
    expect(runProgram(rich, balanceOf(OWNER))).toBe(`0x${wordOf(5n)}`);
  });

  unit("begins each time with an empty memory and an empty stack", () => {
    // TIMESTAMP, TIMESTAMP, MSTORE, PUSH1 64, PUSH1 0, RETURN: leaves the time at the byte of that number.
    const program: Hex = "0x42425260406000f3";

    expect(runProgram(machineWith([], 32n), program)).toBe(`0x${wordOf(0n)}${wordOf(32n)}`);
    expect(runProgram(machineWith([], 0n), program)).toBe(`0x${wordOf(0n)}${wordOf(0n)}`);
  });

  unit("tells of an instruction that is not known when it comes to it, and not before", () => {
    const behindTheEnd: Hex = "0x60006000f3fe";

    expect(runProgram(machineWith([]), behindTheEnd)).toBe("0x");
    for (const _ of ["anew", "from memory"]) {
      expect(() => runProgram(machineWith([]), "0x6000fe")).toThrow("instruction 0xfe");
    }
  });
});
