/** The tactics game as chance plays it: orders that lead to an end, and the game as the reducer's rows tell it. */
import { NO_TARGET, newTactics, tacticsOrder } from "../../contracts/tactics.ts";
import type { LogMessage } from "../../src/channel/message-log.ts";
import type { RowChange } from "../../src/derivation/sandbox/table-schema.ts";
import { gameMessage } from "../sample-games.ts";

/** A move drawn by these numbers, each below 256: legal more often than not. */
export type Draw = readonly [kind: number, one: number, other: number, more: number];

/** Takes what a reducer put into its rows, and gives the game that they tell, in the twin's bytes. */
export type RowsReader = (changes: readonly RowChange[]) => Uint8Array;

/** Units close in on each other, so that games end; some orders are drawn from anywhere. */
export function tacticsMessage(game: Uint8Array, draw: Draw): LogMessage {
  const [kind, one, other, more] = draw;
  const mover = (game[0] ?? 0) % 2;
  const own = living(game, mover);
  const unit = own[one % own.length] ?? 0;
  if (kind >= 200) return strangeOrder(unit, draw, game);
  const enemies = living(game, 1 - mover);
  const target = enemies[other % enemies.length] ?? 0;
  const [from, to] = [fieldOf(game, unit), fieldOf(game, target)];
  const away = { column: to.column - from.column, row: to.row - from.row };
  const isNear = Math.abs(away.column) + Math.abs(away.row) <= ([1, 3, 1][unit % 3] ?? 0);
  if (isNear) return gameMessage("act", tacticsOrder(unit, from.column, from.row, target));
  const isAlong = away.column !== 0 && (more % 2 === 0 || away.row === 0);
  const column = from.column + (isAlong ? Math.sign(away.column) : 0);
  const row = from.row + (isAlong ? 0 : Math.sign(away.row));
  return gameMessage("act", tacticsOrder(unit, column, row, NO_TARGET));
}

/** Orders that are wrong in one way or another, and a few that are right. */
function strangeOrder(own: number, [kind, one, other, more]: Draw, game: Uint8Array): LogMessage {
  const { column, row } = fieldOf(game, own);
  if (kind < 225) return gameMessage("act", tacticsOrder(own, column, row, one % 8));
  const target = kind % 2 === 0 ? NO_TARGET : more % 7;
  const order = tacticsOrder(one % 8, other % 8, more % 8, target);
  return gameMessage(kind % 5 === 0 ? "pass" : "act", order.slice(0, kind % 3 === 0 ? 3 : 4));
}

function living(game: Uint8Array, side: number): readonly number[] {
  const units = [0, 1, 2].map((unit) => 3 * side + unit);
  return units.filter((unit) => (game[1 + 3 * unit + 2] ?? 0) > 0);
}

function fieldOf(
  game: Uint8Array,
  unit: number,
): { readonly column: number; readonly row: number } {
  const [column = 0, row = 0] = game.subarray(1 + 3 * unit);
  return { column, row };
}

/** The game in the rows of the tactics game. */
export function tacticsRows(): RowsReader {
  const game = newTactics();
  return (changes) => {
    for (const { table, values } of changes) {
      if (table === 1) game[0] = Number(values[1]);
      else game.set([values[3], values[4], values[5]].map(Number), 1 + 3 * Number(values[0]));
    }
    return game;
  };
}
