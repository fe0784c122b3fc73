/** The tactics game with a twin on chain: the compiled app, and its rules as this program plays them. */

import type { Twin, TwinRefusal } from "../src/channel/message-log-twin.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { equalBytes } from "../src/primitives/bytes.ts";
import { fromHex } from "../src/primitives/hex.ts";
import { accept, type Result, reject } from "../src/primitives/result.ts";
import type { Artifact } from "./artifact.ts";
import artifact from "./artifacts/Tactics.json" with { type: "json" };

/** The compiled app. */
export const TACTICS: Artifact = artifact as Artifact;

/** keccak-256 of the module whose twin this is: reducers/tactics. */
export const TACTICS_REDUCER: Hash =
  "0xaf9d825f6e26a0d9601ec08849a4edc5bca9e73e1c6f87b8bb5a35f8b795b58f" as Hash;

const UNITS = 6;
const SIDE_UNITS = 3;
const GAME_BYTES: number = 1 + 3 * UNITS;

/** Columns and rows. */
const BOARD = 6;

/** Turns after which nobody has won. */
const TURNS_MAX = 60;

/** The target of an order that strikes nobody. */
export const NO_TARGET = 255;

/** By kind: a knight, an archer, a scout. Source: Tactics.sol. */
const MOVEMENT = [2, 2, 4];
const RANGE = [1, 3, 1];
const DAMAGE = [2, 1, 1];

/** Column, row and hit points of each unit at the beginning. The second player's stand opposite. */
const BEGINNING = [
  [2, 0, 5],
  [1, 0, 3],
  [4, 0, 3],
  [3, 5, 5],
  [4, 5, 3],
  [1, 5, 3],
];

const KINDS = ["knight", "archer", "scout"] as const;

/** What a unit is. */
export type TacticsKind = (typeof KINDS)[number];

/** A unit of the game, and what it can do. */
export type TacticsUnit = {
  /** Its number in orders: 0 to 2 are the first player's, 3 to 5 the second one's. */
  readonly unit: number;
  readonly player: number;
  readonly kind: TacticsKind;
  /** From 0, as the rows are. */
  readonly column: number;
  readonly row: number;
  /** 0 for one that has fallen. */
  readonly hitPoints: number;
  readonly hitPointsMax: number;
  /** Steps in one order, sideways, up and down. */
  readonly movement: number;
  /** Steps to whom it can strike. */
  readonly range: number;
  /** Hit points that a strike takes. */
  readonly damage: number;
};

/** The game as its players see it. */
export type TacticsGame = {
  /** Orders that were given. */
  readonly turn: number;
  /** As many end the game undecided. */
  readonly turnsMax: number;
  /** Columns, and rows. */
  readonly fields: number;
  readonly units: readonly TacticsUnit[];
};

/** Reads what the twin keeps. */
export function readTactics(game: Uint8Array): TacticsGame {
  const units = BEGINNING.map(([, , hitPointsMax = 0], unit): TacticsUnit => {
    const kind = unit % SIDE_UNITS;
    return {
      unit,
      player: sideOf(unit),
      kind: KINDS[kind] ?? "knight",
      column: at(game, place(unit)),
      row: at(game, place(unit) + 1),
      hitPoints: hitPoints(game, unit),
      hitPointsMax,
      movement: MOVEMENT[kind] ?? 0,
      range: RANGE[kind] ?? 0,
      damage: DAMAGE[kind] ?? 0,
    };
  });
  return { turn: at(game, 0), turnsMax: TURNS_MAX, fields: BOARD, units };
}

/** A game before its first move. */
export function newTactics(): Uint8Array {
  return Uint8Array.from([0, ...BEGINNING.flat()]);
}

/** The payload of a message "act": a unit goes to a field, which may be its own, and strikes a target, or nobody. */
export function tacticsOrder(
  unit: number,
  column: number,
  row: number,
  target: number,
): Uint8Array {
  return Uint8Array.of(unit, column, row, target);
}

/** The rules, as the contract has them. */
export const tacticsTwin: Twin = {
  gameBytes: GAME_BYTES,
  isBeginning: (game) => equalBytes(game, newTactics()),
  moverOf: (game) => {
    const turn = at(game, 0);
    const isOver = turn >= TURNS_MAX || !lives(game, 0) || !lives(game, 1);
    return isOver ? undefined : turn % 2;
  },
  winnerOf: (game) => {
    if (!lives(game, 1)) return 0;
    if (!lives(game, 0)) return 1;
    const mover = tacticsTwin.moverOf(game);
    return mover === undefined || at(game, 0) === 0 ? undefined : 1 - mover;
  },
  play: (_, game, sender, { messageType, payload }) => {
    const mover = tacticsTwin.moverOf(game);
    if (mover === undefined) return refuse("GameOver");
    if (sender !== mover) return refuse("NotYourTurn");
    return messageType === "act" ? act(game, mover, fromHex(payload)) : refuse("UnknownMessage");
  },
};

type Played = Result<Uint8Array, TwinRefusal>;

const refuse = (by: string): Played => reject({ code: "MoveRefused", by });

function act(game: Uint8Array, mover: number, order: Uint8Array): Played {
  if (order.length !== 4) return refuse("MalformedPayload");
  const [unit = 0, column = 0, row = 0, target = 0] = order;
  if (sideOf(unit) !== mover || hitPoints(game, unit) === 0) return refuse("NotYourUnit");
  if (column >= BOARD || row >= BOARD) return refuse("OffBoard");
  if (distance(game, unit, column, row) > (MOVEMENT[unit % 3] ?? 0)) return refuse("TooFar");
  if (isOccupied(game, unit, column, row)) return refuse("Occupied");
  const next = game.slice();
  next.set([column, row], place(unit));
  next[0] = at(game, 0) + 1;
  return target === NO_TARGET ? accept(next) : strike(next, unit, target);
}

function isOccupied(game: Uint8Array, unit: number, column: number, row: number): boolean {
  for (let other = 0; other < UNITS; other += 1) {
    const isThere = other !== unit && hitPoints(game, other) > 0;
    if (isThere && distance(game, other, column, row) === 0) return true;
  }
  return false;
}

function strike(game: Uint8Array, unit: number, target: number): Played {
  const isEnemy = target < UNITS && sideOf(target) !== sideOf(unit);
  if (!isEnemy || hitPoints(game, target) === 0) return refuse("NoSuchTarget");
  const away = distance(game, unit, at(game, place(target)), at(game, place(target) + 1));
  if (away > (RANGE[unit % 3] ?? 0)) return refuse("OutOfRange");
  const next = game.slice();
  next[place(target) + 2] = Math.max(0, hitPoints(game, target) - (DAMAGE[unit % 3] ?? 0));
  return accept(next);
}

function distance(game: Uint8Array, unit: number, column: number, row: number): number {
  const from = place(unit);
  return Math.abs(at(game, from) - column) + Math.abs(at(game, from + 1) - row);
}

function lives(game: Uint8Array, side: number): boolean {
  return [0, 1, 2].some((unit) => hitPoints(game, SIDE_UNITS * side + unit) > 0);
}

function sideOf(unit: number): number {
  return Math.floor(unit / SIDE_UNITS);
}

function hitPoints(game: Uint8Array, unit: number): number {
  return at(game, place(unit) + 2);
}

function place(unit: number): number {
  return 1 + 3 * unit;
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
