/**
 * A node goes on from an old log, however old: it takes back what it had signed, signs nothing twice, and all
 * ends as it should. The runs are a sample; `bun run backups` tries every length of every log, which takes some
 * minutes.
 */
import { describe } from "bun:test";
import type { ActorName } from "../../sim/actors.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial, crash } from "../kind.ts";
import { HEADS } from "./rolled-back.ts";
import {
  type CrashAt,
  lengthsOf,
  playRestored,
  type Restore,
  type Story,
} from "./rolled-back-story.ts";

const TIME_MAX_MS = 1_800_000;
const IS_EVERY = process.env["CHANNELS_EVERY_PREFIX"] === "1";

/** Three frames of ten are lost, three of ten come twice, and any may be overtaken by a hundred others. */
const BAD_NETWORK = { latencyMs: [1, 3_000], dropFraction: 0.3, duplicateFraction: 0.3 } as const;

const chainOf = chainOfFile();

/** A sample has each length so many times a step of its own. */
const STEPS = 21;

/** Lengths from 0 to `length`: all, or each `step`-th and the last. */
function lengthsUpTo(length: number, step: number, from = 0): readonly number[] {
  const all = Array.from({ length: length + 1 - from }, (_, index) => from + index);
  return IS_EVERY
    ? all
    : all.filter((one) => one === length || (one - from) % (STEPS * step) === 0);
}

async function play(restore: Restore): Promise<void> {
  await playRestored(chainOf(), restore).catch((cause: unknown) => {
    throw new Error(JSON.stringify(restore), { cause });
  });
}

/** Restores each log of the story alone, with each kind of head; of a sample, a whole log with one of them. */
async function restoreEach(story: Story, step: number): Promise<void> {
  const lengths = await lengthsOf(chainOf(), story);
  let skipped = 0;
  for (const [nth, name] of story.cast.entries()) {
    const length = assertDefined(lengths.get(name), "a log");
    for (const head of HEADS) {
      // Each head begins elsewhere, so that the samples together are denser.
      skipped = IS_EVERY ? 0 : (skipped + 1) % step;
      const isWhole = IS_EVERY || head === HEADS[nth % HEADS.length];
      for (const kept of lengthsUpTo(length, step, skipped)) {
        if (kept === length && !isWhole) continue;
        await play({ ...story, victims: [{ name, length: kept, head }] });
      }
    }
  }
}

/** Crashes a node at each length of its log, and takes a few records more away. */
async function crashEach(story: Story, name: ActorName, moment: CrashAt["moment"]): Promise<void> {
  const losses = IS_EVERY ? [0, 1, 2, 3, 4, 6, 9, 20] : [3];
  for (const length of lengthsUpTo(42, 5, 4)) {
    for (const lost of losses) {
      const kept = Math.max(0, length - lost);
      const victims = [{ name, length: kept, head: "anchor" }] as const;
      await play({ ...story, crashAt: { length, moment }, victims });
    }
  }
}

describe("a node that goes on from an old log", () => {
  const TWO: readonly ActorName[] = ["alice", "bob"];
  const THREE: readonly ActorName[] = ["alice", "bob", "irene"];

  adversarial(
    "has all payments of a channel of two again, and pays and closes it",
    () => restoreEach({ cast: TWO, seed: 1 }, 6),
    TIME_MAX_MS,
  );

  adversarial(
    "has all payments of a channel of three again, and pays and closes it",
    () => restoreEach({ cast: THREE, seed: 1 }, 17),
    TIME_MAX_MS,
  );

  adversarial(
    "finds a channel that was closed and paid out, and deposits nothing again",
    () => restoreEach({ cast: TWO, seed: 1, isClosed: true }, 13),
    TIME_MAX_MS,
  );

  adversarial(
    "and had just asked for a deposit, which is paid out since, makes none again",
    async () => {
      for (const head of HEADS) {
        for (const [name, length] of [
          ["alice", 10],
          ["bob", 12],
        ] as const) {
          await play({ cast: TWO, seed: 1, isClosed: true, victims: [{ name, length, head }] });
        }
      }
    },
    TIME_MAX_MS,
  );

  adversarial(
    "does so with snapshots that are newer than what is left of its log",
    () => restoreEach({ cast: TWO, seed: 1, eventsPerSnapshot: 7 }, 19),
    TIME_MAX_MS,
  );

  adversarial(
    "does so on a network that loses, repeats and reorders",
    () => restoreEach({ cast: TWO, seed: 2, network: BAD_NETWORK }, 13),
    TIME_MAX_MS,
  );

  adversarial(
    "and whose peer has lost its log as well passes over what both may have signed",
    async () => {
      const story: Story = { cast: TWO, seed: 1 };
      const lengths = await lengthsOf(chainOf(), story);
      const [ofAlice, ofBob] = TWO.map((name) => assertDefined(lengths.get(name), "a log"));
      for (const head of ["anchor", "none"] as const) {
        for (const alice of lengthsUpTo(ofAlice ?? 0, 14)) {
          for (const bob of lengthsUpTo(ofBob ?? 0, 14)) {
            const victims = [
              { name: "alice", length: alice, head },
              { name: "bob", length: bob, head },
            ] as const;
            await play({ ...story, victims });
          }
        }
      }
    },
    TIME_MAX_MS,
  );

  adversarial(
    "and is told of its own updates beside a state that it knows, takes that state back once",
    () =>
      play({
        cast: TWO,
        seed: 1,
        victims: [
          { name: "alice", length: 21, head: "anchor" },
          { name: "bob", length: 27, head: "anchor" },
        ],
      }),
    TIME_MAX_MS,
  );

  for (const moment of ["before its effects", "after its effects"] as const) {
    crash(
      `passes over what it signed last, if it died ${moment} and nobody has heard of it`,
      async () => {
        for (const network of [{}, BAD_NETWORK]) {
          for (const name of TWO) await crashEach({ cast: TWO, seed: 1, network }, name, moment);
        }
      },
      TIME_MAX_MS,
    );
  }
});
