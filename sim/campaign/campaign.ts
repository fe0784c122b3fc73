/** A campaign: many seeds, played by workers until a budget is used up, and what they came to together. */
import type { MarkName } from "../../src/primitives/marks.ts";
import { realWorld } from "../real-world.ts";
import { type Coverage, createCoverage } from "./coverage.ts";
import type { Repeat, SeedFailure, SeedResult } from "./seed-result.ts";
import type { Budget, SeedSettings } from "./settings.ts";
import { ENDLESS, type WorkerProblem, Workers, type WorkersOptions } from "./workers.ts";

/** Failures that are likely one bug. */
export type FailureBucket = {
  readonly bucket: string;
  readonly oracle: string;
  readonly message: string;
  /** What the protocols were at; undefined where nobody noted it. */
  readonly phase?: string;
  /** The first seed that failed so, and how many did. */
  readonly seed: number;
  readonly count: number;
  readonly capsule: string;
};

/** What a campaign has come to so far. */
export type Tally = {
  seeds: number;
  beyondPromises: number;
  withFaults: number;
  withAdversaries: number;
  messages: number;
  transactions: number;
  virtualMs: number;
  repeats: number;
  readonly differences: Repeat[];
  readonly buckets: Map<string, FailureBucket>;
  readonly coverage: Coverage;
  /** In how many of the seeds each mark was met. */
  readonly seedsByMark: Map<MarkName, number>;
  wallMs: number;
};

/** How a campaign is run. */
export type CampaignOptions = {
  readonly settings: SeedSettings;
  readonly budget: Budget;
  readonly from: number;
  readonly workers: number;
  /** A bucket is new: the time to write its capsule. */
  readonly onNewBucket: (bucket: FailureBucket) => void;
  readonly onProgress: (tally: Tally) => void;
  /** Who plays when it is not the processes of this machine alone. */
  readonly players?: (options: PlayersOptions) => Players;
};

/** What those who play are given, and tell. Seeds are there at once. */
export type PlayersOptions = Omit<WorkersOptions, "nextSeeds"> & {
  readonly nextSeeds: (countMax: number) => readonly number[];
};

/** Those who play the seeds of a campaign. */
export type Players = {
  /** Plays until there are no more seeds. Gives why it ended before. */
  readonly run: () => Promise<WorkerProblem | undefined>;
  readonly stop: () => Promise<void>;
  readonly pids?: () => readonly number[];
};

/** One campaign. */
export class Campaign {
  readonly tally: Tally = createTally();
  readonly #options: CampaignOptions;
  readonly #players: Players;
  readonly #startedMs: number;
  #next: number;

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#next = options.from;
    this.#startedMs = realWorld.performanceNow();
    const { players = (doors) => new Workers(doors) } = options;
    this.#players = players({
      count: options.workers,
      settings: options.settings,
      nextSeeds: (countMax) => this.#nextSeeds(countMax),
      onPlayed: (result) => this.#played(result),
      onDeadly: (seed, exitCode) => this.#deadly(seed, exitCode),
    });
  }

  /** Runs to the end of the budget. Gives why it ended before, if it did. */
  async run(): Promise<WorkerProblem | undefined> {
    const problem = await this.#players.run();
    this.#tick();
    return problem;
  }

  /** The processes of this machine that play now; none where others play. */
  get pids(): readonly number[] {
    return this.#players.pids?.() ?? [];
  }

  /** Ends it at once; what was found stays. */
  stop(): Promise<void> {
    return this.#players.stop();
  }

  #nextSeeds(countMax: number): readonly number[] {
    const { budget, from } = this.#options;
    const left =
      budget.type === "Seeds"
        ? from + budget.seeds - this.#next
        : this.#elapsedMs() < budget.minutes * 60_000
          ? countMax
          : 0;
    const count = Math.max(0, Math.min(countMax, left));
    const seeds = Array.from({ length: count }, (_, index) => this.#next + index);
    this.#next += count;
    return seeds;
  }

  #played(result: SeedResult): void {
    addResult(this.tally, result);
    if (result.failure !== undefined) this.#failed(result.seed, result.failure);
    this.#tick();
  }

  #deadly(seed: number, exitCode: number): void {
    const message =
      exitCode === ENDLESS
        ? "the seed was not played to its end within half an hour"
        : `the process that played the seed ended with code ${exitCode}, twice`;
    this.tally.seeds += 1;
    this.#failed(seed, { bucket: `process-${exitCode}`, oracle: "process", message, capsule: "" });
  }

  #failed(seed: number, failure: SeedFailure): void {
    const { bucket } = failure;
    const known = this.tally.buckets.get(bucket);
    const first = known ?? { ...failure, seed, count: 0 };
    this.tally.buckets.set(bucket, { ...first, count: first.count + 1 });
    if (known === undefined) this.#options.onNewBucket({ ...first, count: 1 });
  }

  #tick(): void {
    this.tally.wallMs = this.#elapsedMs();
    this.#options.onProgress(this.tally);
  }

  #elapsedMs(): number {
    return realWorld.performanceNow() - this.#startedMs;
  }
}

function createTally(): Tally {
  return {
    seeds: 0,
    beyondPromises: 0,
    withFaults: 0,
    withAdversaries: 0,
    messages: 0,
    transactions: 0,
    virtualMs: 0,
    repeats: 0,
    differences: [],
    buckets: new Map(),
    coverage: createCoverage(),
    seedsByMark: new Map(),
    wallMs: 0,
  };
}

function addResult(tally: Tally, result: SeedResult): void {
  tally.seeds += 1;
  tally.beyondPromises += result.isBeyondPromises ? 1 : 0;
  tally.withFaults += result.hasFaults ? 1 : 0;
  tally.withAdversaries += result.hasAdversaries ? 1 : 0;
  tally.messages += result.messages;
  tally.transactions += result.transactions;
  tally.virtualMs += result.virtualMs;
  tally.coverage.merge(result.coverage);
  for (const name of Object.keys(result.coverage.markCounts) as MarkName[]) {
    tally.seedsByMark.set(name, (tally.seedsByMark.get(name) ?? 0) + 1);
  }
  if (result.repeat === undefined) return;
  tally.repeats += 1;
  if (result.repeat.difference !== undefined) tally.differences.push(result.repeat);
}
