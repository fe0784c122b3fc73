/** What an event changed in its node: the folded log before it and after it, compared. */
import { evolveNode } from "../../src/engine/evolve-node.ts";
import { createNodeState, type NodeState } from "../../src/engine/node-state.ts";
import { fromHex } from "../../src/primitives/hex.ts";
import { jsonOf } from "../../src/primitives/json.ts";
import { recordsOf } from "./logged-events.ts";
import { wrongUsage } from "./shell.ts";
import type { TraceFile } from "./trace-file.ts";

/** Characters of a value that are shown: a hash needs no more to be told from another. */
const VALUE_CHARS_MAX = 42;

/** One line for each value that the event at `offset` of the node's log changed. */
export function changesBy(file: TraceFile, node: string, offset: number): readonly string[] {
  const log = file.logs.find((candidate) => candidate.node === node);
  if (log === undefined) throw wrongUsage(`the trace holds no log of ${node}`);
  if (offset >= log.records.length) return ["not known: a fault has damaged this part of the log"];
  const stored = log.records.slice(0, offset + 1).map((record) => fromHex(record));
  const state = createNodeState();
  let before: unknown = plain(state);
  for (const { event } of recordsOf(node, fromHex(log.logId), stored)) {
    before = plain(state);
    evolveNode(state, event);
  }
  return differences("", before, plain(state));
}

/** Tables as objects, so that a path can name what is in them. */
function plain(state: NodeState): unknown {
  const tables = Object.entries(state).map(([name, table]) => [
    name,
    Object.fromEntries([...(table as ReadonlyMap<string, unknown>)]),
  ]);
  return JSON.parse(jsonOf(Object.fromEntries(tables)));
}

function differences(path: string, before: unknown, after: unknown): readonly string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isTree(after) || (before !== undefined && !isTree(before))) {
    return [`${path}: ${shorten(before)} -> ${shorten(after)}`];
  }
  const earlier = before ?? {};
  const keys = new Set([...Object.keys(earlier), ...Object.keys(after)]);
  if (keys.size === 0) return [`${path}: ${shorten(before)} -> ${shorten(after)}`];
  return [...keys].flatMap((key) => {
    const name = path === "" ? key : `${path}.${shortenKey(key)}`;
    return differences(name, earlier[key], after[key]);
  });
}

type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null;
}

function shorten(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= VALUE_CHARS_MAX ? text : `${text.slice(0, VALUE_CHARS_MAX - 3)}...`;
}

/** Keys are addresses, channel ids or names made of them: their hex is cut to what tells them apart. */
function shortenKey(key: string): string {
  return key.replace(/0x([0-9a-f]{8})[0-9a-f]+/g, "0x$1");
}
