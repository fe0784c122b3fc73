/** Stories about a watchtower, on the real contracts: who is away, who cheats meanwhile, and what came of it. */

import type { ActorName } from "../../sim/actors.ts";
import { ETH } from "../../sim/assets.ts";
import type { Actor, Stage } from "../../sim/scenario.ts";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import { createStage } from "../../sim/stage.ts";
import type { SimulatedTower } from "../../sim/watchtower.ts";
import type { World } from "../../sim/world.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { type PlayOptions, playWorld } from "../played-world.ts";

/** Seconds that a challenge can be answered: five minutes, 25 blocks. */
export const WINDOW_SEC = 300;

/** Virtual milliseconds until what is in a block is confirmed, and was acted upon: eight blocks. */
export const SOON_MS = 96_000;

/** Virtual milliseconds after which a challenge is over, and all that follows from that has been done. */
export const AFTER_WINDOW_MS: number = WINDOW_SEC * 1_000 + 3 * SOON_MS;

/** What a story is told with. */
export type Told = Stage<"alice" | "bob" | "irene"> & {
  readonly world: World;
  readonly tower: SimulatedTower;
  /** What the tower has sent so far: the kind of each call, and what became of it. */
  readonly sent: () => readonly string[];
};

/** Tells a story in which some of the cast have a tower. */
export function tellWatched(
  chain: SimulatedChain,
  { cast, watched, ...options }: Omit<PlayOptions, "chain" | "seed"> & { readonly seed?: number },
  story: (told: Told) => Promise<void>,
): Promise<World> {
  const play = { seed: 1, challengeDurationSec: WINDOW_SEC, ...options };
  return playWorld({ ...play, chain, cast, watched: watched ?? [] }, async (world) => {
    const tower = assertDefined(world.tower, "the tower of a world with somebody watched");
    const sent = (): readonly string[] =>
      [...tower.tower.view().calls.values()].map(({ call, status }) => `${call.type} ${status}`);
    await story({ ...createStage(world, {}), world, tower, sent });
  });
}

/** A direct channel with 60 and 40 wei, in which Alice has then paid Bob 30: turn 2. */
export async function paidChannel(alice: Actor, bob: Actor): Promise<ChannelId> {
  const channelId = await alice.openChannel([bob], [{ asset: ETH, amounts: [60n, 40n] }]);
  await alice.pay(channelId, bob, ETH, 30n);
  return channelId;
}

/** Ledger channels of 500 each on both sides of Irene, and a virtual one over them in which Alice has paid Bob. */
export async function paidVirtually(
  { alice, bob, irene }: Told,
  vouchers: readonly bigint[],
): Promise<{ readonly left: ChannelId; readonly right: ChannelId; readonly channelId: ChannelId }> {
  const left = await alice.openLedger(irene, [{ asset: ETH, amounts: [500n, 500n] }]);
  const right = await irene.openLedger(bob, [{ asset: ETH, amounts: [500n, 500n] }]);
  const channelId = await alice.openVirtual(bob, [{ asset: ETH, amounts: [310n, 7n] }], {
    via: [irene],
  });
  for (const amount of vouchers) await alice.payVirtually(channelId, ETH, amount);
  return { left, right, channelId };
}

/** What each has won or lost in a story, miners' fees left out. */
export async function gainsOf(
  world: World,
  names: readonly ActorName[],
  story: () => Promise<void>,
): Promise<readonly bigint[]> {
  const wallets = (): Promise<readonly bigint[]> => {
    const stage = createStage(world, {});
    return Promise.all(names.map((name) => stage[name].wallet(ETH)));
  };
  const before = await wallets();
  await story();
  const after = await wallets();
  return after.map((amount, index) => amount - assertDefined(before[index], "a wallet"));
}
