/** Looks for what no reducer should do, with messages made by chance from those that its author knows. */
import fc from "fast-check";
import { assert } from "../../primitives/assert.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import type { Result } from "../../primitives/result.ts";
import type { AdmittedModule } from "../sandbox/admission.ts";
import { openReducer, type Reducer, restoreReducer } from "../sandbox/reducer.ts";
import type { ReducerMessage } from "../sandbox/reducer-input.ts";
import type { ReducerRejection } from "../sandbox/reducer-rejection.ts";
import type { ReducerScript } from "./reducer-script.ts";

/** How long to look, and from where: the same seed finds the same. */
export type FuzzSettings = { readonly seed: number; readonly runs: number };

/** What was found, with the shortest messages that still show it. */
export type ReducerFinding = {
  readonly code:
    | "EndedBadly"
    | "NotRepeatable"
    | "SnapshotDiffers"
    | "RefusalLeftTrace"
    | "NotBegun";
  readonly text: string;
  readonly messages: readonly ReducerMessage[];
};

/** What a search saw. */
export type FuzzReport = {
  readonly runs: number;
  readonly accepted: number;
  /** How often each code of the reducer refused. */
  readonly refused: Readonly<Record<string, number>>;
  readonly gasMax: number;
  readonly finding: ReducerFinding | undefined;
};

/** Messages of one try, at most. */
const MESSAGES_MAX = 40;

/** Counted while looking. */
type Seen = { accepted: number; readonly refused: Record<string, number>; gasMax: number };

/** Thrown inside a try; fast-check makes the messages fewer and tries again. */
class Found extends Error {
  override readonly name = "Found";
  readonly code: ReducerFinding["code"];

  constructor(code: ReducerFinding["code"], text: string) {
    super(text);
    this.code = code;
  }
}

/** Tries a module with runs of messages. */
export function fuzzReducer(
  module: AdmittedModule,
  script: ReducerScript,
  { runs, seed }: FuzzSettings,
): FuzzReport {
  const seen: Seen = { accepted: 0, refused: {}, gasMax: 0 };
  const lists = storiesLike(script);
  const details = fc.check(
    fc.property(lists, (told) => tryMessages(module, script, told, seen)),
    { seed, numRuns: runs },
  );
  const report = { runs: details.numRuns, ...seen };
  if (!details.failed) return { ...report, finding: undefined };
  const found = details.errorInstance;
  assert(found instanceof Found, `a try ends with a finding: ${found}`);
  const [messages = []] = details.counterexample ?? [];
  return { ...report, finding: { code: found.code, text: found.message, messages } };
}

/** As many of the author's messages as chance has it, as they are, so that what follows meets a game under way. */
function storiesLike(script: ReducerScript): fc.Arbitrary<readonly ReducerMessage[]> {
  const { messages } = script;
  return fc
    .tuple(
      fc.nat({ max: messages.length }),
      fc.array(messagesLike(script), { maxLength: MESSAGES_MAX }),
    )
    .map(([taken, others]) => [...messages.slice(0, taken), ...others]);
}

/** Messages that the author knows, at times with another sender, a payload with other bytes, or a payload of chance. */
function messagesLike({ init, messages }: ReducerScript): fc.Arbitrary<ReducerMessage> {
  const types = [...new Set(messages.map(({ type }) => type)), "unknown"];
  const known = messages.length > 0 ? fc.constantFrom(...messages) : fc.constant(undefined);
  const random = fc.uint8Array({ maxLength: 64 });
  return fc
    .record({
      known,
      type: fc.constantFrom(...types),
      sender: fc.nat({ max: init.participants.length - 1 }),
      // Who writes out of turn is refused at once, and nothing else is seen of the reducer.
      isByOther: fc.nat({ max: 3 }).map((number) => number === 0),
      turn: fc.nat({ max: 1_000 }),
      random,
      change: fc.option(fc.tuple(fc.nat({ max: 63 }), fc.nat({ max: 255 })), { freq: 3 }),
      isRandom: fc.nat({ max: 9 }).map((number) => number === 0),
    })
    .map(({ change, isByOther, isRandom, known: sample, random: bytes, turn, type, ...drawn }) => {
      const timeMs = turn * 1_000;
      const sender = isByOther || sample === undefined ? drawn.sender : sample.sender;
      if (isRandom || sample === undefined) return { turn, sender, type, payload: bytes, timeMs };
      const payload = changed(sample.payload, change);
      return { turn, sender, type: sample.type, payload, timeMs };
    });
}

function changed(payload: Uint8Array, change: readonly [number, number] | null): Uint8Array {
  const copy = payload.slice();
  if (change !== null && copy.length > 0) copy[change[0] % copy.length] = change[1];
  return copy;
}

/** Two reducers hear all; a third only what was accepted; a snapshot is gone through in the middle. */
function tryMessages(
  module: AdmittedModule,
  script: ReducerScript,
  messages: readonly ReducerMessage[],
  seen: Seen,
): void {
  const [first, second, spared] = [0, 1, 2].map(() => begun(openReducer(module, script.init)));
  if (first === undefined || second === undefined || spared === undefined) return;
  let repeated = second;
  for (const [index, message] of messages.entries()) {
    const answer = first.reduce(message);
    count(seen, answer, first.gasOfLast());
    expectGoodEnd(answer);
    if (index === Math.floor(messages.length / 2)) repeated = throughSnapshot(module, repeated);
    if (!isSame(answer, repeated.reduce(message)) || first.gasOfLast() !== repeated.gasOfLast()) {
      throw new Found("NotRepeatable", "the same messages are answered in another way");
    }
    if (answer.ok) spared.reduce(message);
  }
  const states = [first, repeated, spared].map((reducer) => reducer.snapshot());
  expectSameStates(states);
}

function begun(opened: Result<Reducer, ReducerRejection>): Reducer {
  if (opened.ok) return opened.value;
  throw new Found("NotBegun", `it does not begin: ${JSON.stringify(opened.reason)}`);
}

function count(seen: Seen, answer: Result<unknown, ReducerRejection>, gas: number): void {
  seen.gasMax = Math.max(seen.gasMax, gas);
  if (answer.ok) seen.accepted += 1;
  else if (answer.reason.code === "Refused") {
    seen.refused[answer.reason.by] = (seen.refused[answer.reason.by] ?? 0) + 1;
  }
}

function expectGoodEnd(answer: Result<unknown, ReducerRejection>): void {
  if (answer.ok || answer.reason.code === "Refused") return;
  throw new Found("EndedBadly", `a message ends with ${JSON.stringify(answer.reason)}`);
}

function throughSnapshot(module: AdmittedModule, reducer: Reducer): Reducer {
  const restored = restoreReducer(module, reducer.snapshot());
  if (restored.ok) return restored.value;
  throw new Found("SnapshotDiffers", `a snapshot is refused: ${JSON.stringify(restored.reason)}`);
}

function expectSameStates([first, repeated, spared]: readonly Uint8Array[]): void {
  if (first === undefined || repeated === undefined || spared === undefined) return;
  if (!equalBytes(first, repeated)) {
    throw new Found("SnapshotDiffers", "the state is another one after a snapshot in the middle");
  }
  if (!equalBytes(first, spared)) {
    throw new Found("RefusalLeftTrace", "messages that were refused changed the state");
  }
}

function isSame(left: Result<unknown, unknown>, right: Result<unknown, unknown>): boolean {
  return textOf(left) === textOf(right);
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}n` : part));
}
