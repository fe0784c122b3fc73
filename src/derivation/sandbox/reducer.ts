/**
 * A running reducer: messages in, row changes out, and the outcome after each. The same module and the same
 * messages give the same bytes on every machine. Nothing that a module does throws.
 *
 * A message that is refused leaves no trace. Undoing needs a copy of the state, and copying for each message would
 * cost more than the messages do: so there is a copy of an earlier state, and the messages since, told again.
 */
import { assert } from "../../primitives/assert.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import type { Reader } from "../../primitives/message-pack-reader.ts";
import { createWriter, resetWriter, type Writer } from "../../primitives/message-pack-writer.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import { decode, encode } from "../../primitives/schema.ts";
import type { AdmittedModule, ReducerId } from "./admission.ts";
import { ABI_VERSION } from "./reducer-abi.ts";
import type { ReducerInit, ReducerMessage } from "./reducer-input.ts";
import { initSchema, messageProblem, messageSchema } from "./reducer-input.ts";
import {
  callMachine,
  copyState,
  createMachine,
  gasUsed,
  type Machine,
  type MachineState,
  readOutput,
  tellMachine,
  withState,
} from "./reducer-machine.ts";
import {
  type ReducerAnswer,
  type RowReaders,
  readAnswer,
  readChanges,
  readOutcome,
  readTableSchema,
  rowReaders,
} from "./reducer-output.ts";
import type { ReducerRejection } from "./reducer-rejection.ts";
import { decodeSnapshot, encodeSnapshot } from "./reducer-snapshot.ts";
import type { ReducerOutcome, RowChanges, TableSchema } from "./table-schema.ts";

/**
 * Messages between two copies of the state, at most: what is told again when one is refused. Measured with a small
 * memory, from 64 on nothing is gained for messages that are accepted, and a refusal takes 60 us at 256. A memory of
 * 4 MiB takes 0.4 ms to copy, which so many messages share.
 */
const MESSAGES_PER_COPY = 256;

/** Gas between two copies, at most: what one refusal may cost its hearers beside its own gas. */
const GAS_PER_COPY = 20_000_000;

/** Bytes that were told between two copies, at most: they are kept until then. */
const BYTES_PER_COPY = 1_048_576;

/** An outcome and its bytes, by which the next one is known to be the same. */
type LastOutcome = { readonly bytes: Uint8Array; readonly value: ReducerOutcome };

/** What a reducer is made of, once it has begun. */
type Begun = {
  readonly init: ReducerInit;
  readonly machine: Machine;
  readonly schema: TableSchema;
  readonly firstChanges: RowChanges;
  readonly outcome: LastOutcome;
};

/** Starts a reducer at the beginning of a channel. */
export function openReducer(
  module: AdmittedModule,
  init: ReducerInit,
): Result<Reducer, ReducerRejection> {
  if (!isWhole(init)) return reject({ code: "InitMalformed" });
  const started = startMachine(module);
  if (!started.ok) return started;
  const { machine, schema } = started.value;
  const told = tellMachine(machine, "init", encode(initSchema, init));
  if (!told.ok) return told;
  const tables = rowReaders(schema);
  const read = (reader: Reader): RowChanges => readChanges(reader, tables);
  const changes = readOutput(machine, "init", told.value, read);
  if (!changes.ok) return changes;
  const outcome = askOutcome(machine, init, undefined);
  if (!outcome.ok) return outcome;
  const begun = { init, machine, schema, firstChanges: changes.value, outcome: outcome.value };
  return accept(new Reducer(begun));
}

/** Continues from a snapshot, which may be anybody's bytes. */
export function restoreReducer(
  module: AdmittedModule,
  snapshot: Uint8Array,
): Result<Reducer, ReducerRejection> {
  const decoded = decodeSnapshot(module, snapshot);
  if (!decoded.ok) return decoded;
  const init = decode(initSchema, decoded.value.init);
  if (!init.ok || !isWhole(init.value)) return refusedSnapshot("a beginning that does not read");
  const started = startMachine(module);
  if (!started.ok) return started;
  const { machine: fresh, schema } = started.value;
  const machine = withState(fresh, decoded.value.state);
  const outcome = askOutcome(machine, init.value, undefined);
  if (!outcome.ok) return outcome;
  if (!equalBytes(outcome.value.bytes, decoded.value.outcome)) {
    return refusedSnapshot("an outcome that the reducer does not give");
  }
  const settled = withState(machine, decoded.value.state);
  return accept(
    new Reducer({
      init: init.value,
      machine: settled,
      schema,
      firstChanges: [],
      outcome: outcome.value,
    }),
  );
}

/** A reducer in the middle of its messages. */
export class Reducer {
  readonly id: ReducerId;
  readonly init: ReducerInit;
  readonly schema: TableSchema;
  /** What the beginning put into the tables; nothing for one that was restored. */
  readonly firstChanges: RowChanges;
  #machine: Machine;
  #outcome: LastOutcome;
  /** A state that can be gone back to. */
  #copy: MachineState;
  #toldSince: Uint8Array[] = [];
  #gasSince = 0;
  #bytesSince = 0;
  #gasOfLast = 0;
  readonly #writer: Writer = createWriter();
  readonly #readAnswer: (reader: Reader) => ReducerAnswer;

