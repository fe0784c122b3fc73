/** Lives of a log whose writer is killed again and again, and what must be true after each death. */
import { join } from "node:path";
import { openLogDirectory } from "../../src/node/log-directory.ts";
import { assert } from "../../src/primitives/assert.ts";
import { verifyDisk } from "../../src/store/verify.ts";
import { sampleCodec } from "../sample-log.ts";
import type { FoundRecord, WriterNews } from "./kill-writer.ts";

const WRITER = join(import.meta.dir, "kill-writer.ts");

/** Of ten deaths, this many come at a time counted from the start of the process: also while it opens. */
const EARLY_DEATHS_OF_TEN = 2;

/** Longer than a process takes to start and open its log. */
const EARLY_MS_MAX = 120;

/** Long enough for some hundred appends. */
const LATE_MS_MAX = 30;

/** What came out of the lives of one log. */
export type KillReport = {
  readonly deaths: number;
  /** Deaths before the writer had opened the log. */
  readonly deathsWhileOpening: number;
  /** Batches that were acknowledged. */
  readonly acknowledged: number;
  /** Batches that were not, and are there all the same, whole. */
  readonly unacknowledged: number;
  readonly records: number;
};

/** Kills the writer of a new log in `directory` so many times. Throws when anything was lost. */
export async function killOften(
  directory: string,
  deaths: number,
  seed: number,
): Promise<KillReport> {
  const life = new LogLife(directory);
  for (let death = 0; death < deaths; death += 1) {
    const { isEarly, ms } = momentOf(seed + death);
    life.learn(await killOnce(directory, seed + death, life.length, isEarly, ms));
  }
  await life.checkWhole();
  return { deaths, ...life.report() };
}

/** What is known of a log from what its writers said. */
class LogLife {
  readonly #directory: string;
  /** By offset: the hash of every record that was acknowledged, or found by a writer that opened the log. */
  readonly #known = new Map<number, string>();
  #length = 0;
  #deathsWhileOpening = 0;
  #acknowledged = 0;
  #unacknowledged = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Records that must be there from now on. */
  get length(): number {
    return this.#length;
  }

  report(): Omit<KillReport, "deaths"> {
    return {
      deathsWhileOpening: this.#deathsWhileOpening,
      acknowledged: this.#acknowledged,
      unacknowledged: this.#unacknowledged,
      records: this.#length,
    };
  }

  /** Takes in what one writer said until it died. */
  learn(said: readonly WriterNews[]): void {
    if (said.length === 0) this.#deathsWhileOpening += 1;
    for (const news of said) {
      if (news.type === "Opened") this.#learnOpened(news.end, news.tail);
      else {
        this.#acknowledged += 1;
        this.#know(news.offset, news.hash);
      }
    }
  }

  /** Reads the whole log as anybody would. */
  async checkWhole(): Promise<void> {
    const log = await openLogDirectory(this.#directory);
    const found = new Map<number, string>();
    const report = await verifyDisk({
      disk: log,
      codec: sampleCodec,
      onRecord: ({ hash, offset }) => void found.set(offset, hash),
    });
    await log.close();
    const { end, verdict } = report;
    assert(verdict.code === "Anchored", `the log is in order, not ${JSON.stringify(verdict)}`);
    assert(end.type === "Proven", `the end is proven, not ${JSON.stringify(end)}`);
    for (const [offset, hash] of this.#known) {
      assert(found.get(offset) === hash, `record ${offset} is the one that was acknowledged`);
    }
  }

  #learnOpened(end: string, tail: readonly FoundRecord[]): void {
    assert(end === "Proven", `the end is proven after a death, not ${end}`);
    const last = this.#length - 1;
    const isThere = last < 0 || tail[0]?.hash === this.#known.get(last);
    assert(isThere, `record ${last} is there: it was acknowledged`);
    const rest = tail.filter(({ offset }) => offset > last);
    assertWholeBatches(rest);
    this.#unacknowledged += rest.filter(({ count }) => count === 0).length;
    for (const record of rest) this.#know(record.offset, record.hash);
  }

  #know(offset: number, hash: string): void {
    this.#known.set(offset, hash);
    this.#length = Math.max(this.#length, offset + 1);
  }
}

function assertWholeBatches(records: readonly FoundRecord[]): void {
  let expected = 0;
  for (const { count, offset, owner } of records) {
    assert(count === expected, `record ${offset} continues its batch`);
    expected = count + 1 === Number(owner) ? 0 : count + 1;
  }
  assert(expected === 0, "the last batch is whole");
}

/** Starts a writer and kills it so many milliseconds after it opened the log, or after its start. */
async function killOnce(
  directory: string,
  seed: number,
  known: number,
  isEarly: boolean,
  ms: number,
): Promise<readonly WriterNews[]> {
  const child = Bun.spawn([process.execPath, WRITER, directory, `${seed}`, `${known}`], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const killSoon = (): unknown => setTimeout(() => child.kill("SIGKILL"), ms);
  if (isEarly) killSoon();
  const decoder = new TextDecoder();
  let said = "";
  for await (const bytes of child.stdout) {
    if (said === "" && !isEarly) killSoon();
    said += decoder.decode(bytes, { stream: true });
  }
  await child.exited;
  const complaint = await child.stderr.text();
  assert(child.signalCode === "SIGKILL", `the writer lived until it was killed: ${complaint}`);
  // The last line may be cut: the writer died while it spoke.
  const lines = said.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as WriterNews);
}

function momentOf(seed: number): { readonly isEarly: boolean; readonly ms: number } {
  const chance = Number(Bun.hash.xxHash32(`${seed}`)) / 2 ** 32;
  const isEarly = seed % 10 < EARLY_DEATHS_OF_TEN;
  return { isEarly, ms: chance * (isEarly ? EARLY_MS_MAX : LATE_MS_MAX) };
}
