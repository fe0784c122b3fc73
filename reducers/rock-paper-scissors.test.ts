/** Rock, paper, scissors: who commits, plays and reveals, who wins, and who loses by staying silent. */
import { describe, expect } from "bun:test";
import { adversarial, property, unit } from "../test/kind.ts";
import {
  admitted,
  opened,
  reasonOf,
  reducerBytes,
  SAMPLE_INIT,
  sampleMessage,
} from "../test/reducers.ts";
import "../test/property-seed.ts";
import fc from "fast-check";
import { newRockPaperScissors } from "../contracts/rock-paper-scissors.ts";
import { keccak256 } from "../src/crypto/keccak.ts";
import { openReducer, type Reducer } from "../src/derivation/sandbox/reducer.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { fromHex } from "../src/primitives/hex.ts";

const BYTES = reducerBytes("rock-paper-scissors");
const SALT = new Uint8Array(32).fill(7);
const [ROCK, PAPER, SCISSORS] = [0, 1, 2] as const;

/** By the choice that wins: what it beats. */
const BEATEN = [SCISSORS, ROCK, PAPER];

const start = (winsToDecide = 1): Reducer =>
  opened(BYTES, { parameters: newRockPaperScissors(winsToDecide) });

function commitment(player: number, choice: number): number[] {
  const opening = concatBytes(Uint8Array.of(player, choice), SALT);
  return [...keccak256(concatBytes(fromHex(SAMPLE_INIT.channelId), opening))];
}

const opening = (choice: number): number[] => [choice, ...SALT];

function send(reducer: Reducer, sender: number, type: string, payload: number[]) {
  return reducer.reduce(sampleMessage(payload, { sender, type }));
}

/** A whole round: `committer` commits, the other plays, `committer` reveals. */
function round(reducer: Reducer, committer: number, committed: number, played: number) {
  const results = [
    send(reducer, committer, "commit", commitment(committer, committed)),
    send(reducer, 1 - committer, "play", [played]),
    send(reducer, committer, "reveal", opening(committed)),
  ];
  expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
  return results;
}

function winnerOf(committer: number, committed: number, played: number): number | undefined {
  if (BEATEN[committed] === played) return committer;
  return BEATEN[played] === committed ? 1 - committer : undefined;
}

