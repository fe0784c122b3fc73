/** Beside the engine that a TypeScript developer would pick for a game of turns: boardgame.io, with the same rules. */
import type { Benchmark, Figure } from "./benchmark.ts";
import type { BoardgameTimes } from "./boardgame-child.ts";
import { runChildIn } from "./child.ts";
import { median, speedAgainst } from "./slices.ts";

/**
 * JavaScriptCore reserves gigabytes of addresses for each memory of a WebAssembly module, and collects all garbage
 * before each one as soon as there are some tens. Here games follow each other by hundreds: the moves after such a
 * beginning ran at a third of their speed. Checked accesses need no such room. In production, boardgame.io logs nothing.
 */
const ENVIRONMENT = { BUN_JSC_useWasmFastMemory: "0", NODE_ENV: "production" } as const;

export const benchmark: Benchmark = {
  name: "boardgame",
  question: "How many moves of the tactics game does our reducer take, beside boardgame.io's?",
  run: async () => {
    const child = await runChildIn<BoardgameTimes>(ENVIRONMENT, "bench/boardgame-child.ts");
    return { figures: figuresOf(child.answer) };
  },
};

function figuresOf({ moves, seconds }: BoardgameTimes): readonly Figure[] {
  const figure = (what: string, side: keyof typeof seconds): Figure => ({
    ...{ what, value: moves / median(seconds[side]), unit: "messages/s" },
  });
  const beside = (what: string, side: keyof typeof seconds): Figure => ({
    ...figure(what, side),
    yardstick: "boardgame.io's reducer",
    ratio: speedAgainst(seconds[side], seconds.boardgame),
  });
  return [
    beside("our reducer in WebAssembly, metered, with copies, rows and outcome", "reducer"),
    beside("our twin in TypeScript, the rules alone", "twin"),
    figure("boardgame.io's reducer, without undo", "boardgame"),
  ];
}
