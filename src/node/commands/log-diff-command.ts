/** `channels log diff`: what changed between two offsets of a log, and by which events. */
import type { Command } from "commander";
import { evolveNode } from "../../engine/evolve-node.ts";
import type { NodeTables, Table } from "../../engine/node-state.ts";
import { diffNode, reconstructNode } from "../../engine/reconstruction.ts";
import { openNodeSnapshots } from "../../engine/start-state.ts";
import type { NodeEvent } from "../../events/event.ts";
import { toHex } from "../../primitives/hex.ts";
import type { EventStore } from "../../store/event-store.ts";
import { cutLine, type IdLength, shortenIds } from "../event-text.ts";
import type { WrittenOffset } from "../log-offsets.ts";
import { withLog } from "../opened-log.ts";
import { type Change, changesBetween, type Tree, treeOf } from "../state-tree.ts";
import type { CommandShell } from "./command-shell.ts";
import { ARCHIVES_OPTION, rangeIn, readOffset } from "./log-arguments.ts";

/** What became of one entity, and the events that did it. */
type EntityChange = {
  readonly table: string;
  readonly key: string;
  /** Null: it did not exist. */
  readonly before: Tree;
  /** Null: it does not exist any more. */
  readonly after: Tree;
  readonly events: readonly { readonly offset: number; readonly type: NodeEvent["type"] }[];
};

type DiffOptions = { readonly json: boolean; readonly archives?: string };

/** Adds the command. */
export function addLogDiffCommand(log: Command, shell: CommandShell): void {
  log
    .command("diff")
    .description("show what changed between two offsets, and by which events")
    .argument("<dir>", "the directory of a log")
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
  const state = await reconstructNode(store, from, snapshots);
  const causes = await causesIn(store, state, { from, to });
  return differences.map(({ after, before, key, table }) => {
    const events = causes.get(`${table}/${key}`) ?? [];
    return { table, key, before: treeOf(before), after: treeOf(after), events };
  });
}

type Causes = ReadonlyMap<string, EntityChange["events"]>;

/** Folds the events once more, and notes which of them writes which entity. */
async function causesIn(
  store: EventStore<NodeEvent>,
  state: NodeTables,
  { from, to }: Range,
): Promise<Causes> {
  const causes = new Map<string, { offset: number; type: NodeEvent["type"] }[]>();
  const written = new Set<string>();
  const tables = Object.fromEntries(
    Object.entries(state as unknown as Readonly<Record<string, Table<string, unknown>>>).map(
      ([name, table]) => [name, watched(name, table, written)] as const,
    ),
  ) as unknown as NodeTables;
  for await (const { event, offset } of store.readRange(from, to)) {
    written.clear();
    evolveNode(tables, event);
    for (const entity of written) {
      const events = causes.get(entity) ?? [];
      events.push({ offset, type: event.type });
      causes.set(entity, events);
    }
  }
  return causes;
}

function watched(
  name: string,
  table: Table<string, unknown>,
  written: Set<string>,
): Table<string, unknown> {
  return {
    get: (key) => table.get(key),
    set: (key, value) => {
      written.add(`${name}/${key}`);
      return table.set(key, value);
    },
    delete: (key) => {
      written.add(`${name}/${key}`);
      return table.delete(key);
    },
  };
}

function linesOf(
  { from, to }: Range,
  changes: readonly EntityChange[],
  { columns, paint }: CommandShell,
): readonly string[] {
  const ids: IdLength = columns === undefined ? "Whole" : "Short";
  const head = `from ${from} to ${to}: ${count(to - from, "event")} changed ${count(changes.length, "thing")}`;
  const entities = changes.flatMap(({ after, before, events, key, table }) => [
    "",
    paint.bold(`${table} ${shortenIds(key, ids)}${becameOf(before, after)}`),
    ...changesBetween(before, after, ids).map((change) =>
      cutLine(`  ${pathOf(change)}${change.before} -> ${change.after}`, columns),
    ),
    paint.dim(`  by ${events.map(({ offset, type }) => `${offset} ${type}`).join(", ")}`),
  ]);
  return [head, ...entities];
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

/** An entity that is new, or gone, changed as a whole. */
function pathOf({ path }: Change): string {
  return path === "" ? "" : `${path}  `;
}

function becameOf(before: Tree, after: Tree): string {
  if (before === null) return " (new)";
  return after === null ? " (gone)" : "";
}
