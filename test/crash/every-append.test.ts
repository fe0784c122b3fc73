/**
 * A node dies at every boundary of its life, comes back from its disk, and the story ends as if it had not. At each
 * append one of the three moments is tried; for all of them: `CHANNELS_APPENDS=all bun test test/crash/every-append.test.ts`.
 */
import { describe, expect } from "bun:test";
import type { ActorName } from "../../sim/actors.ts";
import { readBalances } from "../../sim/balances.ts";
import type { World } from "../../sim/world.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import { directDefundId, directFundId, updateId } from "../../src/channel/objective-id.ts";
import { ALLOCATION_TYPE } from "../../src/channel/outcome.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Request } from "../../src/engine/request.ts";
import type { Journal } from "../../src/ports/journal.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { crash } from "../kind.ts";
import { playWorld } from "../played-world.ts";

const TIME_MAX_MS = 240_000;
const CAST = ["alice", "bob"] as const;
/** Virtual milliseconds from a crash to the restart: long enough for the peer to repeat something. */
const DOWN_MS = 3_000;
/** Virtual milliseconds between two looks of a user at what her node has done. */
const LOOK_MS = 1_000;
/** Looks before a user gives up: an hour. */
const LOOKS_MAX = 3_600;

/** Where a node can die: nothing of an append is on disk; all of it is; its effects are out, too. */
const MOMENTS = ["before the append", "before its effects", "after its effects"] as const;
/** Each append of a sample has another moment than the one before it. */
const momentsAt = (append: number): readonly (typeof MOMENTS)[number][] =>
  process.env["CHANNELS_APPENDS"] === "all"
    ? MOMENTS
    : MOMENTS.filter((_, index) => append % MOMENTS.length === index);

type Plan = {
  readonly victim: ActorName;
  readonly append: number;
  readonly moment: (typeof MOMENTS)[number];
};

const chainOf = chainOfFile();

/** What a story came to, in terms that a crash must not change. */
type Ending = {
  readonly tokens: readonly unknown[];
  readonly chain: readonly string[];
  readonly transactions: readonly boolean[];
  readonly states: readonly unknown[];
};

type Count = { appends: number; deaths: number };

/** Counts the appends of a node, and kills it where the plan says. */
function hookDisk(world: World, name: ActorName, plan: Plan | undefined): Count {
  const node = world.node(name);
  const count = { appends: 0, deaths: 0 };
  const journal = node.parts.disk.journal as { write: Journal["write"] };
  const { write } = journal;
  const die = (): void => {
    count.deaths += 1;
    node.crash();
    world.timeline.after(DOWN_MS, () => void node.start());
  };
  journal.write = async (position, bytes) => {
    if (node.isRunning) count.appends += 1;
    const isHit = node.isRunning && plan?.victim === name && plan.append === count.appends;
    if (!isHit) return write(position, bytes);
    if (plan.moment !== "before the append") await write(position, bytes);
    if (plan.moment === "after its effects") {
      world.timeline.after(0, die);
      return;
    }
    die();
    await new Promise(() => {});
  };
  return count;
}

/** A user who looks again and again, and asks again for what her node has never heard of. */
async function see(
  world: World,
  name: ActorName,
  isDone: (engine: Engine) => boolean,
  wish?: { readonly isKnown: (engine: Engine) => boolean; readonly request: () => Request },
): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const node = world.node(name);
    if (node.isRunning && isDone(node.engine)) return;
    if (node.isRunning && wish !== undefined && !wish.isKnown(node.engine)) {
      void node.engine.submit(wish.request());
    }
    await world.pause(LOOK_MS);
  }
  throw new Error(`${name} waits for ever`);
}

