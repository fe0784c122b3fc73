/**
 * Runs the small programs that ask a chain much at once: an `eth_call` without an address. No contract runs in
 * here, and only the few instructions are known that such questions need. Source: Yellow Paper, appendix H.
 */
import type { Hex } from "../../../src/primitives/hex.ts";
import { NodeError } from "../../../src/primitives/node-error.ts";
import { balanceCell } from "./cells.ts";
import { attempt, runCall } from "./execution.ts";
import type { Machine } from "./machine.ts";
import { Revert } from "./revert.ts";
import { wordOf } from "./words.ts";

const ZERO_ADDRESS: Hex = `0x${"00".repeat(20)}`;

/** Bytes of memory that a program may use: an answer of 24,576, and as much again. */
const MEMORY_MAX = 49_152;

/** A program that runs. */
type Run = {
  readonly machine: Machine;
  readonly code: Uint8Array;
  readonly stack: bigint[];
  readonly memory: Uint8Array;
};

type Instruction = (run: Run) => Hex | undefined;

/** What ends the program gives its answer, or throws it. */
const INSTRUCTIONS: Readonly<Record<number, Instruction>> = {
  49: balanceOf,
  57: copyCode,
  66: (run) => push(run, run.machine.timeSec),
  80: (run) => {
    pop(run);
    return undefined;
  },
  82: storeWord,
  90: (run) => push(run, 0n),
  243: (run) => takeAnswer(run),
  250: askContract,
  253: (run) => {
    throw new Revert(takeAnswer(run));
  },
};

/** Numbers of the instructions that push nothing, one byte, and thirty-two. */
const PUSH_0 = 0x5f;
const PUSH_32 = 0x7f;

/** A program as it was read: what each of its steps does. */
type Program = { readonly code: Uint8Array; readonly steps: readonly Instruction[] };

/** Programs that are remembered: 8, of up to 100 kB each. Who reads wallets asks with the same one after each block. */
const PROGRAMS_MAX = 8;

const programs = new Map<Hex, Program>();

/** Runs a program to its end and gives its answer. Throws `Revert` where the program ends so. */
export function runProgram(machine: Machine, program: Hex): Hex {
  const { code, steps } = readOnce(program);
  const run: Run = { machine, code, stack: [], memory: new Uint8Array(MEMORY_MAX) };
  for (const step of steps) {
    const answer = step(run);
    if (answer !== undefined) return answer;
  }
  return "0x";
}

function readOnce(program: Hex): Program {
  const known = programs.get(program);
  if (known !== undefined) return known;
  const read = readProgram(program);
  if (programs.size >= PROGRAMS_MAX) programs.clear();
  programs.set(program, read);
  return read;
}

/** No instruction jumps: each stands where it is run. One that is not known is told when it is run. */
function readProgram(program: Hex): Program {
  const code = Uint8Array.fromHex(program.slice(2));
  const steps: Instruction[] = [];
  for (let at = 0; at < code.length; ) {
    const opcode = code[at++] ?? 0;
    const size = opcode >= PUSH_0 && opcode <= PUSH_32 ? opcode - PUSH_0 : undefined;
    steps.push(size === undefined ? instructionOf(opcode) : pushOf(code.subarray(at, at + size)));
    at += size ?? 0;
  }
  return { code, steps };
}

function instructionOf(opcode: number): Instruction {
  const instruction = INSTRUCTIONS[opcode];
  if (instruction !== undefined) return instruction;
  return () => {
    const message = `the model does not know the instruction 0x${opcode.toString(16)}; use the chain anvil or evm`;
    throw new NodeError("RpcRefused", message, { data: { opcode } });
  };
}

function pushOf(bytes: Uint8Array): Instruction {
  const value = bytes.length === 0 ? 0n : BigInt(`0x${bytes.toHex()}`);
  return (run) => push(run, value);
}

function push({ stack }: Run, value: bigint): undefined {
  stack.push(value);
}

function pop({ stack }: Run): bigint {
  return stack.pop() ?? 0n;
}

function balanceOf(run: Run): undefined {
  push(run, run.machine.peek(balanceCell(addressOf(pop(run)))));
}

function addressOf(word: bigint): Hex {
  return `0x${wordOf(word).slice(24)}`;
}

function copyCode(run: Run): undefined {
  const [to, from, size] = [Number(pop(run)), Number(pop(run)), Number(pop(run))];
  run.memory.set(run.code.subarray(from, from + size), to);
}

function storeWord(run: Run): undefined {
  const at = Number(pop(run));
  run.memory.set(Uint8Array.fromHex(wordOf(pop(run))), at);
}

function takeAnswer(run: Run): Hex {
  const [from, size] = [Number(pop(run)), Number(pop(run))];
  return `0x${run.memory.subarray(from, from + size).toHex()}`;
}

/** Gas, the contract, the question and the place for the answer; leaves whether it answered. */
function askContract(run: Run): undefined {
  const [, to, from, size] = [pop(run), addressOf(pop(run)), Number(pop(run)), Number(pop(run))];
  const [answerAt, answerSize] = [Number(pop(run)), Number(pop(run))];
  const data: Hex = `0x${run.memory.subarray(from, from + size).toHex()}`;
  const call = { from: ZERO_ADDRESS, to, data, valueWei: 0n };
  const { answer, succeeded } = attempt(() => runCall(run.machine, call));
  run.memory.set(Uint8Array.fromHex(answer.slice(2)).subarray(0, answerSize), answerAt);
  push(run, succeeded ? 1n : 0n);
}
