/** Tactics on the adjudicator itself: played to its end on chain by one signature a move, and paid. */
import { describe, expect } from "bun:test";
import {
  NO_TARGET,
  newTactics,
  TACTICS,
  tacticsOrder,
  tacticsTwin,
} from "../../contracts/tactics.ts";
import type { SignedVariablePart } from "../../src/chain/adjudicator.ts";
import {
  decodeMessageLog,
  encodeMessageLog,
  type LogMessage,
  type MessageLog,
} from "../../src/channel/message-log.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import { fromHex } from "../../src/primitives/hex.ts";
import { adversarial, integration } from "../kind.ts";
import { acceptedOf } from "../reducers.ts";
import { gameMessage, PLAYERS } from "../sample-games.ts";
import { cheatedState } from "./cheated-state.ts";
import { DEPOSITS, disputedGame } from "./disputed-game.ts";

const [ALICE, BOB] = PLAYERS;
const [ALICE_DEPOSIT, BOB_DEPOSIT] = DEPOSITS;
const ALL = ALICE_DEPOSIT + BOB_DEPOSIT;

const game = disputedGame({ app: TACTICS, twin: tacticsTwin, beginning: newTactics() });

/** Unit, column, row and target. Alice has the units 0 to 2 (knight, archer, scout), Bob those from 3 to 5. */
type Order = readonly [unit: number, column: number, row: number, target: number];

const act = (...order: Order): LogMessage => gameMessage("act", tacticsOrder(...order));

/** Alice's knight walks to Bob's units and strikes down one after the other. */
const ALICE_ORDERS: readonly Order[] = [
  [0, 2, 2, NO_TARGET],
  [0, 2, 4, NO_TARGET],
  // From here it reaches the knight at column 3, which has five hit points, and the scout at 1, which has three.
  [0, 2, 5, 3],
  [0, 2, 5, 3],
  [0, 2, 5, 3],
  [0, 2, 5, 5],
  [0, 2, 5, 5],
  // Where the knight stood, it reaches the archer.
  [0, 3, 5, 4],
  [0, 3, 5, 4],
];

/** Bob only ever lets a unit stay where it is: his knight as long as it lives, then his archer. */
const BOB_ORDERS: readonly Order[] = [
  [3, 3, 5, NO_TARGET],
  [3, 3, 5, NO_TARGET],
  [3, 3, 5, NO_TARGET],
  [3, 3, 5, NO_TARGET],
  [4, 4, 5, NO_TARGET],
  [4, 4, 5, NO_TARGET],
  [4, 4, 5, NO_TARGET],
  [4, 4, 5, NO_TARGET],
];

const FIRST_MOVE = act(0, 2, 2, NO_TARGET);
const STAYS = act(3, 3, 5, NO_TARGET);

const playerAt = (turn: number): (typeof PLAYERS)[number] => (turn % 2 === 0 ? ALICE : BOB);

/** All moves in turn. */
const GAME: readonly LogMessage[] = ALICE_ORDERS.flatMap((order, index) => {
  const answer = BOB_ORDERS[index];
  return answer === undefined ? [act(...order)] : [act(...order), act(...answer)];
});

const variablePartOf = (state: SignedVariablePart | undefined): VariablePart =>
  (state ?? game.beginning).variablePart;

const logOf = (state: SignedVariablePart | undefined): MessageLog =>
  acceptedOf(decodeMessageLog(variablePartOf(state).appData));

/** The states of a game after each of its moves, each signed by its mover alone. */
function statesOf(moves: readonly LogMessage[]): readonly SignedVariablePart[] {
  const states: SignedVariablePart[] = [];
  for (const [turn, message] of moves.entries()) {
    states.push(game.move(states.at(-1) ?? game.beginning, playerAt(turn), message));
  }
  return states;
}

/** Makes every move by a challenge. Gives the last state. */
async function playOnChain(moves: readonly LogMessage[]): Promise<SignedVariablePart> {
  let before = game.beginning;
  for (const [turn, state] of statesOf(moves).entries()) {
    const mover = playerAt(turn);
    await game.send(mover, game.challenge(before, state, mover));
    before = state;
  }
  return before;
}

