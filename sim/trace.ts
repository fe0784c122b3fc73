/** Everything that happened in a run, in order, under one running hash. */
import { sha256 } from "../src/crypto/sha256.ts";
import type { NodeEvent } from "../src/events/event.ts";
import type { EventRecord } from "../src/events/record.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { type Hex, toHex } from "../src/primitives/hex.ts";
import { jsonOf } from "../src/primitives/json.ts";
import type { Arrow } from "./sequence.ts";

/** One thing that happened. `atMs` counts virtual milliseconds from the start of the run. */
export type TraceEntry =
  | {
      /** Bytes on the wire, and what the network does with them. */
      readonly type: "Frame";
      readonly atMs: number;
      readonly from: string;
      readonly to: string;
      /** When each copy arrives; none when it is lost. */
      readonly arrivesAtMs: readonly number[];
      readonly bytes: Hex;
    }
  | {
      /** A record that a node appended to its log. */
      readonly type: "Event";
      readonly atMs: number;
      readonly node: string;
      readonly offset: number;
      readonly event: string;
      readonly record: Hex;
    }
  | {
      /** A signed transaction that a node sent. */
      readonly type: "Transaction";
      readonly atMs: number;
      readonly node: string;
      readonly raw: Hex;
    }
  | {
      readonly type: "Block";
      readonly atMs: number;
      readonly number: number;
      readonly hash: Hex;
      readonly timestampSec: number;
      readonly transactions: readonly Hex[];
      readonly gasUsed: number;
    }
  | {
      /** Something that the chain, or a node's way to it, does wrong. The diagram has it as a note. */
      readonly type: "Fault";
      readonly atMs: number;
      readonly at: string;
      readonly what: string;
      /** What it struck, and how. */
      readonly about: readonly string[];
    }
  | {
      /** A line of the sequence diagram. */
      readonly type: "Arrow";
      readonly atMs: number;
      readonly arrow: Arrow;
    };

const text = new TextEncoder();

/** Collects entries. The hash of the trace covers every field of every entry. */
export class Trace {
  readonly entries: TraceEntry[] = [];
  /** False for a run that nobody will read: no entry is made then, and the hash says nothing. */
  readonly isKept: boolean;
  #hash: Uint8Array = sha256(text.encode("channels trace 1"));
  #hashed = 0;

  constructor(isKept = true) {
    this.isKept = isKept;
  }

  add(entry: TraceEntry): void {
    if (this.isKept) this.entries.push(entry);
  }

  /**
   * The running hash: equal for two runs exactly when everything in them was equal. Reckoned when it is asked for,
   * since most runs of a campaign are never compared.
   */
  get hash(): Hex {
    for (const entry of this.entries.slice(this.#hashed)) this.#hash = nextHash(this.#hash, entry);
    this.#hashed = this.entries.length;
    return toHex(this.#hash);
  }
}

/**
 * A record as an entry. Its text is written when somebody reads it: most runs of a campaign are never looked at, and
 * an event does not change.
 */
export function eventEntry(
  atMs: number,
  node: string,
  { event, hash, offset }: Pick<EventRecord<NodeEvent>, "event" | "hash" | "offset">,
): TraceEntry {
  let json: string | undefined;
  return {
    type: "Event",
    atMs,
    node,
    offset,
    get event() {
      json ??= jsonOf(event);
      return json;
    },
    record: hash,
  };
}

/** The hash that a list of entries has. Recomputes what `Trace` keeps. */
export function hashOfEntries(entries: readonly TraceEntry[]): Hex {
  const trace = new Trace();
  for (const entry of entries) trace.add(entry);
  return trace.hash;
}

/** The arrows of a trace, for comparison with a diagram. */
export function arrowsOf(entries: readonly TraceEntry[]): readonly Arrow[] {
  return entries.flatMap((entry) => (entry.type === "Arrow" ? [entry.arrow] : []));
}

function nextHash(before: Uint8Array, entry: TraceEntry): Uint8Array {
  return sha256(concatBytes(before, text.encode(JSON.stringify(entry))));
}
