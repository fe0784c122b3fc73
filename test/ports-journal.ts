/** What every journal and every head file must do alike. */
import { expect } from "bun:test";
import fc from "fast-check";
import type { HeadFile, Journal } from "../src/ports/journal.ts";
import { property, unit } from "./kind.ts";

const OLD = Uint8Array.of(1, 2, 3);
const NEW = Uint8Array.of(4, 5, 6, 7);

/** Half a minute for hundreds of synced writes: a tenth of a second, or much longer on a busy machine. */
const BUSY_MS_MAX = 30_000;

/** Opens a disk again and again, as processes after each other do. Each must be closed before the next. */
export type Reopen<Door> = () => Promise<Door>;

/** Declares the tests of a journal. `use` gives each an empty one, and cleans up after it. */
export function testJournal(
  use: (run: (open: Reopen<Journal>) => Promise<void>) => Promise<void>,
): void {
  unit("is empty, or all zeros, at first", () =>
    use(async (open) => {
      const journal = await open();

      expect(nonZero(await journal.read())).toEqual([]);
      await journal.close();
    }),
  );

  unit("stops the program that uses it after closing it", () =>
    use(async (open) => {
      const journal = await open();
      await journal.close();
      await journal.close();

      await expect(journal.read()).rejects.toThrow("closed");
      await expect(journal.write(0, NEW)).rejects.toThrow("closed");
    }),
  );

  unit("gives bytes that stay as they were, whatever is written later", () =>
    use(async (open) => {
      const journal = await open();
      await journal.write(0, OLD);
      const before = await journal.read();
      await journal.write(0, NEW);

      expect(nonZero(before)).toEqual([1, 2, 3]);
      await journal.close();
    }),
  );

  property(
    "holds each byte as it was written last, zeros between and after, also when reopened",
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(anyWrite, { minLength: 1, maxLength: 8 }), (writes) =>
          use(async (open) => {
            const expected = new Uint8Array(40_000);
            const journal = await open();
            for (const { bytes, position } of writes) {
              await journal.write(position, bytes);
              expected.set(bytes, position);
            }

            expectBytes(await journal.read(), expected);
            await journal.close();
            const reopened = await open();
            expectBytes(await reopened.read(), expected);
            await reopened.close();
          }),
        ),
        { numRuns: 30 },
      ),
    BUSY_MS_MAX,
  );
}

/** Declares the tests of a head file. `use` gives each one without a value, and cleans up after it. */
export function testHeadFile(
  use: (run: (open: Reopen<HeadFile>) => Promise<void>) => Promise<void>,
): void {
  unit("has no value at first, also when it was closed without one", () =>
    use(async (open) => {
      const head = await open();
      expect(await head.read()).toBeUndefined();
      await head.close();

      const reopened = await open();
      expect(await reopened.read()).toBeUndefined();
      await reopened.close();
    }),
  );

  unit("holds the value that was written last, also when it was closed after it", () =>
    use(async (open) => {
      const head = await open();
      for (const value of [OLD, NEW, OLD, NEW, new Uint8Array(), NEW]) {
        await head.write(value);
        expect(await head.read()).toEqual({ value, isLatest: true });
      }
      await head.close();

      const reopened = await open();
      expect(await reopened.read()).toEqual({ value: NEW, isLatest: true });
      await reopened.close();
    }),
  );

  unit("keeps a copy of what it is given", () =>
    use(async (open) => {
      const head = await open();
      const value = OLD.slice();
      await head.write(value);
      value.fill(9);

      expect((await head.read())?.value).toEqual(OLD);
      await head.close();
    }),
  );

  unit("stops the program that uses it after closing it", () =>
    use(async (open) => {
      const head = await open();
      await head.close();
      await head.close();

      await expect(head.read()).rejects.toThrow("closed");
      await expect(head.write(NEW)).rejects.toThrow("closed");
    }),
  );
}

const anyWrite: fc.Arbitrary<{ position: number; bytes: Uint8Array }> = fc.record({
  position: fc.nat({ max: 30_000 }),
  bytes: fc.uint8Array({ maxLength: 9_000 }),
});

function expectBytes(found: Uint8Array, expected: Uint8Array): void {
  const padded = new Uint8Array(Math.max(found.length, expected.length));
  padded.set(found);
  expect(Bun.hash(padded.subarray(0, expected.length))).toBe(Bun.hash(expected));
  expect(nonZero(padded.subarray(expected.length))).toEqual([]);
}

function nonZero(bytes: Uint8Array): number[] {
  return [...bytes].filter((byte) => byte !== 0);
}
