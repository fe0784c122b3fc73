/**
 * One of the two nodes of a partial withdrawal goes on from an old log: it signs nothing twice, and the money is
 * exact. The runs are a sample; with CHANNELS_EVERY_PREFIX=1 every length of both logs is tried.
 */
import { describe, expect } from "bun:test";
import type { ActorName } from "../../sim/actors.ts";
import { balanceOf, readBalances } from "../../sim/balances.ts";
import { checkCausality } from "../../sim/checkers/causality.ts";
import type { SimulatedNode } from "../../sim/simulated-node.ts";
import { createStage } from "../../sim/stage.ts";
import type { World } from "../../sim/world.ts";
import { phaseOf } from "../../src/channel/channel.ts";
import { assert, assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial, crash } from "../kind.ts";
import { playWorld } from "../played-world.ts";
import { HEADS, type Head, recordsOf, rollBack, signedIn, signedTwice } from "./rolled-back.ts";

const TIME_MAX_MS = 1_800_000;
const IS_EVERY = process.env["CHANNELS_EVERY_PREFIX"] === "1";

/** Alice leads the ledger; Irene has something paid out of it. */
const ENDS = ["alice", "irene"] as const;
type End = (typeof ENDS)[number];

/** Virtual milliseconds between two looks of a user, and how many before she gives up: twenty minutes. */
const LOOK_MS = 1_000;
const LOOKS_MAX = 1_200;

type Restore = {
  readonly name: End;
  /** Records that the old log has. */
  readonly length: number;
  readonly head: Head;
  /** Stops the node when its log is so long, before the last record has effects; else when all is paid. */
  readonly crashAtLength?: number;
  /** What Irene wants of the ledger; absent: to withdraw. */
  readonly wish?: "TopUp" | "Withdraw";
};

const chainOf = chainOfFile();

async function tell(world: World, wish: Restore["wish"]): Promise<void> {
  const { alice, irene, token } = createStage(world, {});
  const ledger = await alice.openLedger(irene, [{ asset: token, amounts: [60n, 40n] }]);
  if (wish === "TopUp") await irene.topUp(ledger, token, 25n);
  else await irene.withdraw(ledger, [{ asset: token, amounts: [5n, 25n] }]);
}

async function lengthsOfLogs(): Promise<ReadonlyMap<ActorName, number>> {
  const lengths = new Map<ActorName, number>();
  await playWorld({ cast: ENDS, seed: 1, chain: chainOf() }, async (world) => {
    await tell(world, "Withdraw");
    for (const name of ENDS) lengths.set(name, world.node(name).store.length);
  });
  return lengths;
}

async function play(restore: Restore): Promise<void> {
  const { crashAtLength, head, length, name, wish = "Withdraw" } = restore;
  const chain = chainOf();
  const tokens = async (): Promise<readonly unknown[]> =>
    (await readBalances(chain, ENDS)).map(({ before }) => before["TOK"]);
  let start: readonly unknown[] = [];
  const world = await playWorld({ cast: ENDS, seed: 1, chain }, async (played) => {
    start = await tokens();
    const told = tell(played, wish);
    if (crashAtLength === undefined) await told;
    else await cutShort(played, told, name, crashAtLength);
    const node = played.node(name);
    const records = await recordsOf(node);
    node.crash();
    await rollBack(node, records, length, head);
    await played.pause(500);
    await node.start();
    await closeAll(played);
    const now = await recordsOf(node);
    expect(signedTwice([signedIn(records), signedIn(now)])).toEqual([]);
  });
  const broken = await Promise.all([...world.nodes.values()].map(checkCausality));
  expect(broken.flat().map(({ message }) => message)).toEqual([]);
  expect(await tokens()).toEqual([...start]);
  expect(await balanceOf(chain, chain.deployment.adjudicator, chain.token)).toBe(0n);
}

/** Lets a node stop before anybody hears of the last record of its log. */
async function cutShort(
  world: World,
  told: Promise<void>,
  name: End,
  length: number,
): Promise<void> {
  told.catch(() => undefined);
  const node = world.node(name);
  const parts = node.parts as { onRecord: SimulatedNode["parts"]["onRecord"] };
  const record = parts.onRecord;
  const reached = new Promise<void>((resolve) => {
    parts.onRecord = (by, one) => {
      record(by, one);
      if (one.offset + 1 !== length) return;
      node.engine.stop();
      world.timeline.after(1, resolve);
    };
  });
  await Promise.race([told, reached]);
  parts.onRecord = record;
}

