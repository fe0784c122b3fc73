/** `docs/EVENTS.md`: every event that a log can hold, written from the catalogue and the sources. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Glob } from "bun";
import * as channel from "../../src/channel/schema.ts";
import { catalogue } from "../../src/events/catalogue.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { nodeCodec } from "../../src/events/node-codec.ts";
import { firstHash, LOG_ID_SIZE_BYTES } from "../../src/events/record.ts";
import { messageSchema } from "../../src/messages/codec.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { type Hex, toHex } from "../../src/primitives/hex.ts";
import type { KeptLayout } from "../kept-layouts.ts";
import { sampleEvents } from "../sample-events.ts";
import { type DeclaredField, declaredEvent } from "./declared-event.ts";
import { INTRODUCTION, SHARED_MEANINGS } from "./events-words.ts";
import {
  fieldsOf,
  inShort,
  isComposite,
  itemOf,
  type LayoutField,
  linesOf,
  type NamedLayout,
} from "./layout.ts";

const ROOT = resolve(import.meta.dir, "../..");

/** The rooms whose files declare events. Others have words of their own, such as the contract's. */
const DECLARED_IN = "src/{channel,protocols,events}/*.ts";

/** The headings, each with the last number of its range. */
const DOMAINS = [
  { upTo: 19, heading: "Objectives and their decisions" },
  { upTo: 39, heading: "Channels" },
  { upTo: 59, heading: "The chain" },
  { upTo: 79, heading: "Messages between nodes" },
  { upTo: 99, heading: "The log itself" },
] as const;

/** A line for each field or event that has no words yet, so that none goes out unexplained. */
export function unexplained(): readonly string[] {
  return currentLayouts().flatMap(({ type, shape }) => {
    const { doc, fields } = declaredEvent(type, sources());
    const silent = fieldsOf(shape).filter(({ name }) => meaningOf(name, fields) === "");
    return [...(doc === "" ? [type] : []), ...silent.map(({ name }) => `${type}.${name}`)];
  });
}

/** The whole document. */
export function eventsDocument(): string {
  const layouts = currentLayouts();
  const named = namedLayouts(layouts);
  const domains = DOMAINS.map(({ heading, upTo }, index) => {
    const from = (DOMAINS[index - 1]?.upTo ?? 0) + 1;
    const here = layouts.filter(({ number }) => number >= from && number <= upTo);
    return [`## ${heading}`, ...here.map((layout) => eventSection(layout, named))].join("\n\n");
  });
  const parts = ["## Parts", PARTS, ...named.map((part) => partSection(part, named))].join("\n\n");
  return `${[INTRODUCTION, overview(layouts), recordSection(), ...domains, parts].join("\n\n")}\n`;
}

const PARTS =
  "What events and messages are made of. A union is an array too: the number of the case, then its fields.";

function currentLayouts(): readonly KeptLayout[] {
  const kept = JSON.parse(
    readFileSync(join(ROOT, "test/vectors/events.json"), "utf8"),
  ) as readonly KeptLayout[];
  return kept
    .filter(({ type, version }) => versionOf(type) === version)
    .toSorted((left, right) => left.number - right.number);
}

const versionOf = (type: string): number | undefined =>
  type in catalogue ? catalogue[type as NodeEvent["type"]].version : undefined;

function sources(): readonly string[] {
  const paths = [...new Glob(DECLARED_IN).scanSync(ROOT)].filter(
    (path) => !path.endsWith(".test.ts"),
  );
  return paths.sort().map((path) => readFileSync(join(ROOT, path), "utf8"));
}

function overview(layouts: readonly KeptLayout[]): string {
  const rows = layouts.map(({ number, since, type, version }) =>
    row([`${number}`, `[${type}](#${type.toLowerCase()})`, `${version}`, since ?? ""]),
  );
  return ["## All events", table(["number", "event", "version", "since"], rows)].join("\n\n");
}

function eventSection(layout: KeptLayout, named: readonly NamedLayout[]): string {
  const { number, samples, shape, since, type, version } = layout;
  const { doc, fields } = declaredEvent(type, sources());
  const event = shortestSample(type as NodeEvent["type"], samples);
  const rows = fieldsOf(shape).map((field) => fieldRow(field, fields, named));
  return [
    `### ${type}`,
    doc,
    `Number ${number}, version ${version}, since ${since}. ${tagLine(type as NodeEvent["type"])}`,
    table(["field", "layout", "means"], rows),
    `\`\`\`text\nfields      ${event.fields}\ncontent id  ${event.contentId}\n\`\`\``,
  ].join("\n\n");
}

