/** Rules of the house that no linter knows. Each fails with the lines that break it. */
import { describe, expect } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { Glob } from "bun";
import { invariant, unit } from "./kind.ts";
import {
  linksLeadSomewhere,
  noDeadFiles,
  protocolsHaveScenarios,
  type Repository,
  type RepositoryRule,
} from "./tidy-repository.ts";
import { isTest, mayImport, wrongImports } from "./tidy-rooms.ts";
import {
  coreHasNoWorld,
  coreIsSynchronous,
  documentIsShort,
  errorsKeepTheirCause,
  exportsAreDescribed,
  hasNoun,
  isShort,
  namesNoMachine,
  noMachineMathematics,
  noUnguardedDoors,
  opensWithSentence,
  type Rule,
  testsHaveKinds,
} from "./tidy-rules.ts";
import { codeOf, importsOf } from "./tidy-text.ts";

const ROOT = resolve(import.meta.dir, "..");

/** Files that hold bytes rather than text, by what their names end in. */
const NOT_TEXT = /\.(?:wasm|bin|png|ico|gz|tgz|woff2)$/;

/** What the repository holds, or will at the next commit: all but what git ignores. */
function readRepository(): Repository {
  const isFile = (path: string): boolean =>
    statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile() ?? false;
  const paths = listPaths().filter((path) => !NOT_TEXT.test(path) && isFile(path));
  return new Map(paths.sort().map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
}

/** Asks git, or looks at the folder itself where this is a copy without history. */
function listPaths(): readonly string[] {
  const command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"];
  if (Bun.which("git") !== null) {
    const { exitCode, stdout } = Bun.spawnSync(command, { cwd: ROOT });
    if (exitCode === 0) return stdout.toString().split("\n").filter(Boolean);
  }
  const found = [...new Glob("**/*").scanSync({ cwd: ROOT, dot: true })];
  return found.filter((path) => !/(?:^|\/)(?:node_modules|coverage)\//.test(path));
}

const repository = readRepository();
const sources = [...repository].filter(([path]) => path.endsWith(".ts"));

/** Declares a rule for files: it holds here, and it finds what it is there to find. */
function rule(name: string, breaks: Rule, bad: readonly [path: string, text: string]): void {
  const files = breaks === namesNoMachine || breaks === documentIsShort ? [...repository] : sources;

  invariant(name, () => {
    expect(files.flatMap(([path, text]) => breaks(path, text))).toEqual([]);
  });

  unit(`${name}: a planted fault is found`, () => {
    expect(breaks(...bad)).toHaveLength(1);
  });
}

/** Declares a rule for the repository as a whole. */
function wholeRule(
  name: string,
  breaks: RepositoryRule,
  bad: Readonly<Record<string, string>>,
): void {
  invariant(name, () => {
    expect(breaks(repository)).toEqual([]);
  });

  unit(`${name}: a planted fault is found`, () => {
    expect(breaks(new Map(Object.entries(bad)))).toHaveLength(1);
  });
}

describe("files", () => {
  invariant("the repository is found", () => {
    expect(sources.length).toBeGreaterThan(20);
  });

  rule("every file opens with a sentence that says what it is", opensWithSentence, [
    "src/store/a.ts",
    'import "./b.ts";\n/** Too late. */\n',
  ]);
  rule("no file is longer than 400 lines", isShort, ["src/a.ts", "\n".repeat(401)]);
  rule("every file is named after what is in it", hasNoun, ["src/store/utils.ts", ""]);
  unit("an index alone says nothing about what is in it, an index of something does", () => {
    expect(hasNoun("src/store/index.ts", "")).toHaveLength(1);
    expect(hasNoun("src/store/tag-index.ts", "")).toEqual([]);
  });

  rule("every exported function and type of src is described", exportsAreDescribed, [
    "src/store/a.ts",
    "/** Described. */\nexport type A = 1;\n\nexport function b(): void {}\n",
  ]);
  rule("an error that follows another one keeps it as its cause", errorsKeepTheirCause, [
    "src/store/a.ts",
    'try {\n  f();\n} catch (error) {\n  if (g) throw new NodeError("DiskFailed", "{");\n}\n',
  ]);
  wholeRule("no file is dead", noDeadFiles, {
    "src/store/a.ts": 'import "./b.ts";',
    "src/store/b.ts": "",
    "src/store/a.test.ts": 'import { a } from "./a.ts";',
  });
});

describe("rooms", () => {
  rule("every file imports only rooms that its own may use", wrongImports, [
    "src/channel/a.ts",
    '/** A. */\nimport type {\n  B,\n} from "../engine/b.ts";\nimport type { C } from "../crypto/c.ts";\n',
  ]);
  rule("the core is synchronous", coreIsSynchronous, [
    "src/protocols/a.ts",
    "// An async comment.\nexport async function f() {}\n",
  ]);
  rule("the core knows no clock, no chance and no runtime", coreHasNoWorld, [
    "src/protocols/a.ts",
    '/** At a later Date. */\nconst text = "Date";\nconst now = Date.now();\n',
  ]);
  rule("nothing computes with functions that differ between processors", noMachineMathematics, [
    "sim/a.ts",
    "const delay = -Math.log(chance);\n",
  ]);
  rule("nothing goes by the doors that a simulation cannot guard", noUnguardedDoors, [
    "src/adapters/a.ts",
    'await Bun.fetch("http://localhost");\n',
  ]);

  unit("crypto may await at the top level, and nowhere else", () => {
    const backend = "const keccak = await load();\n";

    expect(coreIsSynchronous("src/crypto/a.ts", backend)).toEqual([]);
    expect(coreIsSynchronous("src/channel/a.ts", backend)).toHaveLength(1);
    expect(coreIsSynchronous("src/crypto/a.ts", "  return await load();\n")).toHaveLength(1);
  });

  unit("the table of rooms allows what the house allows, and no more", () => {
    const allowed: readonly (readonly [string, string])[] = [
      ["src/channel/a.ts", "src/primitives/b.ts"],
      ["src/channel/a.test.ts", "sim/b.ts"],
      ["src/channel/a.test.ts", "test/kind.ts"],
      ["src/engine/a.ts", "src/store/b.ts"],
      ["src/node/a.ts", "src/adapters/b.ts"],
      ["src/adapters/a.ts", "src/ports/b.ts"],
      ["sim/a.ts", "src/adapters/b.ts"],
      ["sim/a.ts", "src/engine/b.ts"],
      ["scenarios/a.ts", "sim/b.ts"],
      ["bin/channels.ts", "sim/b.ts"],
      ["bin/channels.ts", "src/node/b.ts"],
      ["src/chain/a.ts", "contracts/generated.ts"],
    ];
    const forbidden: readonly (readonly [string, string])[] = [
      ["src/store/a.ts", "src/network/b.ts"],
      ["src/chain/a.ts", "src/store/b.ts"],
      ["src/primitives/a.ts", "src/ports/b.ts"],
      ["src/engine/a.ts", "src/adapters/b.ts"],
      ["src/adapters/a.ts", "src/crypto/b.ts"],
      ["src/engine/a.ts", "sim/b.ts"],
      ["src/node/a.ts", "sim/b.ts"],
      ["sim/a.ts", "src/node/b.ts"],
      ["sim/a.ts", "scenarios/b.ts"],
      ["src/channel/a.ts", "test/kind.ts"],
      ["src/channel/a.test.ts", "src/engine/b.ts"],
      ["src/channel/a.ts", "contracts/generated.ts"],
      ["src/nowhere/a.ts", "src/primitives/b.ts"],
    ];

    expect(allowed.filter(([from, to]) => !mayImport(from, to))).toEqual([]);
    expect(forbidden.filter(([from, to]) => mayImport(from, to))).toEqual([]);
  });
});

describe("tests and stories", () => {
  rule("every test carries its kind", testsHaveKinds, [
    "src/a.test.ts",
    'import { expect, test } from "bun:test";\n',
  ]);
  wholeRule("every protocol has a scenario of its name", protocolsHaveScenarios, {
    "src/protocols/direct-fund.ts": "const ladder: readonly Rung<A, B>[] = [\n];\n",
    "src/protocols/update.ts": "const LADDER: readonly Rung<A>[] = [\n];\n",
    "src/protocols/effects.ts": "",
    "scenarios/update.scenario.ts": "",
  });
});

describe("documents", () => {
  rule("nothing names a path or a host of one machine", namesNoMachine, [
    "docs/guides/a.md",
    `Run /ho${"me/"}someone/bin/channels.\n`,
  ]);
  rule("decisions have at most 60 lines, the architecture 150", documentIsShort, [
    "docs/adr/0001-a.md",
    "line\n".repeat(61),
  ]);
  wholeRule("every link leads to a file", linksLeadSomewhere, {
    "README.md": "[a](docs/a.md#part) [b](docs) [c](https://example.org/x) [d](gone.md)",
    "docs/a.md": "[up](../README.md)",
  });
});

describe("reading TypeScript", () => {
  unit("blanks comments and quoted texts, and keeps the lines", () => {
    const code = codeOf('a; // Date\n/* Date\n*/ b("Date", `Date`);\n');

    expect(code).not.toContain("Date");
    expect(code.split("\n")).toHaveLength(4);
  });

  unit("finds imports of every form", () => {
    const text = `/** import "./no.ts" */
import "./a.ts";
import type { B } from "../b.ts";
export { c } from "./c.ts";
const d = await import("./d.ts");
import { unit } from "bun:test";
`;

    expect(importsOf("src/x/y.ts", text)).toEqual([
      "src/x/a.ts",
      "src/b.ts",
      "src/x/c.ts",
      "src/x/d.ts",
      "bun:test",
    ]);
  });

  unit("tells tests from other files", () => {
    expect([isTest("src/a.test.ts"), isTest("src/a.ts")]).toEqual([true, false]);
  });
});
