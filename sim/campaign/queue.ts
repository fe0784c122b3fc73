/** Seeds that wait to be played, and who has claimed which: a queue of pg-boss for each campaign. */
import { PgBoss } from "pg-boss";
import { assert } from "../../src/primitives/assert.ts";
import { type Database, refused } from "./store-database.ts";

/** Seconds without a sign after which a claim lapses. pg-boss accepts no less than 10. */
const CLAIM_LAPSES_AFTER_SEC = 10;

/** Milliseconds between two signs of a claim: three of them fit before it lapses. */
export const CLAIM_SIGN_INTERVAL_MS = 3_000;
assert(
  CLAIM_SIGN_INTERVAL_MS * 3 < CLAIM_LAPSES_AFTER_SEC * 1_000,
  "a claim survives two lost signs",
);

/** Seconds that a seed may take in all, signs or not: an hour, far beyond the slowest run. */
const SEED_TIME_MAX_SEC = 3_600;

/** Times that a seed is claimed again after a claim lapsed or was given back, before it counts as deadly. */
const RETRIES_MAX = 5;

/** Seconds between two looks for claims that have lapsed. */
const UPKEEP_INTERVAL_SEC = 1;

/** Names of nothing else: the space in which seeds of campaigns get their ids. Drawn once. */
const JOB_NAMESPACE = "5f0c2c39-7a51-4d1b-9a3e-0d3c1f6a7e42";

/** A seed that this process may play, until the claim lapses. */
export type Claim = { readonly id: string; readonly retryCount: number; readonly seed: number };

/** The queues in one database, for one process. Its methods throw `NodeError` with `DatabaseFailed`. */
export class SeedQueues {
  readonly #boss: PgBoss;
  readonly #database: Database;

  /** Makes what pg-boss needs where it is missing, and begins to look for claims that have lapsed. */
  static async open(database: Database): Promise<SeedQueues> {
    const boss = new PgBoss({
      db: database.door,
      backend: database.isEmbedded ? "pglite" : "postgres",
      schema: "channels_fuzz_queue",
      schedule: false,
      superviseIntervalSeconds: UPKEEP_INTERVAL_SEC,
      monitorIntervalSeconds: UPKEEP_INTERVAL_SEC,
      reindex: false,
      monitorVacuum: false,
    });
    // What its upkeep cannot do now it does a second later; our own calls notice a database that is away.
    boss.on("error", () => {});
    boss.on("warning", () => {});
    try {
      await boss.start();
    } catch (error) {
      throw refused(database.name, error);
    }
    return new SeedQueues(boss, database);
  }

  private constructor(boss: PgBoss, database: Database) {
    this.#boss = boss;
    this.#database = database;
  }

  /** Ends the upkeep. The database stays open. */
  close(): Promise<void> {
    return this.#boss.stop({ graceful: false, close: false });
  }

  /** Makes the queue of a campaign. */
  begin(campaign: string): Promise<void> {
    return this.#call(() =>
      this.#boss.createQueue(nameOf(campaign), {
        retryLimit: RETRIES_MAX,
        expireInSeconds: SEED_TIME_MAX_SEC,
        heartbeatSeconds: CLAIM_LAPSES_AFTER_SEC,
        // What has been played is of no use here: its outcome is elsewhere.
        deleteAfterSeconds: 60,
      }),
    );
  }

  /** Removes the queue of a campaign, with all that is in it. */
  end(campaign: string): Promise<void> {
    return this.#call(() => this.#boss.deleteQueue(nameOf(campaign)));
  }

  /** Adds seeds. One that is there already, or was, is not added again. */
  async add(campaign: string, seeds: readonly number[]): Promise<void> {
    const jobs = seeds.map((seed) => ({ id: jobIdOf(campaign, seed), data: { seed } }));
    await this.#call(() => this.#boss.insert(nameOf(campaign), jobs));
  }

  /** Claims seeds, at most so many; none when nobody has added any. */
  async claim(campaign: string, countMax: number): Promise<readonly Claim[]> {
    const jobs = await this.#call(() =>
      this.#boss.fetch<{ seed: number }>(nameOf(campaign), { batchSize: countMax }),
    );
    return jobs.map(({ data, id, retryCount }) => ({ id, retryCount, seed: data.seed }));
  }

  /** A sign of life for claims. */
  async sign(campaign: string, claims: readonly Claim[]): Promise<void> {
    if (claims.length === 0) return;
    await this.#call(() => this.#boss.touch(nameOf(campaign), [...claims]));
  }

  /** Ends claims whose outcomes are kept. */
  async complete(campaign: string, claims: readonly Claim[]): Promise<void> {
    if (claims.length === 0) return;
    await this.#call(() => this.#boss.complete(nameOf(campaign), [...claims]));
  }

  /** Lets others claim them at once. */
  async giveBack(campaign: string, claims: readonly Claim[]): Promise<void> {
    if (claims.length === 0) return;
    await this.#call(() => this.#boss.fail(nameOf(campaign), [...claims]));
  }

  /** True when nobody will claim the seed again: too many who did have gone with it. */
  async isGivenUp(campaign: string, seed: number): Promise<boolean> {
    const id = jobIdOf(campaign, seed);
    const [job] = await this.#call(() => this.#boss.findJobs(nameOf(campaign), { id }));
    return job?.state === "failed";
  }

  /** pg-boss tells what goes wrong in errors of its own; a queue that is gone is one of them. */
  async #call<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
    try {
      return await this.#database.insist(attempt);
    } catch (error) {
      throw refused(this.#database.name, error);
    }
  }
}

function nameOf(campaign: string): string {
  return `seeds-${campaign}`;
}

function jobIdOf(campaign: string, seed: number): string {
  return Bun.randomUUIDv5(`${campaign}/${seed}`, JOB_NAMESPACE);
}
