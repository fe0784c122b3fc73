/** Coverage counts every file of src, loaded or not. */
import { describe, expect } from "bun:test";
import { resolve } from "node:path";
import { Glob } from "bun";
import { coverageOf, percentOf } from "./coverage.ts";
import { invariant, unit } from "./kind.ts";

const LCOV = `TN:
SF:src/a.ts
FNF:4
FNH:3
DA:1,1
LF:10
LH:9
end_of_record
TN:
SF:sim/b.ts
FNF:1
FNH:0
LF:50
LH:0
end_of_record
`;

describe("coverageOf", () => {
  unit("counts the files of src and no others", () => {
    const { lines, functions } = coverageOf(LCOV, new Map([["src/a.ts", ""]]));

    expect(lines).toEqual({ found: 10, hit: 9 });
    expect(functions).toEqual({ found: 4, hit: 3 });
  });

  unit("counts a file that no test loaded as not covered", () => {
    const text = "import './x.ts';\nexport function f(): number {\n  return 1;\n}\n";
    const { lines, functions } = coverageOf(LCOV, new Map([["src/unseen.ts", text]]));

    expect(lines).toEqual({ found: 2, hit: 0 });
    expect(functions).toEqual({ found: 1, hit: 0 });
  });

  unit("finds nothing to cover in a file of types", () => {
    const text =
      'import type { A } from "./a.ts";\n/** A type. */\nexport type B = { readonly a: A };\n';
    const { lines, functions } = coverageOf(LCOV, new Map([["src/types.ts", text]]));

    expect(lines).toEqual({ found: 0, hit: 0 });
    expect(percentOf(functions)).toBe(100);
  });
});

describe("percentOf", () => {
  unit("is the share of what was hit", () => {
    expect(percentOf({ found: 10, hit: 9 })).toBe(90);
  });
});

describe("every file of src", () => {
  invariant("loads, so that what no test touches counts as not covered", async () => {
    const root = resolve(import.meta.dir, "..");
    const broken: string[] = [];
    for (const path of new Glob("src/**/*.ts").scanSync(root)) {
      if (path.endsWith(".test.ts")) continue;
      await import(resolve(root, path)).catch((error: unknown) => broken.push(`${path}: ${error}`));
    }

    expect(broken).toEqual([]);
  });
});
