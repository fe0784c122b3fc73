/** Rock, paper, scissors on the adjudicator itself: played on chain by one signature a move, and paid. */
import { describe, expect } from "bun:test";
import {
  commitmentOf,
  newRockPaperScissors,
  ROCK_PAPER_SCISSORS,
  rockPaperScissorsTwin,
} from "../../contracts/rock-paper-scissors.ts";
import { adversarial, integration } from "../kind.ts";
import { gameMessage, PLAYERS } from "../sample-games.ts";
import { disputedGame } from "./disputed-game.ts";

const [ALICE, BOB] = PLAYERS;
const PAPER = Uint8Array.of(1, ...new Uint8Array(32).fill(5));

const game = disputedGame({
  app: ROCK_PAPER_SCISSORS,
  twin: rockPaperScissorsTwin,
  beginning: newRockPaperScissors(),
});

const COMMIT = gameMessage("commit", commitmentOf(game.channelId, 0, PAPER));
const PLAY_ROCK = gameMessage("play", Uint8Array.of(0));
const REVEAL = gameMessage("reveal", PAPER);

describe("a game by challenges", () => {
  integration("is played to its end by one signature a move, and pays the winner", async () => {
    const commit = game.move(game.beginning, ALICE, COMMIT);
    const play = game.move(commit, BOB, PLAY_ROCK);
    const reveal = game.move(play, ALICE, REVEAL);

    await game.send(ALICE, game.challenge(game.beginning, commit, ALICE));
    await game.send(BOB, game.challenge(commit, play, BOB));
    await game.send(ALICE, game.challenge(play, reveal, ALICE));

    expect(await game.payOut(reveal)).toBe(20n);
  });

  integration("pays the other one when a player refuses to reveal", async () => {
    const commit = game.move(game.beginning, ALICE, COMMIT);
    const play = game.move(commit, BOB, PLAY_ROCK);

    await game.send(ALICE, game.challenge(game.beginning, commit, ALICE));
    await game.send(BOB, game.challenge(commit, play, BOB));

    expect(await game.payOut(play)).toBe(0n);
  });

  integration("pays who committed when the other one does not play", async () => {
    const commit = game.move(game.beginning, ALICE, COMMIT);
    await game.send(ALICE, game.challenge(game.beginning, commit, ALICE));

    expect(await game.payOut(commit)).toBe(20n);
  });

  integration("goes on off chain after a checkpoint that answers with a move", async () => {
    const commit = game.move(game.beginning, ALICE, COMMIT);
    const play = game.move(commit, BOB, PLAY_ROCK);

    await game.send(ALICE, game.challenge(game.beginning, commit, ALICE));
    await game.send(BOB, game.checkpoint(commit, play));
    await game.waitForEnd();

    expect(await game.refusal(game.payout(commit))).toContain("not finalized");
  });
});

describe("a cheat", () => {
  adversarial("is not supported: an outcome that pays its own mover", async () => {
    const commit = game.move(game.beginning, ALICE, COMMIT);
    const play = game.move(commit, BOB, PLAY_ROCK).variablePart;
    const lost = game.move(game.signed(play, [BOB]), ALICE, REVEAL).variablePart;
    const greedy = game.signed({ ...lost, outcome: play.outcome }, [ALICE]);

    const call = game.challenge(game.signed(play, [BOB]), greedy, ALICE);
    expect(await game.refusal(call)).toContain("AmountWrong");
  });

  adversarial("is not supported: an opening that was not committed to", async () => {
    const commit = game.move(game.beginning, ALICE, COMMIT);
    const play = game.move(commit, BOB, gameMessage("play", Uint8Array.of(2)));
    // Rock would beat the scissors, but paper was committed to: a state as if it had been rock.
    const other = Uint8Array.of(0, ...new Uint8Array(32).fill(5));
    const rock = gameMessage("commit", commitmentOf(game.channelId, 0, other));
    const lie = game.move(
      game.move(game.move(game.beginning, ALICE, rock), BOB, gameMessage("play", Uint8Array.of(2))),
      ALICE,
      gameMessage("reveal", other),
    );

    expect(await game.refusal(game.challenge(play, lie, ALICE))).toContain("HashWrong");
  });

  adversarial(
    "is not supported: a move in the other's name, and one on top of one's own",
    async () => {
      const commit = game.move(game.beginning, ALICE, COMMIT);
      const forged = game.move(commit, ALICE, PLAY_ROCK);
      const reveal = game.move(forged, ALICE, REVEAL);

      expect(await game.refusal(game.challenge(commit, forged, ALICE))).toContain(
        "NotSignedByMover",
      );
      expect(await game.refusal(game.challenge(forged, reveal, ALICE))).toContain("ProofNotSigned");
    },
  );
});