describe("rock-paper-scissors", () => {
  unit("pays whoever beats the other, and tells the round in its tables", () => {
    const reducer = start();
    const results = round(reducer, 0, PAPER, ROCK);

    expect(reducer.outcome()).toEqual({ amounts: [[20n, 0n]], nextMover: undefined });
    expect(results[2]).toEqual({
      ok: true,
      value: [
        {
          type: "update",
          table: 1,
          values: [
            0n,
            0n,
            `0x${Uint8Array.from(commitment(0, PAPER)).toHex()}`,
            "revealed",
            "paper",
            "rock",
            "first",
          ],
        },
        { type: "update", table: 0, values: [0n, 1n] },
      ],
    });
    expect(reasonOf(send(reducer, 0, "commit", commitment(0, ROCK)))).toEqual({
      code: "Refused",
      by: "GameOver",
    });
  });

  unit("pays the other one while a player stays silent, and nobody before the first move", () => {
    const reducer = start();
    const outcomes = [reducer.outcome()];
    send(reducer, 0, "commit", commitment(0, ROCK));
    outcomes.push(reducer.outcome());
    send(reducer, 1, "play", [PAPER]);
    outcomes.push(reducer.outcome());
    send(reducer, 0, "reveal", opening(ROCK));
    outcomes.push(reducer.outcome());

    expect(outcomes).toEqual([
      { amounts: [[10n, 10n]], nextMover: 0 },
      { amounts: [[20n, 0n]], nextMover: 1 },
      { amounts: [[0n, 20n]], nextMover: 0 },
      { amounts: [[0n, 20n]], nextMover: undefined },
    ]);
  });

  unit("lets the other one commit after a draw", () => {
    const reducer = start();
    round(reducer, 0, ROCK, ROCK);

    expect(reducer.outcome().nextMover).toBe(1);
    expect(reasonOf(send(reducer, 0, "commit", commitment(0, ROCK)))).toEqual({
      code: "Refused",
      by: "NotYourTurn",
    });
    round(reducer, 1, SCISSORS, PAPER);
    expect(reducer.outcome()).toEqual({ amounts: [[0n, 20n]], nextMover: undefined });
  });

  unit("ends undecided after 100 rounds", () => {
    const reducer = start(2);
    for (let played = 0; played < 100; played += 1) round(reducer, played % 2, ROCK, ROCK);

    expect(reducer.outcome()).toEqual({ amounts: [[10n, 10n]], nextMover: undefined });
  });

  adversarial("begins with nothing but a game of its twin before the first move", () => {
    const begun = (parameters: Uint8Array) =>
      openReducer(admitted(BYTES), { ...SAMPLE_INIT, parameters });
    const one = newRockPaperScissors(1);
    const others = [...one].map((byte, at) => one.with(at, at === 0 ? 0 : byte + 1));
    others.push(new Uint8Array(), Uint8Array.of(1), one.slice(0, -1), Uint8Array.of(...one, 0));

    expect(begun(one).ok).toBe(true);
    expect(begun(newRockPaperScissors(255)).ok).toBe(true);
    for (const other of others) {
      expect(reasonOf(begun(other))).toEqual({ code: "Trapped" });
    }
  });

  adversarial("refuses what was not committed, and what is not a move", () => {
    const reducer = start();
    const by = (sender: number, type: string, payload: number[]) =>
      reasonOf(send(reducer, sender, type, payload));
    const refused = (code: string) => ({ code: "Refused" as const, by: code });

    expect(by(0, "commit", [1, 2, 3])).toEqual(refused("MalformedPayload"));
    expect(by(0, "play", [ROCK])).toEqual(refused("NotNow"));
    expect(by(0, "leave", [])).toEqual(refused("UnknownMessage"));
    send(reducer, 0, "commit", commitment(0, ROCK));
    expect(by(1, "play", [3])).toEqual(refused("NoSuchChoice"));
    expect(by(1, "play", [])).toEqual(refused("MalformedPayload"));
    send(reducer, 1, "play", [PAPER]);
    expect(by(0, "reveal", opening(SCISSORS))).toEqual(refused("NotWhatWasCommitted"));
    expect(by(0, "reveal", [...opening(ROCK), 0])).toEqual(refused("MalformedPayload"));
    expect(by(0, "reveal", [9, ...SALT])).toEqual(refused("NoSuchChoice"));
    expect(reducer.outcome()).toEqual({ amounts: [[0n, 20n]], nextMover: 0 });
  });

  adversarial("refuses the commitment of the other player when it is opened", () => {
    const reducer = start();
    round(reducer, 0, ROCK, ROCK);
    send(reducer, 1, "commit", commitment(0, ROCK));
    send(reducer, 0, "play", [SCISSORS]);

    expect(reasonOf(send(reducer, 1, "reveal", opening(ROCK)))).toEqual({
      code: "Refused",
      by: "NotWhatWasCommitted",
    });
  });

  property("agrees with the rules as anyone would write them", () => {
    const choice = fc.integer({ min: 0, max: 2 });
    fc.assert(
      fc.property(fc.array(fc.tuple(choice, choice), { maxLength: 12 }), (rounds) => {
        const reducer = start(3);
        const wins = [0, 0];
        for (const [index, [committed, played]] of rounds.entries()) {
          if (wins.includes(3)) break;
          round(reducer, index % 2, committed, played);
          const winner = winnerOf(index % 2, committed, played);
          if (winner !== undefined) wins[winner] = (wins[winner] ?? 0) + 1;
        }
        const { amounts, nextMover } = reducer.outcome();
        expect(nextMover === undefined).toBe(wins.includes(3));
        if (wins.includes(3)) expect(amounts).toEqual([wins.map((won) => (won === 3 ? 20n : 0n))]);
      }),
      { numRuns: 40 },
    );
  });
});
