/** Orders to units that have fallen, as typed. The rest is tried with real nodes in game-commands.test.ts. */
import { describe, expect } from "bun:test";
import { newTactics, readTactics } from "../../../contracts/tactics.ts";
import { unit } from "../../../test/kind.ts";
import type { GameView } from "../api/game-types.ts";
import { readMove } from "./game-move-words.ts";

/** A game in which unit 2 of mine and unit 5 of theirs have fallen. */
function fallenGame(): GameView {
  const game = newTactics();
  for (const fallen of [2, 5]) game[1 + 3 * fallen + 2] = 0;
  const state = { type: "tactics", ...readTactics(game) };
  return { state, myIndex: 0 } as unknown as GameView;
}

const read = (words: string) => (): unknown => readMove(fallenGame(), words.split(" "), "");

describe("readMove", () => {
  unit("gives no order to who has fallen, and strikes none of them", () => {
    expect(read("scout 4,1")).toThrow("scout has fallen: mine are 0 (knight), 1 (archer)");
    expect(read("0 2,1 strike 5")).toThrow("5 has fallen: theirs are 3 (knight), 4 (archer)");
    expect(read("0 2,1 strike archer")()).toEqual({ type: "act", payload: "0x00020104" });
    expect(read("1 1,1")()).toEqual({ type: "act", payload: "0x010101ff" });
  });

  unit("knows no moves of a game that the node does not know", () => {
    const unknown = { state: null } as unknown as GameView;
    expect(() => readMove(unknown, ["rock"], "")).toThrow("write into it with `game say`");
  });
});