  /** For `openReducer` and `restoreReducer`. */
  constructor({ firstChanges, init, machine, outcome, schema }: Begun) {
    const tables: readonly RowReaders[] = rowReaders(schema);
    this.id = machine.module.id;
    this.init = init;
    this.schema = schema;
    this.firstChanges = firstChanges;
    this.#machine = machine;
    this.#outcome = outcome;
    this.#readAnswer = (reader) => readAnswer(reader, tables);
    this.#copy = copyState(machine);
  }

  /** Takes a message, or refuses it and is as before. */
  reduce(message: ReducerMessage): Result<RowChanges, ReducerRejection> {
    const field = messageProblem(message, this.init.participants.length);
    if (field !== undefined) return reject({ code: "MessageMalformed", field });
    const input = this.#encoded(message);
    const step = this.#step(input);
    if (step.ok) this.#remember(input);
    else this.#undo();
    return step;
  }

  /** Who is paid what as it stands, if the next mover stays silent. */
  outcome(): ReducerOutcome {
    return this.#outcome.value;
  }

  /** Gas of the last message that was accepted or refused by the module, without its outcome. */
  gasOfLast(): number {
    return this.#gasOfLast;
  }

  /** All of its state. Equal states have equal bytes. */
  snapshot(): Uint8Array {
    const state = copyState(this.#machine);
    const init = encode(initSchema, this.init);
    return encodeSnapshot(this.#machine.module, { init, state, outcome: this.#outcome.bytes });
  }

  #encoded(message: ReducerMessage): Uint8Array {
    const writer = this.#writer;
    resetWriter(writer);
    messageSchema.write(writer, message);
    return writer.bytes.subarray(0, writer.length);
  }

  /** The order of calls is fixed, since each may change the state: `allocate`, `reduce`, `outcome`. */
  #step(input: Uint8Array): Result<RowChanges, ReducerRejection> {
    const machine = this.#machine;
    const told = tellMachine(machine, "reduce", input);
    this.#gasOfLast = gasUsed(machine);
    if (!told.ok) return told;
    const answer = readOutput(machine, "reduce", told.value, this.#readAnswer);
    if (!answer.ok) return answer;
    if (answer.value.type === "refused") return reject({ code: "Refused", by: answer.value.by });
    const outcome = askOutcome(machine, this.init, this.#outcome);
    if (!outcome.ok) return outcome;
    this.#outcome = outcome.value;
    return accept(answer.value.changes);
  }

  #remember(input: Uint8Array): void {
    this.#toldSince.push(input.slice());
    this.#gasSince += this.#gasOfLast;
    this.#bytesSince += input.length;
    const isLong = this.#toldSince.length >= MESSAGES_PER_COPY;
    if (isLong || this.#gasSince > GAS_PER_COPY || this.#bytesSince > BYTES_PER_COPY) this.#keep();
  }

  #keep(): void {
    this.#copy = copyState(this.#machine, this.#copy.memory);
    this.#toldSince = [];
    this.#gasSince = 0;
    this.#bytesSince = 0;
  }

  /** Goes back to before the last message. The next refusal finds a copy that is new. */
  #undo(): void {
    this.#machine = withState(this.#machine, this.#copy);
    if (this.#toldSince.length === 0) return;
    const gasOfLast = this.#gasOfLast;
    for (const input of this.#toldSince) {
      assert(this.#step(input).ok, "a message that was accepted once is accepted again");
    }
    this.#gasOfLast = gasOfLast;
    this.#keep();
  }
}

/** An instance that has told its version and its tables. */
function startMachine(
  module: AdmittedModule,
): Result<{ readonly machine: Machine; readonly schema: TableSchema }, ReducerRejection> {
  const machine = createMachine(module);
  const version = callMachine(machine, "abi_version");
  if (!version.ok) return version;
  if (version.value !== ABI_VERSION) {
    return reject({ code: "AbiVersionUnknown", version: version.value });
  }
  const place = callMachine(machine, "schema");
  if (!place.ok) return place;
  const schema = readOutput(machine, "schema", place.value, readTableSchema);
  return schema.ok ? accept({ machine, schema: schema.value }) : schema;
}

/** Most messages leave the outcome as it is: then it is known by its bytes. */
function askOutcome(
  machine: Machine,
  init: ReducerInit,
  last: LastOutcome | undefined,
): Result<LastOutcome, ReducerRejection> {
  const place = callMachine(machine, "outcome");
  if (!place.ok) return place;
  return readOutput(machine, "outcome", place.value, (reader) => {
    const { offset, end } = reader;
    if (last !== undefined && isAt(reader, last.bytes)) {
      reader.offset = end;
      return last;
    }
    const value = readOutcome(reader, init);
    return { bytes: reader.bytes.slice(offset, end), value };
  });
}

/** True when what is to be read is exactly `bytes`. */
function isAt({ bytes: whole, end, offset }: Reader, bytes: Uint8Array): boolean {
  if (end - offset !== bytes.length) return false;
  for (let index = 0; index < bytes.length; index += 1) {
    if (whole[offset + index] !== bytes[index]) return false;
  }
  return true;
}

function isWhole({ assets, participants }: ReducerInit): boolean {
  const count = participants.length;
  return count > 0 && assets.every(({ amounts }) => amounts.length === count);
}

function refusedSnapshot(problem: string): Result<never, ReducerRejection> {
  return reject({ code: "SnapshotRefused", problem });
}
