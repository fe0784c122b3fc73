/** What is measured beside boardgame.io is the same game: its rules and our twin's say the same of every move. */
import { describe, expect } from "bun:test";
import { NO_TARGET, newTactics, tacticsOrder, tacticsTwin } from "../contracts/tactics.ts";
import type { LogMessage } from "../src/channel/message-log.ts";
import { fromHex, toHex } from "../src/primitives/hex.ts";
import { tacticsMessage } from "../test/games/drawn-tactics.ts";
import { unit } from "../test/kind.ts";
import { gameMessage } from "../test/sample-games.ts";
import { drawGame, GAME_CHANNEL, moveOf } from "./boardgame-games.ts";
import {
  boardgameAction,
  boardgameBytes,
  boardgameReducer,
  newBoardgameMatch,
  newBoardgameTactics,
  playBoardgameTactics,
} from "./boardgame-tactics.ts";
import { type Chance, createChance } from "./chance.ts";

/** Enough that both sides win some. */
const GAMES = 12;

/** Enough for a hundred games and for every kind of refusal. */
const ORDERS = 12_000;

const TURNS_MAX = 60;

describe("tactics in boardgame.io", () => {
  unit("is won by the same player as with the twin, in the same state and at the same move", () => {
    const chance = createChance(1);
    const winners = Array.from({ length: GAMES }, () => {
      const { end, moves } = drawGame(chance);
      let match = newBoardgameMatch();
      for (const { action } of moves) {
        expect(match.ctx.gameover).toBeUndefined();
        match = boardgameReducer(match, action);
        expect(match.transients).toBeUndefined();
      }
      expect(toHex(boardgameBytes(match.G))).toBe(toHex(end));
      expect(match.ctx.gameover).toEqual({ winner: String(tacticsTwin.winnerOf(end)) });
      return tacticsTwin.winnerOf(end);
    });

    expect(new Set(winners)).toEqual(new Set([0, 1]));
  });

  unit("ends in a draw after 60 turns", () => {
    let match = newBoardgameMatch();
    for (let turn = 0; turn < TURNS_MAX; turn += 1) {
      expect(match.ctx.gameover).toBeUndefined();
      // Both knights stay where they are.
      const [unitId, column, row] = turn % 2 === 0 ? [0, 2, 0] : [3, 3, 5];
      match = boardgameReducer(
        match,
        boardgameAction(turn % 2, [unitId, column, row, undefined] as const),
      );
    }

    expect(match.ctx.gameover).toEqual({ draw: true });
  });

  unit("refuses the moves that the twin refuses, and no others", () => {
    const chance = createChance(2);
    let [game, twin] = [newBoardgameTactics(), newTactics()];
    const answers = { accepted: 0, refused: 0 };
    for (let count = 0; count < ORDERS; count += 1) {
      const mover = tacticsTwin.moverOf(twin);
      if (mover === undefined) [game, twin] = [newBoardgameTactics(), newTactics()];
      const message = drawOrder(chance, twin);
      const played = tacticsTwin.play(GAME_CHANNEL, twin, mover ?? 0, message);
      const isPlayed = playBoardgameTactics(game, mover ?? 0, moveOf(fromHex(message.payload)));
      expect(isPlayed).toBe(played.ok);
      if (played.ok) twin = played.value;
      answers[played.ok ? "accepted" : "refused"] += 1;
      expect(toHex(boardgameBytes(game))).toBe(toHex(twin));
    }

    expect(answers.refused).toBeGreaterThan(300);
    expect(answers.accepted).toBeGreaterThan(1_000);
  });
});

/** An order that leads to an end, or one from anywhere on the board and a little beyond. */
function drawOrder({ below }: Chance, game: Uint8Array): LogMessage {
  const isStrange = below(2) === 0;
  if (!isStrange) return tacticsMessage(game, [below(200), below(256), below(256), below(256)]);
  const target = below(2) === 0 ? NO_TARGET : below(7);
  return gameMessage("act", tacticsOrder(below(7), below(8), below(8), target));
}
