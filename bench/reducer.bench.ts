/** Messages through reducers: with copies, checks and outcomes; what metering costs; and wasmer beside. */
import { readFileSync } from "node:fs";
import { newRockPaperScissors } from "../contracts/rock-paper-scissors.ts";
import { reducerPath } from "../reducers/build.ts";
import { realWorld } from "../sim/real-world.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import { type AdmittedModule, admitModule } from "../src/derivation/sandbox/admission.ts";
import { openReducer, type Reducer } from "../src/derivation/sandbox/reducer.ts";
import {
  initSchema,
  messageSchema,
  type ReducerInit,
  type ReducerMessage,
} from "../src/derivation/sandbox/reducer-input.ts";
import { createMachine } from "../src/derivation/sandbox/reducer-machine.ts";
import { assert } from "../src/primitives/assert.ts";
import type { Result } from "../src/primitives/result.ts";
import { encode } from "../src/primitives/schema.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { ratesPerSecond } from "./rate.ts";
import { bestOf } from "./stopwatch.ts";
import { openWasiEcho } from "./wasi-echo.ts";

/** Design goal, in messages per second on one core. */
const MESSAGES_GOAL = 1_000_000;

/** What the plan that this project grew from asks for: 1,000 messages in 5 seconds. */
const MESSAGES_FLOOR = 200;

/** Frames in one run of wasmer's program: enough that its start does not count. */
const ECHO_FRAMES = 10_000;

const INIT: ReducerInit = {
  channelId: `0x${"11".repeat(32)}` as ChannelId,
  participants: [`0x${"01".repeat(20)}` as Address, `0x${"02".repeat(20)}` as Address],
  assets: [{ asset: ZERO_ADDRESS, amounts: [10n ** 18n, 10n ** 18n] }],
  challengeDurationSec: 86_400,
  parameters: new Uint8Array(),
};

/** Rock, paper, scissors begins with the game of its twin: wins that decide, then nothing. */
const GAME_INIT: ReducerInit = { ...INIT, parameters: newRockPaperScissors() };

const ADDITION: ReducerMessage = {
  turn: 1_000,
  sender: 0,
  type: "add",
  payload: Uint8Array.of(5),
  timeMs: 1_700_000_000_000,
};

/** Refused after a hash was worked out, which is most of what it does. */
const WRONG_OPENING: ReducerMessage = {
  ...ADDITION,
  type: "reveal",
  payload: new Uint8Array(33),
};

export const benchmark: Benchmark = {
  name: "reducer",
  question: "How many messages does a reducer take in a second, and what does metering cost?",
  run: async () => ({
    figures: [
      ...messageFigures(),
      ...meteringFigures(),
      ...caseFigures(),
      ...(await wasmerFigures()),
    ],
  }),
};

function messageFigures(): readonly Figure[] {
  const [c, script] = [opened("counter-c"), opened("counter")];
  const rates = ratesPerSecond({
    c: () => taken(c.reduce(ADDITION)),
    script: () => taken(script.reduce(ADDITION)),
  });
  const figure = (language: string, value: number): Figure => ({
    what: `messages through a counter in ${language}, with copies, row changes and outcome`,
    ...{ value, unit: "messages/s", floor: MESSAGES_FLOOR, goal: MESSAGES_GOAL },
  });
  return [figure("C", rates.c), figure("AssemblyScript", rates.script)];
}

/** The calls alone, with the input copied in and nothing read out. */
function meteringFigures(): readonly Figure[] {
  const rates = ratesPerSecond({
    counter: calls("counter-c", ADDITION, true),
    plainCounter: calls("counter-c", ADDITION, false),
    keccak: calls("rock-paper-scissors", WRONG_OPENING, true),
    plainKeccak: calls("rock-paper-scissors", WRONG_OPENING, false),
  });
  const figure = (what: string, metered: number, plain: number): Figure => ({
    what: `calls with metering: ${what}`,
    ...{ value: metered, unit: "calls/s", yardstick: "the same module without" },
    ...{ ratio: metered / plain, floor: 0.25, goal: 0.7 },
  });
  return [
    figure("one addition, in C", rates.counter, rates.plainCounter),
    figure("keccak-256 of 66 bytes, in AssemblyScript", rates.keccak, rates.plainKeccak),
  ];
}

