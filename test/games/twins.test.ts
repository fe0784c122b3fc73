/** Twins: the reducer, the contract and the rules in this program say the same of every move of random games. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import fc from "fast-check";
import {
  commitmentOf,
  newRockPaperScissors,
  ROCK_PAPER_SCISSORS,
  rockPaperScissorsTwin,
} from "../../contracts/rock-paper-scissors.ts";
import {
  NO_TARGET,
  newTactics,
  TACTICS,
  tacticsOrder,
  tacticsTwin,
} from "../../contracts/tactics.ts";
import { startEvm } from "../../sim/chain/evm.ts";
import type { LocalChain } from "../../sim/chain/local-chain.ts";
import { channelIdOf } from "../../src/channel/channel-id.ts";
import { decodeMessageLog, type LogMessage } from "../../src/channel/message-log.ts";
import type { Twin } from "../../src/channel/message-log-twin.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Reducer } from "../../src/derivation/sandbox/reducer.ts";
import type { RowChange } from "../../src/derivation/sandbox/table-schema.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { concatBytes } from "../../src/primitives/bytes.ts";
import { fromHex, type Hex, toHex } from "../../src/primitives/hex.ts";
import { checkMessageLogSupport, playedState } from "../../src/protocols/message-log-rule.ts";
import { appCases, appCasesTimeoutMs } from "../app-cases.ts";
import { askApp } from "../force-move-app.ts";
import { property } from "../kind.ts";
import { acceptedOf, opened, reducerBytes } from "../reducers.ts";
import { beginningOf, gameChannel, gameMessage, staked } from "../sample-games.ts";
import { cheatedState } from "./cheated-state.ts";
import { type Draw, type RowsReader, tacticsMessage, tacticsRows } from "./drawn-tactics.ts";

/** A game is dozens of cases. In `check` there are 24 of rock, paper, scissors and 12 of tactics. */
const GAMES = Math.ceil(appCases(120) / 40);
const TIMEOUT_MS = appCasesTimeoutMs(100 * GAMES);
const FUNDING = [staked([7n, 13n]), staked([5n, 0n], `0x${"70".repeat(20)}` as Address)];

/** One game with all that judges it. */
type Table = {
  readonly app: Address;
  readonly twin: Twin;
  readonly reducer: Reducer;
  /** What the reducer's rows say of the game, in the twin's bytes. */
  readonly readRows: RowsReader;
};

const ROCK_APP = `0x${"a1".repeat(20)}` as Address;
const TACTICS_APP = `0x${"a2".repeat(20)}` as Address;

let chain: LocalChain;

beforeAll(async () => {
  chain = await startEvm({ accounts: [] });
  await chain.rpc.request("hardhat_setCode", [ROCK_APP, ROCK_PAPER_SCISSORS.deployedBytecode]);
  await chain.rpc.request("hardhat_setCode", [TACTICS_APP, TACTICS.deployedBytecode]);
});
afterAll(() => chain.stop());

const gameOf = ({ appData }: VariablePart): Uint8Array =>
  fromHex(acceptedOf(decodeMessageLog(appData)).twinState);

const amountsOf = (outcome: Outcome): readonly (readonly bigint[])[] =>
  outcome.map(({ allocations }) => allocations.map(({ amount }) => amount));

