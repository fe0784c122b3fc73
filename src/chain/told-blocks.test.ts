/** Which blocks are known to have been told. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import type { BlockId } from "../channel/holdings.ts";
import { ToldBlocks } from "./told-blocks.ts";

function block(blockNumber: number, chain = "a"): BlockId {
  return { blockNumber, blockHash: `0x${chain}${blockNumber}` as BlockId["blockHash"] };
}

const numbersOf = ({ blocks }: ToldBlocks): readonly number[] =>
  blocks.map(({ blockNumber }) => blockNumber);

describe("ToldBlocks", () => {
  unit("goes on with each block that is told, and remembers the newest 2,048", () => {
    const told = new ToldBlocks(-1, []);
    for (let number = 0; number < 2_050; number++) told.tell(block(number));

    expect(told.scannedTo).toBe(2_049);
    expect(told.blocks).toHaveLength(2_048);
    expect(told.blocks[0]).toEqual(block(2));
    expect(told.blocks.at(-1)).toEqual(block(2_049));
  });

  unit("puts a block below others in its place, and in the place of one with its number", () => {
    const known = [block(3), block(5), block(8)];
    const told = new ToldBlocks(2, known);
    told.tell(block(4));
    told.tell(block(5, "b"));

    expect(numbersOf(told)).toEqual([3, 4, 5, 8]);
    expect(told.blocks[2]).toEqual(block(5, "b"));
    expect(told.scannedTo).toBe(5);
    expect(known).toHaveLength(3);
  });

  unit("forgets what lies above a fork, and reads on from there", () => {
    const told = new ToldBlocks(9, [block(3), block(5), block(9)]);
    told.forkAt(block(5));

    expect([told.scannedTo, numbersOf(told)]).toEqual([5, [3, 5]]);
    told.forkAt(block(7));
    expect([told.scannedTo, numbersOf(told)]).toEqual([5, [3, 5]]);
    told.readFrom(-1);
    expect([told.scannedTo, numbersOf(told)]).toEqual([-1, [3, 5]]);
  });
});
