/**
 * Alice's deposit is reorganised away after Bob has deposited behind it. Bob's deposit, which says what it expects
 * to find, fails on the new branch instead of standing alone. Both are sent again, and the channel opens.
 */
import { defineScenario, type Scenario } from "../sim/scenario.ts";

export const scenario: Scenario = defineScenario({
  name: "deposit-reorganised",
  summary:
    "A reorg drops Alice's deposit after Bob's own (--set depth=4), and the channel opens all the same",
  cast: ["alice", "bob"],
  parameters: { depth: "4" },
  challengeDurationSec: 600,
  script: async ({ alice, bob, chain, check, eth, parameters, pause }) => {
    const before = [await alice.wallet(eth), await bob.wallet(eth)];
    // A block that stays: what a run begins with cannot be taken back.
    await pause(15_000);
    const opening = alice.openChannel([bob], [{ asset: eth, amounts: [60n, 40n] }]);
    // Alice's deposit is in block 2, and counts two blocks later; Bob's is in block 5.
    await pause(50_000);
    await chain.reorg({ depth: Number(parameters["depth"]), droppedFraction: 1 });
    const channel = await opening;
    await alice.pay(channel, bob, eth, 10n);
    await alice.closeChannel(channel);
    const after = [await alice.wallet(eth), await bob.wallet(eth)];
    const [gain, other] = after.map((amount, index) => amount - (before[index] ?? 0n));
    check(gain === -10n && other === 10n, "everybody has what the channel says");
  },
});
