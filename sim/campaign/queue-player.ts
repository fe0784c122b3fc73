/** One machine's part in a shared campaign: claims seeds, plays them in processes, keeps what came of them. */
import { hostname } from "node:os";
import { NodeError } from "../../src/primitives/node-error.ts";
import { CLAIM_SIGN_INTERVAL_MS, type Claim, type SeedQueues } from "./queue.ts";
import { type CampaignStore, type Outcome, type SharedCampaign, seedOf } from "./store.ts";
import { isAway, pause } from "./store-database.ts";
import { type WorkerProblem, Workers } from "./workers.ts";

/** Milliseconds between two looks at a queue that was empty. */
const EMPTY_QUEUE_INTERVAL_MS = 200;

/** Most seeds that are claimed ahead: those of one machine that plays some hundred a second. */
const AHEAD_MAX = 256;

/** The tables and the queues of one database. */
export type SharedDatabase = { readonly store: CampaignStore; readonly queues: SeedQueues };

/** What it plays, and with how many processes. */
export type QueuePlayerOptions = {
  readonly shared: SharedDatabase;
  readonly campaign: SharedCampaign;
  /** Its name among the players: no other has it. */
  readonly name: string;
  readonly processes: number;
  /** Outcomes were kept. */
  readonly onKept?: () => void;
};

/** Plays for one campaign. */
export class QueuePlayer {
  /** Outcomes that it has kept. */
  kept = 0;
  readonly #options: QueuePlayerOptions;
  readonly #workers: Workers;
  readonly #claims = new Map<number, Claim>();
  readonly #ahead: number[] = [];
  readonly #over = Promise.withResolvers<WorkerProblem | undefined>();
  #outcomes: Outcome[] = [];
  #filling: Promise<void> | undefined;
  #writing: Promise<void> | undefined;
  #playedSinceSign = 0;
  #aheadMin: number;
  #isClosing = false;
  #isEnding = false;
  /** The database is away: nothing more can be said to it. */
  #isCutOff = false;

  constructor(options: QueuePlayerOptions) {
    this.#options = options;
    this.#aheadMin = options.processes;
    this.#workers = new Workers({
      count: options.processes,
      settings: options.campaign.settings,
      nextSeeds: () => this.#next(),
      onPlayed: (result) => this.#came({ type: "Played", result }),
      onDeadly: (seed, exitCode) => this.#came({ type: "Deadly", seed, exitCode }),
    });
  }

  /** Plays until the campaign is over. Gives why it ended before. */
  async run(): Promise<WorkerProblem | undefined> {
    void this.#keepSigning();
    void this.#workers.run().then((end) => this.#over.resolve(end));
    const problem = await this.#over.promise;
    await this.stop();
    return problem;
  }

  /** Ends at once: keeps what has been played, and gives the rest back to the others. */
  async stop(): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#over.resolve(undefined);
    await this.#workers.stop();
    if (this.#isCutOff) return;
    await this.#filling;
    await this.#attempt(async () => {
      await this.#writing;
      await this.#write();
      const { campaign, shared } = this.#options;
      await shared.queues.giveBack(campaign.id, [...this.#claims.values()]);
      this.#claims.clear();
    });
  }

  /** The next seed, once there is one; none when the campaign is over. */
  async #next(): Promise<readonly number[]> {
    while (!this.#isEnding) {
      const seed = this.#ahead.shift();
      if (this.#ahead.length < this.#aheadMin) this.#filling ??= this.#fill();
      if (seed !== undefined) return [seed];
      await this.#filling;
      if (this.#ahead.length === 0) await pause(EMPTY_QUEUE_INTERVAL_MS);
    }
    return [];
  }

  async #fill(): Promise<void> {
    const { campaign, shared } = this.#options;
    await this.#attempt(async () => {
      if (this.#isClosing) return;
      const count = 2 * this.#aheadMin - this.#ahead.length;
      const claims = await shared.queues.claim(campaign.id, count);
      for (const claim of claims) this.#claims.set(claim.seed, claim);
      this.#ahead.push(...claims.map(({ seed }) => seed));
    });
    this.#filling = undefined;
  }

  #came(outcome: Outcome): void {
    this.#outcomes.push(outcome);
    this.#playedSinceSign += 1;
    this.#writing ??= this.#attempt(() => this.#write());
  }

  /** Until nothing is left. A claim ends after its outcome is kept: between the two it may only be played twice. */
  async #write(): Promise<void> {
    const { campaign, name, onKept, shared } = this.#options;
    try {
      while (this.#outcomes.length > 0) {
        const outcomes = [...this.#outcomes];
        await shared.store.write(campaign.id, name, outcomes);
        this.#outcomes = this.#outcomes.slice(outcomes.length);
        const seeds = outcomes.map(seedOf);
        const claims = seeds.flatMap((seed) => this.#claims.get(seed) ?? []);
        for (const seed of seeds) this.#claims.delete(seed);
        await shared.queues.complete(campaign.id, claims);
        this.kept += outcomes.length;
        onKept?.();
      }
    } finally {
      this.#writing = undefined;
    }
  }

  async #keepSigning(): Promise<void> {
    while (!this.#isEnding) {
      await this.#attempt(() => this.#sign());
      const perSecond = (this.#playedSinceSign * 1_000) / CLAIM_SIGN_INTERVAL_MS;
      const { processes } = this.#options;
      // A second's work is at hand, so that nobody waits for the database.
      this.#aheadMin = Math.min(AHEAD_MAX, Math.max(processes, Math.ceil(perSecond)));
      this.#playedSinceSign = 0;
      await Promise.race([pause(CLAIM_SIGN_INTERVAL_MS), this.#over.promise]);
    }
  }

  async #sign(): Promise<void> {
    const { campaign, name, processes, shared } = this.#options;
    await shared.queues.sign(campaign.id, [...this.#claims.values()]);
    await shared.store.join(campaign.id, name, processes);
    const now = await this.#underWay();
    if (now === undefined) this.#over.resolve(undefined);
    else if (now.isClosing) await this.#giveUpAhead();
  }

  /** The coordinator takes these back, and nobody plays them. */
  async #giveUpAhead(): Promise<void> {
    this.#isClosing = true;
    const claims = this.#ahead.splice(0).flatMap((seed) => this.#claims.get(seed) ?? []);
    for (const { seed } of claims) this.#claims.delete(seed);
    await this.#options.shared.queues.giveBack(this.#options.campaign.id, claims);
  }

  async #underWay(): Promise<SharedCampaign | undefined> {
    const { campaign, shared } = this.#options;
    return (await shared.store.underWay()).find(({ id }) => id === campaign.id);
  }

  async #isStillUnderWay(): Promise<boolean> {
    try {
      return (await this.#underWay()) !== undefined;
    } catch {
      // The first failure is the one to tell.
      return true;
    }
  }

  /** What fails after the end of the campaign is no problem: its queue is gone then. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      this.#isCutOff ||= isAway(error);
      const isUnderWay = this.#isCutOff || (await this.#isStillUnderWay());
      this.#over.resolve(isUnderWay ? { isOutside: true, message: error.message } : undefined);
    }
  }
}

/** A name that no other player has. */
export function playerName(): string {
  return `${hostname()}-${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
}
