/**
 * Modules and messages that every runtime answers in the same way. `bun test/runtimes/transcript-tasks.ts` writes the
 * answers to `test/vectors/reducer-transcripts.json`, when a reducer of this repository has changed.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newRockPaperScissors } from "../../contracts/rock-paper-scissors.ts";
import { keccak256 } from "../../src/crypto/keccak.ts";
import { reducerInitOf } from "../../src/derivation/channel-beginning.ts";
import { assert } from "../../src/primitives/assert.ts";
import { type GameName, recordedGame } from "../recorded-game.ts";
import { acceptedOf, reducerBytes, SAMPLE_INIT } from "../reducers.ts";
import { assembleWat, WAT_OUTPUT, type WatReducer, watReducer } from "../wat.ts";
import { type TranscriptTask, transcripts } from "./reducer-transcript.ts";

type TaskMessage = TranscriptTask["messages"][number];

const SALT = "07".repeat(32);

function message(turn: number, sender: number, type: string, payload: string): TaskMessage {
  return { turn, sender, type, payload, timeMs: 1_700_000_000_000 + turn };
}

function task(
  name: string,
  bytes: Uint8Array,
  messages: readonly TaskMessage[],
  { second = 2n ** 200n, parameters = "" } = {},
): TranscriptTask {
  const { challengeDurationSec, channelId, participants } = SAMPLE_INIT;
  const init = {
    ...{ challengeDurationSec, channelId, participants },
    ...{ asset: `0x${"00".repeat(20)}`, amounts: ["10", `${second}`], parameters },
  };
  return { name, module: bytes.toHex(), init, messages };
}

/** Numbers in all their forms, some above the limit, some not in their shortest form, some no numbers. */
const additions = Array.from({ length: 600 }, (_, turn) => {
  const forms = ["05", "7f", "cc80", "cd03e8", "cd03e9", "cc01", "c0", "", "a161"];
  const payload = forms[(turn * 7919) % forms.length] ?? "";
  return message(turn, turn % 2, turn % 50 === 49 ? "take" : "add", payload);
});

const commitment = (player: string, choice: string): string =>
  keccak256(
    Uint8Array.fromHex(`${SAMPLE_INIT.channelId.slice(2)}${player}${choice}${SALT}`),
  ).toHex();

const game = [
  message(1, 0, "commit", commitment("00", "01")),
  message(2, 0, "play", "01"),
  message(2, 1, "play", "01"),
  message(3, 0, "reveal", `00${SALT}`),
  message(3, 0, "reveal", `01${SALT}`),
  message(4, 1, "commit", commitment("01", "02")),
  message(5, 0, "play", "01"),
  message(6, 1, "reveal", `02${SALT}`),
  message(7, 0, "commit", commitment("00", "00")),
];

/** A game to its end, as a node has recorded it. */
function recordedTask(name: GameName): TranscriptTask {
  const { channelId, events } = recordedGame(name);
  const created = events.find((event) => event.type === "ChannelCreated");
  assert(created !== undefined, "a recorded game has a channel");
  const { appData, fixedPart, outcome } = created;
  const init = acceptedOf(reducerInitOf(channelId, fixedPart, outcome, appData));
  const [stake] = init.assets;
  return {
    name: `a game of ${name}`,
    module: reducerBytes(name).toHex(),
    init: {
      ...{ challengeDurationSec: init.challengeDurationSec, channelId },
      ...{ participants: init.participants, parameters: init.parameters.toHex() },
      ...{ asset: stake?.asset ?? "", amounts: stake?.amounts.map(String) ?? [] },
    },
    messages: events
      .filter((event) => event.type === "AppMessageAppended")
      .map(({ by, messageTimeMs, messageType, payload, turnNum }) => {
        const place = { turn: turnNum, sender: by, type: messageType, timeMs: messageTimeMs };
        return { ...place, payload: payload.slice(2) };
      }),
  };
}

/** What a module may do wrong, each as the instructions of `reduce`. */
const FAULTS: Readonly<Record<string, WatReducer>> = {
  loop: { reduce: `(loop $again (br $again)) ${WAT_OUTPUT.nothing}` },
  recursion: { reduce: "(call $deep) unreachable", rest: "(func $deep (call $deep))" },
  "wide recursion": {
    reduce: "(call $wide (i64.const 1))",
    rest: `(func $wide (param $n i64) (result i64) ${"(local i64)".repeat(500)}
      ${"(local.get $n)".repeat(500)} (call $wide (local.get $n)) ${"(i64.add)".repeat(500)})`,
  },
  division: { reduce: "(i64.div_s (i64.const -9223372036854775808) (i64.const -1))" },
  bounds: { reduce: "(i64.load (i32.const 65530))" },
  "wrong signature": {
    reduce: "(call_indirect (type $t) (i32.const 0))",
    rest: "(type $t (func (result i64))) (table 1 funcref) (elem (i32.const 0) $f) (func $f)",
  },
  garbage: { reduce: "(i64.const 0x0000100000000040)" },
  "a place outside": { reduce: "(i64.const 0x7fffffff00000010)" },
  "a length below zero": { reduce: "(i64.const 0x00000000ffffffff)" },
  growth: {
    reduce: `(loop $again (br_if $again (i32.ne (memory.grow (i32.const 7)) (i32.const -1))))
      ${WAT_OUTPUT.nothing}`,
  },
  "an outcome that is none": { outcome: WAT_OUTPUT.refused },
};

/** All of them. */
export const transcriptTasks: readonly TranscriptTask[] = [
  task("counter", reducerBytes("counter"), additions),
  task("counter in C", reducerBytes("counter-c"), additions),
  task("rock-paper-scissors", reducerBytes("rock-paper-scissors"), game, {
    parameters: newRockPaperScissors().toHex(),
  }),
  recordedTask("rock-paper-scissors"),
  recordedTask("tactics"),
  task("imports", assembleWat('(module (import "a" "b" (func)))'), []),
  ...Object.entries(FAULTS).map(([name, parts]) => {
    const messages = [0, 1, 2].map((turn) => message(turn, 0, "move", ""));
    return task(name, watReducer(parts), messages, { second: 10n });
  }),
];

if (import.meta.main) {
  const file = join(import.meta.dir, "../vectors/reducer-transcripts.json");
  writeFileSync(file, `${JSON.stringify(transcripts(transcriptTasks), undefined, 2)}\n`);
}
