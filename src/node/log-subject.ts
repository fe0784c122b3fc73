/** What a reader of a log asks for: one channel, one objective, one peer. Ids may be cut short. */
import type { NodeEvent } from "../events/event.ts";
import type { Tag } from "../events/record.ts";
import type { EventStore } from "../store/event-store.ts";
import { shortenIds } from "./event-text.ts";

/** The kinds of entity that events are tagged with. */
export type SubjectKind = "channel" | "objective" | "peer";

/** The tag that is meant, or what to tell the one who asked. */
export type FoundTag =
  | { readonly type: "Found"; readonly tag: Tag }
  | { readonly type: "None"; readonly known: readonly string[] }
  | { readonly type: "Several"; readonly tags: readonly Tag[] };

/** Entities that are named to somebody who asked for none of them. */
const KNOWN_SHOWN_MAX = 5;

/**
 * The tag of the entity that `text` names: whole, or its beginning as far as it is unique, with or without
 * `0x`. `Update-0x1a2b-0-3` names an update with a channel id that is cut short.
 */
export async function findTag(
  store: EventStore<NodeEvent>,
  kind: SubjectKind,
  text: string,
): Promise<FoundTag> {
  const pattern = patternOf(text);
  const all = new Set<Tag>();
  for await (const { event } of store.readFrom(0, { check: "None" })) {
    for (const tag of store.tagsOf(event)) if (tag.startsWith(`${kind}:`)) all.add(tag);
  }
  const exact = [...all].find((tag) => idOf(tag) === text.toLowerCase() || idOf(tag) === text);
  if (exact !== undefined) return { type: "Found", tag: exact };
  const [first, ...others] = [...all].filter((tag) => pattern.test(idOf(tag)));
  if (first === undefined) {
    const known = [...all].slice(0, KNOWN_SHOWN_MAX).map((tag) => shortenIds(idOf(tag), "Short"));
    return { type: "None", known };
  }
  if (others.length === 0) return { type: "Found", tag: first };
  return { type: "Several", tags: [first, ...others] };
}

/** The id in a tag. */
export function idOf(tag: Tag): string {
  return tag.slice(tag.indexOf(":") + 1);
}

function patternOf(text: string): RegExp {
  const withPrefix = /^[0-9a-f]+$/i.test(text) ? `0x${text}` : text;
  const quoted = withPrefix.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const open = quoted.replace(/0x[0-9a-f]*/gi, (hex) => `${hex}[0-9a-f]*`);
  return new RegExp(`^${open}$`, "i");
}
