/** The planted bugs fit today's source, and are what their index says. */
import { describe, expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { invariant, unit } from "../test/kind.ts";
import { applyHunks, parsePatch, patchedFiles } from "./apply-patch.ts";
import { PLANTED_BUGS } from "./bugs.ts";

const ROOT = resolve(import.meta.dir, "..");
const files = readdirSync(import.meta.dir).filter((file) => file.endsWith(".patch"));

const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");

describe("the planted bugs", () => {
  for (const file of files) {
    invariant(`${file} fits the source of today, and nothing but the source`, () => {
      const changed = patchedFiles(textOf(`planted/${file}`), textOf);
      for (const [path, text] of changed) {
        expect(path).toMatch(/^src\/.*\.ts$/);
        expect(path).not.toEndWith(".test.ts");
        expect(text).not.toBe(textOf(path));
      }
    });
  }

  invariant("each has its patch, and each patch its bug", () => {
    expect(PLANTED_BUGS.map(({ name }) => `${name}.patch`)).toEqual(files.toSorted());
  });

  invariant("there are at least 32, each of another row of the known attacks", () => {
    expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(32);
    expect(new Set(PLANTED_BUGS.map(({ row }) => row)).size).toBe(PLANTED_BUGS.length);
  });

  invariant(
    "at least 8 need a fault and an adversary, and at least 5 show only on the chain",
    () => {
      const both = PLANTED_BUGS.filter(({ needs }) => needs === "Both");
      expect(both.length).toBeGreaterThanOrEqual(8);
      expect(PLANTED_BUGS.filter(({ isOnChain }) => isOnChain).length).toBeGreaterThanOrEqual(5);
    },
  );
});

const PATCH = `--- a/src/one.ts
+++ b/src/one.ts
@@ -2,3 +2,3 @@
 two
-three
+drei
 four
`;

describe("a patch", () => {
  const [file] = parsePatch(PATCH);
  const hunks = file?.hunks ?? [];

  unit("changes its lines and no others", () => {
    expect(file?.path).toBe("src/one.ts");
    expect(applyHunks("one\ntwo\nthree\nfour\n", hunks)).toBe("one\ntwo\ndrei\nfour\n");
  });

  unit("finds its lines where they have moved to", () => {
    expect(applyHunks("0\n0\n0\none\ntwo\nthree\nfour", hunks)).toBe(
      "0\n0\n0\none\ntwo\ndrei\nfour",
    );
  });

  unit("takes the nearest of several places", () => {
    const twice = "two\nthree\nfour\n0\n0\n0\n0\n0\ntwo\nthree\nfour";
    expect(applyHunks(twice, hunks)).toBe("two\ndrei\nfour\n0\n0\n0\n0\n0\ntwo\nthree\nfour");
  });

  unit("follows what the hunk before it has moved", () => {
    const [, , after] =
      applyHunks("a\nb\na\nb\na", [
        { line: 1, before: ["a"], after: ["x", "y", "z"] },
        { line: 3, before: ["a"], after: ["c"] },
      ])?.split("\nb\n") ?? [];
    expect(after).toBe("a");
  });

  unit("is refused where a line of it is another one", () => {
    expect(applyHunks("one\ntwo\n three\nfour", hunks)).toBeUndefined();
    expect(() => patchedFiles(PATCH, () => "one")).toThrow("does not fit src/one.ts");
  });

  unit("that is none is refused", () => {
    expect(() => parsePatch("nothing")).toThrow("no line of a unified diff");
    expect(() => parsePatch(`${PATCH}*\n`)).toThrow("no line of a unified diff");
    expect(() => parsePatch("--- a/src/one.ts\n")).toThrow("changes no file");
  });
});
