/** A player whose log was put back to before her move, while the move is on the chain. */
import { describe, expect } from "bun:test";
import { rockPaperScissors } from "../../sim/games.ts";
import { createStage } from "../../sim/stage.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { newestMove } from "../../src/protocols/best-move.ts";
import { recordsOf, rollBack } from "../adversarial/rolled-back.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { crash } from "../kind.ts";
import { playWorld } from "../played-world.ts";

const chainOf = chainOfFile();

const { commit, play } = rockPaperScissors;

describe("a move that is on the chain", () => {
  crash("is not made otherwise by a node that has lost it, and is gone on from", async () => {
    const options = { seed: 1, cast: ["alice", "bob"], chain: chainOf() } as const;
    await playWorld(
      { ...options, signatures: "real", challengeDurationSec: 6_000 },
      async (world) => {
        const { alice, bob, eth } = createStage(world, {});
        const deposits = [{ asset: eth, amounts: [60n, 40n] }];
        const channelId = await alice.openGame(bob, deposits, "rock-paper-scissors");
        bob.crash();
        await alice.askToPlay(channelId, commit(channelId, 0, "rock"));
        await alice.challenge(channelId);
        const node = world.node("alice");
        const made = newestMove(assertDefined(node.engine.channel(channelId), "the channel"));
        const records = await recordsOf(node);
        const isMade = (turnNum: number) =>
          records.findIndex(
            ({ event }) => event.type === "StateSigned" && event.variablePart.turnNum === turnNum,
          );
        alice.crash();
        await rollBack(node, records, isMade(2), "forged");
        await alice.restart();
        await alice.sawTurn(channelId, 2);

        const channel = assertDefined(node.engine.channel(channelId), "the channel");
        expect(newestMove(channel)?.variablePart).toEqual(
          assertDefined(made, "her move").variablePart,
        );
        expect(channel.mySignedTurn).toBe(2);
        await bob.restart();
        await bob.sawTurn(channelId, 2);
        await bob.play(channelId, play("paper"));
        await alice.sawTurn(channelId, 3);
        await bob.sawEnd(channelId);
      },
    );
  });
});
