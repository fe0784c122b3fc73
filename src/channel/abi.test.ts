/** The writer of words refuses what would be signed as something else. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import type { Hex } from "../primitives/hex.ts";
import {
  bytesSize,
  createWordWriter,
  type WordWriter,
  writeAddress,
  writeBytes,
  writeBytes32,
  writeNumber,
  writeUint256,
  writtenWords,
} from "./abi.ts";

const written = (sizeBytes: number, write: (writer: WordWriter) => void): string => {
  const writer = createWordWriter(sizeBytes);
  write(writer);
  return writtenWords(writer).toHex();
};

describe("words", () => {
  unit("hold numbers at their low end", () => {
    expect(written(32, (writer) => writeNumber(writer, 2 ** 53 - 1))).toBe(
      "1fffffffffffff".padStart(64, "0"),
    );
    expect(written(32, (writer) => writeNumber(writer, 0xffff_ffff))).toBe(
      "ffffffff".padStart(64, "0"),
    );
    expect(written(32, (writer) => writeUint256(writer, 2n ** 256n - 1n))).toBe("ff".repeat(32));
    expect(written(32, (writer) => writeUint256(writer, 2n ** 64n))).toBe(
      "10000000000000000".padStart(64, "0"),
    );
  });

  unit("hold addresses at their low end, and dynamic bytes from their high end", () => {
    const ones: Hex = `0x${"11".repeat(20)}`;

    expect(written(32, (writer) => writeAddress(writer, ones))).toBe(
      "11".repeat(20).padStart(64, "0"),
    );
    expect(written(64, (writer) => writeBytes(writer, "0xab"))).toBe(
      `${"1".padStart(64, "0")}${"ab".padEnd(64, "0")}`,
    );
    expect(written(32, (writer) => writeBytes(writer, "0x"))).toBe("00".repeat(32));
  });

  unit("are counted in whole words", () => {
    const sizes = [0, 1, 31, 32, 33].map((size) => bytesSize(`0x${"00".repeat(size)}`));

    expect(sizes).toEqual([32, 64, 64, 64, 96]);
  });

  adversarial("never hold a number that is negative, broken or too large", () => {
    for (const value of [-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(() => written(32, (writer) => writeNumber(writer, value))).toThrow("a whole number");
    }
    for (const value of [-1n, -(2n ** 64n), 2n ** 256n]) {
      expect(() => written(32, (writer) => writeUint256(writer, value))).toThrow("256 bits");
    }
  });

  adversarial("never hold hex of another length", () => {
    for (const size of [0, 19, 21, 31, 33]) {
      const value: Hex = `0x${"22".repeat(size)}`;
      expect(() => written(96, (writer) => writeAddress(writer, value))).toThrow("length");
      expect(() => written(96, (writer) => writeBytes32(writer, value))).toThrow("length");
    }
    expect(() => written(32, (writer) => writeBytes32(writer, `0x${"zz".repeat(32)}`))).toThrow();
    expect(() => written(64, (writer) => writeBytes(writer, "0xabc"))).toThrow();
  });

  adversarial("must fill the buffer, no less and no more", () => {
    expect(() => written(64, (writer) => writeNumber(writer, 1))).toThrow("fill the size");
    expect(() => written(0, (writer) => writeNumber(writer, 1))).toThrow();
  });
});
