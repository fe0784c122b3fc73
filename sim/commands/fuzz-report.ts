/** What a campaign shows of itself: a line while it runs, a page or a document at its end. */
import { join } from "node:path";
import { counted } from "../../src/primitives/counted.ts";
import type { FailureBucket, Tally } from "../campaign/campaign.ts";
import type { DarkMark } from "../campaign/dark-marks.ts";
import { marksLines } from "../campaign/marks-lines.ts";
import { matrixLines } from "../campaign/matrix-lines.ts";
import type { Budget } from "../campaign/settings.ts";
import type { Shell } from "./shell.ts";
import type { ShrunkFailure } from "./shrink-found.ts";

/** What the user had asked for. */
export type Asked = {
  readonly budget: Budget;
  readonly from: number;
  readonly chain: string;
  readonly signatures: string;
  readonly workers: number;
  readonly out: string;
  /** Marks that this should have met and has not. */
  readonly dark: readonly DarkMark[];
  /** True when it was ended before all of its seeds were played. */
  readonly isInterrupted: boolean;
  /** What was made small, by bucket. */
  readonly shrunk: ReadonlyMap<string, ShrunkFailure>;
};

/** Where the capsule of a bucket lies; undefined where the process died that would have made it. */
export function capsulePath(
  out: string,
  { bucket, capsule, oracle }: FailureBucket,
): string | undefined {
  if (capsule === "") return undefined;
  return join(out, `${oracle.replaceAll(" ", "-")}-${bucket}.capsule.json`);
}

/** How to play a seed once more. */
export function againText(
  { chain, signatures }: Pick<Asked, "chain" | "signatures">,
  seed: number,
  name: string,
): string {
  return `${name} fuzz --from ${seed} --seeds 1 --workers 1 --chain ${chain} --signatures ${signatures}`;
}

/** The line on a terminal. */
export function progressText(tally: Tally): string {
  const { buckets, coverage, seeds, wallMs } = tally;
  const failures = [...buckets.values()].map(({ count, oracle }) => `${oracle} ${count}`);
  const found = failures.length === 0 ? "no failure" : failures.join(", ");
  const { marks, marksTotal } = coverage.count();
  return `${seeds} seeds, ${perSecond(seeds, wallMs)} a second, ${marks} of ${marksTotal} marks, ${found}`;
}

/** The document. Big integers and maps are not in it. */
export function campaignJson(tally: Tally, asked: Asked): object {
  const { beyondPromises, buckets, coverage, differences, seedsByMark: _, ...counts } = tally;
  const { budget, chain, dark, from, out, signatures, workers } = asked;
  return {
    passed: hasHeld(tally, asked) && !asked.isInterrupted,
    interrupted: asked.isInterrupted,
    ...{ budget, chain, from, out, signatures, workers },
    ...counts,
    assumptionsBroken: beyondPromises,
    seedsPerSecond: Number(perSecond(tally.seeds, tally.wallMs)),
    failures: [...buckets.values()].map((bucket) => failureJson(bucket, asked)),
    differences,
    marks: coverage.count(),
    ...coverage.toJson(),
    neverReached: coverage.neverReached(),
    darkMarks: dark,
  };
}

/** True when nothing failed, nothing came to something else, and no mark went dark. */
export function hasHeld({ buckets, differences }: Tally, { dark }: Asked): boolean {
  return buckets.size === 0 && differences.length === 0 && dark.length === 0;
}

function failureJson(bucket: FailureBucket, { out, shrunk }: Asked): object {
  const { capsule: _, ...told } = bucket;
  return { ...told, capsule: capsulePath(out, bucket) ?? null, shrunk: shrunk.get(bucket.bucket) };
}

/** The page. */
export function campaignLines(tally: Tally, asked: Asked, shell: Shell): readonly string[] {
  const { beyondPromises, differences, repeats, seeds, wallMs, withAdversaries, withFaults } =
    tally;
  const rate = perSecond(seeds, wallMs);
  const lines = [
    `${counted(seeds, "seed")} from ${asked.from} on ${asked.chain}, ${asked.signatures} signatures, ${rate} a second by ${counted(asked.workers, "worker")}`,
    `${withFaults} with faults, ${withAdversaries} with adversaries, ${beyondPromises} beyond what honest nodes are promised`,
    `${repeats} played again with real signatures on Anvil, ${differences.length} came to something else`,
    "",
    ...marksLines(tally.coverage),
    "",
    ...matrixLines(tally.coverage),
    "",
    ...differences.map(({ difference, seed }) => `seed ${seed} differs: ${difference}`),
    ...[...tally.buckets.values()].flatMap((bucket) => bucketLines(bucket, asked, shell)),
    ...darkLines(asked.dark),
  ];
  return [...lines, verdictLine(tally, asked, shell)];
}

/** What was not played has not passed; what failed has failed all the same. */
function verdictLine(tally: Tally, asked: Asked, { paint }: Shell): string {
  const { dark, isInterrupted } = asked;
  const differences = tally.differences.length;
  if (hasHeld(tally, asked)) {
    return isInterrupted
      ? `${paint.yellow("INTERRUPTED")}  every promise held in what was played until then`
      : `${paint.green("PASSED")}  every promise held in every run`;
  }
  const words = [
    ...(tally.buckets.size === 0 ? [] : [`${counted(tally.buckets.size, "kind")} of failure`]),
    ...(differences === 0 ? [] : [`${counted(differences, "run")} came to something else`]),
    ...(dark.length === 0 ? [] : [darkWords(dark)]),
    ...(isInterrupted ? ["and it was interrupted"] : []),
  ];
  return `${paint.red("FAILED")}  ${words.join(", ")}`;
}

function darkLines(dark: readonly DarkMark[]): readonly string[] {
  if (dark.length === 0) return [];
  const told = dark.map(({ expectedSeeds, name }) => {
    return `  ${name}: about ${Math.round(expectedSeeds)} seeds should have met it`;
  });
  return [`${darkWords(dark)}:`, ...told, ""];
}

function darkWords(dark: readonly DarkMark[]): string {
  return `${counted(dark.length, "mark")} went dark`;
}

function bucketLines(bucket: FailureBucket, asked: Asked, shell: Shell): readonly string[] {
  const { out, shrunk } = asked;
  const small = shrunk.get(bucket.bucket);
  const where = bucket.phase === undefined ? "" : ` in ${bucket.phase}`;
  const seen = `bucket ${bucket.bucket}${where}, ${counted(bucket.count, "time")}, first with seed ${bucket.seed}`;
  if (small !== undefined) {
    const files = small.files.map((file) => `  wrote ${file}`);
    return [`${shell.paint.red(bucket.oracle)} (${seen})`, ...small.report, ...files, ""];
  }
  const [first = ""] = bucket.message.split("\n");
  const path = capsulePath(out, bucket);
  const commands =
    path === undefined
      ? [againText(asked, bucket.seed, shell.name)]
      : [`${shell.name} replay ${path}`, `${shell.name} shrink ${path}`];
  return [
    `${shell.paint.red(bucket.oracle)} (${seen})`,
    `  ${first.slice(0, MESSAGE_CHARS)}`,
    ...commands.map((command) => `  ${command}`),
    "",
  ];
}

/** Characters of a message on one line of a page. */
const MESSAGE_CHARS = 160;

function perSecond(seeds: number, wallMs: number): string {
  return (wallMs === 0 ? 0 : (seeds * 1_000) / wallMs).toFixed(1);
}
