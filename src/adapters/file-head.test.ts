/** The head file on disk: what every head file does, power cuts, torn writes. */
import { describe, expect } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crash, unit } from "../../test/kind.ts";
import { testHeadFile } from "../../test/ports-journal.ts";
import { withFolder } from "../../test/ports-temporary-folder.ts";
import type { HeadFound } from "../ports/journal.ts";
import { openFileHead } from "./file-head.ts";
import { SLOT_SIZE_BYTES } from "./head-slot.ts";

const THIS_BOOT = new Uint8Array(16).fill(1);
const NEXT_BOOT = new Uint8Array(16).fill(2);
const NO_BOOT = new Uint8Array(16);
const VALUES = [10, 20, 30].map((byte) => Uint8Array.of(byte, byte));

/** Writes values, and leaves without closing, as a process does that is killed. */
async function writeAndDie(path: string, bootId: Uint8Array, sync = false): Promise<void> {
  const head = await openFileHead(path, { bootId, sync });
  for (const value of VALUES) await head.write(value);
}

async function readAt(path: string, bootId: Uint8Array): Promise<HeadFound | undefined> {
  const head = await openFileHead(path, { bootId, sync: false });
  const found = await head.read();
  await head.close();
  return found;
}

const value = Uint8Array.of(30, 30);

describe("openFileHead", () => {
  testHeadFile((run) =>
    withFolder((folder) => run(() => openFileHead(join(folder, "head"), { sync: false }))),
  );

  crash("holds the last value after the end of the process", () =>
    withFolder(async (folder) => {
      const path = join(folder, "head");
      await writeAndDie(path, THIS_BOOT);

      expect(await readAt(path, THIS_BOOT)).toEqual({ value, isLatest: true });
    }),
  );

  crash("does not know whether its value is the latest after a stop of the machine", () =>
    withFolder(async (folder) => {
      const path = join(folder, "head");
      await writeAndDie(path, THIS_BOOT);

      expect(await readAt(path, NEXT_BOOT)).toEqual({ value, isLatest: false });
      expect(await readAt(path, NEXT_BOOT)).toEqual({ value, isLatest: false });
    }),
  );

  crash("knows it when each value was synced", () =>
    withFolder(async (folder) => {
      const path = join(folder, "head");
      await writeAndDie(path, THIS_BOOT, true);

      expect(await readAt(path, NEXT_BOOT)).toEqual({ value, isLatest: true });
    }),
  );

  crash("does not trust a value that was closed once others came after it", () =>
    withFolder(async (folder) => {
      const path = join(folder, "head");
      const head = await openFileHead(path, { bootId: THIS_BOOT, sync: false });
      await head.write(Uint8Array.of(1));
      await head.close();
      await writeAndDie(path, NEXT_BOOT);

      expect(await readAt(path, THIS_BOOT)).toEqual({ value, isLatest: false });
    }),
  );

  unit("takes every start of a machine without an id for another one", () =>
    withFolder(async (folder) => {
      const path = join(folder, "head");
      await writeAndDie(path, NO_BOOT);

      expect((await readAt(path, NO_BOOT))?.isLatest).toBe(false);
    }),
  );

  crash("gives the value before, in doubt, when any byte of the last one is damaged", () =>
    withFolder(async (folder) => {
      const path = join(folder, "head");
      await writeAndDie(path, THIS_BOOT);
      const whole = readFileSync(path);
      const slotStart = SLOT_SIZE_BYTES;

      for (let at = 0; at < 38; at++) {
        const torn = Uint8Array.from(whole);
        torn[slotStart + at] = (torn[slotStart + at] ?? 0) ^ 1;
        writeFileSync(path, torn);
        expect(await readAt(path, THIS_BOOT)).toEqual({
          value: Uint8Array.of(20, 20),
          isLatest: false,
        });
      }
    }),
  );
});
