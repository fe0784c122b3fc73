/** Which earlier entries of a trace led to one of them. */
import { keccak256 } from "viem";
import { decodeFrame, type Frame } from "../../src/network/frame.ts";
import { fromHex } from "../../src/primitives/hex.ts";
import type { TraceEntry } from "../trace.ts";
import { type TracedEvent, tracedEvent } from "./entry-text.ts";

type Entry<Type extends TraceEntry["type"]> = TraceEntry & { readonly type: Type };

/** A trace in which causes are looked for. */
export type CauseSearch = {
  readonly entries: readonly TraceEntry[];
  /** Names of the nodes by their addresses, as far as the trace tells them. */
  readonly names: ReadonlyMap<unknown, string>;
};

/** Learns who has which address: a sent message names both, in its event and in its arrow. */
export function searchIn(entries: readonly TraceEntry[]): CauseSearch {
  const names = new Map<unknown, string>();
  for (const [index, entry] of entries.entries()) {
    const next = entries[index + 1];
    if (entry.type !== "Event" || next?.type !== "Arrow") continue;
    const event = tracedEvent(entry);
    const to = /->>(\w+):/.exec(next.arrow)?.[1];
    if (event.type === "MessageSent" && to !== undefined) names.set(event["to"], to);
  }
  return { entries, names };
}

/** The entries that led to the one at `index`, as their indices. None for what the script began. */
export function causesOf(search: CauseSearch, index: number): readonly number[] {
  const entry = search.entries[index];
  switch (entry?.type) {
    case "Frame":
      return found(causeOfFrame(search, index, entry));
    case "Event":
      return found(causeOfEvent(search, index, entry, tracedEvent(entry)));
    case "Transaction":
      return found(latest(search, index, (other) => isEventAt(other, entry.node)));
    case "Block":
      return transactionsOf(search, index, entry);
    case "Arrow":
      return found(causeOfArrow(search, index, entry));
    default:
      return [];
  }
}

function found(index: number | undefined): readonly number[] {
  return index === undefined ? [] : [index];
}

type IsCause = (entry: TraceEntry) => boolean;

/** The nearest earlier entry for which `isCause` holds. */
function latest({ entries }: CauseSearch, before: number, isCause: IsCause): number | undefined {
  const index = entries.slice(0, before).findLastIndex(isCause);
  return index < 0 ? undefined : index;
}

/** The first later entry of the same instant for which `isCause` holds. */
function sameInstant(
  { entries }: CauseSearch,
  after: number,
  isCause: IsCause,
): number | undefined {
  const { atMs } = entries[after] ?? {};
  const offset = entries
    .slice(after + 1)
    .findIndex((entry) => entry.atMs !== atMs || isCause(entry));
  const index = after + 1 + offset;
  return offset < 0 || entries[index]?.atMs !== atMs ? undefined : index;
}

function isEventAt(entry: TraceEntry, node: string): entry is Entry<"Event"> {
  return entry.type === "Event" && entry.node === node;
}

function frameOf({ bytes }: Entry<"Frame">): Frame | undefined {
  const decoded = decodeFrame(fromHex(bytes));
  return decoded.ok ? decoded.value : undefined;
}

function causeOfFrame(
  search: CauseSearch,
  index: number,
  entry: Entry<"Frame">,
): number | undefined {
  const frame = frameOf(entry);
  if (frame === undefined) return undefined;
  const told = toldBy(frame);
  // A greeting is caused by the start of its node, and a welcome by a greeting: neither is in a log.
  if (told === undefined) return undefined;
  const { peer, sequence, type } = told;
  return latest(search, index, (other) => {
    if (!isEventAt(other, entry.from)) return false;
    const event = tracedEvent(other);
    const isOfPeer = search.names.get(event[peer]) === entry.to;
    return event.type === type && event["sequence"] === sequence && isOfPeer;
  });
}

/** The event that a frame carries away from its node. */
function toldBy(
  frame: Frame,
): { readonly type: string; readonly peer: string; readonly sequence: number } | undefined {
  switch (frame.type) {
    case "Data":
      return { type: "MessageSent", peer: "to", sequence: frame.sequence };
    case "Acknowledged":
      return { type: "MessageReceived", peer: "from", sequence: frame.upTo };
    default:
      return undefined;
  }
}

