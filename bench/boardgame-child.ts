/** A process in which games of tactics are played by boardgame.io, our reducer and our twin. Run by `boardgame.bench.ts`. */
import "../sim/banned-globals.ts";
import { newTactics, tacticsTwin } from "../contracts/tactics.ts";
import { realWorld } from "../sim/real-world.ts";
import { openReducer } from "../src/derivation/sandbox/reducer.ts";
import type { ReducerInit } from "../src/derivation/sandbox/reducer-input.ts";
import { assert } from "../src/primitives/assert.ts";
import { equalBytes } from "../src/primitives/bytes.ts";
import { tacticsRows } from "../test/games/drawn-tactics.ts";
import { acceptedOf, admitted, reducerBytes, SAMPLE_INIT } from "../test/reducers.ts";
import { type DrawnGame, type DrawnMove, drawGame, GAME_CHANNEL } from "./boardgame-games.ts";
import { boardgameBytes, boardgameReducer, newBoardgameMatch } from "./boardgame-tactics.ts";
import { createChance } from "./chance.ts";
import type { Slices } from "./slices.ts";

/** What the process prints: the moves of a round, and the seconds of each side in each round. */
export type BoardgameTimes = {
  readonly moves: number;
  readonly seconds: Slices<"boardgame" | "reducer" | "twin">;
};

/** Games of a round: some ten thousand moves, which take boardgame.io a third of a second. */
const GAMES = 300;

/** Rounds that count, after one that does not. */
const ROUNDS = 7;

const SEED = 8;

const MODULE = admitted(reducerBytes("tactics"));

const INIT: ReducerInit = {
  ...SAMPLE_INIT,
  channelId: GAME_CHANNEL,
  parameters: newTactics(),
};

/** A game that is played on by one side. */
type Match = {
  readonly play: (move: DrawnMove) => unknown;
  /** The game as it stands, in the bytes of the twin. */
  readonly state: () => Uint8Array;
};

/** Begins a game. `keepsRows` is for the check: a game that is measured does nothing with its rows. */
type Side = (keepsRows: boolean) => Match;

const boardgame: Side = () => {
  let match = newBoardgameMatch();
  return {
    play: ({ action }) => {
      match = boardgameReducer(match, action);
    },
    state: () => boardgameBytes(match.G),
  };
};

const reducer: Side = (keepsRows) => {
  const opened = acceptedOf(openReducer(MODULE, INIT));
  const readRows = tacticsRows();
  return {
    play: ({ told }) => {
      const changes = acceptedOf(opened.reduce(told));
      if (keepsRows) readRows(changes);
    },
    state: () => readRows([]),
  };
};

const twin: Side = () => {
  let game = newTactics();
  return {
    play: ({ message, sender }) => {
      game = acceptedOf(tacticsTwin.play(GAME_CHANNEL, game, sender, message));
    },
    state: () => game,
  };
};

const SIDES = { boardgame, reducer, twin } as const;

/** All three come to the same end of each game, or nothing is measured. */
function checkEnds(games: readonly DrawnGame[]): void {
  for (const game of games) {
    for (const side of Object.values(SIDES)) {
      const match = side(true);
      for (const move of game.moves) match.play(move);
      assert(equalBytes(match.state(), game.end), "all sides come to the same end of a game");
    }
  }
}

/** Seconds in the moves alone: how long a side takes to begin a game does not count. */
function secondsOf(side: Side, games: readonly DrawnGame[]): number {
  let tookMs = 0;
  for (const game of games) {
    const { play } = side(false);
    const startedMs = realWorld.performanceNow();
    for (const move of game.moves) play(move);
    tookMs += realWorld.performanceNow() - startedMs;
  }
  return tookMs / 1_000;
}

function measure(): BoardgameTimes {
  const chance = createChance(SEED);
  const games = Array.from({ length: GAMES }, () => drawGame(chance));
  checkEnds(games);
  const seconds: Record<keyof typeof SIDES, number[]> = { boardgame: [], reducer: [], twin: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const name of ["boardgame", "reducer", "twin"] as const) {
      const took = secondsOf(SIDES[name], games);
      if (round > 0) seconds[name].push(took);
    }
  }
  return { moves: games.reduce((all, { moves }) => all + moves.length, 0), seconds };
}

process.stdout.write(JSON.stringify(measure()));
