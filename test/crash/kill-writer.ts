/**
 * A process that writes to a log until it is killed. It says what it found when it opened the log, then each
 * batch as soon as that is acknowledged, as lines of JSON.
 *
 * Arguments: the directory, a seed, and the number of records that the log must have.
 */
import { writeSync } from "node:fs";
import { openLogDirectory } from "../../src/node/log-directory.ts";
import { EventStore } from "../../src/store/event-store.ts";
import { SAMPLE_LOG_ID, type SampleEvent, sampleCodec } from "../sample-log.ts";

/** A record as the writer found it. A batch of three has the owner `3` and the counts 0, 1 and 2. */
export type FoundRecord = {
  readonly offset: number;
  readonly hash: string;
  readonly owner: string;
  readonly count: number;
};

/** What the writer says. */
export type WriterNews =
  | {
      readonly type: "Opened";
      /** How its end is proven. */
      readonly end: string;
      /** The records behind the known ones, and the last of those. */
      readonly tail: readonly FoundRecord[];
    }
  | { readonly type: "Stored"; readonly offset: number; readonly hash: string };

/** Appends that are handed over at once: mostly one, often some, now and then enough for several frames. */
const GROUPS = [1, 1, 1, 1, 1, 1, 2, 3, 5, 20] as const;

/**
 * Records of a batch: mostly few. One in 256 fills a segment and more, which empties the journal; often some of
 * forty have filled the journal before it comes.
 */
const BATCHES: readonly number[] = Array.from({ length: 256 }, (_, index) => {
  if (index === 0) return 300;
  return index < 32 ? 40 : 1 + (index % 4);
});

const [, , directory = "", seed = "1", known = "0"] = process.argv;
let state = Number(seed);

const log = await openLogDirectory(directory);
const store = await EventStore.open({ disk: log, codec: sampleCodec, logId: SAMPLE_LOG_ID });
const tail: FoundRecord[] = [];
for await (const { event, hash, offset } of store.readFrom(Math.max(0, Number(known) - 1))) {
  tail.push({ offset, hash, owner: event.owner, count: event.type === "Added" ? event.count : 0 });
}
say({ type: "Opened", end: store.recovery.end.type, tail });
for (;;) await appendGroup();

async function appendGroup(): Promise<void> {
  let { length } = store;
  const appends: Promise<void>[] = [];
  for (let count = pick(GROUPS); count > 0; count -= 1) {
    const events = batchOf(pick(BATCHES));
    appends.push(append(events, length));
    length += events.length;
  }
  await Promise.all(appends);
}

async function append(events: readonly SampleEvent[], length: number): Promise<void> {
  const last = (await store.append(events, length, length)).at(-1);
  if (last !== undefined) say({ type: "Stored", offset: last.offset, hash: last.hash });
}

function batchOf(size: number): readonly SampleEvent[] {
  return Array.from({ length: size }, (_, count) => ({ type: "Added", owner: `${size}`, count }));
}

/** In one call, so that it is out before the process can be killed on the way. */
function say(news: WriterNews): void {
  writeSync(1, `${JSON.stringify(news)}\n`);
}

/** One of the values, by chance that the seed decides: a linear congruence modulo 2^32. */
function pick(values: readonly number[]): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return values[(state >>> 8) % values.length] ?? 1;
}