function opening(world: World): Request {
  const { chain } = world.options;
  const participants = CAST.map((name) => world.node(name).address);
  const allocations = (amounts: readonly bigint[]) =>
    participants.map((participant, index) => ({
      destination: externalDestination(participant),
      amount: assertDefined(amounts[index], "an amount"),
      allocationType: ALLOCATION_TYPE.simple,
      metadata: "0x" as const,
    }));
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  return {
    type: "FundDirectly",
    participants,
    outcome: [
      {
        asset: "0x0000000000000000000000000000000000000000" as typeof chain.token.address,
        assetMetadata,
        allocations: allocations([6n, 4n]),
      },
      { asset: chain.token.address, assetMetadata, allocations: allocations([100n, 50n]) },
    ],
    appDefinition: chain.deployment.consensusApp,
    appData: "0x",
    challengeDurationSec: 86_400,
  };
}

/** Fund, one update from either side, defund: each step once, whatever happens in between. */
async function story(world: World): Promise<void> {
  const channelOf = (engine: Engine) => engine.channels()[0];
  const isDone = (named: (engine: Engine) => string | undefined) => (engine: Engine) =>
    engine.objectives().some((one) => one.id === named(engine) && one.status === "Completed");
  const isFunded = isDone((engine) => {
    const channel = channelOf(engine);
    return channel && directFundId(channel.id);
  });
  await see(world, "alice", isFunded, {
    isKnown: (engine) => channelOf(engine) !== undefined,
    request: () => opening(world),
  });
  await see(world, "bob", isFunded);
  const { id } = assertDefined(channelOf(world.node("bob").engine), "the channel");
  for (const [payer, name] of CAST.entries()) {
    const update = updateId(id, payer, 0);
    const asset = world.options.chain.token.address;
    const amount = payer === 0 ? 7n : 20n;
    await see(
      world,
      name,
      isDone(() => update),
      {
        isKnown: (engine) => engine.objective(update) !== undefined,
        request: () => ({
          type: "UpdateChannel",
          channelId: id,
          change: { type: "Pay", asset, to: 1 - payer, amount },
        }),
      },
    );
    for (const other of CAST)
      await see(
        world,
        other,
        isDone(() => update),
      );
  }
  const defund = directDefundId(id);
  await see(
    world,
    "bob",
    isDone(() => defund),
    {
      isKnown: (engine) => engine.objective(defund) !== undefined,
      request: () => ({ type: "DefundDirectly", channelId: id }),
    },
  );
  await see(
    world,
    "alice",
    isDone(() => defund),
  );
}

async function play(plan: Plan | undefined): Promise<{ ending: Ending; counts: readonly Count[] }> {
  const counts: Count[] = [];
  const world = await playWorld({ seed: 1, cast: CAST, chain: chainOf() }, (played) => {
    for (const name of CAST) counts.push(hookDisk(played, name, plan));
    return story(played);
  });
  const balances = await readBalances(chainOf(), CAST);
  const arrows = world.trace.entries.flatMap((entry) =>
    entry.type === "Arrow" && entry.arrow.startsWith("chain-->>") ? [entry.arrow] : [],
  );
  const ending: Ending = {
    tokens: balances.map(({ before }) => before["TOK"]),
    chain: arrows,
    transactions: world.miner.receipts.map(({ succeeded }) => succeeded),
    states: CAST.map((name) =>
      world
        .node(name)
        .engine.channels()
        .map(({ holdings, supported }) => [supported?.variablePart, [...holdings]]),
    ),
  };
  return { ending, counts };
}

describe("a node that dies", () => {
  for (const victim of CAST) {
    crash(
      `at any append of ${victim}'s, before or after it, comes back and pays the same, once`,
      async () => {
        const calm = await play(undefined);
        expect(calm.ending.chain).toHaveLength(7);
        const { appends } = assertDefined(calm.counts[CAST.indexOf(victim)], "her appends");
        expect(appends).toBeGreaterThan(20);
        for (let append = 1; append <= appends; append++) {
          for (const moment of momentsAt(append)) {
            const plan = { victim, append, moment };
            const { counts, ending } = await play(plan).catch((cause: unknown) => {
              throw new Error(JSON.stringify(plan), { cause });
            });
            expect({ plan, ending }).toEqual({ plan, ending: calm.ending });
            expect(counts[CAST.indexOf(victim)]?.deaths).toBe(1);
          }
        }
      },
      TIME_MAX_MS,
    );
  }
});
