/**
 * A virtual channel over one or two intermediaries is opened and closed, while one of its nodes stops behind
 * one of its appends, and comes back soon, or when all others have come to rest without it.
 */
import { type Balances, readBalances } from "../../sim/balances.ts";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import type { SimulatedNode } from "../../sim/simulated-node.ts";
import { createStage } from "../../sim/stage.ts";
import type { World } from "../../sim/world.ts";
import { phaseOf } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { Request } from "../../src/engine/request.ts";
import type { Journal } from "../../src/ports/journal.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { playWorld } from "../played-world.ts";
import { faultsAtEnd, faultsOfMoney, faultsWhileAway } from "./virtual-faults.ts";

/** Casts by the number of intermediaries, from left to right. */
export const CASTS = {
  1: ["alice", "irene", "bob"],
  2: ["alice", "irene", "ivan", "bob"],
} as const;

/** How many intermediaries there are. */
export type Hubs = keyof typeof CASTS;

/** Everybody who takes part in some story. */
export type Name = (typeof CASTS)[Hubs][number];

/** How long a node stays away: others wait for it, or go on without it as far as they can. */
export type Absence = "short" | "long";

/** Nothing of the append is on the disk, or all of it is, and what follows from it never left the node. */
export type Moment = "before" | "behind";

/** Who stops at which of its appends, counted from the request for the virtual channel. */
export type Plan = {
  readonly victim: Name;
  readonly append: number;
  readonly moment: Moment;
  readonly absence: Absence;
};

/** Where a story plays. */
export type Place = { readonly chain: SimulatedChain; readonly hubs: Hubs; readonly seed: number };

/** What a story came to. */
export type Ending = {
  /** Appends of each node since the request. */
  readonly appends: Readonly<Record<string, number>>;
  /** True when the opening was given up. */
  readonly isGivenUp: boolean;
  /** What is not as it should be. Empty when all is well. */
  readonly faults: readonly string[];
};

/** What each puts into each of its ledger channels, and what each intermediary gets. */
const DEPOSIT = 50n;
const FEE = 2n;
/** Virtual milliseconds of a short absence: long enough for a peer to repeat something. */
const SHORT_MS = 3_000;
/** Virtual milliseconds between two looks at the nodes. */
const LOOK_MS = 10_000;
/** Looks without any change after which nothing more happens: longer than an opening may take. */
const STILL = 8;
/** Looks after which a story never comes to rest. */
const LOOKS_MAX = 400;

/** Plays the story with these stops, each of another node; without any when there are none. */
export async function playHops(
  { chain, hubs, seed }: Place,
  plans: readonly Plan[],
): Promise<Ending> {
  const cast = CASTS[hubs];
  const faults: string[] = [];
  const appends: Record<string, number> = {};
  let target: ChannelId | undefined;
  let before: readonly Balances[] = [];
  let isOver = false;
  const world = await playWorld({ seed, cast, chain }, async (played) => {
    before = await readBalances(chain, cast);
    const ledgers = await openLedgers(played, cast);
    for (const name of cast) {
      const plan = plans.find(({ victim }) => victim === name);
      hookDisk(played, name, (count) => {
        if (isOver) return undefined;
        appends[name] = count;
        return plan?.append === count ? plan : undefined;
      });
    }
    await openAndClose(played, cast);
    await openAndClose(played, cast);
    // Whoever comes back may be followed by somebody else who stops.
    while (running(played).length < cast.length) {
      const unsure = new Set(plans.map(({ victim }) => victim));
      faults.push(...faultsWhileAway(played, ledgers, targetOf(played), unsure));
      await startNext(played);
      await openAndClose(played, cast);
      await openAndClose(played, cast);
    }
    target = assertDefined(targetOf(played), "the virtual channel");
    faults.push(...faultsAtEnd(played, ledgers, target));
    isOver = true;
    if (faults.length === 0) await closeLedgers(played, ledgers);
    else for (const node of running(played)) node.crash();
  });
  const channel = target && running(world)[0]?.engine.channel(target);
  const isGivenUp = channel?.wasOpen === false;
  if (faults.length === 0) {
    const dues = cast.map((_, index) => dueOf(index, cast.length, isGivenUp));
    faults.push(...faultsOfMoney(before, await readBalances(chain, cast), dues));
  }
  return { appends, isGivenUp, faults };
}

