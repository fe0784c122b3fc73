/** How long a wire waits before it dials again. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { backOffMs } from "./wire-back-off.ts";

const always = (byte: number) => ({
  bytes: (sizeBytes: number) => new Uint8Array(sizeBytes).fill(byte),
});

describe("backOffMs", () => {
  unit("doubles from half a second to a minute", () => {
    const waits = [0, 1, 2, 6, 7, 8, 1_000].map((failures) => backOffMs(failures, always(255)));

    expect(waits).toEqual([500, 1_000, 2_000, 32_000, 60_000, 60_000, 60_000]);
  });

  unit("is half as long where chance wants it so", () => {
    expect([0, 3, 50].map((failures) => backOffMs(failures, always(0)))).toEqual([
      250, 2_000, 30_000,
    ]);
  });
});
