/** Tests of the machine's chance. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { systemRandom } from "./system-random.ts";

describe("systemRandom", () => {
  unit("gives as many bytes as are asked for, others each time, in memory of their own", () => {
    const [one, other] = [systemRandom.bytes(32), systemRandom.bytes(32)];

    expect([one.length, other.length]).toEqual([32, 32]);
    expect(one).not.toEqual(other);
    expect(one.buffer.byteLength).toBe(32);
    expect(systemRandom.bytes(0)).toEqual(new Uint8Array());
  });
});
