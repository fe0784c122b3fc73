/**
 * How long the search takes to find each planted bug:
 * `bun run planted [--seeds 20] [--minutes 40] [--bug <name>] [--aimed] [--check] [--json]`.
 *
 * Each bug is put into a copy of the source, in which plans are drawn and run until an oracle sees something that
 * it does not see without the bug, again from as many seeds. `--aimed` draws only what the bug is known to need.
 * `--check` looks at the bugs instead: each copy must compile, and hold where nothing goes wrong.
 * Ends with 1 when a bug was not found, or shows where it must not.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { applyPatch } from "./apply-patch.ts";
import type { PlantedBug } from "./bug.ts";
import { PLANTED_BUGS } from "./bugs.ts";
import { checkBug } from "./check-bug.ts";
import { copyRepository } from "./copy-repository.ts";
import { type Found, huntFor, summaryOf, tableOf } from "./found.ts";

const ROOT = resolve(import.meta.dir, "..");

const options = readOptions();
const bugs = PLANTED_BUGS.filter(({ name }) => name.includes(options.bug));
if (bugs.length === 0) {
  process.stderr.write(`no planted bug is called ${options.bug}\n`);
  process.exit(2);
}
process.exit(options.check ? await checkAll() : await searchAll());

async function searchAll(): Promise<number> {
  const all: Found[] = [];
  for (const bug of bugs) {
    const found = await inCopy(bug, (copy) =>
      huntFor(bug, {
        copy,
        root: ROOT,
        seeds: options.seeds,
        mostSec: options.minutes * 60,
        isAimed: options.aimed,
      }),
    );
    all.push(found);
    process.stderr.write(`${summaryOf(found)}\n`);
  }
  const text = tableOf(all);
  if (options.bug === "" && !options.aimed)
    writeFileSync(join(import.meta.dir, "RESULTS.md"), text);
  process.stdout.write(options.json ? `${JSON.stringify(all)}\n` : text);
  return all.every(({ hunts }) => hunts.every(({ where }) => where !== undefined)) ? 0 : 1;
}

async function checkAll(): Promise<number> {
  let wrong = 0;
  for (const bug of bugs) {
    const problems = await inCopy(bug, checkBug);
    wrong += problems.length;
    const said = problems.length === 0 ? "holds where nothing goes wrong" : problems.join("; ");
    process.stderr.write(`${bug.name}: ${said}\n`);
  }
  return wrong === 0 ? 0 : 1;
}

async function inCopy<Value>(
  { name }: PlantedBug,
  use: (folder: string) => Promise<Value>,
): Promise<Value> {
  const folder = mkdtempSync(join(tmpdir(), "channels-planted-"));
  try {
    copyRepository(ROOT, folder);
    applyPatch(folder, readFileSync(join(import.meta.dir, `${name}.patch`), "utf8"));
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readOptions(): {
  readonly seeds: number;
  readonly minutes: number;
  readonly bug: string;
  readonly aimed: boolean;
  readonly check: boolean;
  readonly json: boolean;
} {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "20" },
      minutes: { type: "string", default: "40" },
      bug: { type: "string", default: "" },
      aimed: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const [seeds, minutes] = [Number(values.seeds), Number(values.minutes)];
  if (Number.isSafeInteger(seeds) && seeds > 0 && minutes > 0) {
    return { ...values, seeds, minutes };
  }
  process.stderr.write("--seeds is a whole number above 0, --minutes a number above 0\n");
  process.exit(2);
}
