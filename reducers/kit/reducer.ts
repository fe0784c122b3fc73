/**
 * The frame of a reducer in AssemblyScript. Extend `Reducer`, give an instance to `run`, and export the functions of
 * the ABI from your file: `export { abi_version, allocate, init, outcome, reduce, schema } from "../kit/reducer"`.
 */
import { Channel, Message, Outcome } from "./channel";
import { MessagePackReader } from "./message-pack-reader";
import { MessagePackWriter } from "./message-pack-writer";
import { Rows, Tables } from "./tables";

/** The rules of an application. Its fields are the state. */
export abstract class Reducer {
  /** Declares the tables. */
  abstract declareTables(tables: Tables): void;
  /** Begins: rows that are there from the start. */
  abstract begin(channel: Channel, rows: Rows): void;
  /** Takes a message and gives the empty text, or refuses it and gives a code of letters. */
  abstract take(message: Message, rows: Rows): string;
  /** Tells who gets what if the next mover stays silent. */
  abstract settle(outcome: Outcome): void;
}

/** Accepts a message. */
export const ACCEPTED: string = "";

/** Messages after which the memory is tidied: deterministic, as everything here. */
const MESSAGES_PER_TIDYING: i32 = 64;

let rules: Reducer | null = null;
let outcomes: Outcome | null = null;
let inputPlace: usize = 0;
let inputCapacity: i32 = 0;
let taken: i32 = 0;

const writer = new MessagePackWriter();
const rows = new Rows(writer);
const message = new Message();
const input = new MessagePackReader(0, 0);

/** Registers the rules. Call it once, at the top of your file. */
export function run(reducer: Reducer): void {
  rules = reducer;
}

export function abi_version(): i32 {
  return 1;
}

export function allocate(size: i32): usize {
  if (size > inputCapacity) {
    inputPlace = inputPlace == 0 ? heap.alloc(size) : heap.realloc(inputPlace, size);
    inputCapacity = size;
  }
  return inputPlace;
}

export function schema(): i64 {
  const tables = new Tables();
  rules!.declareTables(tables);
  writer.reset();
  tables.write(writer);
  return writer.output();
}

export function init(place: usize, size: i32): i64 {
  const began = new Channel(new MessagePackReader(place, place + size));
  outcomes = new Outcome(writer, began);
  rows.open();
  rules!.begin(began, rows);
  rows.close();
  return writer.output();
}

export function reduce(place: usize, size: i32): i64 {
  input.aim(place, place + size);
  message.read(input);
  rows.open();
  const code = rules!.take(message, rows);
  if (code.length == 0) rows.close();
  else refuse(code);
  tidy();
  return writer.output();
}

export function outcome(): i64 {
  rules!.settle(outcomes!);
  return writer.output();
}

/** What AssemblyScript calls where an index is out of range and the like: the message is refused. */
export function stop(_text: string | null, _file: string | null, _line: i32, _column: i32): void {
  unreachable();
}

function refuse(code: string): void {
  writer.reset();
  writer.array(2);
  writer.uint(0);
  writer.text(code);
}

function tidy(): void {
  taken += 1;
  if (taken < MESSAGES_PER_TIDYING) return;
  taken = 0;
  __collect();
}
