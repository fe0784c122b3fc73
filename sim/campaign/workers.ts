/** Worker processes: each plays the seeds that it is handed. One simulation runs at a time in a process. */
import { join } from "node:path";
import type { Subprocess } from "bun";
import { playingEnvironment } from "../compiler-settings.ts";
import { realWorld } from "../real-world.ts";
import type { SeedResult } from "./seed-result.ts";
import type { SeedSettings } from "./settings.ts";
import type { FromWorker, ToWorker } from "./worker-messages.ts";

/** Taken now: a simulation may forbid the global while it runs. */
const { spawn } = Bun;

/** Seeds handed to a worker at a time: one may take a minute, and the budget is asked before each. */
const SEEDS_AT_ONCE = 1;

/** Times that a seed may take its process with it before it counts as a failure. */
const DEATHS_MAX = 2;

/** Processes that may end one behind the other before they could play, where others have played: 2. */
const SILENT_DEATHS_MAX = 2;

/**
 * Milliseconds that a seed may take before it counts as one that never ends: 1,800,000, half an hour. The longest, with a
 * challenge of a day, take about a minute, and some ten times as long on Anvil.
 */
const SEED_MS_MAX = 1_800_000;

/** Stands for the exit code of a process that was ended because its seed never did: what `timeout` of coreutils ends with. */
export const ENDLESS = 124;

/** What those who hand out seeds give and get. */
export type WorkersOptions = {
  readonly count: number;
  readonly settings: SeedSettings;
  /** The next seeds, at most so many; none when the campaign is over. */
  readonly nextSeeds: (countMax: number) => readonly number[] | Promise<readonly number[]>;
  readonly onPlayed: (result: SeedResult) => void;
  /** A seed with which the process died, twice; or that it did not come to the end of: then the code is `ENDLESS`. */
  readonly onDeadly: (seed: number, exitCode: number) => void;
  /** Milliseconds that a seed may take; half an hour when absent. */
  readonly seedMsMax?: number;
};

/** Why workers cannot go on. */
export type WorkerProblem = { readonly isOutside: boolean; readonly message: string };

type Worker = {
  readonly child: Subprocess;
  seeds: number[];
  hasSpoken: boolean;
  isEndless: boolean;
  /** Calls off that the seed which is played takes too long. */
  timer: ReturnType<typeof realWorld.setTimeout> | undefined;
};

/** The workers of one campaign. */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #workers = new Set<Worker>();
  readonly #again: number[] = [];
  readonly #deaths = new Map<number, number>();
  readonly #over = Promise.withResolvers<WorkerProblem | undefined>();

  /** True once a process has come so far that it could play. */
  #isProven = false;
  /** Processes that ended one behind the other before they could play. */
  #silentDeaths = 0;

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  /** Plays until there are no more seeds, or `stop` is called. Gives why it ended before. */
  run(): Promise<WorkerProblem | undefined> {
    for (let index = 0; index < this.#options.count; index++) this.#start();
    return this.#over.promise;
  }

  /** The processes that run now. */
  pids(): readonly number[] {
    return [...this.#workers].map(({ child }) => child.pid);
  }

  /** Ends at once. What is being played is lost. */
  async stop(problem?: WorkerProblem): Promise<void> {
    this.#over.resolve(problem);
    const children = [...this.#workers].map(({ child }) => child);
    for (const { timer } of this.#workers) realWorld.clearTimeout(timer);
    this.#workers.clear();
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map(({ exited }) => exited));
  }

  #start(): void {
    const path = join(import.meta.dir, "./worker-process.ts");
    const worker: Worker = {
      seeds: [],
      hasSpoken: false,
      isEndless: false,
      timer: undefined,
      child: spawn([process.execPath, "--no-install", path], {
        env: playingEnvironment(),
        stdin: "ignore",
        stdout: "ignore",
        stderr: "inherit",
        ipc: (message: FromWorker) => this.#hear(worker, message),
        onExit: (_, exitCode) => this.#ended(worker, exitCode ?? -1),
      }),
    };
    this.#workers.add(worker);
  }

  #hear(worker: Worker, message: FromWorker): void {
    if (!this.#workers.has(worker)) return;
    worker.hasSpoken = true;
    this.#isProven = true;
    realWorld.clearTimeout(worker.timer);
    if (message.type === "Ready") void this.#handOut(worker);
    else if (message.type === "Broke") void this.stop(message);
    else {
      worker.seeds = worker.seeds.filter((seed) => seed !== message.result.seed);
      this.#options.onPlayed(message.result);
    }
  }

  async #handOut(worker: Worker): Promise<void> {
    const { nextSeeds, settings } = this.#options;
    const again = this.#again.splice(0, 1);
    const seeds = again.length > 0 ? again : await nextSeeds(SEEDS_AT_ONCE);
    if (!this.#workers.has(worker)) {
      // It died while they were fetched: whoever takes its place plays them.
      this.#again.push(...seeds);
      return;
    }
    worker.seeds = [...seeds];
    if (seeds.length === 0) this.#dismiss(worker);
    else this.#play(worker, { seeds, settings });
  }

  #play(worker: Worker, task: ToWorker): void {
    worker.timer = realWorld.setTimeout(() => {
      worker.isEndless = true;
      worker.child.kill("SIGKILL");
    }, this.#options.seedMsMax ?? SEED_MS_MAX);
    worker.child.send(task);
  }

  #dismiss(worker: Worker): void {
    this.#workers.delete(worker);
    worker.child.kill();
    if (this.#workers.size === 0) this.#over.resolve(undefined);
  }

  /** What a dead process had not played is played again, one seed at a time. */
  #ended(worker: Worker, exitCode: number): void {
    if (!this.#workers.delete(worker)) return;
    realWorld.clearTimeout(worker.timer);
    this.#silentDeaths = worker.hasSpoken ? 0 : this.#silentDeaths + 1;
    if (!worker.hasSpoken && (!this.#isProven || this.#silentDeaths > SILENT_DEATHS_MAX)) {
      // The next one would end the same way.
      const message = `a worker process ended with code ${exitCode} before it could play`;
      void this.stop({ isOutside: true, message });
      return;
    }
    const [first, ...others] = worker.seeds;
    this.#again.push(...others);
    // It would take as long once more.
    if (first !== undefined && worker.isEndless) this.#options.onDeadly(first, ENDLESS);
    else if (first !== undefined) {
      const deaths = (this.#deaths.get(first) ?? 0) + 1;
      this.#deaths.set(first, deaths);
      if (deaths >= DEATHS_MAX) this.#options.onDeadly(first, exitCode);
      else this.#again.push(first);
    }
    this.#start();
  }
}
