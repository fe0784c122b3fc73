/** `channels log show`: the events of a log, a line each. */
import { type Command, InvalidArgumentError } from "commander";
import { catalogue } from "../../events/catalogue.ts";
import type { NodeEvent } from "../../events/event.ts";
import { nodeCodec } from "../../events/node-codec.ts";
import type { EventRecord, Tag } from "../../events/record.ts";
import { toHex } from "../../primitives/hex.ts";
import type { EventStore } from "../../store/event-store.ts";
import { cutLine, describeEvent, describeTime, describeTimeOfDay } from "../event-text.ts";
import { exportedEvent, exportedText } from "../exported-event.ts";
import type { WrittenOffset } from "../log-offsets.ts";
import type { SubjectLog } from "../log-subject.ts";
import { withLog } from "../opened-log.ts";
import type { CommandShell } from "./command-shell.ts";
import {
  ARCHIVES_OPTION,
  fromOption,
  rangeIn,
  readCount,
  readDirectory,
  tagIn,
  toOption,
} from "./log-arguments.ts";

type ShowOptions = {
  readonly from: WrittenOffset;
  readonly to: WrittenOffset;
  readonly tag?: Tag;
  readonly channel?: string;
  readonly objective?: string;
  readonly peer?: string;
  readonly type?: NodeEvent["type"];
  readonly limit?: number;
  readonly json: boolean;
  readonly archives?: string;
};

type OpenLog = SubjectLog & { readonly store: EventStore<NodeEvent> };

type Record = EventRecord<NodeEvent>;

/** Events that are written before the output is waited for: a few dozen kilobytes of text. */
const WRITTEN_AT_ONCE = 256;

/** Columns from which on there is room for the date beside what happened. */
const WIDE_COLUMNS = 90;

/** Width of the longest type, so that what follows stands in one column. */
const TYPE_CHARS: number = Math.max(...Object.keys(catalogue).map((type) => type.length));

/** Adds the command. */
export function addLogShowCommand(log: Command, shell: CommandShell): void {
  log
    .command("show")
    .description("show the events of a log, a line each")
    .argument("<dir>", "the directory of a log", readDirectory)
    .option(...ARCHIVES_OPTION)
    .addOption(fromOption())
    .addOption(toOption())
    .option("--channel <id>", "only events of this channel; its first digits will do")
    .option("--objective <id>", "only events of this objective")
    .option("--peer <address>", "only messages to and from this peer")
    .option("--tag <tag>", "only events with this tag, as channel:0x...", readTag)
    .option("--type <name>", "only events of this type", readType)
    .option("--limit <number>", "at most so many events", readCount)
    .option("--json", "print one JSON document and nothing else", false)
    .action((directory: string, options: ShowOptions) =>
      withLog({ directory, archives: options.archives }, shell, (store, { keyValue }) =>
        show({ store, keyValue }, options, shell),
      ),
    );
}

function readTag(text: string): Tag {
  if (/^[a-z]+:./.test(text)) return text as Tag;
  throw new InvalidArgumentError("Write it as kind:id, for example channel:0x... or peer:0x....");
}

function readType(text: string): NodeEvent["type"] {
  const types = Object.keys(catalogue) as NodeEvent["type"][];
  const type = types.find((known) => known.toLowerCase() === text.toLowerCase());
  if (type !== undefined) return type;
  throw new InvalidArgumentError(`The types are ${types.join(", ")}.`);
}

async function show(log: OpenLog, options: ShowOptions, shell: CommandShell): Promise<void> {
  const { store } = log;
  const range = rangeIn(store, options.from, options.to);
  const tags = await tagsIn(log, options);
  const records = selected(store, range, tags, options);
  if (options.json) return showJson(store, records, shell);
  let shown = 0;
  for await (const record of records) {
    shell.out(lineOf(record, `${store.length - 1}`.length, shell));
    shown += 1;
    if (shown % WRITTEN_AT_ONCE === 0 && !(await shell.drained())) return;
  }
  if (shown === 0) shell.err(nothingFound(store, options));
}

async function tagsIn(
  log: SubjectLog,
  { channel, objective, peer, tag }: ShowOptions,
): Promise<readonly Tag[]> {
  const tags: Tag[] = tag === undefined ? [] : [tag];
  if (channel !== undefined) tags.push(await tagIn(log, "channel", channel));
  if (objective !== undefined) tags.push(await tagIn(log, "objective", objective));
  if (peer !== undefined) tags.push(await tagIn(log, "peer", peer));
  return tags;
}

/** The index finds the events of the first tag; the others are looked for among them. */
async function* selected(
  store: EventStore<NodeEvent>,
  { from, to }: { readonly from: number; readonly to: number },
  [first, ...others]: readonly Tag[],
  { limit = Number.POSITIVE_INFINITY, type }: ShowOptions,
): AsyncGenerator<Record> {
  const records =
    first === undefined ? store.readRange(from, to) : store.readTagged(first, from, to);
  let found = 0;
  for await (const record of records) {
    if (found >= limit) return;
    const tags = store.tagsOf(record.event);
    const isOfType = type === undefined || record.event.type === type;
    if (!isOfType || !others.every((tag) => tags.includes(tag))) continue;
    found += 1;
    yield record;
  }
}

async function showJson(
  store: EventStore<NodeEvent>,
  records: AsyncIterable<Record>,
  shell: CommandShell,
): Promise<void> {
  const head = exportedText({ logId: toHex(store.logId), length: store.length });
  shell.out(`${head.slice(0, -1)},"events":[`);
  let last: string | undefined;
  let shown = 0;
  for await (const record of records) {
    if (last !== undefined) shell.out(`${last},`);
    last = exportedText(exportedEvent(nodeCodec, record));
    shown += 1;
    if (shown % WRITTEN_AT_ONCE === 0 && !(await shell.drained())) return;
  }
  shell.out(`${last ?? ""}]}`);
}

/**
 * On a terminal ids are short and lines end at its edge, and on a narrow one the date is left out; in a pipe
 * nothing is cut.
 */
function lineOf(
  { event, offset, timeMs }: Record,
  offsetChars: number,
  { columns, paint }: CommandShell,
): string {
  const isNarrow = columns !== undefined && columns < WIDE_COLUMNS;
  const time = isNarrow ? describeTimeOfDay(timeMs) : describeTime(timeMs);
  const place = `${`${offset}`.padStart(offsetChars)}  ${time}`;
  const about = describeEvent(event, columns === undefined ? "Whole" : "Short");
  const rest = `  ${event.type.padEnd(TYPE_CHARS)}  ${about}`.trimEnd();
  const line = cutLine(`${place}${rest}`, columns);
  return `${paint.dim(line.slice(0, place.length))}${line.slice(place.length)}`;
}

function nothingFound({ length }: EventStore<NodeEvent>, options: ShowOptions): string {
  if (length === 0) return "the log is empty";
  const { from, to } = options;
  return `no event from ${from.text} to ${to.text} is what you asked for; the log has ${length}`;
}
