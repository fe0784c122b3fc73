/** The coordinator of a shared campaign: fills its queue, plays with its own processes too, and counts what all play. */
import { NodeError } from "../../src/primitives/node-error.ts";
import { realWorld } from "../real-world.ts";
import type { Players, PlayersOptions } from "./campaign.ts";
import type { OpenedDatabase } from "./queue-database.ts";
import { playerName, QueuePlayer } from "./queue-player.ts";
import { type Outcome, type SharedCampaign, seedOf } from "./store.ts";
import { pause } from "./store-database.ts";
import type { WorkerProblem } from "./workers.ts";

/** Milliseconds between two looks at the results. */
const LOOK_INTERVAL_MS = 200;

/** Milliseconds between two signs of life, and looks at who plays. */
const SIGN_INTERVAL_MS = 2_000;

/** Fewest seeds in the queue and with players together. */
const BACKLOG_MIN = 32;

/** Seeds for each process that plays: what it plays, what its machine has claimed ahead, and what waits. */
const SEEDS_EACH = 4;

/** Seconds of work in the queue where seeds are played faster than that. */
const BACKLOG_SEC = 3;

/** Longest wait for the end of all that is under way, in milliseconds. */
const FAREWELL_MS = 10_000;

/** The same when something has gone wrong: a database that is away hears no farewell. */
const BRIEF_FAREWELL_MS = 2_000;

/** What it coordinates. */
export type QueuePlayersOptions = PlayersOptions & {
  /** Let go at the end. */
  readonly shared: OpenedDatabase;
  /** Which program plays: others of the same may join. */
  readonly program: string;
  /** A budget of time, in milliseconds: seeds that nobody has begun at its end are not played. */
  readonly timeMs?: number;
};

/** Plays one campaign together with whoever joins. */
export class QueuePlayers implements Players {
  readonly #options: QueuePlayersOptions;
  /** Handed out, and not counted yet. */
  readonly #awaited = new Set<number>();
  readonly #startedMs: number = realWorld.performanceNow();
  #campaign: SharedCampaign | undefined;
  #own: QueuePlayer | undefined;
  #problem: WorkerProblem | undefined;
  #processes = 0;
  #counted = 0;
  #signedMs = Number.NEGATIVE_INFINITY;
  #allHandedOut = false;
  #ending: Promise<void> | undefined;

  constructor(options: QueuePlayersOptions) {
    this.#options = options;
  }

  readonly run = async (): Promise<WorkerProblem | undefined> => {
    try {
      const campaign = await this.#begin();
      while (!this.#isDone()) {
        await this.#step(campaign);
        if (!this.#isDone()) await pause(LOOK_INTERVAL_MS);
      }
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      this.#problem ??= { isOutside: true, message: error.message };
    } finally {
      await this.stop();
    }
    return this.#told();
  };

  readonly stop = (): Promise<void> => {
    this.#ending ??= this.#end();
    return this.#ending;
  };

  /** The database is let go as well: whoever simulates in this process next must be alone in it. */
  async #end(): Promise<void> {
    const limitMs = this.#problem === undefined ? FAREWELL_MS : BRIEF_FAREWELL_MS;
    await Promise.race([this.#farewell(), pause(limitMs)]);
    await this.#options.shared.close();
  }

  async #farewell(): Promise<void> {
    const { queues, store } = this.#options.shared;
    const id = this.#campaign?.id;
    try {
      const isToldToAll = id === undefined ? undefined : store.end(id);
      await Promise.all([isToldToAll, this.#own?.stop()]);
      if (id !== undefined) await queues.end(id);
    } catch (error) {
      // All is counted by now. Players notice that the coordinator is gone.
      if (!(error instanceof NodeError)) throw error;
    }
  }

  async #begin(): Promise<SharedCampaign> {
    const { count, program, settings, shared } = this.#options;
    const id = await shared.store.begin(program, settings);
    await shared.queues.begin(id);
    const campaign = { id, program, settings, isClosing: false };
    this.#campaign = campaign;
    this.#processes = count;
    this.#own = new QueuePlayer({ shared, campaign, name: playerName(), processes: count });
    void this.#own.run().then((problem) => {
      this.#problem ??= problem;
    });
    return campaign;
  }

  async #step({ id }: SharedCampaign): Promise<void> {
    await this.#sign(id);
    await this.#handOut(id);
    const outcomes = await this.#options.shared.store.outcomes(id, this.#awaited);
    for (const outcome of outcomes) this.#count(outcome);
    if (this.#isTimeUp()) await this.#closeDown(id);
  }

  async #sign(id: string): Promise<void> {
    if (realWorld.performanceNow() - this.#signedMs < SIGN_INTERVAL_MS) return;
    this.#signedMs = realWorld.performanceNow();
    const { queues, store } = this.#options.shared;
    await store.sign(id);
    this.#processes = Math.max(this.#options.count, await store.processes(id));
    // The one that is awaited longest: if it is given up, it must not be awaited for ever.
    const [seed] = this.#awaited;
    if (seed !== undefined && (await queues.isGivenUp(id, seed))) {
      this.#count({ type: "Deadly", seed, exitCode: -1 });
    }
  }

  async #handOut(id: string): Promise<void> {
    const missing = this.#backlog() - this.#awaited.size;
    this.#allHandedOut ||= this.#isTimeUp();
    if (this.#allHandedOut || missing <= 0) return;
    const seeds = this.#options.nextSeeds(missing);
    this.#allHandedOut = seeds.length === 0;
    for (const seed of seeds) this.#awaited.add(seed);
    if (seeds.length > 0) await this.#options.shared.queues.add(id, seeds);
  }

  #isTimeUp(): boolean {
    const { timeMs = Number.POSITIVE_INFINITY } = this.#options;
    return this.#elapsedMs() >= timeMs;
  }

  #elapsedMs(): number {
    return realWorld.performanceNow() - this.#startedMs;
  }

  #backlog(): number {
    const soon = (this.#counted * BACKLOG_SEC * 1_000) / this.#elapsedMs();
    return Math.ceil(Math.max(BACKLOG_MIN, this.#processes * SEEDS_EACH, soon));
  }

  /** What nobody has begun is claimed here, and not played. Players give back what they have not begun. */
  async #closeDown(id: string): Promise<void> {
    const { queues, store } = this.#options.shared;
    await store.closeDown(id);
    const claims = await queues.claim(id, Math.max(1, this.#awaited.size));
    for (const { seed } of claims) this.#awaited.delete(seed);
    await queues.complete(id, claims);
  }

  #count(outcome: Outcome): void {
    // An outcome counts once, however often it is read.
    if (!this.#awaited.delete(seedOf(outcome))) return;
    this.#counted += 1;
    if (outcome.type === "Played") this.#options.onPlayed(outcome.result);
    else this.#options.onDeadly(outcome.seed, outcome.exitCode);
  }

  #isDone(): boolean {
    const isComplete = this.#allHandedOut && this.#awaited.size === 0;
    return this.#ending !== undefined || isComplete || this.#problem !== undefined;
  }

  #told(): WorkerProblem | undefined {
    if (this.#problem?.isOutside !== true) return this.#problem;
    const safe = `the results of ${this.#counted} seeds are counted, and safe`;
    return { isOutside: true, message: `${this.#problem.message}; ${safe}` };
  }
}
