/** `bun run bench`, all or one by name: measures, and exits 1 when a figure is below its floor. */
import "../sim/banned-globals.ts";
import { arch, availableParallelism, cpus, release, totalmem, type } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Glob } from "bun";
import { assert } from "../src/primitives/assert.ts";
import type { Benchmark, Scale } from "./benchmark.ts";
import {
  allHold,
  type BenchmarkReport,
  type BenchRun,
  judge,
  type Machine,
  resultsDocument,
  terminalLines,
} from "./report.ts";

const ROOT = resolve(import.meta.dir, "..");
const HELD = 0;
const BELOW_FLOOR = 1;
const WRONG_USAGE = 2;

type Options = {
  readonly name: string | undefined;
  readonly json: boolean;
  readonly write: boolean;
  readonly full: boolean;
};

const BENCHMARK_FILE_END = ".bench.ts";

function benchmarkNames(): readonly string[] {
  return [...new Glob(`*${BENCHMARK_FILE_END}`).scanSync(import.meta.dir)]
    .map((path) => basename(path, BENCHMARK_FILE_END))
    .sort();
}

/** Runs one benchmark in this process. */
async function measure(name: string, scale: Scale): Promise<BenchmarkReport> {
  const file = join(import.meta.dir, `${name}${BENCHMARK_FILE_END}`);
  let question = "";
  try {
    const { benchmark } = (await import(file)) as { readonly benchmark: Benchmark };
    question = benchmark.question;
    assert(benchmark.name === name, `the benchmark in ${name}.bench.ts is called ${name}`);
    const { figures } = await benchmark.run(scale);
    return { name, question, figures: figures.map(judge) };
  } catch (error) {
    return { name, question, figures: [], error: String(error) };
  }
}

/** Runs one benchmark in a process of its own, so that none finds the memory of the one before. */
async function measureApart(name: string, { full }: Scale): Promise<BenchmarkReport> {
  const inputs = [name, "--json", ...(full ? ["--full"] : [])];
  const child = Bun.spawn([process.execPath, import.meta.path, ...inputs], {
    cwd: ROOT,
    stdin: "ignore",
    stderr: "inherit",
  });
  const printed = await child.stdout.text();
  await child.exited;
  try {
    const { benchmarks } = JSON.parse(printed) as BenchRun;
    const [report] = benchmarks;
    if (report !== undefined) return report;
  } catch {
    // The process died before it could print; what it said is on standard error.
  }
  return { name, question: "", figures: [], error: "its process ended without a result" };
}

function readMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown processor",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${arch()}`,
    bun: Bun.version,
    commit: readCommit(),
  };
}

function readCommit(): string {
  const git = (...inputs: string[]): string =>
    Bun.spawnSync(["git", ...inputs], { cwd: ROOT })
      .stdout.toString()
      .trim();
  const commit = git("rev-parse", "--short=12", "HEAD");
  if (commit === "") return "unknown";
  return git("status", "--porcelain", "--untracked-files=no") === "" ? commit : `${commit}+`;
}

function readOptions(): Options | undefined {
  try {
    const { values, positionals } = parseArgs({
      options: {
        json: { type: "boolean" },
        write: { type: "boolean" },
        full: { type: "boolean" },
      },
      allowPositionals: true,
    });
    if (positionals.length > 1) return undefined;
    const [name] = positionals;
    const { full = false, json = false, write = false } = values;
    // The document is of a full run: one benchmark alone would drop the others from it.
    return write && name !== undefined ? undefined : { name, json, write, full };
  } catch {
    // An unknown option; the caller says how to use this.
    return undefined;
  }
}

function usage(): string {
  const names = benchmarkNames().map((name) => `  ${name}`);
  return [
    "usage: bun run bench [name] [--full] [--json]",
    "       bun run bench [--full] [--json] [--write]",
    "names:",
    ...names,
    "",
  ].join("\n");
}

async function bench({ full, json, name, write }: Options): Promise<number> {
  const show = (report: BenchmarkReport): void => {
    if (!json) process.stdout.write(`${terminalLines(report).join("\n")}\n`);
  };
  const benchmarks: BenchmarkReport[] = [];
  for (const each of name === undefined ? benchmarkNames() : [name]) {
    // One name with --json is how measureApart calls this program again.
    const report =
      json && name !== undefined
        ? await measure(each, { full })
        : await measureApart(each, { full });
    benchmarks.push(report);
    show(report);
  }
  const run = { machine: readMachine(), benchmarks };
  if (json) process.stdout.write(`${JSON.stringify(run)}\n`);
  if (write) await Bun.write(join(import.meta.dir, "RESULTS.md"), resultsDocument(run));
  return allHold(run) ? HELD : BELOW_FLOOR;
}

const options = readOptions();
if (options === undefined || (options.name && !benchmarkNames().includes(options.name))) {
  if (options?.name) process.stderr.write(`no benchmark is called "${options.name}"\n`);
  process.stderr.write(usage());
  process.exitCode = WRONG_USAGE;
} else {
  process.exitCode = await bench(options);
}
