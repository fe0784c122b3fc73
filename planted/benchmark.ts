/**
 * How long the search takes to find each planted bug: `bun run planted`, with `--help` for what it can be asked.
 *
 * Each bug is put into a copy of the source, in which plans are drawn and run until an oracle sees something that
 * it does not see without the bug, again from as many seeds. `--aimed` draws only what the bug is known to need.
 * `--check` looks at the bugs instead: each copy must compile, and hold where nothing goes wrong.
 * Ends with 1 when a bug was not found, or shows where it must not, and with 2 for wrong usage.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { applyPatch } from "./apply-patch.ts";
import { type BenchmarkOptions, readOptions, USAGE } from "./benchmark-options.ts";
import type { PlantedBug } from "./bug.ts";
import { PLANTED_BUGS } from "./bugs.ts";
import { checkBug } from "./check-bug.ts";
import { copyRepository } from "./copy-repository.ts";
import { huntFor, summaryOf, tableOf } from "./found.ts";
import type { Hunted } from "./hunt.ts";
import { HuntLog } from "./hunt-log.ts";

const ROOT = resolve(import.meta.dir, "..");

process.exit(await benchmark());

async function benchmark(): Promise<number> {
  const options = asked();
  if (typeof options === "number") return options;
  const bugs = PLANTED_BUGS.filter(({ name }) => name.includes(options.bug));
  if (bugs.length === 0) return wrong(`no planted bug is called ${options.bug}`);
  return options.check ? await checkAll(bugs, options) : await searchAll(bugs, options);
}

/** What was asked for, or how the call ends at once. */
function asked(): (BenchmarkOptions & { readonly hunts: HuntLog }) | number {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options !== undefined) return { ...options, hunts: new HuntLog(options.log) };
    process.stdout.write(USAGE);
    return 0;
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
}

function wrong(message: string): number {
  process.stderr.write(`${message}\n\n${USAGE}`);
  return 2;
}

async function searchAll(
  bugs: readonly PlantedBug[],
  options: BenchmarkOptions & { readonly hunts: HuntLog },
): Promise<number> {
  const { hunts, minutes, seeds } = options;
  const found = (bug: PlantedBug) => ({ bug, hunts: hunts.of(bug.name) });
  await each(bugs, options.jobs, async (bug) => {
    const starts = hunts.startsLeft(bug.name, seeds);
    const onHunt = (hunted: Hunted): void => hunts.add({ ...hunted, bug: bug.name });
    const ground = { root: ROOT, starts, mostSec: minutes * 60, isAimed: options.aimed, onHunt };
    if (starts.length > 0) await inCopy(bug, (copy) => huntFor(bug, { ...ground, copy }));
    process.stderr.write(`${summaryOf(found(bug))}\n`);
  });
  const all = bugs.map(found);
  const text = tableOf(all);
  if (options.bug === "" && !options.aimed) {
    writeFileSync(join(import.meta.dir, "RESULTS.md"), text);
  }
  process.stdout.write(options.json ? `${JSON.stringify(all)}\n` : text);
  const isFound = all.every(({ hunts: own }) => own.every(({ where }) => where !== undefined));
  return isFound ? 0 : 1;
}

async function checkAll(bugs: readonly PlantedBug[], { jobs }: BenchmarkOptions): Promise<number> {
  let faults = 0;
  await each(bugs, jobs, async (bug) => {
    const problems = await inCopy(bug, checkBug);
    faults += problems.length;
    const said = problems.length === 0 ? "holds where nothing goes wrong" : problems.join("; ");
    process.stderr.write(`${bug.name}: ${said}\n`);
  });
  return faults === 0 ? 0 : 1;
}

/** Does the same for each, for so many at once. */
async function each(
  bugs: readonly PlantedBug[],
  jobs: number,
  work: (bug: PlantedBug) => Promise<void>,
): Promise<void> {
  const left = [...bugs];
  const worker = async (): Promise<void> => {
    for (let bug = left.shift(); bug !== undefined; bug = left.shift()) await work(bug);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
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
