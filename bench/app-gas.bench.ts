/** What a game on a message log takes: bytes between the parties, and bytes and gas on chain. */
import { type GameCosts, gameCosts, type MeasuredGame } from "./app-games.ts";
import type { Benchmark, Figure } from "./benchmark.ts";

/** 99 ends with a reveal, the dearest move of rock, paper, scissors. */
const COUNTS = [10, 99, 100, 1_000];

/** Gas of a challenge by one move, of which the two states, their signatures and their calldata are the most. */
const CHALLENGE_GAS_MAX = 300_000;

export const benchmark: Benchmark = {
  name: "app-gas",
  question:
    "How large is the log of a game, how large its state, and what does a dispute over it take?",
  run: async () => {
    const figures: Figure[] = [];
    for (const game of ["rock-paper-scissors", "tactics"] as const) {
      for (const count of COUNTS)
        figures.push(...figuresOf(game, count, await gameCosts(game, count)));
    }
    return { figures };
  },
};

function figuresOf(game: MeasuredGame, count: number, costs: GameCosts): readonly Figure[] {
  const at = `${game}, ${count.toLocaleString("en-US")} messages, the last "${costs.move}"`;
  return [
    {
      what: `${at}: log`,
      value: costs.logBytes,
      unit: "bytes",
      yardstick: "the reducer's memory",
      ratio: costs.logBytes / costs.snapshotBytes,
      better: "lower",
    },
    { what: `${at}: rows of the running game`, value: costs.rowBytes, unit: "bytes" },
    { what: `${at}: signed state`, value: costs.stateBytes, unit: "bytes" },
    { what: `${at}: calldata of a challenge`, value: costs.calldataBytes, unit: "bytes" },
    {
      what: `${at}: challenge`,
      value: costs.challengeGas,
      unit: "gas",
      better: "lower",
      floor: CHALLENGE_GAS_MAX,
    },
  ];
}
