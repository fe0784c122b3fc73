/** The counter in AssemblyScript and the one in C give the same bytes, and their bytes are those of their sources. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { golden, property, unit } from "../test/kind.ts";
import { opened, reducerBytes } from "../test/reducers.ts";
import "../test/property-seed.ts";
import { ASSEMBLY_SCRIPT_REDUCERS, buildReducer, isPairOfC } from "./build.ts";

const payloads = fc.oneof(
  fc.integer({ min: 0, max: 127 }).map((value) => [value]),
  fc.integer({ min: 0, max: 0xffff }).map((value) => [0xcd, value >> 8, value & 0xff]),
  fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 10 }),
);
const messages = fc.record({
  turn: fc.nat(),
  sender: fc.integer({ min: 0, max: 1 }),
  type: fc.constantFrom("add", "add", "add", "take"),
  payload: payloads.map((bytes) => Uint8Array.from(bytes)),
  timeMs: fc.maxSafeNat(),
});

describe("counter", () => {
  property("gives the same rows, refusals and outcomes in AssemblyScript and in C", () => {
    const amounts = fc.tuple(fc.bigInt(0n, 2n ** 255n), fc.bigInt(0n, 2n ** 255n));
    fc.assert(
      fc.property(fc.array(messages, { maxLength: 30 }), amounts, (told, stakes) => {
        const assets = [{ asset: `0x${"ab".repeat(20)}` as never, amounts: stakes }];
        const [script, c] = ["counter", "counter-c"].map((name) =>
          opened(reducerBytes(name), { assets }),
        );
        expect(script?.schema).toEqual(c?.schema ?? []);
        expect(script?.firstChanges).toEqual(c?.firstChanges ?? []);
        for (const message of told) {
          expect(script?.reduce(message)).toEqual(c?.reduce(message) as never);
          expect(script?.outcome()).toEqual(c?.outcome() as never);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("build", () => {
  for (const name of ASSEMBLY_SCRIPT_REDUCERS) {
    golden(`compiles ${name} to the bytes that lie beside it`, async () => {
      expect(await buildReducer(name)).toEqual(reducerBytes(name));
    });
  }

  unit("keeps the C source and its bytes together", () => {
    expect(isPairOfC()).toBe(true);
  });
});
