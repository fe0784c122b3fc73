/** What a derivation is made from: a log of messages, and a reducer that turns them into changes of rows. */
import type { Hex } from "../primitives/hex.ts";
import type { Result } from "../primitives/result.ts";
import type { ReducerMessage } from "./sandbox/reducer-input.ts";
import type { RowChanges, TableSchema } from "./sandbox/table-schema.ts";

/** A message with the running hash of its log up to and including it. */
export type LoggedMessage = ReducerMessage & { readonly logHash: Hex };

/** The messages of one channel, which are only ever added to. */
export type MessageLog = {
  readonly channelId: Hex;
  /** The messages from the index `from` on, in order, at most so many; none when there are no more. */
  readonly read: (from: number, countMax: number) => Promise<readonly LoggedMessage[]>;
};

/** Why a reducer refused. The code is the same for everybody. */
export type Refusal = { readonly code: string };

/** A reducer in the middle of its messages, such as a `Reducer` of the sandbox. */
export type RowSource = {
  readonly schema: TableSchema;
  /** What the beginning puts into the tables; nothing for one that was restored. */
  readonly firstChanges: RowChanges;
  /** Takes a message, or refuses it and is as before. */
  readonly reduce: (message: ReducerMessage) => Result<RowChanges, Refusal>;
  readonly snapshot: () => Uint8Array;
};

/** Starts the reducer of one channel, from the beginning or from what it was. */
export type RowSourceOpener = {
  /** keccak-256 of the reducer's module. */
  readonly id: Hex;
  readonly open: () => Result<RowSource, Refusal>;
  readonly restore: (snapshot: Uint8Array) => Result<RowSource, Refusal>;
};
