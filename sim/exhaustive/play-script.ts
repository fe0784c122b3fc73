/** Tells a story with a fault in it, brings whatever came of it to an end, and says what is not as it should be. */
import type { NodeEvent } from "../../src/events/event.ts";
import type { ActorName } from "../actors.ts";
import { beginSimulation } from "../banned-globals.ts";
import { checkCausality } from "../checkers/causality.ts";
import { checkLog } from "../checkers/log.ts";
import { watchWorld } from "../checkers/oracles.ts";
import { checkReplay } from "../checkers/replay.ts";
import { isSettled } from "../search/end-plan.ts";
import type { SimulatedChain } from "../simulated-chain.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import { createStage } from "../stage.ts";
import { standInSignatures } from "../stand-in-signatures.ts";
import { World } from "../world.ts";
import { endStory, isLeftInDoubt } from "./end-story.ts";
import { Money } from "./judge-money.ts";
import type { Story } from "./stories.ts";

/** What goes wrong in a story. */
export type Fault = {
  /** Lays hands on a world that has not run yet. */
  readonly prepare: (world: World) => void;
  /** The story has come to the part that counts. */
  readonly begin: () => void;
  /** Nothing is written any more, or the story is over: whoever is to come back does so now. */
  readonly mend: (world: World) => Promise<void>;
  /** True when everything that was lost is back but nodes: then nobody may be left waiting. Asked at the end. */
  readonly isMended: () => boolean;
  /** True when the log of somebody holds all that it ever held. */
  readonly isWhole: (name: ActorName) => boolean;
  /** What went wrong in the fault itself. Asked at the end. */
  readonly problems: () => readonly string[];
};

/** What a story came to. */
export type Ending = {
  /** What is not as it should be. Empty when all is well. */
  readonly problems: readonly string[];
  /** True when the chain had to decide about something. */
  readonly isDisputed: boolean;
  /** True when the story was told to its end. */
  readonly isTold: boolean;
};

/** Seconds in which a challenge can be answered: some blocks more than an answer takes. */
const CHALLENGE_SEC = 300;

/** Milliseconds after which a node leaves to the chain what waits for others: longer than any story waits. */
const DISPUTE_AFTER_MS = 200_000;

/** Virtual milliseconds between two looks at the nodes: a block. */
const LOOK_MS = 12_000;

/** Looks without a record after which nothing more happens by itself: longer than a node is patient. */
const STILL_LOOKS = 20;

/** Looks after which a story never comes to rest. */
const LOOKS_MAX = 600;

/** Plays it once. Throws only when the world outside fails. */
export async function playScript(
  chain: SimulatedChain,
  story: Story,
  fault: Fault,
): Promise<Ending> {
  await chain.local.reset();
  const world = new World({
    seed: 1,
    cast: story.cast,
    chain,
    signatures: standInSignatures(),
    network: story.network ?? {},
    fees: story.fees ?? {},
    ...(story.policy === undefined ? {} : { policy: story.policy }),
    challengeDurationSec: CHALLENGE_SEC,
    disputeAfterMs: DISPUTE_AFTER_MS,
  });
  const play = new Play(world, story, fault);
  const oracles = await watchWorld(world);
  fault.prepare(world);
  const endSimulation = beginSimulation();
  try {
    await play.run();
  } finally {
    for (const node of world.nodes.values()) if (node.isRunning) node.engine.stop();
    endSimulation();
  }
  await oracles.finish();
  return play.ending();
}

/** One telling. */
class Play {
  readonly #world: World;
  readonly #story: Story;
  readonly #fault: Fault;
  readonly #problems: string[] = [];
  readonly #money: Money;
  readonly #events = new Map<ActorName, NodeEvent[]>();
  #records = 0;
  #isDisputed = false;
  #isTold = false;

  constructor(world: World, story: Story, fault: Fault) {
    this.#world = world;
    this.#story = story;
    this.#fault = fault;
    this.#money = new Money(world);
    world.witnesses.push({
      sawRecord: (name, { event }) => this.#learn(name, event),
      sawBlock: async () => {},
      sawReorg: async () => {},
    });
  }

  async run(): Promise<void> {
    const world = this.#world;
    world.miner.start();
    let isOver = false;
    const playing = this.#play().finally(() => {
      isOver = true;
    });
    playing.catch(() => {});
    try {
      const isInTime = await world.run(() => isOver);
      if (isInTime) await playing;
      else this.#problems.push("the world stands still");
    } catch (error) {
      this.#problems.push(`somebody breaks down: ${textOf(error)}`);
    }
  }

  ending(): Ending {
    const found = this.#world.violations.map(({ message, oracle }) => `${oracle}: ${message}`);
    return {
      problems: [...this.#problems, ...this.#fault.problems(), ...found],
      isDisputed: this.#isDisputed,
      isTold: this.#isTold,
    };
  }

  async #play(): Promise<void> {
    const world = this.#world;
    for (const node of world.nodes.values()) await node.start();
    await this.#money.count();
    let isOver = false;
    const { begin } = this.#fault;
    const told = this.#story.tell({ world, stage: createStage(world, {}), begin });
    told.then(
      () => {
        isOver = true;
        this.#isTold = true;
      },
      () => {
        isOver = true;
      },
    );
    await this.#rest(() => isOver);
    const away = [...world.nodes.keys()].filter((name) => !world.node(name).isRunning);
    // Whoever stays away for longer than a challenge can be answered may lose what only she could show.
    const late = this.#isDisputed ? away : [];
    await this.#fault.mend(world);
    await this.#rest(() => isOver);
    const forgetful = new Set([...world.nodes.keys()].filter((name) => !this.#fault.isWhole(name)));
    const isMended = this.#fault.isMended();
    const ordeal = { disputeAfterMs: DISPUTE_AFTER_MS, isMended, forgetful };
    this.#problems.push(...(await endStory(world, ordeal)));
    for (const [name, node] of world.nodes) {
      world.violations.push(...(await checkCausality(node)));
      if (!node.isRunning) continue;
      world.violations.push(...(await checkReplay(node)), ...(await checkLog(node)));
      if (late.includes(name) || hasLeft(world, node, forgetful)) continue;
      const events = this.#events.get(name) ?? [];
      const isWhole = this.#fault.isWhole(name);
      this.#problems.push(...(await this.#money.problemsOf(name, events, isWhole)));
    }
  }

  /** Lets time pass until nothing happens any more, or the story is over. */
  async #rest(isOver: () => boolean): Promise<void> {
    let before = -1;
    let still = 0;
    for (let look = 0; still < STILL_LOOKS && !isOver(); look++) {
      if (look > LOOKS_MAX) throw new Error("the nodes never come to rest");
      await this.#world.pause(LOOK_MS);
      still = this.#records === before ? still + 1 : 0;
      before = this.#records;
    }
  }

  #learn(name: ActorName, event: NodeEvent): void {
    // That time passes on the chain is no news.
    if (event.type !== "BlocksRead") this.#records += 1;
    if (event.type === "ChallengeRegistered") this.#isDisputed = true;
    const events = this.#events.get(name) ?? [];
    this.#events.set(name, events);
    events.push(event);
  }
}

/** True for somebody whose money stays where nobody can help her any more. */
function hasLeft(world: World, node: SimulatedNode, forgetful: ReadonlySet<ActorName>): boolean {
  return node.engine
    .channels()
    .filter((channel) => !isSettled(node.engine, channel))
    .some((channel) => isLeftInDoubt(world, node, channel, forgetful));
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
