/** Updates asked for by everybody at any moment: each ends, complete or refused, and the channel goes on. */
import { describe, expect } from "bun:test";
import type { ActorName } from "../../sim/actors.ts";
import { drawBetween } from "../../sim/keyed-random.ts";
import { createStage } from "../../sim/stage.ts";
import type { World } from "../../sim/world.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { neverPayUnasked, type Policy } from "../../src/engine/policy.ts";
import { reject } from "../../src/primitives/result.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { concurrency } from "../kind.ts";
import { playWorld } from "../played-world.ts";

/** Seeds of each case: few in `check`; `bun run seeds` takes them all. */
const SEEDS = process.env["CHANNELS_EVERY_SEED"] === undefined ? 3 : 200;
const TIME_MAX_MS = 120_000 + 12_000 * SEEDS;
/** What each participant has at first: so little that many payments find nothing left. */
const DEPOSIT = 10n;

const chainOf = chainOfFile();

/** Payments of one participant, at times that the seed says; amounts up to all that a channel holds. */
async function payAtRandom(world: World, name: ActorName, channelId: ChannelId): Promise<void> {
  const { cast, seed } = world.options;
  const draw = (bounds: readonly [number, number], what: string, n: number): number =>
    drawBetween(bounds, seed, what, name, n);
  const asked = Array.from({ length: 4 }, async (_, n) => {
    await world.pause(draw([0, 300], "pause", n));
    const { engine } = world.node(name);
    const myIndex = engine.channel(channelId)?.myIndex ?? 0;
    const to = (myIndex + draw([1, cast.length - 1], "payee", n)) % cast.length;
    const asset = world.options.chain.token.address;
    const amount = BigInt(draw([1, 12], "amount", n));
    const change = { type: "Pay", asset, to, amount } as const;
    const answer = await engine.submit({ type: "UpdateChannel", channelId, change });
    if (answer.ok) await engine.settled(answer.value);
  });
  await Promise.all(asked);
}

/** Refuses some updates, as long as it is picky: those that leave its own share at 3, 7, 11 ... */
function pickyPolicy(): { readonly policy: Policy; readonly relent: () => void } {
  let isPicky = true;
  const policy: Policy = (proposal) => {
    const { channel, objective, proposed } = proposal;
    const share = proposed.outcome[0]?.allocations[channel.myIndex]?.amount ?? 0n;
    const isRefused = isPicky && objective.goal.type === "Update" && share % 4n === 3n;
    return isRefused ? reject({ code: "PolicyRefused", why: "picky" }) : neverPayUnasked(proposal);
  };
  return {
    policy,
    relent: () => {
      isPicky = false;
    },
  };
}

async function story(world: World, relent: () => void): Promise<void> {
  const stage = createStage(world, {});
  const { cast } = world.options;
  const [first, ...others] = cast.map((name) => stage[name]);
  if (first === undefined) throw new Error("somebody opens");
  const channelId = await first.openChannel(others, [
    { asset: stage.token, amounts: cast.map(() => DEPOSIT) },
  ]);
  await Promise.all(cast.map((name) => payAtRandom(world, name, channelId)));
  relent();
  await payInTurn(world, channelId);
  await first.closeChannel(channelId);
}

/** After all that, whoever still has something can pay, one after the other. */
async function payInTurn(world: World, channelId: ChannelId): Promise<void> {
  const { cast, chain } = world.options;
  for (const [index, name] of cast.entries()) {
    const { engine } = world.node(name);
    const mine = engine.channel(channelId)?.supported?.variablePart.outcome[0]?.allocations[index];
    if (mine === undefined || mine.amount === 0n) continue;
    const to = (index + 1) % cast.length;
    const change = { type: "Pay", asset: chain.token.address, to, amount: 1n } as const;
    const answer = await engine.submit({ type: "UpdateChannel", channelId, change });
    if (!answer.ok) throw new Error(`${name} is refused: ${answer.reason.code}`);
    const { rejectionCode, status } = await engine.settled(answer.value);
    expect([name, status, rejectionCode]).toEqual([name, "Completed", undefined]);
  }
}

describe("updates at once", () => {
  const casts: readonly (readonly ActorName[])[] = [
    ["alice", "bob"],
    ["alice", "bob", "irene"],
  ];
  for (const [cast, isPicky] of casts.flatMap((one) => [
    [one, false] as const,
    [one, true] as const,
  ])) {
    concurrency(
      `of ${cast.length} participants${isPicky ? " who refuse some" : ""} each end, and the channel pays and closes after them, for ${SEEDS} seeds`,
      async () => {
        for (let seed = 1; seed <= SEEDS; seed++) {
          try {
            const { policy, relent } = pickyPolicy();
            const options = { seed, cast, chain: chainOf(), ...(isPicky ? { policy } : {}) };
            await playWorld(options, (world) => story(world, relent));
          } catch (error) {
            throw new Error(`seed ${seed} with ${cast.join(", ")}`, { cause: error });
          }
        }
      },
      TIME_MAX_MS,
    );
  }
});
