/** One update of a running channel, at the node that makes it: decided, signed and stored. */

import { ETH } from "../sim/assets.ts";
import { realWorld } from "../sim/real-world.ts";
import { runScenario } from "../sim/run-scenario.ts";
import { defineScenario } from "../sim/scenario.ts";
import { startSimulatedChain } from "../sim/simulated-chain.ts";
import { createMemoryDisk } from "../src/adapters/memory-disk.ts";
import { decideInput } from "../src/engine/decide-input.ts";
import { Draft } from "../src/engine/draft.ts";
import type { NodeState } from "../src/engine/node-state.ts";
import { reconstructNode } from "../src/engine/reconstruction.ts";
import type { Rules } from "../src/engine/rules.ts";
import { nodeCodec } from "../src/events/node-codec.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import { EventStore } from "../src/store/event-store.ts";
import { BENCH_LOG_ID } from "./bench-log-id.ts";
import type { Benchmark } from "./benchmark.ts";

/** Updates measured: enough that the hundredth part is a few dozen. */
const UPDATES = 3_000;

/** Updates before measuring, so that the code is compiled. */
const WARM_UP = 500;

export const benchmark: Benchmark = {
  name: "state-update",
  question: "How long does a node take to sign and store an update, without the disk?",
  run: async () => {
    const { rules, state } = await runningChannel();
    const timesMs = await measure(state, rules);
    const at = (part: number): number =>
      assertDefined(timesMs[Math.floor(timesMs.length * part)], "a time");
    return {
      figures: [
        {
          what: "local state update, median",
          value: at(0.5),
          unit: "ms",
          better: "lower",
          floor: 1,
        },
        {
          what: "local state update, p99",
          value: at(0.99),
          unit: "ms",
          better: "lower",
          goal: 0.3,
        },
      ],
    };
  },
};

type Running = { readonly state: NodeState; readonly rules: Rules };

/** Alice's node with a funded channel in which the next move is hers. */
async function runningChannel(): Promise<Running> {
  const chain = await startSimulatedChain("evm");
  const scenario = defineScenario({
    name: "funded",
    summary: "opens a channel",
    cast: ["alice", "bob"],
    script: async ({ alice, bob }) => {
      await alice.openChannel([bob], [{ asset: ETH, amounts: [1_000_000n, 1_000_000n] }]);
    },
  });
  let running: Running | undefined;
  try {
    await runScenario(scenario, {
      seed: 1,
      chain,
      inspect: async (world) => {
        const node = world.node("alice");
        const state = await reconstructNode(node.store, node.store.length);
        running = { state, rules: node.rules() };
      },
    });
  } finally {
    await chain.local.stop();
  }
  return assertDefined(running, "the running channel");
}

async function measure(state: NodeState, rules: Rules): Promise<readonly number[]> {
  const disk = createMemoryDisk();
  const store = await EventStore.open({ disk, codec: nodeCodec, logId: BENCH_LOG_ID });
  const [channel] = state.channels.values();
  const { id: channelId } = assertDefined(channel, "the channel");
  const times: number[] = [];
  for (let count = 0; count < WARM_UP + UPDATES; count++) {
    const startedMs = realWorld.performanceNow();
    // The draft is dropped each time: every update is the first one after the funding.
    const draft = new Draft(state);
    const change = { type: "Pay", asset: ETH.address, to: 1, amount: BigInt(count + 1) } as const;
    const request = { type: "UpdateChannel", channelId, change } as const;
    const answer = (): void => undefined;
    const verdict = decideInput(
      draft,
      state,
      { type: "Request", request, channelNonce: 0n, answer },
      rules,
    );
    assert(verdict.ok, "the update is taken");
    await store.append(draft.events, store.length, count);
    if (count >= WARM_UP) times.push(realWorld.performanceNow() - startedMs);
  }
  return times.sort((one, other) => one - other);
}
