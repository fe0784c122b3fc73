/** One entry of a trace, as text. */
import { decodeFrame } from "../../src/network/frame.ts";
import { fromHex } from "../../src/primitives/hex.ts";
import type { TraceEntry } from "../trace.ts";
import { formatTime } from "./diagram-lines.ts";

/** An event as a trace holds it: amounts are text. */
export type TracedEvent = Readonly<Record<string, unknown>> & { readonly type: string };

/** Characters of an id that tell it from the others of a run: 0x and eight digits. */
const NAME_CHARS = 10;

/** The event of an entry. */
export function tracedEvent({ event }: TraceEntry & { readonly type: "Event" }): TracedEvent {
  return JSON.parse(event) as TracedEvent;
}

/** One line that says what happened: time, kind, and what tells it from its neighbours. */
export function entryLine(entry: TraceEntry): string {
  return `${formatTime(entry.atMs).padStart(12)}  ${whatHappened(entry)}`;
}

function whatHappened(entry: TraceEntry): string {
  switch (entry.type) {
    case "Frame":
      return `frame   ${entry.from} -> ${entry.to}: ${frameContent(entry)}, ${arrival(entry.arrivesAtMs)}`;
    case "Event":
      return `event   ${entry.node} #${entry.offset}: ${eventText(tracedEvent(entry))}`;
    case "Transaction":
      return `send    ${entry.node} sends a transaction of ${entry.raw.length / 2 - 1} bytes`;
    case "Block":
      return `block   ${entry.number}: ${entry.transactions.length} transactions, ${entry.gasUsed} gas`;
    case "Fault":
      return `fault   ${[`${entry.at}: ${entry.what}`, ...entry.about].join(", ")}`;
    case "Arrow":
      return `diagram ${entry.arrow}`;
  }
}

function frameContent({ bytes }: TraceEntry & { readonly type: "Frame" }): string {
  const frame = decodeFrame(fromHex(bytes));
  if (!frame.ok) return "bytes that are no frame";
  switch (frame.value.type) {
    case "Data":
      return `message ${frame.value.sequence}`;
    case "Acknowledged": {
      const { refused, upTo } = frame.value;
      return `acknowledges up to ${upTo}${refused.length === 0 ? "" : `, refuses ${refused.length}`}`;
    }
    case "Greeting":
    case "Welcome": {
      const { lastReceived, lastSent, type } = frame.value;
      const verb = type === "Greeting" ? "greets" : "welcomes";
      return `${verb}, has sent ${lastSent} and received ${lastReceived}`;
    }
  }
}

function arrival(times: readonly number[]): string {
  if (times.length === 0) return "lost";
  return `arrives at ${times.map(formatTime).join(" and ")}`;
}

function eventText(event: TracedEvent): string {
  const { message, sequence, messageType, call, code, status } = event;
  const details = [
    ...ledgerDetails(event),
    typeof message === "object" && message !== null ? Reflect.get(message, "type") : undefined,
    typeof call === "object" && call !== null ? Reflect.get(call, "type") : undefined,
    messageType,
    code,
    status,
    sequence === undefined ? undefined : `message ${sequence}`,
  ].filter((detail) => detail !== undefined);
  return details.length === 0 ? event.type : `${event.type} (${details.join(", ")})`;
}

/** What a ledger state changes, and what a voucher promises: nothing else tells one from the next. */
function ledgerDetails(event: TracedEvent): readonly string[] {
  const { amounts, changes, channelId, counter, proposal, turnNum, type } = event;
  if (type === "VoucherIssued" || type === "VoucherReceived") {
    return [`number ${counter}`, `${(amounts as readonly string[]).join(" and ")} in all`];
  }
  if (!type.startsWith("Proposal")) return [];
  const made = ((changes ?? []) as readonly Change[]).map((change) => change.proposal);
  const all = proposal === undefined ? made : [proposal as TracedEvent];
  const turn = turnNum === undefined ? [] : [`turn ${turnNum}`];
  return [`ledger ${nameOf(channelId)}`, ...turn, ...all.map(changeText)];
}

type Change = { readonly proposal: TracedEvent };

function changeText({ asset, target, type }: TracedEvent): string {
  return `${type} ${nameOf(target ?? asset)}`;
}

function nameOf(id: unknown): string {
  return `${id}`.slice(0, NAME_CHARS);
}
