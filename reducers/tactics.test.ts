/** The tactics game: its tables, who may move where, who strikes whom, and who is paid. */
import { describe, expect } from "bun:test";
import { newTactics } from "../contracts/tactics.ts";
import { openReducer, type Reducer } from "../src/derivation/sandbox/reducer.ts";
import { adversarial, unit } from "../test/kind.ts";
import {
  admitted,
  opened,
  reasonOf,
  reducerBytes,
  SAMPLE_INIT,
  sampleMessage,
} from "../test/reducers.ts";

const BYTES = reducerBytes("tactics");
const NOBODY = 255;

const start = (): Reducer => opened(BYTES, { parameters: newTactics() });

const act = (reducer: Reducer, sender: number, ...order: readonly number[]) =>
  reducer.reduce(sampleMessage(order, { sender, type: "act" }));

describe("tactics", () => {
  unit("begins with three units a side, which stand opposite each other", () => {
    const units = start().firstChanges.filter(({ table }) => table === 0);

    const fields = units.map(({ values }) => [
      values[1],
      values[2],
      values[3],
      values[4],
      values[5],
    ]);
    expect(fields).toEqual([
      [0n, "knight", 2n, 0n, 5n],
      [0n, "archer", 1n, 0n, 3n],
      [0n, "scout", 4n, 0n, 3n],
      [1n, "knight", 3n, 5n, 5n],
      [1n, "archer", 4n, 5n, 3n],
      [1n, "scout", 1n, 5n, 3n],
    ]);
  });

  unit("moves a unit and strikes from where it goes to, in one message", () => {
    const reducer = start();
    // The scout comes within three fields of the archer, who strikes it from two away.
    expect(act(reducer, 0, 2, 4, 3, NOBODY).ok).toBe(true);
    const struck = act(reducer, 1, 4, 4, 5, 2);

    const rows = struck.ok ? struck.value.map(({ values }) => values) : [];
    expect(rows).toEqual([
      [4n, 1n, "archer", 4n, 5n, 3n, 2n, 3n, 1n],
      [2n, 0n, "scout", 4n, 3n, 2n, 4n, 1n, 1n],
      [0n, 2n, ""],
    ]);
    expect(reducer.outcome()).toEqual({ amounts: [[0n, 20n]], nextMover: 0 });
  });

  unit("pays both back before the first move and after 60 turns", () => {
    const reducer = start();
    const outcomes = [reducer.outcome()];
    for (let turn = 0; turn < 60; turn += 1) {
      const [unitId, column, home] = turn % 2 === 0 ? [0, 2, 0] : [3, 3, 4];
      const row = home + (Math.floor(turn / 2) % 2 === 0 ? 1 : 0);
      expect(act(reducer, turn % 2, unitId ?? 0, column ?? 0, row, NOBODY).ok).toBe(true);
    }
    outcomes.push(reducer.outcome());

    expect(outcomes).toEqual([
      { amounts: [[10n, 10n]], nextMover: 0 },
      { amounts: [[10n, 10n]], nextMover: undefined },
    ]);
    expect(reasonOf(act(reducer, 0, 0, 2, 0, NOBODY))).toEqual({ code: "Refused", by: "GameOver" });
  });

  adversarial("begins with nothing but the one beginning that its twin has", () => {
    const beginning = newTactics();
    const begun = (parameters: Uint8Array) =>
      openReducer(admitted(BYTES), { ...SAMPLE_INIT, parameters });
    const others = [...beginning].map((byte, at) => beginning.with(at, byte + 1));
    others.push(new Uint8Array(), beginning.slice(0, -1), Uint8Array.of(...beginning, 0));

    expect(begun(beginning).ok).toBe(true);
    for (const other of others) {
      expect(reasonOf(begun(other))).toEqual({ code: "Trapped" });
    }
  });

  adversarial("refuses what is no move, and changes nothing by it", () => {
    const reducer = start();
    const by = (sender: number, ...order: readonly number[]) =>
      reasonOf(act(reducer, sender, ...order));
    const refused = (code: string) => ({ code: "Refused" as const, by: code });

    expect(by(1, 3, 3, 4, NOBODY)).toEqual(refused("NotYourTurn"));
    expect(by(0, 3, 3, 4, NOBODY)).toEqual(refused("NotYourUnit"));
    expect(by(0, 200, 3, 4, NOBODY)).toEqual(refused("NotYourUnit"));
    expect(by(0, 0, 6, 0, NOBODY)).toEqual(refused("OffBoard"));
    expect(by(0, 0, 2, 3, NOBODY)).toEqual(refused("TooFar"));
    expect(by(0, 0, 1, 0, NOBODY)).toEqual(refused("Occupied"));
    expect(by(0, 0, 2, 1, 1)).toEqual(refused("NoSuchTarget"));
    expect(by(0, 0, 2, 1, 6)).toEqual(refused("NoSuchTarget"));
    expect(by(0, 0, 2, 1, 3)).toEqual(refused("OutOfRange"));
    expect(by(0, 0, 2, 1)).toEqual(refused("MalformedPayload"));
    expect(reasonOf(reducer.reduce(sampleMessage([], { type: "pass" })))).toEqual(
      refused("UnknownMessage"),
    );
    expect(reducer.outcome()).toEqual({ amounts: [[10n, 10n]], nextMover: 0 });
  });
});
