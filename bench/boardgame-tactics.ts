/** The tactics game written for boardgame.io: the same rules in the form that its authors know, for its own reducer. */
import type { Game, TransientState } from "boardgame.io";
import { INVALID_MOVE } from "boardgame.io/core";
import { CreateGameReducer, InitializeGame } from "boardgame.io/internal";
import { assertDefined } from "../src/primitives/assert.ts";

/** One unit as the game keeps it. */
type Unit = {
  readonly owner: number;
  readonly kind: number;
  column: number;
  row: number;
  hitPoints: number;
};

/** The state that a game of boardgame.io changes in place, in a draft. */
export type BoardgameTactics = { turn: number; readonly units: readonly Unit[] };

/** Where a unit goes, and whom it strikes; undefined for nobody. */
export type TacticsMove = readonly [
  unit: number,
  column: number,
  row: number,
  target: number | undefined,
];

/** What its reducer gives and takes: the state of a match, and a move made. */
export type BoardgameMatch = TransientState<BoardgameTactics>;
export type BoardgameAction = Parameters<ReturnType<typeof CreateGameReducer>>[1];

const BOARD = 6;
const TURNS_MAX = 60;

/** By number: a knight, an archer, a scout. Source: contracts/Tactics.sol. */
const KINDS = [
  { column: 2, hitPoints: 5, movement: 2, range: 1, damage: 2 },
  { column: 1, hitPoints: 3, movement: 2, range: 3, damage: 1 },
  { column: 4, hitPoints: 3, movement: 4, range: 1, damage: 1 },
] as const;

/** Undo is off, as a server has it where moves are final: with it, each state would hold all before it. */
const TACTICS: Game<BoardgameTactics> = {
  name: "tactics",
  // Nothing is drawn by chance; without a seed it would take one from the clock.
  seed: "tactics",
  disableUndo: true,
  minPlayers: 2,
  maxPlayers: 2,
  turn: { minMoves: 1, maxMoves: 1 },
  setup: newBoardgameTactics,
  moves: {
    act: ({ G, playerID }, ...move: TacticsMove) =>
      playBoardgameTactics(G, Number(playerID), move) ? undefined : INVALID_MOVE,
  },
  endIf: ({ G }) => endOf(G),
};

/** Its reducer for this game: a state and an action in, a state out. */
export const boardgameReducer: (state: BoardgameMatch, action: BoardgameAction) => BoardgameMatch =
  CreateGameReducer({ game: TACTICS });

/** A match before its first move. */
export function newBoardgameMatch(): BoardgameMatch {
  return InitializeGame({ game: TACTICS, numPlayers: 2 });
}

/** The action that makes a move in the name of a player, as its clients dispatch it. */
export function boardgameAction(player: number, move: TacticsMove): BoardgameAction {
  const payload = { type: "act", args: [...move], playerID: String(player) };
  return { type: "MAKE_MOVE", payload };
}

/** The game before its first move. */
export function newBoardgameTactics(): BoardgameTactics {
  const units = [0, 1].flatMap((owner) =>
    KINDS.map(({ column, hitPoints }, kind) => ({
      owner,
      kind,
      column: owner === 0 ? column : BOARD - 1 - column,
      row: owner === 0 ? 0 : BOARD - 1,
      hitPoints,
    })),
  );
  return { turn: 0, units };
}

/** Makes a move in place, or says false and leaves the game as it is. */
export function playBoardgameTactics(
  game: BoardgameTactics,
  player: number,
  [number, column, row, targetNumber]: TacticsMove,
): boolean {
  const unit = game.units[number];
  if (unit === undefined || unit.owner !== player || unit.hitPoints === 0) return false;
  if (!mayGo(game, unit, column, row)) return false;
  const target = targetNumber === undefined ? undefined : game.units[targetNumber];
  const strikes = targetNumber !== undefined;
  if (strikes && !mayStrike(unit, column, row, target)) return false;
  unit.column = column;
  unit.row = row;
  if (target !== undefined) {
    target.hitPoints = Math.max(0, target.hitPoints - kindOf(unit).damage);
  }
  game.turn += 1;
  return true;
}

function mayGo({ units }: BoardgameTactics, unit: Unit, column: number, row: number): boolean {
  if (column >= BOARD || row >= BOARD) return false;
  if (distance(unit, column, row) > kindOf(unit).movement) return false;
  return units.every(
    (other) => other === unit || other.hitPoints === 0 || distance(other, column, row) > 0,
  );
}

/** It strikes from where it goes to. */
function mayStrike(unit: Unit, column: number, row: number, target: Unit | undefined): boolean {
  if (target === undefined || target.owner === unit.owner || target.hitPoints === 0) return false;
  return distance(target, column, row) <= kindOf(unit).range;
}

/** What the match is over by; undefined while it goes on. */
function endOf({ turn, units }: BoardgameTactics): object | undefined {
  const lives = [0, 1].map((owner) =>
    units.some((unit) => unit.owner === owner && unit.hitPoints > 0),
  );
  if (!lives[1]) return { winner: "0" };
  if (!lives[0]) return { winner: "1" };
  return turn >= TURNS_MAX ? { draw: true } : undefined;
}

const kindOf = ({ kind }: Unit): (typeof KINDS)[number] => assertDefined(KINDS[kind], "a kind");

const distance = (unit: Unit, column: number, row: number): number =>
  Math.abs(unit.column - column) + Math.abs(unit.row - row);

/** The game in the bytes that the twin has. */
export function boardgameBytes({ turn, units }: BoardgameTactics): Uint8Array {
  return Uint8Array.from([
    turn,
    ...units.flatMap(({ column, row, hitPoints }) => [column, row, hitPoints]),
  ]);
}
