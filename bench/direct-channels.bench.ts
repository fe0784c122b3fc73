/** Opening direct channels: how many a second, against the signatures that cannot be avoided. */

import { ETH } from "../sim/assets.ts";
import { beginSimulation } from "../sim/banned-globals.ts";
import { realWorld } from "../sim/real-world.ts";
import { type SimulatedChain, startSimulatedChain } from "../sim/simulated-chain.ts";
import { World } from "../sim/world.ts";
import { externalDestination } from "../src/channel/destination.ts";
import { ALLOCATION_TYPE } from "../src/channel/outcome.ts";
import type { Request } from "../src/engine/request.ts";
import { assert } from "../src/primitives/assert.ts";
import type { Benchmark } from "./benchmark.ts";
import {
  boundSeconds,
  type CountingSignatures,
  countingSignatures,
  primitiveCosts,
} from "./primitive-costs.ts";

/** Channels before measuring, so that the code is compiled. */
const WARM_UP = 150;

/** Channels in one run: enough to fill blocks, few enough for a second or two. */
const CHANNELS = 300;

export const benchmark: Benchmark = {
  name: "direct-channels",
  question:
    "How many direct channels open in a second, with real signatures, on the EVM in process?",
  run: async () => {
    const chain = await startSimulatedChain("evm");
    try {
      await open(chain, WARM_UP);
      const { counted, seconds } = await open(chain, CHANNELS);
      const bound = boundOf(counted);
      return {
        figures: [
          {
            what: "direct channels opened, chain included",
            value: CHANNELS / seconds,
            unit: "channels/s",
            floor: 100,
          },
          {
            what: "direct channels opened, against their signatures and recoveries alone",
            value: CHANNELS / seconds,
            unit: "channels/s",
            yardstick: `${counted.signed} signatures and ${counted.recovered} recoveries, each at its cost here`,
            ratio: bound / seconds,
            goal: 0.6,
          },
        ],
      };
    } finally {
      await chain.local.stop();
    }
  },
};

async function open(
  chain: SimulatedChain,
  channels: number,
): Promise<{ readonly counted: CountingSignatures; readonly seconds: number }> {
  await chain.local.reset();
  const signatures = countingSignatures();
  const cast = ["alice", "bob"] as const;
  const world = new World({ seed: 1, cast, chain, signatures, network: {}, keepsTrace: false });
  const end = beginSimulation();
  const startedMs = realWorld.performanceNow();
  try {
    world.miner.start();
    let isOver = false;
    const story = openAll(world, channels).finally(() => {
      isOver = true;
    });
    story.catch(() => undefined);
    assert(await world.run(() => isOver), "all channels open in time");
    await story;
    for (const node of world.nodes.values()) node.engine.stop();
  } finally {
    end();
  }
  return { counted: signatures, seconds: (realWorld.performanceNow() - startedMs) / 1_000 };
}

async function openAll(world: World, channels: number): Promise<void> {
  for (const node of world.nodes.values()) await node.start();
  const { engine } = world.node("alice");
  const answers = await Promise.all(
    Array.from({ length: channels }, () => engine.submit(funding(world))),
  );
  const ids = answers.map((answer) => {
    assert(answer.ok, "the request is taken");
    return answer.value;
  });
  const nodes = [...world.nodes.values()];
  await Promise.all(nodes.flatMap((node) => ids.map((id) => node.engine.settled(id))));
}

function funding(world: World): Request {
  const participants = [world.node("alice").address, world.node("bob").address];
  const allocations = participants.map((participant) => ({
    destination: externalDestination(participant),
    amount: 5n,
    allocationType: ALLOCATION_TYPE.simple,
    metadata: "0x" as const,
  }));
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  return {
    type: "FundDirectly",
    participants,
    outcome: [{ asset: ETH.address, assetMetadata, allocations }],
    appDefinition: world.options.chain.deployment.consensusApp,
    appData: "0x",
    challengeDurationSec: 86_400,
  };
}

/** What the counted signatures and recoveries take in this process, alone. */
function boundOf({ recovered, signed }: CountingSignatures): number {
  const counts = { signatures: signed, recoveries: recovered, keccakBytes: 0, sha256Bytes: 0 };
  return boundSeconds(counts, primitiveCosts());
}