/** Plays one message with everybody, who must agree. Gives the next state, or undefined where it was refused. */
async function playEverywhere(
  table: Table,
  before: VariablePart,
  message: LogMessage,
): Promise<{ readonly after: VariablePart | undefined; readonly said: string }> {
  const fixedPart = gameChannel(table.app);
  const sender = table.twin.moverOf(gameOf(before)) ?? 0;
  const next = playedState(channelIdOf(fixedPart), before, [message], table.twin);
  const reduced = table.reducer.reduce({
    turn: before.turnNum + 1,
    sender,
    type: message.messageType,
    payload: fromHex(message.payload),
    timeMs: message.timeMs,
  });
  const candidate = next.ok
    ? next.value
    : cheatedState(channelIdOf(fixedPart), table.twin, before, message);
  const claim = {
    fixedPart,
    proof: [{ variablePart: before, signedBy: 1n << BigInt(1 - sender) }],
    candidate: { variablePart: candidate, signedBy: 1n << BigInt(sender) },
  };
  const verdict = await askApp(chain.rpc, table.app, claim);
  const ours = checkMessageLogSupport(claim, table.twin);
  const word = ours.ok ? "" : "by" in ours.reason ? ours.reason.by : ours.reason.code;
  expect(verdict).toEqual({ supported: ours.ok, reason: word, reverted: false });
  expect(reduced.ok ? "" : reduced.reason).toEqual(ours.ok ? "" : { code: "Refused", by: word });
  if (!next.ok || !reduced.ok) return { after: undefined, said: word };

  const game = gameOf(next.value);
  expect(toHex(table.readRows(reduced.value))).toBe(toHex(game.subarray(0, table.twin.gameBytes)));
  expect(table.reducer.outcome()).toEqual({
    amounts: amountsOf(next.value.outcome),
    nextMover: table.twin.moverOf(game),
  });
  return { after: next.value, said: "" };
}

/** Plays a whole game, and tells what was said of its moves. */
async function playGame(
  table: Table,
  beginning: Uint8Array,
  draws: readonly Draw[],
  messageOf: (game: Uint8Array, draw: Draw) => LogMessage,
): Promise<readonly string[]> {
  let state = beginningOf(beginning, FUNDING);
  const words: string[] = [];
  for (const draw of draws) {
    const { after, said } = await playEverywhere(table, state, messageOf(gameOf(state), draw));
    words.push(said);
    state = after ?? state;
  }
  return words;
}

/** Both assets of the two, as the reducer is told them. */
function openedFor(name: string, app: Address, parameters: Uint8Array): Reducer {
  const assets = FUNDING.map(({ asset, allocations }) => ({
    asset,
    amounts: allocations.map(({ amount }) => amount),
  }));
  const channel = gameChannel(app);
  return opened(reducerBytes(name), {
    channelId: channelIdOf(channel),
    participants: channel.participants,
    assets,
    parameters: new Uint8Array(parameters),
  });
}

const CHOICE_NAMES = ["rock", "paper", "scissors"];
const PHASES = ["revealed", "committed", "played"];

/** The game in the rows of rock, paper, scissors. A round that is revealed is the beginning of the next. */
function rockRows(winsToDecide: number): RowsReader {
  const game = newRockPaperScissors(winsToDecide);
  return (changes) => {
    for (const { table, values } of changes) {
      if (table === 0) game[1 + Number(values[0])] = Number(values[1]);
      else readRound(game, values);
    }
    if (Math.max(game[1] ?? 0, game[2] ?? 0) >= winsToDecide) game[4] = 3;
    return game;
  };
}

function readRound(game: Uint8Array, values: RowChange["values"]): void {
  const [round, , commitment, phase, , played] = values;
  game[3] = Number(round) + (phase === "revealed" ? 1 : 0);
  game[4] = PHASES.indexOf(String(phase));
  // Before the answer, the byte is that of the round before.
  if (played !== "") game[5] = CHOICE_NAMES.indexOf(String(played));
  game.set(fromHex(commitment as Hex), 6);
}

const SALT = new Uint8Array(32).fill(9);

