/**
 * Takes time, chance, timers and sockets away from everything that runs while a simulation runs.
 * The program's entry imports it before all else, and every test run preloads it: a library that
 * keeps a reference to `Date.now` when it loads then keeps the guarded one.
 */
import "./real-world.ts";
import { AssertionError, assert } from "../src/primitives/assert.ts";

/** Which door of the world a global passes by. */
type Advice = string;

const CLOCK: Advice = "take time from the Clock door";
const RANDOM: Advice = "take chance from the Random door";
const WIRE: Advice = "reach others through the Transport or EthereumRpc door";
const ZONE: Advice = "the machine's time zone and language are not the same everywhere";
const THREADS: Advice = "other threads answer in an order of their own";
const COLLECTOR: Advice = "the garbage collector runs when it likes";

let simulationRuns = false;
let worldIsOpen = false;

/**
 * Guards the globals until the returned function is called. One simulation at a time in a process,
 * which is asserted; the harness ends it in a `finally`.
 */
export function beginSimulation(): () => void {
  assert(!simulationRuns, "one simulation runs at a time in a process");
  simulationRuns = true;
  return () => {
    assert(simulationRuns, "a simulation ends once");
    simulationRuns = false;
  };
}

/**
 * Lets `run` use the real world until its promise settles: a call to a chain outside this process.
 * Simulated code must stand still meanwhile, so the world loop awaits it and does nothing else.
 */
export async function inRealWorld<Answer>(run: () => Promise<Answer>): Promise<Answer> {
  assert(!worldIsOpen, "one call to the real world at a time");
  worldIsOpen = true;
  try {
    return await run();
  } finally {
    worldIsOpen = false;
  }
}

function refuseInSimulation(name: string, advice: Advice): void {
  if (simulationRuns && !worldIsOpen) {
    throw new AssertionError(`${name} was called while a simulation runs: ${advice}`);
  }
}

type AnyFunction = (this: unknown, ...inputs: unknown[]) => unknown;

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === "function";
}

/** Assigns where a property cannot be defined anew: those of `Bun` and `crypto` are fixed but writable. */
function replace(owner: object, key: PropertyKey, value: unknown): void {
  const existing = Object.getOwnPropertyDescriptor(owner, key);
  const replaced =
    existing?.configurable === false
      ? Reflect.set(owner, key, value)
      : Reflect.defineProperty(owner, key, { configurable: true, writable: true, value });
  assert(replaced && Reflect.get(owner, key) === value, `${String(key)} can be guarded`);
}

/** Guards a function and the functions that hang on it, such as `process.hrtime.bigint`. */
function banFunction(owner: object, key: PropertyKey, name: string, advice: Advice): void {
  const original: unknown = Reflect.get(owner, key);
  if (!isFunction(original)) return;
  const guarded: AnyFunction = function (this: unknown, ...inputs) {
    refuseInSimulation(name, advice);
    return Reflect.apply(original, this, inputs);
  };
  const { prototype: _, ...properties } = Object.getOwnPropertyDescriptors(original);
  for (const part of Reflect.ownKeys(properties)) {
    const descriptor = Reflect.get(properties, part) as PropertyDescriptor;
    Object.defineProperty(guarded, part, { ...descriptor, configurable: true });
    banFunction(guarded, part, `${name}.${String(part)}`, advice);
  }
  replace(owner, key, guarded);
}

function banFunctions(owner: unknown, prefix: string, keys: readonly string[], advice: Advice) {
  if (owner === null || (typeof owner !== "object" && !isFunction(owner))) return;
  for (const key of keys) banFunction(owner, key, `${prefix}${key}`, advice);
}

function banConstructor(key: string, advice: Advice): void {
  const original: unknown = Reflect.get(globalThis, key);
  if (!isFunction(original)) return;
  const construct = (target: AnyFunction, inputs: unknown[], newTarget: unknown): object => {
    refuseInSimulation(`new ${key}`, advice);
    return Reflect.construct(target, inputs, newTarget as AnyFunction);
  };
  replace(globalThis, key, new Proxy(original, { construct }));
}

function banGetter(owner: object, key: string, name: string, advice: Advice): void {
  const original = Object.getOwnPropertyDescriptor(owner, key)?.get;
  if (original === undefined) return;
  const get = function (this: unknown): unknown {
    refuseInSimulation(name, advice);
    return Reflect.apply(original, this, []);
  };
  Object.defineProperty(owner, key, { configurable: true, get });
}

/** `new Date(ms)` and `Date.UTC` stay: they compute. What reads the clock does not. */
function banDate(): void {
  const RealDate = Date;
  banFunction(RealDate, "now", "Date.now", CLOCK);
  const guarded = new Proxy(RealDate, {
    apply: (target, self, inputs) => {
      refuseInSimulation("Date()", CLOCK);
      return Reflect.apply(target, self, inputs);
    },
    construct: (target, inputs, newTarget) => {
      if (inputs.length === 0) refuseInSimulation("new Date()", CLOCK);
      return Reflect.construct(target, inputs, newTarget);
    },
  });
  replace(globalThis, "Date", guarded);
  replace(RealDate.prototype, "constructor", guarded);
}

