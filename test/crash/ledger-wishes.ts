/**
 * A ledger channel under a virtual channel is topped up and partly withdrawn, while one of its two nodes stops
 * behind one of its appends and comes back.
 */
import { type Balances, readBalances } from "../../sim/balances.ts";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import { createStage } from "../../sim/stage.ts";
import type { World } from "../../sim/world.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { Request } from "../../src/engine/request.ts";
import type { Journal } from "../../src/ports/journal.ts";
import { assert, assertDefined } from "../../src/primitives/assert.ts";
import { playWorld } from "../played-world.ts";

/** The two ends of the ledger channel. Alice leads; Irene asks for everything. */
export const ENDS = ["alice", "irene"] as const;
const CAST = [...ENDS, "bob"] as const;

/** What is asked for while somebody may stop. */
export type Wished = "TopUp" | "Withdraw";

/** Who stops at which of its appends, counted from the moment at which the wish was accepted. */
export type Plan = {
  readonly victim: (typeof ENDS)[number];
  readonly append: number;
  /** Nothing of the append is on the disk, or all of it is, and what follows from it never left the node. */
  readonly moment: "before" | "behind";
};

/** What a story came to. */
export type Ending = {
  /** Appends of each end while the wish was pursued. */
  readonly appends: Readonly<Record<string, number>>;
  /** Tokens that each of the cast won or lost, from the first deposit to the last payout. */
  readonly won: readonly bigint[];
};

/** Virtual milliseconds from a stop to the restart: long enough for the peer to repeat something. */
const DOWN_MS = 45_000;

/** Plays the story of a plan, or without any stop when there is none. */
export async function playWish(
  chain: SimulatedChain,
  wished: Wished,
  plan: Plan | undefined,
): Promise<Ending> {
  const appends: Record<string, number> = {};
  let before: readonly Balances[] = [];
  await playWorld({ seed: 1, cast: CAST, chain }, async (world) => {
    before = await readBalances(chain, CAST);
    await tell(world, wished, plan, appends);
  });
  const after = await readBalances(chain, CAST);
  const symbol = chain.token.symbol;
  const tokensOf = (balances: readonly Balances[]): readonly bigint[] =>
    balances.map((one) => one.before[symbol] ?? 0n);
  const [start, end] = [tokensOf(before), tokensOf(after)];
  return { appends, won: end.map((tokens, index) => tokens - (start[index] ?? 0n)) };
}

async function tell(
  world: World,
  wished: Wished,
  plan: Plan | undefined,
  appends: Record<string, number>,
): Promise<void> {
  const { alice, bob, irene, token } = createStage(world, {});
  const left = await alice.openLedger(irene, [{ asset: token, amounts: [50n, 50n] }]);
  const right = await irene.openLedger(bob, [{ asset: token, amounts: [50n, 50n] }]);
  const channel = await alice.openVirtual(bob, [{ asset: token, amounts: [6n, 4n] }]);
  const answer = await world.node("irene").engine.submit(wish(world, wished, left));
  assert(answer.ok, "the wish is accepted");
  const counts = ENDS.map((name) => hookDisk(world, name, plan));
  const ends = await Promise.all(ENDS.map((name) => world.node(name).settled(answer.value)));
  for (const [index, name] of ENDS.entries()) appends[name] = counts[index]?.() ?? 0;
  assert(
    ends.every(({ status }) => status === "Completed"),
    `the wish is fulfilled, and not ${JSON.stringify(ends.map(({ rejectionCode }) => rejectionCode))}`,
  );
  // Whoever stopped last may not be there yet.
  await world.pause(2 * DOWN_MS);
  await bob.closeChannel(channel);
  const ledger = world.node("irene").engine.channel(left)?.ledger;
  await irene.closeChannel(ledger?.successor ?? left);
  await irene.closeChannel(right);
}

function wish(world: World, wished: Wished, channelId: ChannelId): Request {
  const asset = world.options.chain.token.address;
  return wished === "TopUp"
    ? { type: "TopUp", channelId, asset, amount: 25n }
    : { type: "Withdraw", channelId, amounts: [{ asset, leader: 5n, follower: 20n }] };
}

/** Counts the appends of a node, and stops it at the one that the plan names. */
function hookDisk(world: World, name: (typeof ENDS)[number], plan: Plan | undefined): () => number {
  const node = world.node(name);
  const journal = node.parts.disk.journal as { write: Journal["write"] };
  const { write } = journal;
  let count = 0;
  journal.write = async (position, bytes) => {
    if (node.isRunning) count += 1;
    const isHit = node.isRunning && plan?.victim === name && plan.append === count;
    if (!isHit || plan.moment === "behind") await write(position, bytes);
    if (!isHit) return;
    node.crash();
    world.timeline.after(DOWN_MS, () => void node.start());
    await new Promise(() => {});
  };
  return () => count;
}

/** Every stop of both ends, as often as they append when nobody stops. */
export function plansOf(appends: Readonly<Record<string, number>>): readonly Plan[] {
  return ENDS.flatMap((victim) => {
    const count = assertDefined(appends[victim], "an end");
    return Array.from({ length: count }, (_, index) => index + 1).flatMap((append) =>
      (["before", "behind"] as const).map((moment) => ({ victim, append, moment })),
    );
  });
}
