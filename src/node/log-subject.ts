/** What a reader of a log asks for: one channel, one objective, one peer. Ids may be cut short. */
import { nodeTables } from "../engine/node-schema.ts";
import { openNodeSnapshots, type StartLog } from "../engine/start-state.ts";
import type { NodeEvent } from "../events/event.ts";
import type { Tag } from "../events/record.ts";
import type { KeyValue } from "../ports/key-value.ts";
import type { EventStore } from "../store/event-store.ts";
import { currentKey, entityOfKey } from "../store/snapshot-keys.ts";
import { shortenIds } from "./short-ids.ts";

/** The kinds of entity that events are tagged with. */
export type SubjectKind = "channel" | "objective" | "peer";

/** The tag that is meant, or what to tell the one who asked. */
export type FoundTag =
  | { readonly type: "Found"; readonly tag: Tag }
  | { readonly type: "None"; readonly known: readonly string[] }
  /** The first of those that it could be, and how many there are. */
  | { readonly type: "Several"; readonly ids: readonly string[]; readonly count: number };

/** Entities that are named to somebody who did not say which. */
const NAMED_MAX = 5;

/** What is read of a log to find a name. */
type ReadLog = StartLog & Pick<EventStore<NodeEvent>, "readFrom" | "readTagged" | "tagsOf">;

/** A log, and the store beside it, whose snapshots know the names of most entities. */
export type SubjectLog = {
  readonly store: ReadLog;
  readonly keyValue: KeyValue;
};

/** The table of the snapshots that holds the entities of a kind. */
const TABLES: Readonly<Record<SubjectKind, number>> = {
  channel: nodeTables.channels.number,
  objective: nodeTables.objectives.number,
  peer: nodeTables.peers.number,
};

/**
 * The tag of the entity that `text` names: whole, or its beginning as far as it is unique, with or without
 * `0x`. `Update-0x1a2b-0-3` names an update with a channel id that is cut short. Whole ids are looked up in
 * the index; for others the names in the snapshots are read, and the events behind the newest one.
 */
export async function findTag(log: SubjectLog, kind: SubjectKind, text: string): Promise<FoundTag> {
  const whole = wholeId(text);
  if (whole !== undefined && (await bears(log.store, `${kind}:${whole}`))) {
    return { type: "Found", tag: `${kind}:${whole}` };
  }
  const { from, ids: known } = await snapshotIds(log, kind);
  const ids = await addIds(log.store, kind, { ids: known, from });
  const found = chosenFrom(kind, ids, text);
  // What has left no entity behind may still be named by events.
  if (found.type !== "None" || from === 0) return found;
  return chosenFrom(kind, await addIds(log.store, kind, { ids: new Set(), from: 0 }), text);
}

function chosenFrom(kind: SubjectKind, ids: ReadonlySet<string>, text: string): FoundTag {
  const all = [...ids];
  const [complete, begun] = patternsOf(text);
  const fitting = all.filter((id) => complete.test(id));
  const chosen = fitting.length > 0 ? fitting : all.filter((id) => begun.test(id));
  const [first, ...others] = chosen;
  if (first === undefined) {
    return { type: "None", known: all.slice(0, NAMED_MAX).map((id) => shortenIds(id, "Short")) };
  }
  if (others.length === 0) return { type: "Found", tag: `${kind}:${first}` };
  return { type: "Several", ids: chosen.slice(0, NAMED_MAX), count: chosen.length };
}

/** The id as it is written in events, where the text is a whole one. */
function wholeId(text: string): string | undefined {
  if (/^(?:0x)?[0-9a-f]{40}(?:[0-9a-f]{24})?$/i.test(text)) {
    return `0x${text.toLowerCase().replace(/^0x/, "")}`;
  }
  return /^[A-Za-z]+-0x[0-9a-f]{64}(?:-\d+-\d+)?$/.test(text) ? text : undefined;
}

async function bears(store: ReadLog, tag: Tag): Promise<boolean> {
  for await (const _ of store.readTagged(tag)) return true;
  return false;
}

type Ids = { readonly ids: Set<string>; readonly from: number };

/** The entities of the newest snapshot, and the offset of the events that it does not hold. */
async function snapshotIds({ keyValue, store }: SubjectLog, kind: SubjectKind): Promise<Ids> {
  const ids = new Set<string>();
  const { newest } = await openNodeSnapshots(keyValue, store);
  if (newest === undefined) return { ids, from: 0 };
  for (const isSettled of [false, true]) {
    const table = TABLES[kind];
    const from = currentKey({ table, key: "" }, isSettled);
    const to = currentKey({ table: table + 1, key: "" }, isSettled);
    for await (const [key] of keyValue.range({ from, to })) ids.add(entityOfKey(key).key);
  }
  return { ids, from: newest.length };
}

async function addIds(
  store: ReadLog,
  kind: SubjectKind,
  { from, ids }: Ids,
): Promise<ReadonlySet<string>> {
  const prefix = `${kind}:`;
  for await (const { event } of store.readFrom(from, { check: "None" })) {
    for (const tag of store.tagsOf(event)) if (tag.startsWith(prefix)) ids.add(idOf(tag));
  }
  return ids;
}

/** The id in a tag. */
export function idOf(tag: Tag): string {
  return tag.slice(tag.indexOf(":") + 1);
}

/** The text as a whole name, whose ids alone are cut short; and as the beginning of one. */
function patternsOf(text: string): readonly [complete: RegExp, begun: RegExp] {
  const withPrefix = /^[0-9a-f]+$/i.test(text) ? `0x${text}` : text;
  const quoted = withPrefix.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const open = quoted.replace(/0x[0-9a-f]*/gi, (hex) => `${hex}[0-9a-f]*`);
  return [new RegExp(`^${open}$`, "i"), new RegExp(`^${open}`, "i")];
}
