/** A move that the other one withholds his signature from, and an old state that is shown to the chain instead. */
import { describe, expect } from "bun:test";
import { rockPaperScissors } from "../../sim/games.ts";
import { createStage } from "../../sim/stage.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { playWorld } from "../played-world.ts";

const chainOf = chainOfFile();

const { commit, play, reveal } = rockPaperScissors;

describe("a challenge by the state below a move of mine alone", () => {
  adversarial(
    "is answered by the move and its proof, also by a node that knows it from its log",
    async () => {
      const options = { seed: 1, cast: ["alice", "bob"], chain: chainOf() } as const;
      const world = { ...options, signatures: "real", challengeDurationSec: 6_000 } as const;
      await playWorld(world, async (stageWorld) => {
        const { alice, bob, eth } = createStage(stageWorld, {});
        const before = await alice.wallet(eth);
        const deposits = [{ asset: eth, amounts: [60n, 40n] }];
        const channelId = await alice.openGame(bob, deposits, "rock-paper-scissors");
        await alice.play(channelId, commit(channelId, 0, "rock"));
        await bob.play(channelId, play("scissors"));
        bob.crash();
        // She has won, and he never signs it.
        await alice.askToPlay(channelId, reveal("rock"));
        alice.crash();
        await bob.challengeWith(channelId, 3);
        await alice.restart();
        await alice.sawTurn(channelId, 4);
        await alice.sawEnd(channelId);

        expect(await alice.wallet(eth)).toBe(before + 40n);
        await bob.restart();
        await bob.sawEnd(channelId);
      });
    },
  );
});
