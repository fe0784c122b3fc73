/** What a contract of the model is: functions found by their selectors, that read, write, tell, pay and refuse. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { type Codec, sourceOf } from "./abi.ts";
import type { Machine } from "./machine.ts";
import { emptyRevert } from "./revert.ts";
import { hashOf, wordOf } from "./words.ts";

/** One call of one contract. */
export type Frame = {
  readonly machine: Machine;
  readonly self: Hex;
  readonly caller: Hex;
  /** Coins that came along. They are the contract's by now. */
  readonly valueWei: bigint;
  readonly data: Hex;
  /** Calls another contract on behalf of this one. Throws what that one refuses with. */
  readonly call: (to: Hex, data: Hex, valueWei?: bigint) => Hex;
  /** Makes a contract of these bytes. Refuses where there is one already. */
  readonly create: (address: Hex, creation: Hex, valueWei: bigint) => void;
  /** True when there is a contract at the address. */
  readonly hasCode: (address: Hex) => boolean;
};

/** Answers a call with the bytes that it returns, or throws `Revert`. */
export type Contract = (frame: Frame) => Hex;

/** The first four bytes of a call's data, and what they lead to. */
export type Method = readonly [selector: Hex, run: Contract];

/** Selector of a function. */
export function selectorOf(signature: string): Hex {
  return hashOf(Buffer.from(signature).toString("hex")).slice(0, 10) as Hex;
}

/** The topic of an event. */
export function topicOf(signature: string): Hex {
  return hashOf(Buffer.from(signature).toString("hex"));
}

/** Calls of one function whose arguments are remembered: a transaction is estimated, sent and mined with the same. */
const READ_MAX = 16;

/** Length of what is remembered, in characters: 500 bytes. To look up shorter calls gains nothing. */
const REMEMBERED_LENGTH = 1_000;

/** A function that refuses coins, unless it says that it takes them. */
export function method<Arguments>(
  signature: string,
  codec: Codec<Arguments>,
  run: (frame: Frame, given: Arguments) => Hex,
  { isPayable = false }: { readonly isPayable?: boolean } = {},
): Method {
  const read = new Map<Hex, Arguments>();
  const argumentsIn = (data: Hex): Arguments => {
    const known = read.get(data);
    if (known !== undefined) return known;
    const given = codec.decode(sourceOf(data, 4), 0);
    if (data.length < REMEMBERED_LENGTH) return given;
    if (read.size >= READ_MAX) read.clear();
    read.set(data, given);
    return given;
  };
  const answer: Contract = (frame) => {
    if (!isPayable && frame.valueWei > 0n) throw emptyRevert();
    return run(frame, argumentsIn(frame.data));
  };
  return [selectorOf(signature), answer];
}

/** A contract of these functions and no other: whatever else it is asked it refuses, plain coins as well. */
export function contractOf(...methods: readonly Method[]): Contract {
  const known = new Map(methods);
  return (frame) => {
    const run = known.get(frame.data.slice(0, 10) as Hex);
    if (run === undefined || frame.data.length < 10) throw emptyRevert();
    return run(frame);
  };
}

/** Places of values that are remembered: 1,024, of some 300 bytes each. Each wallet is read after each block. */
const SLOTS_MAX = 1_024;

const slots = new Map<string, Hex>();

/** Where Solidity keeps the value of a key of a mapping. */
export function mappingSlot(key: Hex, mapping: bigint | Hex): Hex {
  const name = `${key} ${mapping}`;
  const known = slots.get(name);
  if (known !== undefined) return known;
  const base = typeof mapping === "bigint" ? wordOf(mapping) : mapping.slice(2);
  const slot = hashOf(key.slice(2).padStart(64, "0") + base);
  if (slots.size >= SLOTS_MAX) slots.clear();
  slots.set(name, slot);
  return slot;
}

/** One number as an answer. */
export function numberAnswer(value: bigint): Hex {
  return `0x${wordOf(value)}`;
}

/** No answer. */
export const NO_ANSWER: Hex = "0x";