/** A formatter without a date formats the present moment. */
function banFormatOfNow(): void {
  const owner = Intl.DateTimeFormat.prototype;
  const getFormat = Object.getOwnPropertyDescriptor(owner, "format")?.get;
  assert(getFormat !== undefined, "format is a getter, as ECMA-402 says");
  Object.defineProperty(owner, "format", {
    configurable: true,
    get(this: Intl.DateTimeFormat) {
      const format: AnyFunction = Reflect.apply(getFormat, this, []);
      return (date?: unknown) => {
        if (date === undefined) refuseInSimulation("Intl.DateTimeFormat#format()", CLOCK);
        return format(date);
      };
    },
  });
  const formatToParts = owner.formatToParts;
  replace(owner, "formatToParts", function (this: Intl.DateTimeFormat, date?: Date | number) {
    if (date === undefined) refuseInSimulation("Intl.DateTimeFormat#formatToParts()", CLOCK);
    return Reflect.apply(formatToParts, this, [date]);
  });
}

const TIMERS = ["setTimeout", "setInterval", "setImmediate"];
const CHANCE = ["getRandomValues", "randomUUID"];

function banTime(): void {
  banDate();
  banFormatOfNow();
  const clock = ["now", "mark", "measure", "toJSON"];
  const performanceMethods = Object.getPrototypeOf(performance);
  banFunctions(performanceMethods, "performance.", clock, CLOCK);
  banFunctions(performance, "performance.", ["now"], CLOCK);
  banGetter(performanceMethods, "timeOrigin", "performance.timeOrigin", CLOCK);
  banFunctions(globalThis, "", TIMERS, CLOCK);
  banFunctions(process.getBuiltinModule("node:timers"), "node:timers ", TIMERS, CLOCK);
  const promised = process.getBuiltinModule("node:timers/promises");
  banFunctions(promised, "node:timers/promises ", TIMERS, CLOCK);
  banFunctions(promised.scheduler, "scheduler.", ["wait", "yield"], CLOCK);
  banFunctions(Bun, "Bun.", ["nanoseconds", "sleep", "sleepSync"], CLOCK);
  banFunctions(process, "process.", ["hrtime", "uptime", "cpuUsage"], CLOCK);
  banFunctions(AbortSignal, "AbortSignal.", ["timeout"], CLOCK);
  banFunctions(Atomics, "Atomics.", ["wait", "waitAsync"], THREADS);
  const temporal: unknown = Reflect.get(globalThis, "Temporal");
  const now: unknown = isRecord(temporal) ? temporal["Now"] : undefined;
  if (isRecord(now)) banFunctions(now, "Temporal.Now.", Object.getOwnPropertyNames(now), CLOCK);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function banChance(): void {
  banFunctions(Math, "Math.", ["random"], RANDOM);
  banFunctions(crypto, "crypto.", CHANCE, RANDOM);
  const subtle = Object.getPrototypeOf(crypto.subtle);
  const threaded = Object.getOwnPropertyNames(subtle).filter((key) => key !== "constructor");
  banFunctions(subtle, "crypto.subtle.", threaded, THREADS);
  banFunctions(Bun, "Bun.", ["randomUUIDv7"], RANDOM);
  const nodeChance = [...CHANCE, "randomBytes", "randomFill", "randomFillSync", "randomInt"];
  const nodeKeys = ["generateKey", "generateKeySync", "generateKeyPair", "generateKeyPairSync"];
  const nodeCrypto = process.getBuiltinModule("node:crypto");
  banFunctions(nodeCrypto, "node:crypto ", [...nodeChance, ...nodeKeys], RANDOM);
}

/** `Bun.fetch` and `Bun.dns` cannot be replaced; the rules of the house forbid their names instead. */
function banWorld(): void {
  banFunctions(globalThis, "", ["fetch"], WIRE);
  banFunctions(Bun, "Bun.", ["connect", "listen", "serve", "udpSocket"], WIRE);
  banFunctions(Bun, "Bun.", ["spawn", "spawnSync"], THREADS);
  for (const name of ["WebSocket", "EventSource", "XMLHttpRequest"]) banConstructor(name, WIRE);
  for (const name of ["Worker", "MessageChannel", "BroadcastChannel"]) {
    banConstructor(name, THREADS);
  }
  for (const name of ["WeakRef", "FinalizationRegistry"]) banConstructor(name, COLLECTOR);
}

function banPlace(): void {
  const parts = ["FullYear", "Month", "Date", "Day", "Hours", "Minutes"].map(
    (part) => `get${part}`,
  );
  const words = ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"];
  banFunctions(Date.prototype, "Date#", [...parts, ...words, "getTimezoneOffset"], ZONE);
  const letters = ["localeCompare", "toLocaleLowerCase", "toLocaleUpperCase"];
  banFunctions(String.prototype, "String#", letters, ZONE);
  banFunctions(Number.prototype, "Number#", ["toLocaleString"], ZONE);
  banFunctions(BigInt.prototype, "BigInt#", ["toLocaleString"], ZONE);
}

banTime();
banChance();
banWorld();
banPlace();
