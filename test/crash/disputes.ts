/**
 * A peer vanishes for good, and an honest node lets the chain decide, while it stops at one of its own appends
 * and comes back at once, or some blocks later.
 */
import type { ActorName } from "../../sim/actors.ts";
import { checkReplay } from "../../sim/checkers/replay.ts";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import type { SimulatedNode } from "../../sim/simulated-node.ts";
import { createStage } from "../../sim/stage.ts";
import { walletOf } from "../../sim/wallets.ts";
import type { World } from "../../sim/world.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { isPaidOut } from "../../src/channel/holdings.ts";
import type { Journal } from "../../src/ports/journal.ts";
import type { Objective } from "../../src/protocols/objective.ts";
import { playWorld } from "../played-world.ts";

/** What is disputed: a channel of two, or a ledger with two virtual channels that were paid in both ways. */
export type Story = "direct" | "ledger";

/** Who begins: the user, or the policy because the peer is silent while something waits for it. */
export type Start = "user" | "policy";

/** Alice stops at that append after the peer has vanished. */
export type Stop = {
  readonly append: number;
  /** Nothing of the append is on the disk, or all of it is, and what follows from it never left the node. */
  readonly moment: "before" | "behind";
  /** Virtual milliseconds until she comes back. */
  readonly awayMs: number;
};

/** What a story came to. */
export type DisputeEnding = {
  /** Appends of Alice after the peer has vanished. */
  readonly appends: number;
  /** What each has won. */
  readonly won: Readonly<Record<string, bigint>>;
};

/** Where a story plays. */
export type DisputePlace = {
  readonly chain: SimulatedChain;
  readonly story: Story;
  readonly start: Start;
};

const CASTS = { direct: ["alice", "irene"], ledger: ["alice", "irene", "bob"] } as const;

/** Seconds that a challenge can be answered. */
const WINDOW_SEC = 300;
/** Milliseconds after which the policy disputes: longer than any opening takes. */
const DISPUTE_AFTER_MS = 300_000;
/** Virtual milliseconds between two looks: a block. */
const LOOK_MS = 12_000;
/** Looks after which a dispute never ends: five windows, with the blocks around them. */
const LOOKS_MAX = 300;

/** Plays the story with that stop; without any when there is none. */
export async function playDisputes(
  { chain, start, story }: DisputePlace,
  stop?: Stop,
): Promise<DisputeEnding> {
  const cast = CASTS[story];
  const won: Record<string, bigint> = {};
  let appends = 0;
  const options = {
    seed: 1,
    cast,
    chain,
    signatures: "real",
    challengeDurationSec: WINDOW_SEC,
    ...(start === "policy" ? { disputeAfterMs: DISPUTE_AFTER_MS } : {}),
  } as const;
  await playWorld(options, async (world) => {
    const { eth } = createStage(world, {});
    const honest = cast.filter((name) => name !== "irene");
    const before = new Map<ActorName, bigint>();
    for (const name of honest) before.set(name, await walletOf(world, name, eth));
    const channels = await TELL[story](world);
    world.node("irene").crash();
    let isOver = false;
    stopAtAppend(world, "alice", stop, () => {
      if (!isOver) appends += 1;
    });
    for (let look = 0; !isOver; look++) {
      if (look > LOOKS_MAX) throw new Error(`the dispute never ends: ${waitsOf(world)}`);
      if (start === "user") askAgain(world, honest, channels);
      else tempt(world, story, channels);
      await world.pause(LOOK_MS);
      isOver = honest.every((name) => isPaid(world.node(name), channels));
    }
    for (const name of honest) {
      won[name] = (await walletOf(world, name, eth)) - (before.get(name) ?? 0n);
      world.violations.push(...(await checkReplay(world.node(name))));
      // The one who has vanished acknowledges nothing: the others would never be idle.
      world.node(name).crash();
    }
  });
  return { appends, won };
}

