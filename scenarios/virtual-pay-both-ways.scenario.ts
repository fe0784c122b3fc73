/** Alice and Bob pay each other in one virtual channel, in coins and in tokens, and with money that came back. */
import { defineScenario, type Scenario } from "../sim/scenario.ts";

export const scenario: Scenario = defineScenario({
  name: "virtual-pay-both-ways",
  summary: "Alice and Bob pay each other in one channel; money that came back is paid again",
  cast: ["alice", "irene", "bob"],
  script: async ({ alice, bob, irene, check, eth, token }) => {
    const actors = [alice, irene, bob];
    const wallets = async () =>
      await Promise.all(actors.flatMap((actor) => [actor.wallet(eth), actor.wallet(token)]));
    const before = await wallets();
    const both = (one: bigint, other: bigint) => [
      { asset: eth, amounts: [one, other] },
      { asset: token, amounts: [one, other] },
    ];
    const left = await alice.openLedger(irene, both(60n, 40n));
    const right = await irene.openLedger(bob, both(50n, 50n));
    const channel = await alice.openVirtual(bob, both(6n, 4n), { via: [irene] });

    await alice.payVirtually(channel, eth, 6n);
    check(
      (await alice.tryToPayVirtually(channel, eth, 1n)) === "InsufficientFunds",
      "nobody pays more than she has",
    );
    await bob.payVirtually(channel, eth, 10n);
    await bob.payVirtually(channel, token, 4n);
    await alice.payVirtually(channel, eth, 9n);
    await alice.payVirtually(channel, token, 10n);
    await Promise.all([
      alice.payVirtually(channel, eth, 1n),
      bob.payVirtually(channel, eth, 2n),
      bob.payVirtually(channel, token, 1n),
    ]);
    await alice.closeChannel(channel);
    await alice.closeChannel(left);
    await irene.closeChannel(right);

    const after = await wallets();
    const gains = after.map((amount, index) => amount - (before[index] ?? 0n));
    check(gains.join() === "-4,-5,0,0,4,5", `not what the vouchers say: ${gains.join()}`);
  },
});
