/** An event as text for people: what happened, and what it is about. */
import type { FixedPart } from "../channel/fixed-part.ts";
import type { ChainPosition } from "../channel/holdings.ts";
import type { Outcome } from "../channel/outcome.ts";
import type { VariablePart } from "../channel/state.ts";
import type { NodeEvent } from "../events/event.ts";
import type { LogHead } from "../events/record-head.ts";

/** Whether ids, addresses and bytes are cut to what tells them apart. */
export type IdLength = "Short" | "Whole";

/** Digits of a shortened id: enough to tell a few thousand of them apart. */
const SHORT_DIGITS = 8;

type Fields = Readonly<Record<string, unknown>>;
type Describe = (value: never, ids: IdLength) => string;

/** Fields that read better otherwise than as their name and their value. */
const DESCRIBERS: Readonly<Record<string, Describe>> = {
  channelId: (id: string, ids) => `channel ${shortenIds(id, ids)}`,
  objectiveId: (id: string, ids) => shortenIds(id, ids),
  effectId: (id: string, ids) => shortenIds(id, ids),
  turnNum: (turnNum: number) => `turn ${turnNum}`,
  myIndex: (index: number) => `this node is participant ${index}`,
  by: (index: number) => `by participant ${index}`,
  openedBy: (index: number) => `asked for by participant ${index}`,
  sequence: (sequence: number) => `message ${sequence}`,
  messageType: (type: string) => type,
  code: (code: string) => `because of ${code}`,
  fixedPart: describeFixedPart,
  variablePart: describeVariablePart,
  outcome: describeOutcome,
  position: ({ blockNumber, logIndex }: ChainPosition) => `block ${blockNumber}, log ${logIndex}`,
  message: describeVariant,
  goal: describeVariant,
  change: describeVariant,
  call: describeVariant,
  head: (head: LogHead, ids) => `log then ${describeHead(head, ids)}`,
  proposal: describeVariant,
};

/**
 * What an event tells besides its type, in one line. With short ids the channel is left out where the name of
 * the objective holds it.
 */
export function describeEvent(event: NodeEvent, ids: IdLength): string {
  return describeFields(event, ids);
}

/** A head as `channels log verify --head` takes it. */
export function describeHead({ hash, length }: LogHead, ids: IdLength): string {
  return `${length}:${shortenIds(hash, ids)}`;
}

/**
 * Cuts every id, address and run of bytes in a text, unless they are to stay whole. A destination that is an
 * address behind zeros becomes the address: its first digits tell nobody apart.
 */
export function shortenIds(text: string, ids: IdLength): string {
  if (ids === "Whole") return text;
  return text.replace(/0x(?:0{24}(?=[0-9a-f]{40}\b))?([0-9a-f]{9,})/g, (_, digits: string) => {
    return `0x${digits.slice(0, SHORT_DIGITS)}`;
  });
}

/** A moment of a log as text: a date and a time in UTC, to the millisecond. */
export function describeTime(timeMs: number): string {
  // Times far beyond the calendar can be written; they are shown as they are.
  if (timeMs > 8.64e15) return `${timeMs} ms`;
  return new Date(timeMs).toISOString().replace("T", " ").replace("Z", "");
}

/** The same without the date, for terminals that have no room for it. */
export function describeTimeOfDay(timeMs: number): string {
  return describeTime(timeMs).replace(/^\d{4}-\d\d-\d\d /, "");
}

/** A line that ends at the edge of the terminal; a pipe has none, and gets it whole. */
export function cutLine(line: string, columns: number | undefined): string {
  if (columns === undefined || line.length <= columns) return line;
  return `${line.slice(0, Math.max(columns - 3, 0))}...`;
}

function describeFields(fields: object, ids: IdLength): string {
  return Object.entries(fields as Fields)
    .filter(([key, value]) => key !== "type" && !isEmpty(value))
    .filter(([key]) => ids === "Whole" || key !== "channelId" || !("objectiveId" in fields))
    .map(([key, value]) => describeField(key, value, ids))
    .join(", ");
}

function describeField(key: string, value: unknown, ids: IdLength): string {
  const describe = DESCRIBERS[key];
  if (describe !== undefined) return describe(value as never, ids);
  return `${wordsOf(key)} ${describeValue(value, ids)}`;
}

/** Any value of an event or of a state, in one line. */
export function describeValue(value: unknown, ids: IdLength): string {
  if (Array.isArray(value)) return value.map((item) => describeValue(item, ids)).join(" ");
  if (typeof value === "object" && value !== null) return `(${describeFields(value, ids)})`;
  return shortenIds(String(value), ids);
}

function describeVariant(variant: { readonly type: string }, ids: IdLength): string {
  const fields = describeFields(variant, ids);
  return fields === "" ? variant.type : `${variant.type} (${fields})`;
}

function describeFixedPart(fixedPart: FixedPart, ids: IdLength): string {
  const { appDefinition, challengeDurationSec, channelNonce, participants } = fixedPart;
  const people = participants.map((participant) => shortenIds(participant, ids)).join(" and ");
  const app = shortenIds(appDefinition, ids);
  return `between ${people}, nonce ${channelNonce}, app ${app}, challenges last ${challengeDurationSec} s`;
}

function describeVariablePart(part: VariablePart, ids: IdLength): string {
  const { appData, isFinal, outcome, turnNum } = part;
  const data = appData === "0x" ? "" : `, app data ${shortenIds(appData, ids)}`;
  return `turn ${turnNum}${isFinal ? " (final)" : ""}, ${describeOutcome(outcome, ids)}${data}`;
}

function describeOutcome(outcome: Outcome, ids: IdLength): string {
  const exits = outcome.map(({ allocations, asset }) => {
    const amounts = allocations.map(({ amount }) => amount).join(" + ");
    return `${amounts} of ${shortenIds(asset, ids)}`;
  });
  return `pays ${exits.length === 0 ? "nothing" : exits.join(" and ")}`;
}

/** `transactionHash` is `transaction hash`. */
function wordsOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "0x" ||
    (Array.isArray(value) && value.length === 0)
  );
}
