/** `channels log diff`: what changed between two offsets of a log, and by which events. */
import type { Command } from "commander";
import { diffNode, nodeAt } from "../../engine/reconstruction.ts";
import { openNodeSnapshots } from "../../engine/start-state.ts";
import type { NodeEvent } from "../../events/event.ts";
import { counted } from "../../primitives/counted.ts";
import { toHex } from "../../primitives/hex.ts";
import type { EventStore } from "../../store/event-store.ts";
import { type Cause, causesIn } from "../change-causes.ts";
import { cutLine } from "../event-text.ts";
import type { WrittenOffset } from "../log-offsets.ts";
import { withLog } from "../opened-log.ts";
import { type IdLength, shortenIds } from "../short-ids.ts";
import { type Change, changesBetween, type Tree, treeOf } from "../state-tree.ts";
import type { CommandShell } from "./command-shell.ts";
import { ARCHIVES_OPTION, rangeIn, readDirectory, readOffset } from "./log-arguments.ts";

/** What became of one entity, and the events that did it. */
type EntityChange = {
  readonly table: string;
  readonly key: string;
  /** Null: it did not exist. */
  readonly before: Tree;
  /** Null: it does not exist any more. */
  readonly after: Tree;
  readonly events: readonly Cause[];
};

/** Events that are named to people as the cause of one change; programs get all of them. */
const CAUSES_SHOWN_MAX = 10;

/** Columns in front of the events that changed something. */
const CAUSE_INDENT = 5;

type DiffOptions = { readonly json: boolean; readonly archives?: string };

/** Adds the command. */
export function addLogDiffCommand(log: Command, shell: CommandShell): void {
  log
    .command("diff")
    .description("show what changed between two offsets, and by which events")
    .argument("<dir>", "the directory of a log", readDirectory)
    .option(...ARCHIVES_OPTION)
    .argument("<from>", "a number of events, as for at", readOffset)
    .argument("<to>", "a number of events", readOffset)
    .option("--json", "print one JSON document and nothing else", false)
    .action((directory: string, from: WrittenOffset, to: WrittenOffset, options: DiffOptions) =>
      withLog({ directory, archives: options.archives }, shell, async (store, { keyValue }) => {
        const range = rangeIn(store, from, to);
        const changes = await changesIn(store, keyValue, range);
        if (options.json) {
          const document = { logId: toHex(store.logId), length: store.length, ...range, changes };
          return shell.out(JSON.stringify(document, undefined, 2));
        }
        shell.out(linesOf(range, changes, shell).join("\n"));
      }),
    );
}

type Range = { readonly from: number; readonly to: number };

async function changesIn(
  store: EventStore<NodeEvent>,
  keyValue: Parameters<typeof openNodeSnapshots>[0],
  { from, to }: Range,
): Promise<readonly EntityChange[]> {
  const snapshots = await openNodeSnapshots(keyValue, store);
  const differences = await diffNode(store, from, to, snapshots);
  const before = await nodeAt(store, from, snapshots);
  const causes = await causesIn(before, store.readRange(from, to), to - from);
  return differences.map(({ after, before: was, key, table }) => {
    const events = causes.get(`${table}/${key}`) ?? [];
    return { table, key, before: treeOf(was), after: treeOf(after), events };
  });
}

function linesOf(
  { from, to }: Range,
  changes: readonly EntityChange[],
  { columns, paint }: CommandShell,
): readonly string[] {
  const ids: IdLength = columns === undefined ? "Whole" : "Short";
  const head = `from ${from} to ${to}: ${counted(to - from, "event")} changed ${counted(changes.length, "thing")}`;
  const entities = changes.flatMap(({ after, before, events, key, table }) => [
    "",
    paint.bold(`${table} ${shortenIds(key, ids)}${becameOf(before, after)}`),
    ...changesBetween(before, after, ids).map((change) =>
      cutLine(`  ${pathOf(change)}${change.before} -> ${change.after}`, columns),
    ),
    ...causeLines(events, columns).map(paint.dim),
  ]);
  return [head, ...entities];
}

/** The events that did it, as many to a line as fit; of very many the first and the last ones. */
function causeLines(events: readonly Cause[], columns: number | undefined): readonly string[] {
  const texts = events.map(({ offset, type }) => `${offset} ${type}`);
  const left = texts.length - CAUSES_SHOWN_MAX;
  const some = texts.slice(0, CAUSES_SHOWN_MAX / 2);
  const shown = left <= 0 ? texts : [...some, `${left} more`, ...texts.slice(-some.length)];
  return wrapped(shown, columns).map((line, index) => `${index === 0 ? "  by " : "     "}${line}`);
}

/** Texts in lines, each as wide as the terminal lets it be behind its indent. */
function wrapped(texts: readonly string[], columns: number | undefined): readonly string[] {
  const width = (columns ?? Number.POSITIVE_INFINITY) - CAUSE_INDENT;
  const lines: string[] = [];
  for (const text of texts) {
    const line = lines.at(-1);
    if (line === undefined || line.length + text.length + 3 > width) lines.push(text);
    else lines.splice(-1, 1, `${line}, ${text}`);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line},` : line));
}

/** An entity that is new, or gone, changed as a whole. */
function pathOf({ path }: Change): string {
  return path === "" ? "" : `${path}  `;
}

function becameOf(before: Tree, after: Tree): string {
  if (before === null) return " (new)";
  return after === null ? " (gone)" : "";
}
