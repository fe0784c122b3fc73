/** Opening virtual channels over one hub: how many a second, and what a hub with many of them pays. */
import { type SimulatedChain, startSimulatedChain } from "../sim/simulated-chain.ts";
import { GUARANTEES_MAX } from "../src/channel/ledger-limits.ts";
import { assert } from "../src/primitives/assert.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { HubWorld, type Measured } from "./hub-world.ts";
import { primitivesText } from "./primitive-costs.ts";
import { median } from "./slices.ts";

/** Channels that are asked for at once: as many as fill one ledger channel. */
const AT_ONCE = GUARANTEES_MAX;

/** Channels opened before measuring, so that the code is compiled. */
const WARM_UP = 600;

/** Channels in the flatness run: what seconds allow, or what the goal asks for. */
const OPEN = { quick: 1_000, full: 10_000 } as const;

/** Slices at either end of the flatness run, of which the median counts. */
const SLICES = 3;

/** Guarantees that are in both ledger channels when one more comes. The last place is the hundredth. */
const GUARANTEES = [0, 25, 50, 75, GUARANTEES_MAX - 1] as const;

/** Worlds in which the growth is measured: one opening of each size in each. */
const WORLDS = { quick: 5, full: 15 } as const;

export const benchmark: Benchmark = {
  name: "virtual-channels",
  question: "How many virtual channels open over one hub in a second, with real signatures?",
  run: async ({ full }) => {
    const chain = await startSimulatedChain("evm");
    try {
      await warmUp(chain);
      const slices = await openMany(chain, full ? OPEN.full : OPEN.quick);
      const growth = await openOneByOne(chain, full ? WORLDS.full : WORLDS.quick);
      return { figures: [...rateFigures(slices), ...growthFigures(growth)] };
    } finally {
      await chain.local.stop();
    }
  },
};

async function warmUp(chain: SimulatedChain): Promise<void> {
  const hub = await HubWorld.begin(chain, WARM_UP);
  for (let open = 0; open < WARM_UP; open += AT_ONCE) await measure(hub, AT_ONCE);
  hub.stop();
}

/** Opens channels until `count` are open; gives each hundred. */
async function openMany(chain: SimulatedChain, count: number): Promise<readonly Measured[]> {
  const hub = await HubWorld.begin(chain, count);
  const slices: Measured[] = [];
  while (slices.length * AT_ONCE < count) slices.push(await measure(hub, AT_ONCE));
  hub.stop();
  return slices;
}

/** Fills one ledger channel on each side, opening by opening; gives those that GUARANTEES names. */
async function openOneByOne(
  chain: SimulatedChain,
  worlds: number,
): Promise<ReadonlyMap<number, readonly Measured[]>> {
  const found = new Map<number, Measured[]>(GUARANTEES.map((count) => [count, []]));
  for (let world = 0; world < worlds; world += 1) {
    const hub = await HubWorld.begin(chain, GUARANTEES_MAX);
    for (let open = 0; open < GUARANTEES_MAX; open += 1) {
      const slices = found.get(open);
      if (slices === undefined) await hub.run(() => hub.openVirtual(1));
      else slices.push(await measure(hub, 1));
    }
    hub.stop();
  }
  return found;
}

function measure(hub: HubWorld, count: number): Promise<Measured> {
  return hub.measure(() => hub.openVirtual(count));
}

function rateFigures(slices: readonly Measured[]): readonly Figure[] {
  const sum = (of: (slice: Measured) => number): number =>
    slices.reduce((all, one) => all + of(one), 0);
  const total = slices.length * AT_ONCE;
  const first = median(slices.slice(0, SLICES).map(({ seconds }) => seconds));
  const last = median(slices.slice(-SLICES).map(({ seconds }) => seconds));
  const work = slices[0]?.work;
  assert(work !== undefined, "something was opened");
  return [
    {
      what: `virtual channels opened, ${AT_ONCE} at once`,
      value: total / sum(({ seconds }) => seconds),
      unit: "channels/s",
      yardstick: primitivesText(work, AT_ONCE),
      ratio: median(slices.map(({ bound, seconds }) => bound / seconds)),
      goal: 0.6,
    },
    {
      what: `an opening with ${total.toLocaleString("en-US")} open at the hub`,
      value: (last / AT_ONCE) * 1_000,
      unit: "ms",
      yardstick: "with none open",
      ratio: last / first,
      better: "lower",
      goal: 1.2,
    },
  ];
}

function growthFigures(growth: ReadonlyMap<number, readonly Measured[]>): readonly Figure[] {
  return [...growth].map(([guarantees, slices]): Figure => {
    const work = slices[0]?.work;
    assert(work !== undefined, "something was opened");
    return {
      what: `an opening alone, ${guarantees} guarantees in each ledger channel`,
      value: median(slices.map(({ seconds }) => seconds)) * 1_000,
      unit: "ms",
      yardstick: primitivesText(work, 1),
      ratio: median(slices.map(({ bound, seconds }) => bound / seconds)),
    };
  });
}
