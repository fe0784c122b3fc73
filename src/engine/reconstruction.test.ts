/** Time travel: at every offset, what is folded from the log is what the node was then. */
import { describe, expect } from "bun:test";
import { ETH } from "../../sim/assets.ts";
import { runScenario } from "../../sim/run-scenario.ts";
import { defineScenario } from "../../sim/scenario.ts";
import { startSimulatedChain } from "../../sim/simulated-chain.ts";
import type { World } from "../../sim/world.ts";
import { invariant } from "../../test/kind.ts";
import { jsonOf } from "../primitives/json.ts";
import { evolveNode } from "./evolve-node.ts";
import { createNodeState, type NodeState } from "./node-state.ts";
import { reconstructChannel, reconstructNode, reconstructObjective } from "./reconstruction.ts";

const scenario = defineScenario({
  name: "story",
  summary: "opens, pays, closes",
  cast: ["alice", "bob"],
  script: async ({ alice, bob }) => {
    const channel = await alice.openChannel([bob], [{ asset: ETH, amounts: [6n, 4n] }]);
    await alice.pay(channel, bob, ETH, 2n);
    await bob.closeChannel(channel);
  },
});

describe("reconstruction", () => {
  invariant("gives what the node was, at every offset", async () => {
    const chain = await startSimulatedChain("evm");
    try {
      await runScenario(scenario, { seed: 1, chain, inspect: compareEveryOffset });
    } finally {
      await chain.local.stop();
    }
  });
});

async function compareEveryOffset(world: World): Promise<void> {
  const { store } = world.node("alice");
  const live = createNodeState();
  let offset = 0;
  for await (const { event } of store.readFrom(0)) {
    await compareAt(world, live, offset);
    evolveNode(live, event);
    offset++;
  }
  await compareAt(world, live, offset);
  expect(offset).toBeGreaterThan(30);
}

async function compareAt(world: World, live: NodeState, offset: number): Promise<void> {
  const { store } = world.node("alice");
  expect(jsonOf(await reconstructNode(store, offset))).toBe(jsonOf(live));
  for (const [channelId, channel] of live.channels) {
    expect(jsonOf(await reconstructChannel(store, channelId, offset))).toBe(jsonOf(channel));
  }
  for (const [objectiveId, objective] of live.objectives) {
    const folded = await reconstructObjective(store, objectiveId, offset);
    expect(jsonOf(folded)).toBe(jsonOf(objective));
  }
}