/** What happens before the peer vanishes; gives the channels with money on the chain. */
const TELL: Readonly<Record<Story, (world: World) => Promise<readonly ChannelId[]>>> = {
  direct: async (world) => {
    const { alice, eth, irene } = createStage(world, {});
    const channel = await alice.openChannel([irene], [{ asset: eth, amounts: [60n, 40n] }]);
    await irene.pay(channel, alice, eth, 10n);
    return [channel];
  },
  ledger: async (world) => {
    const { alice, bob, eth, irene } = createStage(world, {});
    const deposits = [{ asset: eth, amounts: [100n, 100n] }];
    const left = await alice.openLedger(irene, deposits);
    const right = await irene.openLedger(bob, deposits);
    const one = await alice.openVirtual(bob, [{ asset: eth, amounts: [30n, 10n] }]);
    const two = await alice.openVirtual(bob, [{ asset: eth, amounts: [20n, 20n] }]);
    await alice.payVirtually(one, eth, 12n);
    await bob.payVirtually(two, eth, 5n);
    await bob.payVirtually(one, eth, 1n);
    return [left, right];
  },
};

/** Asks for what waits for the peer for ever: nobody has a final state of all without it. */
function tempt(world: World, story: Story, channels: readonly ChannelId[]): void {
  const alice = world.node("alice");
  if (!alice.isRunning) return;
  const { engine } = alice;
  const virtual = engine.channels().filter(({ use }) => use.type === "Virtual");
  const type = story === "direct" ? "DefundDirectly" : "DefundVirtually";
  for (const channelId of story === "direct" ? channels : virtual.map(({ id }) => id)) {
    const isAsked = engine.objectives().some((one) => one.channelId === channelId && isEnd(one));
    if (!isAsked) void engine.submit({ type, channelId });
  }
}

const isEnd = ({ goal }: Objective): boolean =>
  ["DirectDefund", "VirtualDefund", "Dispute"].includes(goal.type);

/** What an actor's node may have forgotten is asked for again. */
function askAgain(world: World, names: readonly ActorName[], channels: readonly ChannelId[]): void {
  for (const name of names) {
    const node = world.node(name);
    if (!node.isRunning) continue;
    for (const channelId of channels) {
      const channel = node.engine.channel(channelId);
      if (channel === undefined || channel.isDisputed || isPaidOut(channel)) continue;
      void node.engine.submit({ type: "Dispute", channelId });
    }
  }
}

function isPaid(node: SimulatedNode, channels: readonly ChannelId[]): boolean {
  if (!node.isRunning) return false;
  const { engine } = node;
  const own = channels.map((id) => engine.channel(id)).filter((one) => one !== undefined);
  return own.every(isPaidOut) && engine.view().transactions.size === 0;
}

function stopAtAppend(
  world: World,
  name: ActorName,
  stop: Stop | undefined,
  onAppend: () => void,
): void {
  const node = world.node(name);
  const journal = node.parts.disk.journal as { write: Journal["write"] };
  const { write } = journal;
  let count = 0;
  journal.write = async (position, bytes) => {
    if (node.isRunning) count += 1;
    if (node.isRunning) onAppend();
    const isStop = node.isRunning && count === stop?.append;
    if (!isStop || stop?.moment !== "before") await write(position, bytes);
    if (!isStop) return;
    // The stop is past: what is written from now on counts for nothing.
    count = Number.POSITIVE_INFINITY;
    node.crash();
    world.timeline.after(stop?.awayMs ?? 0, () => void node.start());
    await new Promise(() => {});
  };
}

function waitsOf(world: World): string {
  const waits = [...world.nodes.values()]
    .filter(({ isRunning }) => isRunning)
    .flatMap(({ engine, parts }) =>
      engine.waits().map(({ id, waitingFor }) => `${parts.name}: ${waitingFor} of ${id}`),
    );
  return waits.join("; ");
}
