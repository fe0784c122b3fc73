/** A reducer in TypeScript and a log in memory, for tests and benchmarks of what comes after a reducer. */

import { keccak256 } from "../src/crypto/keccak.ts";
import type {
  LoggedMessage,
  MessageLog,
  RowSource,
  RowSourceOpener,
} from "../src/derivation/row-source.ts";
import type { ReducerMessage } from "../src/derivation/sandbox/reducer-input.ts";
import type { RowChange, TableSchema } from "../src/derivation/sandbox/table-schema.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { fromHex, type Hex, toHex } from "../src/primitives/hex.ts";
import { accept, type Result, reject } from "../src/primitives/result.ts";

/** Every type of column, a key of two columns, a table that is all key, and names that are words of SQL. */
export const COUNTING_TABLES: TableSchema = [
  {
    name: "units",
    columns: [
      { name: "owner", type: "bytes", isKey: true },
      { name: "name", type: "text", isKey: true },
      { name: "points", type: "uint", isKey: false },
      { name: "worth", type: "amount", isKey: false },
      { name: "alive", type: "bool", isKey: false },
    ],
  },
  { name: "select", columns: [{ name: "order", type: "uint", isKey: true }] },
  {
    name: "position",
    columns: [
      { name: "id", type: "text", isKey: true },
      { name: "notes", type: "bytes", isKey: false },
    ],
  },
];

/** A message whose payload is the changes that it makes, as JSON. */
export type ToldChanges = readonly RowChange[];

/** The payload of a message that the reducer itself refuses. */
export const REFUSED: Uint8Array = new TextEncoder().encode("refused");

/** Starts a reducer that does what its messages say. Its state is how many it took: it takes none twice, and leaves out none. */
export function countingReducer(
  schema: TableSchema = COUNTING_TABLES,
  firstChanges: readonly RowChange[] = [],
): RowSourceOpener {
  const sourceAt = (start: number, first: readonly RowChange[]): RowSource => {
    let count = start;
    return {
      schema,
      firstChanges: first,
      reduce: (message) => {
        if (message.turn !== count) return reject({ code: "OutOfTurn" });
        const changes = changesOf(message);
        if (changes.ok) count += 1;
        return changes;
      },
      snapshot: () => new TextEncoder().encode(`${count}`),
    };
  };
  return {
    id: toHex(keccak256(new TextEncoder().encode("counting"))),
    open: () => accept(sourceAt(0, firstChanges)),
    restore: (snapshot) => accept(sourceAt(Number(new TextDecoder().decode(snapshot)), [])),
  };
}

/** The payload that makes these changes. */
export function payloadOf(changes: ToldChanges): Uint8Array {
  const text = JSON.stringify(changes, (_, value) =>
    typeof value === "bigint" ? { integer: String(value) } : value,
  );
  return new TextEncoder().encode(text);
}

function changesOf({ payload }: ReducerMessage): Result<ToldChanges, { readonly code: string }> {
  const text = new TextDecoder().decode(payload);
  if (text === "refused") return reject({ code: "Refused" });
  return accept(
    JSON.parse(text, (_, value) =>
      typeof value === "object" && value !== null && "integer" in value
        ? BigInt(value.integer)
        : value,
    ),
  );
}

/** A log in memory, to which a test adds. */
export type MemoryLog = MessageLog & {
  readonly add: (payload: Uint8Array) => void;
  readonly length: () => number;
};

/** A log of one channel, of so many messages if another one is cut off. */
export function createMemoryLog(channelId: Hex, start: readonly Uint8Array[] = []): MemoryLog {
  const messages: LoggedMessage[] = [];
  const add = (payload: Uint8Array): void => {
    const before = messages.at(-1)?.logHash ?? "0x";
    const logHash = toHex(keccak256(concatBytes(fromHex(before), payload)));
    const turn = messages.length;
    messages.push({ turn, sender: 0, type: "told", payload, timeMs: turn, logHash });
  };
  for (const payload of start) add(payload);
  return {
    channelId,
    add,
    length: () => messages.length,
    read: async (from, countMax) => messages.slice(from, from + countMax),
  };
}
