/** A tower stops at each of its appends, comes back from its disk, and its client is paid as if it had not. */
import { describe, expect } from "bun:test";
import { keyOf } from "../../sim/actors.ts";
import { type SimulatedTower, TOWER_KEEPER } from "../../sim/watchtower.ts";
import type { World } from "../../sim/world.ts";
import type { Journal } from "../../src/ports/journal.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { crash } from "../kind.ts";
import { AFTER_WINDOW_MS, gainsOf, paidVirtually, SOON_MS, tellWatched } from "./watched-story.ts";

const chainOf = chainOfFile();

/** Nothing of the append is on the disk; all of it is; its effects are out, too. */
const MOMENTS = ["before the append", "before its effects", "after its effects"] as const;

type Plan = { readonly append: number; readonly moment: (typeof MOMENTS)[number] };

/** Virtual milliseconds that a tower stays down: two blocks, or what is left of most of a challenge. */
const SHORT_MS = 24_000;
const LONG_MS = 180_000;

/** Cases of each run of the tests; CHANNELS_EVERY_PREFIX=1 tries all of them. */
const SAMPLE = 8;

/** Counts the appends of the tower, and stops it where the plan says. */
function hookDisk(world: World, tower: SimulatedTower, plan: Plan | undefined, downMs: number) {
  const count = { appends: 0 };
  const journal = tower.parts.disk.journal as { write: Journal["write"] };
  const { write } = journal;
  const die = (): void => {
    tower.crash();
    world.timeline.after(downMs, () => void tower.start());
  };
  journal.write = async (position, bytes) => {
    if (tower.isRunning) count.appends += 1;
    if (!tower.isRunning || plan?.append !== count.appends) return write(position, bytes);
    if (plan.moment !== "before the append") await write(position, bytes);
    if (plan.moment === "after its effects") {
      world.timeline.after(0, die);
      return;
    }
    die();
    await new Promise(() => undefined);
  };
  return count;
}

/** Irene shows old states of both channels, then lets the newest one run out, while Bob is away all the time. */
async function play(plan: Plan | undefined, downMs = SHORT_MS) {
  const count = { appends: 0 };
  let gains: readonly bigint[] = [];
  const options = {
    cast: ["alice", "irene", "bob"],
    watched: ["bob"],
    signatures: "real",
  } as const;
  const told = await tellWatched(chainOf(), options, async (story) => {
    const { alice, bob, irene, pause, tower, world } = story;
    const counted = hookDisk(world, tower, plan, downMs);
    const { channelId, left, right } = await paidVirtually(story, [20n, 30n]);
    await pause(2 * SOON_MS);
    bob.crash();
    irene.crash();
    gains = await gainsOf(world, ["bob"], async () => {
      await irene.challengeWith(right, 1);
      await irene.challengeWith(channelId, 1);
      await pause(2 * SOON_MS);
      await irene.challengeWith(right, 2);
      await pause(AFTER_WINDOW_MS + 2 * downMs);
    });
    await bob.restart();
    await irene.restart();
    await bob.sawEnd(channelId);
    await irene.sawEnd(channelId);
    await alice.sawEnd(channelId);
    await alice.closeChannel(left);
    count.appends = counted.appends;
  });
  const own = told.miner.receipts.filter(({ from }) => from === towerAddress(told));
  return { ...count, gains, own: own.map(({ succeeded }) => succeeded) };
}

function towerAddress({ options }: World) {
  return options.signatures.addressOf(keyOf(TOWER_KEEPER));
}

describe("a tower that stops", () => {
  crash(
    "at any append goes on from its log, and sends nothing twice",
    async () => {
      const whole = await play(undefined);
      expect(whole.gains).toEqual([550n]);
      expect(whole.own).toEqual([true, true, true, true]);

      const plans: Plan[] = [];
      for (let append = 1; append <= whole.appends; append++) {
        for (const moment of MOMENTS) plans.push({ append, moment });
      }
      const isAll = process.env["CHANNELS_EVERY_PREFIX"] === "1";
      const step = isAll ? 1 : Math.ceil(plans.length / SAMPLE);
      for (const plan of plans.filter((_, index) => index % step === 0)) {
        const downMs = plan.append % 2 === 0 ? SHORT_MS : LONG_MS;
        const { gains, own } = await play(plan, downMs);
        expect({ ...plan, gains, own }).toEqual({ ...plan, gains: whole.gains, own: whole.own });
      }
    },
    600_000,
  );
});
