/** Modules at hand: those that come with the program, and those that a user has put into a folder. */
import { describe, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adversarial, unit } from "../../../test/kind.ts";
import { admitted, reducerBytes } from "../../../test/reducers.ts";
import type { Hash } from "../../crypto/signature.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { findModule, modulesIn } from "./known-modules.ts";

const COUNTER = reducerBytes("counter");
const COUNTER_ID = String(admitted(COUNTER).id) as Hash;

function inFolder(files: Readonly<Record<string, Uint8Array>>, look: (folder: string) => void) {
  const folder = mkdtempSync(join(tmpdir(), "channels-modules-"));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  try {
    look(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the modules in a folder", () => {
  unit("are all files that end with .wasm, and none where there is no folder", () => {
    inFolder({ "mine.wasm": COUNTER, "notes.txt": new Uint8Array(3) }, (folder) => {
      expect(modulesIn(folder).map(({ id }) => String(id))).toEqual([COUNTER_ID]);
      expect(modulesIn(join(folder, "missing"))).toEqual([]);
      expect(findModule(COUNTER_ID, folder)?.name).toBe("counter");
    });
  });

  adversarial(
    "keep a node from starting where one of them is no module, by its name and code",
    () => {
      inFolder({ "broken.wasm": COUNTER.slice(0, 40) }, (folder) => {
        const failed = (() => {
          try {
            return modulesIn(folder);
          } catch (error) {
            return error;
          }
        })();
        expect(failed).toBeInstanceOf(NodeError);
        expect(failed).toMatchObject({ code: "ModuleRefused" });
        expect((failed as NodeError).message).toContain("broken.wasm is no module of a reducer");
      });
    },
  );
});
