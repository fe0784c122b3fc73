/**
 * A node that takes back its log dies at each append of it, and still signs nothing twice and loses nothing.
 * The runs are a sample; `bun run backups` tries many more, which takes some minutes.
 */
import { describe } from "bun:test";
import type { ActorName } from "../../sim/actors.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { crash } from "../kind.ts";
import { DEATHS, type Death } from "./dying-again.ts";
import { HEADS } from "./rolled-back.ts";
import { playRestored, type Restore } from "./rolled-back-story.ts";

const TIME_MAX_MS = 1_800_000;
const IS_EVERY = process.env["CHANNELS_EVERY_PREFIX"] === "1";

/** Appends in which a node takes its log back, and a few more. */
const APPENDS_MAX = 14;

/** Lengths of an old log: up to nearly all that there is. */
const LENGTHS = 45;
const ALL_LENGTHS = Array.from({ length: LENGTHS }, (_, length) => length);

const chainOf = chainOfFile();
const TWO: readonly ActorName[] = ["alice", "bob"];

/** Every kind of head, and every append; of a sample, each head with one append and another length. */
function* plansOf(name: ActorName, moment: Death["moment"]): Generator<Restore> {
  let sample = 0;
  for (const [nth, head] of HEADS.entries()) {
    const first = IS_EVERY ? 1 : 1 + 4 * nth;
    for (let append = first; append <= APPENDS_MAX; append += IS_EVERY ? 1 : APPENDS_MAX) {
      sample = (sample + 16) % LENGTHS;
      for (const length of IS_EVERY ? ALL_LENGTHS : [sample]) {
        const victims = [{ name, length, head }];
        yield { cast: TWO, seed: 1, victims, diesAgain: { append, moment } };
      }
    }
  }
}

/** The same for one who had signed what nobody has heard of: only the head file tells of it. */
function* unheardPlans(name: ActorName, moment: Death["moment"]): Generator<Restore> {
  for (let length = 3; length < LENGTHS; length += IS_EVERY ? 1 : 20) {
    for (let append = 1; append <= (IS_EVERY ? APPENDS_MAX : 1); append++) {
      const victims = [{ name, length: length - 2, head: "anchor" }] as const;
      const crashAt = { length, moment: "before its effects" } as const;
      yield { cast: TWO, seed: 1, crashAt, victims, diesAgain: { append, moment } };
    }
  }
}

async function play(restore: Restore): Promise<void> {
  await playRestored(chainOf(), restore).catch((cause: unknown) => {
    throw new Error(JSON.stringify(restore), { cause });
  });
}

describe("a node that takes back its log and dies", () => {
  for (const moment of DEATHS) {
    crash(
      `${moment} of any step forgets nothing`,
      async () => {
        for (const name of TWO) {
          for (const plan of plansOf(name, moment)) await play(plan);
          for (const plan of unheardPlans(name, moment)) await play(plan);
        }
      },
      TIME_MAX_MS,
    );
  }
});