/** Right moves for the most part, by the phase of the game. */
function rockMessage(app: Address): (game: Uint8Array, draw: Draw) => LogMessage {
  const channelId = channelIdOf(gameChannel(app));
  return (game, [kind, one, other]) => {
    const player = (game[3] ?? 0) % 2;
    // The choice of a round is known from its number, so that it can be opened.
    const opening = concatBytes(Uint8Array.of(((game[3] ?? 0) * 2) % 3), SALT);
    const right = [
      gameMessage("commit", commitmentOf(channelId, player, opening)),
      gameMessage("play", Uint8Array.of(one % 3)),
      gameMessage("reveal", opening),
    ];
    const wrong = [
      gameMessage("play", Uint8Array.of(one)),
      gameMessage("reveal", concatBytes(Uint8Array.of(other % 5), SALT)),
      gameMessage("commit", new Uint8Array(other % 40)),
      gameMessage("leave", new Uint8Array(0)),
    ];
    const phase = kind < 200 ? (game[4] ?? 0) : 3;
    return right[phase] ?? assertDefined(wrong[kind % 4], "a wrong move");
  };
}

const byte = fc.nat(255);
const drawsOf = (length: number): fc.Arbitrary<Draw[]> =>
  fc.array(fc.tuple(byte, byte, byte, byte), { minLength: length, maxLength: length });

describe("rock, paper, scissors", () => {
  property(
    "is played alike by the reducer, by the contract and here: moves, states, outcomes and refusals",
    async () => {
      const said = new Set<string>();
      const game = fc.tuple(fc.integer({ min: 1, max: 3 }), drawsOf(24));
      const run = fc.asyncProperty(game, async ([wins, draws]) => {
        const table: Table = {
          app: ROCK_APP,
          twin: rockPaperScissorsTwin,
          reducer: openedFor("rock-paper-scissors", ROCK_APP, newRockPaperScissors(wins)),
          readRows: rockRows(wins),
        };
        const words = await playGame(
          table,
          newRockPaperScissors(wins),
          draws,
          rockMessage(ROCK_APP),
        );
        for (const word of words) said.add(word);
      });
      await fc.assert(run, { numRuns: 4 * GAMES });

      const words = ["", "GameOver", "MalformedPayload", "NoSuchChoice", "NotNow"];
      const all = [...words, "NotWhatWasCommitted", "UnknownMessage"];
      expect([...said].sort()).toEqual(all);
    },
    TIMEOUT_MS,
  );
});

const tableEnd = ({ reducer }: Table): bigint | undefined => reducer.outcome().amounts[0]?.[0];

describe("the tactics game", () => {
  property(
    "is played alike by the reducer, by the contract and here: moves, states, outcomes and refusals",
    async () => {
      const said = new Set<string>();
      const ends = new Set<string>();
      const run = fc.asyncProperty(drawsOf(100), async (draws) => {
        const table: Table = {
          app: TACTICS_APP,
          twin: tacticsTwin,
          reducer: openedFor("tactics", TACTICS_APP, newTactics()),
          readRows: tacticsRows(),
        };
        const words = await playGame(table, newTactics(), draws, tacticsMessage);
        for (const word of words) said.add(word);
        ends.add(String(tableEnd(table)));
      });
      await fc.assert(run, { numRuns: 2 * GAMES });

      const words = ["", "GameOver", "MalformedPayload", "NoSuchTarget", "NotYourUnit", "Occupied"];
      const all = [...words, "OffBoard", "OutOfRange", "TooFar", "UnknownMessage"];
      expect([...said].sort()).toEqual(all.sort());
      expect(ends.size).toBeGreaterThanOrEqual(2);
    },
    TIMEOUT_MS,
  );
});

describe("money", () => {
  property(
    "of both assets goes to the winner, and back to both before the first move",
    async () => {
      const state = beginningOf(newTactics(), FUNDING);
      const message = gameMessage("act", tacticsOrder(0, 2, 1, NO_TARGET));
      const id = channelIdOf(gameChannel(TACTICS_APP));
      const moved = acceptedOf(playedState(id, state, [message], tacticsTwin));

      expect(FUNDING[0]?.asset).toBe(ZERO_ADDRESS);
      expect(amountsOf(moved.outcome)).toEqual([
        [20n, 0n],
        [5n, 0n],
      ]);
    },
  );
});