/** Looks from the nearest cause outward: the wire, the chain, the own transaction, the own past. */
function causeOfEvent(
  search: CauseSearch,
  index: number,
  entry: Entry<"Event">,
  event: TracedEvent,
): number | undefined {
  switch (event.type) {
    case "MessageReceived":
      return frameTo(search, index, entry, event["from"], (frame) => {
        return frame.type === "Data" && frame.sequence === event["sequence"];
      });
    case "MessageAcked":
    case "MessageDropped":
      return frameTo(search, index, entry, event["peer"], (frame) => {
        return frame.type === "Acknowledged" && frame.upTo >= Number(event["upTo"] ?? 0);
      });
    default:
      return (
        blockOf(search, index, event) ??
        pastOf(search, index, entry, event, entry.atMs) ??
        // The message that taught something stands at the end of its batch.
        sameInstant(search, index, (other) => isReceipt(other, entry.node)) ??
        pastOf(search, index, entry, event)
      );
  }
}

function frameTo(
  search: CauseSearch,
  index: number,
  { atMs, node }: Entry<"Event">,
  peer: unknown,
  isIt: (frame: Frame) => boolean,
): number | undefined {
  return latest(search, index, (other) => {
    if (other.type !== "Frame" || other.to !== node) return false;
    if (other.from !== search.names.get(peer)) return false;
    const hasArrived = other.arrivesAtMs.some((arrivalMs) => arrivalMs <= atMs);
    const frame = hasArrived ? frameOf(other) : undefined;
    return frame !== undefined && isIt(frame);
  });
}

function blockOf(search: CauseSearch, index: number, event: TracedEvent): number | undefined {
  const position = event["position"] as { readonly blockNumber?: number } | undefined;
  const number = position?.blockNumber ?? event["blockNumber"];
  if (number === undefined) return undefined;
  return latest(search, index, (other) => other.type === "Block" && other.number === number);
}

function isReceipt(entry: TraceEntry, node: string): boolean {
  return isEventAt(entry, node) && tracedEvent(entry).type === "MessageReceived";
}

/** What happened to the same channel at the same node before, and not before `sinceMs`. */
function pastOf(
  search: CauseSearch,
  index: number,
  { node }: Entry<"Event">,
  event: TracedEvent,
  sinceMs = 0,
): number | undefined {
  // What is of the same transaction is nearer than what is of the same channel.
  const keys = ["effectId", "objectiveId", "channelId"].filter((key) => event[key] !== undefined);
  const pastWith = (isOfIt: (earlier: TracedEvent) => boolean): number | undefined =>
    latest(search, index, (other) => {
      return isEventAt(other, node) && other.atMs >= sinceMs && isOfIt(tracedEvent(other));
    });
  // A message to a peer names nothing of its own: it follows what stands before it in its batch.
  if (keys.length === 0) return pastWith(() => true);
  for (const key of keys) {
    const past = pastWith((earlier) => earlier[key] === event[key]);
    if (past !== undefined) return past;
  }
  return undefined;
}

function transactionsOf(
  { entries }: CauseSearch,
  index: number,
  { transactions }: Entry<"Block">,
): readonly number[] {
  return [...entries.slice(0, index).entries()]
    .filter(([, other]) => {
      return other.type === "Transaction" && transactions.includes(keccak256(other.raw));
    })
    .map(([at]) => at);
}

/** A line of the diagram is told by the event before it, or by the newest block. */
function causeOfArrow(
  search: CauseSearch,
  index: number,
  { arrow, atMs }: Entry<"Arrow">,
): number | undefined {
  if (arrow.startsWith("chain-->>")) {
    return latest(search, index, ({ type }) => type === "Block");
  }
  const from = /^(\w+)->>/.exec(arrow)?.[1];
  if (from === undefined) return undefined;
  return latest(search, index, (other) => isEventAt(other, from) && other.atMs === atMs);
}