describe("a game by challenges", () => {
  integration("is played to its end, and pays all to who has struck everybody down", async () => {
    const last = await playOnChain(GAME);

    expect(tacticsTwin.moverOf(fromHex(logOf(last).twinState))).toBeUndefined();
    expect(await game.payOut(last)).toBe(ALL);
  });

  integration("pays the other one when Alice makes no more moves", async () => {
    const last = await playOnChain(GAME.slice(0, -1));

    expect(await game.payOut(last)).toBe(0n);
  });

  integration("pays who has moved when Bob does not answer the first move", async () => {
    const last = await playOnChain(GAME.slice(0, 1));

    expect(await game.payOut(last)).toBe(ALL);
  });

  integration("pays both what they brought when nobody has moved", async () => {
    const { beginning } = game;
    await game.send(BOB, game.challenge(undefined, beginning, BOB));

    expect(await game.payOut(beginning)).toBe(ALICE_DEPOSIT);
  });

  integration("pays both what they brought when the 60th move ends it in a draw", async () => {
    const stays = Array.from({ length: 60 }, (_, turn) =>
      turn % 2 === 0 ? act(0, 2, 0, NO_TARGET) : STAYS,
    );
    const [before = game.beginning, last = game.beginning] = statesOf(stays).slice(-2);
    await game.send(BOB, game.challenge(before, last, BOB));

    expect(await game.payOut(last)).toBe(ALICE_DEPOSIT);
  });
});

describe("a move against the rules", () => {
  /** What the contract says when `message` follows `moves`, which are right. */
  function refusalOf(moves: readonly LogMessage[], message: LogMessage): Promise<string> {
    const before = statesOf(moves).at(-1) ?? game.beginning;
    const mover = playerAt(moves.length);
    const wished = cheatedState(game.channelId, tacticsTwin, before.variablePart, message);
    return game.refusal(game.challenge(before, game.signed(wished, [mover]), mover));
  }

  const beginning: readonly [why: string, order: Order][] = [
    ["NotYourUnit", [3, 3, 4, NO_TARGET]],
    ["TooFar", [0, 2, 3, NO_TARGET]],
    ["OffBoard", [0, 2, 6, NO_TARGET]],
    ["Occupied", [0, 1, 0, NO_TARGET]],
    ["OutOfRange", [0, 2, 2, 3]],
    ["NoSuchTarget", [0, 2, 2, 1]],
  ];
  for (const [why, order] of beginning) {
    adversarial(`is refused by the contract: ${why}`, async () => {
      expect(await refusalOf([], act(...order))).toContain(why);
    });
  }

  adversarial("is refused by the contract: a unit that was struck down moves", async () => {
    const moves = GAME.slice(0, 9);

    expect(await refusalOf(moves, STAYS)).toContain("NotYourUnit");
  });

  adversarial("is refused by the contract: the game is over", async () => {
    expect(await refusalOf(GAME, STAYS)).toContain("GameOver");
  });

  adversarial("does not help who is challenged, who loses as if silent", async () => {
    const last = await playOnChain([FIRST_MOVE]);

    expect(await refusalOf([FIRST_MOVE], act(3, 2, 2, 0))).toContain("TooFar");
    expect(await game.payOut(last)).toBe(ALL);
  });
});

describe("a cheat", () => {
  adversarial("is not supported: hit points that are not what the strike left", async () => {
    const [before, struck] = statesOf(GAME.slice(0, 5)).slice(-2);
    const [missed] = statesOf([...GAME.slice(0, 4), act(0, 2, 5, NO_TARGET)]).slice(-1);
    const { twinState } = logOf(missed);
    const appData = encodeMessageLog({ ...logOf(struck), twinState });
    const lie = game.signed({ ...variablePartOf(struck), appData }, [ALICE]);

    expect(await game.refusal(game.challenge(before, lie, ALICE))).toContain("TwinStateWrong");
  });

  adversarial(
    "is not supported: a move in the other's name, and an outcome of one's own",
    async () => {
      const first = game.move(game.beginning, ALICE, FIRST_MOVE);
      const forged = game.move(first, ALICE, STAYS);
      const answer = game.move(first, BOB, STAYS).variablePart;
      const { outcome } = first.variablePart;
      const greedy = game.signed({ ...answer, outcome }, [BOB]);

      expect(await game.refusal(game.challenge(first, forged, ALICE))).toContain(
        "NotSignedByMover",
      );
      expect(await game.refusal(game.challenge(first, greedy, BOB))).toContain("AmountWrong");
    },
  );
});