function caseFigures(): readonly Figure[] {
  const module = admitted("rock-paper-scissors");
  const refused = opened("counter");
  const wrong = { ...ADDITION, type: "take" };
  const both = opened("counter");
  const rates = ratesPerSecond({
    admit: () => admitModule(module.bytes),
    open: () => taken(openReducer(module, GAME_INIT)),
    refuse: () => refused.reduce(wrong),
    both: () => [both.reduce(ADDITION), both.reduce(wrong)],
    snapshot: () => refused.snapshot(),
  });
  const figure = (what: string, value: number): Figure => ({ what, value, unit: "/s" });
  return [
    figure(`modules of ${module.bytes.length} bytes admitted`, rates.admit),
    figure("reducers begun", rates.open),
    figure("messages refused, one after the other", rates.refuse),
    figure("pairs of a message that is accepted and one that is refused", rates.both),
    figure("snapshots of 64 KiB", rates.snapshot),
  ];
}

/** Its SDK runs commands of WASI: a message can only be written to one and read back. */
async function wasmerFigures(): Promise<readonly Figure[]> {
  const startedMs = realWorld.performanceNow();
  const echo = await openWasiEcho();
  const openMs = realWorld.performanceNow() - startedMs;
  const oneSec = await bestOf(() => echo.run(1));
  const manySec = await bestOf(() => echo.run(ECHO_FRAMES), 3);
  await echo.close();
  return [
    { what: "wasmer's SDK: start", value: openMs, unit: "ms" },
    { what: "wasmer's SDK: a program started for each message", value: 1 / oneSec, unit: "/s" },
    {
      what: "wasmer's SDK: messages of 64 bytes sent back by one program, all at once",
      ...{ value: ECHO_FRAMES / manySec, unit: "messages/s" },
    },
  ];
}

/** Calls of `reduce` on an instance of its own, where the beginning was told. */
function calls(name: string, message: ReducerMessage, isMetered: boolean): () => unknown {
  const module = admitted(name);
  const exports = isMetered
    ? createMachine(module).exports
    : new WebAssembly.Instance(new WebAssembly.Module(module.bytes.slice())).exports;
  const { _initialize, abi_version, allocate, init, memory, reduce, schema } =
    exports as unknown as PlainReducer;
  _initialize?.();
  abi_version();
  schema();
  const bytes = (): Uint8Array => new Uint8Array(memory.buffer);
  const isGame = name === "rock-paper-scissors";
  const beginning = encode(initSchema, isGame ? GAME_INIT : INIT);
  const place = allocate(beginning.length);
  bytes().set(beginning, place);
  init(place, beginning.length);
  const tell = tellerOf({ allocate, memory, reduce });
  if (isGame) {
    tell({ ...ADDITION, type: "commit", payload: new Uint8Array(32) });
    tell({ ...ADDITION, sender: 1, type: "play", payload: new Uint8Array(1) });
  }
  const input = encode(messageSchema, message);
  const view = bytes();
  return () => {
    const at = allocate(input.length);
    view.set(input, at);
    return reduce(at, input.length);
  };
}

type PlainReducer = {
  readonly _initialize?: () => void;
  readonly abi_version: () => number;
  readonly allocate: (size: number) => number;
  readonly schema: () => unknown;
  readonly init: (place: number, size: number) => unknown;
  readonly reduce: (place: number, size: number) => unknown;
  readonly memory: WebAssembly.Memory;
};

function tellerOf({
  allocate,
  memory,
  reduce,
}: Pick<PlainReducer, "allocate" | "memory" | "reduce">): (message: ReducerMessage) => void {
  return (message) => {
    const input = encode(messageSchema, message);
    const place = allocate(input.length);
    new Uint8Array(memory.buffer).set(input, place);
    reduce(place, input.length);
  };
}

function admitted(name: string): AdmittedModule {
  return taken(admitModule(new Uint8Array(readFileSync(reducerPath(name)))));
}

function opened(name: string): Reducer {
  return taken(openReducer(admitted(name), INIT));
}

function taken<Value>(result: Result<Value, unknown>): Value {
  assert(result.ok, "the sample is accepted");
  return result.value;
}
