/**
 * A node of ledger and virtual channels goes on from an old log: the payer, the hub or the payee. It signs
 * nothing twice, all that was begun ends, and every ledger is closed with exact money. The runs are a sample;
 * `bun run backups` tries every length of every log, which takes some minutes.
 */
import { describe } from "bun:test";
import type { ActorName } from "../../sim/actors.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial, crash } from "../kind.ts";
import { HEADS } from "./rolled-back.ts";
import {
  type Chapter,
  LINE,
  lengthsOfLine,
  playVirtual,
  type VirtualRestore,
} from "./rolled-back-virtual-story.ts";

const TIME_MAX_MS = 1_800_000;
const IS_EVERY = process.env["CHANNELS_EVERY_PREFIX"] === "1";

const chainOf = chainOfFile();

/** All lengths, or each `step`-th and the last. */
function lengthsUpTo(length: number, step: number, from: number): readonly number[] {
  const all = Array.from({ length: length + 1 }, (_, index) => index);
  return IS_EVERY ? all : all.filter((one) => one === length || one % (6 * step) === from % step);
}

async function play(restore: VirtualRestore): Promise<void> {
  await playVirtual(chainOf(), restore).catch((cause: unknown) => {
    throw new Error(JSON.stringify(restore), { cause });
  });
}

/** Restores each log of the story alone, with each kind of head; of a sample, a whole log with one of them. */
async function restoreEach(chapter: Chapter, step: number): Promise<void> {
  const lengths = await lengthsOfLine(chainOf(), chapter);
  let sample = 0;
  for (const [nth, name] of LINE.entries()) {
    const whole = lengthOf(lengths, name);
    for (const head of HEADS) {
      sample += 5;
      const isWhole = IS_EVERY || head === HEADS[nth % HEADS.length];
      for (const length of lengthsUpTo(whole, step, sample)) {
        if (length === whole && !isWhole) continue;
        await play({ chapter, seed: 1, victims: [{ name, length, head }] });
      }
    }
  }
}

/** Stops a node at each length of its log, unheard, and takes a few records more away. */
async function cutEach(chapter: Chapter, step: number): Promise<void> {
  const lengths = await lengthsOfLine(chainOf(), chapter);
  for (const name of LINE) {
    for (const length of lengthsUpTo(lengthOf(lengths, name), step, 2)) {
      for (const lost of IS_EVERY ? [0, 1, 2, 3, 5, 9] : [1, 4]) {
        const victims = [{ name, length: Math.max(0, length - lost), head: "anchor" }] as const;
        await play({ chapter, seed: 1, crashAtLength: length, victims });
      }
    }
  }
}

function lengthOf(lengths: ReadonlyMap<ActorName, number>, name: ActorName): number {
  return assertDefined(lengths.get(name), "a log");
}

describe("a payer, a hub or a payee that goes on from an old log", () => {
  adversarial(
    "has its ledgers and its virtual channel again, and closes them",
    () => restoreEach("opened", 167),
    TIME_MAX_MS,
  );

  adversarial(
    "knows the newest vouchers of both directions, and pays on",
    () => restoreEach("paid", 179),
    TIME_MAX_MS,
  );

  adversarial(
    "finds a virtual channel that was closed, and funds it no more",
    () => restoreEach("closed", 211),
    TIME_MAX_MS,
  );

  adversarial(
    "finds one that was closed and one that is open",
    () => restoreEach("opened again", 277),
    TIME_MAX_MS,
  );

  adversarial(
    "finds the ledger that took the place of the one that funds its channel",
    () => restoreEach("withdrawn", 251),
    TIME_MAX_MS,
  );

  crash(
    "stops while the ledger below its channel gives way to another, and forgets what it did last",
    () => cutEach("withdrawn", 211),
    TIME_MAX_MS,
  );

  crash(
    "passes over what it signed last in a ledger, and nobody has heard of",
    () => cutEach("closed", 149),
    TIME_MAX_MS,
  );
});