/** Waits until nothing is under way, and closes whichever ledger goes on. */
async function closeAll(world: World): Promise<void> {
  await see(world, "settle");
  await world.pause(60_000);
  const { engine } = world.node("irene");
  for (const { id: channelId } of engine.channels()) {
    const isRunning = ENDS.every((name) => {
      const channel = world.node(name).engine.channel(channelId);
      return (
        channel !== undefined && phaseOf(channel) === "Running" && isPaid(world, name, channelId)
      );
    });
    if (!isRunning) continue;
    const answer = await engine.submit({ type: "DefundDirectly", channelId });
    assert(answer.ok, `${channelId} closes: ${JSON.stringify(answer)} ${describeAll(world)}`);
    await see(world, "close");
    expect(engine.objective(answer.value)?.status).toBe("Completed");
  }
}

/** False for the next ledger of a withdrawal that was left. */
function isPaid(world: World, name: End, channelId: string): boolean {
  const channel = world
    .node(name)
    .engine.channels()
    .find(({ id }) => id === channelId);
  return channel !== undefined && [...channel.holdings.values()].some((amount) => amount > 0n);
}

async function see(world: World, what: string): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    await world.pause(LOOK_MS);
    const isQuiet = ENDS.every((name) => {
      const node = world.node(name);
      return node.isRunning && node.engine.waits().length === 0 && node.engine.isIdle();
    });
    if (isQuiet) return;
  }
  throw new Error(`${what} waits for ever: ${describeAll(world)}`);
}

function describeAll(world: World): string {
  const nodes = ENDS.map((name) => {
    const { engine } = world.node(name);
    return {
      name,
      channels: engine
        .channels()
        .map((one) => [
          one.id,
          phaseOf(one),
          one.supported?.variablePart.turnNum,
          `passed ${one.passedTurn}`,
          `pending ${[...one.pending.keys()]}`,
          `held ${[...one.holdings.values()]}`,
          `pred ${one.ledger?.predecessor}`,
        ]),
      objectives: engine.objectives().map((one) => [one.id, one.status, one.rejectionCode]),
      waits: engine.waits(),
    };
  });
  return JSON.stringify(nodes, undefined, 1);
}

/** A sample has each length so many times a step of its own. */
const STEPS = 6;

/** All lengths, or each so many, and the last. */
function lengthsUpTo(length: number, step: number, from: number): readonly number[] {
  const all = Array.from({ length: length + 1 }, (_, index) => index);
  return IS_EVERY
    ? all
    : all.filter((one) => one === length || one % (STEPS * step) === from % (STEPS * step));
}

async function playEach(restores: Iterable<Restore>): Promise<void> {
  for (const restore of restores) {
    await play(restore).catch((cause: unknown) => {
      throw new Error(JSON.stringify(restore), { cause });
    });
  }
}

describe("a node that was to pay out part of a ledger channel", () => {
  for (const name of ENDS) {
    adversarial(
      `goes on from an old log, ${name}'s, and knows the ledger that took its place`,
      async () => {
        const length = assertDefined((await lengthsOfLogs()).get(name), "a log");
        for (const [index, head] of HEADS.entries()) {
          const lengths = lengthsUpTo(length, 7, 2 * index);
          await playEach(lengths.map((one) => ({ name, length: one, head })));
        }
      },
      TIME_MAX_MS,
    );

    crash(
      `stops in the middle, ${name} does, forgets what it did last, and comes to an end`,
      async () => {
        const length = assertDefined((await lengthsOfLogs()).get(name), "a log");
        for (const lost of [0, 1, 2, 4, 7]) {
          const lengths = lengthsUpTo(length, 7, lost).filter((one) => one > lost);
          await playEach(
            lengths.map((one) => {
              return { name, length: one - lost, head: "anchor", crashAtLength: one };
            }),
          );
        }
      },
      TIME_MAX_MS,
    );
  }
});

describe("a node that puts more money into a ledger channel", () => {
  crash(
    "and forgets that it has signed the deposit, pays it once",
    () => {
      // Before the batch that asks for the deposit, in its middle, and behind it; the deposit is signed, seen, confirmed.
      const about = { name: "irene", head: "anchor", wish: "TopUp" } as const;
      return playEach(
        [34, 35, 36, 37].flatMap((length, row) =>
          [39, 41, 44]
            .filter((_, column) => IS_EVERY || column === row % 3)
            .map((crashAtLength) => ({ ...about, length, crashAtLength })),
        ),
      );
    },
    TIME_MAX_MS,
  );

  crash(
    "and forgets that it has signed the merge, agrees to it anew",
    () =>
      playEach([{ name: "irene", length: 46, head: "anchor", crashAtLength: 50, wish: "TopUp" }]),
    TIME_MAX_MS,
  );

  adversarial(
    "goes on from an old log, and hears that it is done",
    () => {
      const about = { name: "irene", head: "none", wish: "TopUp" } as const;
      return playEach([30, 35, 37, 42].map((length) => ({ ...about, length })));
    },
    TIME_MAX_MS,
  );
});
