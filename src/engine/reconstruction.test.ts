/** Time travel: at every offset, what is folded from the log is what the node was then. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { ETH } from "../../sim/assets.ts";
import { runScenario } from "../../sim/run-scenario.ts";
import { defineScenario } from "../../sim/scenario.ts";
import { startSimulatedChain } from "../../sim/simulated-chain.ts";
import type { World } from "../../sim/world.ts";
import { invariant, property } from "../../test/kind.ts";
import { playVirtual } from "../../test/played-channels.ts";
import {
  foldedState,
  logOf,
  snapshotsOf,
  stateText,
  type ToldLog,
  toldEvents,
} from "../../test/told-log.ts";
import type { NodeEvent } from "../events/event.ts";
import { jsonOf } from "../primitives/json.ts";
import type { EventStore } from "../store/event-store.ts";
import { evolveNode } from "./evolve-node.ts";
import { createNodeState, type NodeState } from "./node-state.ts";
import {
  diffNode,
  reconstructChannel,
  reconstructNode,
  reconstructObjective,
} from "./reconstruction.ts";

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

const overLedgers = defineScenario({
  name: "story over ledgers",
  summary: "opens ledgers and a virtual channel, pays, closes",
  cast: ["alice", "irene", "bob"],
  script: async ({ alice, bob, irene }) => {
    const left = await alice.openLedger(irene, [{ asset: ETH, amounts: [60n, 40n] }]);
    await irene.openLedger(bob, [{ asset: ETH, amounts: [50n, 50n] }]);
    const shares = [{ asset: ETH, amounts: [6n, 4n] }];
    const channel = await alice.openVirtual(bob, shares, { via: [irene] });
    await alice.payVirtually(channel, ETH, 2n);
    await bob.payVirtually(channel, ETH, 5n);
    await bob.closeChannel(channel);
    await alice.closeChannel(left);
  },
});

type NodeStore = EventStore<NodeEvent>;

describe("reconstruction", () => {
  for (const told of [scenario, overLedgers]) {
    invariant(`gives what each node was, at every offset of a ${told.name}`, async () => {
      const chain = await startSimulatedChain("evm");
      try {
        const { violations } = await runScenario(told, {
          seed: 1,
          chain,
          inspect: compareEveryOffset,
        });
        expect(violations).toEqual([]);
      } finally {
        await chain.local.stop();
      }
    });
  }
});

describe("a node of the past", () => {
  property("is the same with snapshots, with some of them lost, and without", async () => {
    await expectSameWithSnapshots(logOf(toldEvents(1_500)), { min: 20, max: 900 });
  });

  property("is so with ledgers that wait and virtual channels that are paid in", async () => {
    await expectSameWithSnapshots(logOf(playVirtual([0, 3, 1]).node(1).log), { min: 3, max: 60 });
  });

  property(
    "differs from another one in the entities that the events between them changed",
    async () => {
      const told = logOf(toldEvents(1_500));
      const { snapshots } = await snapshotsOf(told, 200);
      const offset = fc.nat({ max: 1_500 });
      await fc.assert(
        fc.asyncProperty(offset, offset, async (one, other) => {
          const [from, to] = one < other ? [one, other] : [other, one];
          const before = foldedState(told, from);
          const after = foldedState(told, to);
          const found = await diffNode(told, from, to, snapshots);
          for (const { key, table, ...difference } of found) {
            const name = table as keyof NodeState;
            const old: unknown = (before[name] as Map<string, unknown>).get(key);
            const now: unknown = (after[name] as Map<string, unknown>).get(key);
            expect(jsonOf(difference)).toBe(jsonOf({ before: old, after: now }));
            if (now === undefined) (before[name] as Map<string, unknown>).delete(key);
            else (before[name] as Map<string, unknown>).set(key, now);
          }
          // With the differences applied, the one state is the other.
          expect(stateText(before)).toBe(stateText(after));
          expect(await diffNode(told, from, to)).toEqual(found);
        }),
        { numRuns: 25 },
      );
    },
  );
});

async function expectSameWithSnapshots(
  told: ToldLog,
  snapshotEvents: { readonly min: number; readonly max: number },
): Promise<void> {
  const anyOffset = fc.nat({ max: told.length });
  await fc.assert(
    fc.asyncProperty(
      fc.integer(snapshotEvents),
      anyOffset,
      fc.array(anyOffset, { minLength: 3, maxLength: 3 }),
      async (eventsPerSnapshot, forgotten, offsets) => {
        const { snapshots } = await snapshotsOf(told, eventsPerSnapshot);
        await snapshots.forgetBefore(forgotten);
        for (const upTo of offsets) {
          const expected = foldedState(told, upTo);
          expect(stateText(await reconstructNode(told, upTo, snapshots))).toBe(stateText(expected));
          for (const [id, channel] of expected.channels) {
            const found = await reconstructChannel(told, id, upTo, snapshots);
            expect(jsonOf(found)).toBe(jsonOf(channel));
          }
          const [last] = [...expected.objectives.values()].slice(-1);
          if (last === undefined) continue;
          const found = await reconstructObjective(told, last.id, upTo, snapshots);
          expect(jsonOf(found)).toBe(jsonOf(last));
        }
      },
    ),
    { numRuns: 12 },
  );
}

async function compareEveryOffset(world: World): Promise<void> {
  for (const [, { store }] of world.nodes) await compareLog(store);
}

async function compareLog(store: NodeStore): Promise<void> {
  const live = createNodeState();
  let offset = 0;
  for await (const { event } of store.readFrom(0)) {
    await compareAt(store, live, offset);
    evolveNode(live, event);
    offset++;
  }
  await compareAt(store, live, offset);
  expect(offset).toBeGreaterThan(30);
}

async function compareAt(store: NodeStore, live: NodeState, offset: number): Promise<void> {
  expect(jsonOf(await reconstructNode(store, offset))).toBe(jsonOf(live));
  for (const [channelId, channel] of live.channels) {
    expect(jsonOf(await reconstructChannel(store, channelId, offset))).toBe(jsonOf(channel));
  }
  for (const [objectiveId, objective] of live.objectives) {
    const folded = await reconstructObjective(store, objectiveId, offset);
    expect(jsonOf(folded)).toBe(jsonOf(objective));
  }
}