/** What a participant has won at the end: an intermediary its fee, which the payer has paid. */
function dueOf(index: number, count: number, isGivenUp: boolean): bigint {
  if (isGivenUp || index === count - 1) return 0n;
  return index === 0 ? -FEE * BigInt(count - 2) : FEE;
}

async function openLedgers(world: World, cast: readonly Name[]): Promise<readonly ChannelId[]> {
  const stage = createStage(world, {});
  const ledgers: ChannelId[] = [];
  for (const [index, name] of cast.slice(1).entries()) {
    const left = stage[assertDefined(cast[index], "the left one")];
    const deposits = [{ asset: stage.token, amounts: [DEPOSIT, DEPOSIT] }];
    ledgers.push(await left.openLedger(stage[name], deposits));
  }
  return ledgers;
}

async function closeLedgers(world: World, ledgers: readonly ChannelId[]): Promise<void> {
  const stage = createStage(world, {});
  for (const ledger of ledgers) {
    const end = running(world).find(({ engine }) => engine.channel(ledger) !== undefined);
    await stage[assertDefined(end, "an end of the ledger").parts.name].closeChannel(ledger);
  }
}

/** Counts the appends of a node, and stops it where `planAt` gives a plan for the append of that number. */
function hookDisk(world: World, name: Name, planAt: (count: number) => Plan | undefined): void {
  const node = world.node(name);
  const journal = node.parts.disk.journal as { write: Journal["write"] };
  const { write } = journal;
  let count = 0;
  journal.write = async (position, bytes) => {
    if (node.isRunning) count += 1;
    const plan = node.isRunning ? planAt(count) : undefined;
    if (plan?.moment !== "before") await write(position, bytes);
    if (plan === undefined) return;
    node.crash();
    if (plan.absence === "short") world.timeline.after(SHORT_MS, () => void node.start());
    await new Promise(() => {});
  };
}

function wish(world: World, cast: readonly Name[]): Request {
  const others = cast.slice(1).map((name) => world.node(name).address);
  const intermediaries = others.slice(0, -1);
  return {
    type: "FundVirtually",
    payee: assertDefined(others.at(-1), "the payee"),
    route: { intermediaries, fees: intermediaries.map(() => FEE) },
    ledgerId: undefined,
    shares: [{ asset: world.options.chain.token.address, left: 6n, right: 4n }],
    appDefinition: world.options.chain.deployment.paymentApp,
    challengeDurationSec: 86_400,
  };
}

/** The virtual channel, as soon as somebody who is there knows of it. */
function targetOf(world: World): ChannelId | undefined {
  const channels = running(world).flatMap(({ engine }) => engine.channels());
  return channels.find(({ use }) => use.type === "Virtual")?.id;
}

/** Brings back the first who is away. */
async function startNext(world: World): Promise<void> {
  const away = [...world.nodes.values()].find(({ isRunning }) => !isRunning);
  await away?.start();
  await rest(world);
}

/** What has not happened yet is asked for: a node that stops may forget what it has not written down. */
async function openAndClose(world: World, cast: readonly Name[]): Promise<void> {
  const alice = world.node("alice");
  if (targetOf(world) === undefined && alice.isRunning) {
    void alice.engine.submit(wish(world, cast));
    await rest(world);
  }
  const target = targetOf(world);
  const opener = running(world).find(({ engine }) => {
    const channel = target && engine.channel(target);
    return channel !== undefined && phaseOf(channel) === "Running";
  });
  if (target === undefined || opener === undefined) return;
  void opener.engine.submit({ type: "DefundVirtually", channelId: target });
  await rest(world);
}

/** Lets time pass until nothing happens any more. */
async function rest(world: World): Promise<void> {
  let before = "";
  let still = 0;
  for (let look = 0; still < STILL; look++) {
    if (look > LOOKS_MAX) throw new Error("the nodes never come to rest");
    await world.pause(LOOK_MS);
    const now = running(world).map(({ parts, store }) => `${parts.name} ${store.length}`);
    still = `${now}` === before ? still + 1 : 0;
    before = `${now}`;
  }
}

function running(world: World): readonly SimulatedNode[] {
  return [...world.nodes.values()].filter(({ isRunning }) => isRunning);
}