function fieldRow(
  { name, shape }: LayoutField,
  declared: readonly DeclaredField[],
  named: readonly NamedLayout[],
): string {
  return row([`\`${name}\``, `\`${inShort(shape, named)}\``, meaningOf(name, declared)]);
}

/** What the field's own comment says, or else what fields of this name mean everywhere. */
function meaningOf(name: string, declared: readonly DeclaredField[]): string {
  const own = declared.find((field) => field.name === name)?.doc ?? "";
  return (own === "" ? (SHARED_MEANINGS[name] ?? "") : own).replace(/\.$/, "");
}

function tagLine(type: NodeEvent["type"]): string {
  const samples = sampleEvents[type] as readonly NodeEvent[];
  const names = new Set(
    samples.flatMap(nodeCodec.tagsOf).map((tag) => tag.slice(0, tag.indexOf(":") + 1)),
  );
  if (names.size === 0) return "No tags.";
  return `Tags: ${[...names].map((name) => `\`${name}\``).join(", ")}.`;
}

/** The samples are kept in the order of `sampleEvents`. */
function shortestSample(
  type: NodeEvent["type"],
  samples: readonly Hex[],
): { readonly fields: Hex; readonly contentId: string } {
  const shortest = samples.toSorted((left, right) => left.length - right.length)[0];
  const fields = assertDefined(shortest, "a kept sample");
  const events = sampleEvents[type] as readonly NodeEvent[];
  const event = assertDefined(events[samples.indexOf(fields)], "the sample of the kept bytes");
  return { fields, contentId: nodeCodec.contentId(event) };
}

/** A whole record, byte by byte. */
function recordSection(): string {
  const event = assertDefined(sampleEvents.SupportedStateAdvanced[0], "a sample");
  const previousHash = firstHash(new Uint8Array(LOG_ID_SIZE_BYTES));
  const { stored } = nodeCodec.encode(
    { previousHash, offset: 0, timeMs: 1_700_000_000_000 },
    event,
  );
  return [
    "A whole record: the first of a log whose id is sixteen zero bytes.",
    `\`\`\`text\nchain hash  ${toHex(stored.subarray(0, 32))}\nbody        ${toHex(stored.subarray(32))}\n\`\`\``,
    "The body reads `[0, 23, 1, 1700000000000, [channelId, 0]]`.",
  ].join("\n\n");
}

/** The parts that have a name: those of `channel`, and those that a field of an event is made of. */
function namedLayouts(layouts: readonly KeptLayout[]): readonly NamedLayout[] {
  const exit = itemOf(channel.outcome.shape);
  const allocations = fieldsOf(exit).find(({ name }) => name === "allocations");
  const parts: NamedLayout[] = [
    { name: "FixedPart", shape: channel.fixedPart.shape },
    { name: "VariablePart", shape: channel.variablePart.shape },
    { name: "SingleAssetExit", shape: exit },
    { name: "Allocation", shape: itemOf(assertDefined(allocations, "allocations").shape) },
    { name: "Change", shape: channel.change.shape },
    { name: "Message", shape: messageSchema.shape },
  ];
  const ofFields = layouts.flatMap(({ shape, type }) => {
    const declared = declaredEvent(type, sources()).fields;
    return fieldsOf(shape).map(({ name, shape: part }) => ({
      name: (declared.find((field) => field.name === name)?.type ?? "").replace(
        /^readonly |\[\]$/g,
        "",
      ),
      shape: itemOf(part),
    }));
  });
  // What stands last wins: an outcome is a list of exits, not one.
  const all = [...ofFields, ...parts].filter(({ shape }) => isComposite(shape));
  const byShape = new Map(all.map((part) => [part.shape, part]));
  return [...byShape.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function partSection({ name, shape }: NamedLayout, named: readonly NamedLayout[]): string {
  const rows = linesOf(shape).map((line) =>
    row([`\`${line.name}\``, `\`${inShort(line.shape, named)}\``]),
  );
  const isUnion = shape.startsWith("union(");
  return [`### ${name}`, table([isUnion ? "case" : "field", "layout"], rows)].join("\n\n");
}

function table(heads: readonly string[], rows: readonly string[]): string {
  return [row(heads), `|${"---|".repeat(heads.length)}`, ...rows].join("\n");
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`.replace(/ {2,}/g, " ");
