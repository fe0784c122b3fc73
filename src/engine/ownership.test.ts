/** A channel that is being closed takes no new wishes, whoever has them. */
import { describe, expect } from "bun:test";
import { runScenario } from "../../sim/run-scenario.ts";
import { type Actor, defineScenario } from "../../sim/scenario.ts";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { unit } from "../../test/kind.ts";

const chain = chainOfFile("evm");

/** Pays before, while and after the channel is closed by Bob, who has to ask Alice to move. */
async function payAroundClosing(payer: "alice" | "bob"): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  const story = defineScenario({
    name: "closing",
    summary: "pays while the channel is being closed",
    cast: ["alice", "bob"],
    script: async (stage) => {
      const { alice, bob, eth } = stage;
      const channel = await alice.openChannel([bob], [{ asset: eth, amounts: [6n, 4n] }]);
      const other: Actor = payer === "alice" ? bob : alice;
      const pay = (): Promise<unknown> => stage[payer].tryToPay(channel, other, eth, 1n);
      const closing = bob.closeChannel(channel);
      await stage.pause(WHILE_CLOSING_MS);
      answers.push(await pay());
      await closing;
      answers.push(await pay());
    },
  });
  const { violations } = await runScenario(story, { seed: 1, chain: chain() });
  expect(violations).toEqual([]);
  return answers;
}

/** Bob's request has left, and Alice has not answered yet: frames take 10 ms at least. */
const WHILE_CLOSING_MS = 1;

describe("checkOwner", () => {
  unit("refuses a wish of the one who is closing the channel", async () => {
    expect(await payAroundClosing("bob")).toEqual(["ChannelNotRunning", "ChannelNotRunning"]);
  });

  unit(
    "lets a mover who has not heard of it finish, and refuses her once it is closed",
    async () => {
      const [during, after] = await payAroundClosing("alice");

      expect(during).toMatchObject({ status: "Completed" });
      expect(after).toBe("ChannelNotRunning");
    },
  );
});
