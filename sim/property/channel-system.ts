/** A simulated world that a test directs step by step: between two steps nothing in it moves. */
import { supportedState } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { signatureBackend } from "../../src/crypto/signatures.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { accountsOf } from "../../src/protocols/payments.ts";
import type { ActorName } from "../actors.ts";
import { beginSimulation } from "../banned-globals.ts";
import { checkLog } from "../checkers/log.ts";
import { type Oracles, watchWorld } from "../checkers/oracles.ts";
import { checkReplay } from "../checkers/replay.ts";
import type { Stage } from "../scenario.ts";
import type { SimulatedChain } from "../simulated-chain.ts";
import { createStage } from "../stage.ts";
import { standInSignatures } from "../stand-in-signatures.ts";
import type { NetworkConditions } from "../wire.ts";
import { World } from "../world.ts";

/** Who is there, and in what world. */
export type SystemOptions = {
  readonly cast: readonly ActorName[];
  /** All chance that commands leave open; 1 when absent. */
  readonly seed?: number;
  /** A calm network when absent. */
  readonly network?: NetworkConditions;
};

/** Nodes, their network and their chain. */
export class ChannelSystem {
  /** Channels, by the numbers that the model gives them. */
  readonly channels: Map<number, ChannelId> = new Map();
  readonly world: World;
  readonly #stage: Stage<ActorName>;
  readonly #oracles: Oracles;

  private constructor(world: World, oracles: Oracles) {
    this.world = world;
    this.#oracles = oracles;
    this.#stage = createStage(world, {});
  }

  /** Takes the chain back to its beginning, and starts all nodes. */
  static async open(
    chain: SimulatedChain,
    {
      cast,
      network = {},
      seed = 1,
      signatures,
    }: SystemOptions & { readonly signatures: "real" | "fast" },
  ): Promise<ChannelSystem> {
    await chain.local.reset();
    const backend = signatures === "fast" ? standInSignatures() : signatureBackend;
    const world = new World({ seed, cast, chain, network, signatures: backend });
    const system = new ChannelSystem(world, await watchWorld(world));
    world.miner.start();
    await system.tell(async () => {
      for (const node of world.nodes.values()) await node.start();
    });
    return system;
  }

  /** Lets a part of the story happen. Throws what the story throws, or when it never ends. */
  async tell<Value>(script: (stage: Stage<ActorName>) => Promise<Value>): Promise<Value> {
    const endSimulation = beginSimulation();
    try {
      let isOver = false;
      const story = script(this.#stage).finally(() => {
        isOver = true;
      });
      story.catch(() => undefined);
      const inTime = await this.world.run(() => isOver);
      if (!inTime) throw new Error("the world stands still, and the story still waits");
      return await story;
    } finally {
      endSimulation();
    }
  }

  /** What each end of a channel has, as one node counts it: per asset of the channel, the first end first. */
  fundsAt(name: ActorName, channel: number): readonly (readonly bigint[])[] {
    const known = this.world.node(name).engine.channel(this.idOf(channel));
    const found = assertDefined(known, "a channel that the node knows");
    if (found.use.type === "Virtual") {
      const accounts = accountsOf(found);
      if (!accounts.ok) throw new Error(`${name} is no end of the channel`);
      const isFirst = found.myIndex === 0;
      return accounts.value.map(({ remaining, remainingOfOther }) =>
        isFirst ? [remaining, remainingOfOther] : [remainingOfOther, remaining],
      );
    }
    const { outcome } = supportedState(found).variablePart;
    const count = found.fixedPart.participants.length;
    return outcome.map(({ allocations }) =>
      allocations.slice(0, count).map(({ amount }) => amount),
    );
  }

  idOf(channel: number): ChannelId {
    return assertDefined(this.channels.get(channel), "a channel that was opened");
  }

  /** Asks every oracle, once nothing is under way. Throws with what must not have happened. */
  async finish(): Promise<void> {
    const { world } = this;
    const endSimulation = beginSimulation();
    try {
      for (const node of world.nodes.values()) {
        if (!node.isRunning) continue;
        world.violations.push(...(await checkReplay(node)), ...(await checkLog(node)));
      }
    } finally {
      endSimulation();
    }
    await this.#oracles.finish();
    const [first] = world.violations;
    if (first !== undefined) throw new Error(`FAILED  ${first.oracle}: ${first.message}`);
  }

  /** Stops all nodes. */
  stop(): void {
    for (const node of this.world.nodes.values()) if (node.isRunning) node.engine.stop();
  }
}
