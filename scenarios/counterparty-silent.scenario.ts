/**
 * Bob falls silent at a step of his: before he deposits, before he signs the postfund, when the channel is to be
 * closed. Each time Alice is paid by the chain, because her node waits no longer than it was told to.
 */

import { type Actor, defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";

/** Milliseconds that nodes wait for others before they ask the chain: ten minutes. */
const DISPUTE_AFTER_MS = 600_000;

/** Longer than that, and than a challenge after it. */
const LONG_MS = 2 * DISPUTE_AFTER_MS + 600_000;

const SILENT_AT_CLOSING = sequence`
    alice ->>  bob:   prefund
    bob   ->>  alice: prefund
    alice ->>  chain: deposit 60 wei
    chain -->> all:   holds 60 wei
    bob   ->>  chain: deposit 40 wei
    chain -->> all:   holds 100 wei
    par
      alice ->>  bob:   postfund
      bob   ->>  alice: postfund
    end
    alice ->>  bob:   update 2
    bob   ->>  alice: update 2
    Note over bob: crash
    alice ->>  bob:   ask to close
    alice ->>  chain: challenge with turn 2
    chain -->> all:   challenged with turn 2
    alice ->>  chain: pay out
    chain -->> all:   pays out 100 wei
`;

export const scenario: Scenario = defineScenario({
  name: "counterparty-silent",
  summary: "Bob falls silent at each step (--set step=deposit, postfund or close), Alice is paid",
  cast: ["alice", "bob"],
  parameters: { step: "close" },
  challengeDurationSec: 300,
  disputeAfterMs: DISPUTE_AFTER_MS,
  network: { latencyMs: [20, 20], slowFraction: 0 },
  diagram: ({ step }) => (step === "close" ? SILENT_AT_CLOSING : undefined),
  script: async ({ alice, bob, check, eth, parameters, pause }) => {
    const before = await alice.wallet(eth);
    const deposits = [{ asset: eth, amounts: [60n, 40n] }];
    const step = parameters["step"] ?? "";
    const pay = (channel: ChannelId) => alice.pay(channel, bob, eth, 10n);
    const open = () => alice.openChannel([bob], deposits);
    const due = await silentAt(step, { alice, bob, open, pay, pause });
    await pause(LONG_MS);
    check((await alice.wallet(eth)) === before + due, `Alice has what is hers after "${step}"`);
  },
});

type Play = {
  readonly alice: Actor;
  readonly bob: Actor;
  readonly open: () => Promise<ChannelId>;
  readonly pay: (channel: ChannelId) => Promise<void>;
  readonly pause: (durationMs: number) => Promise<void>;
};

/** Plays until Bob is gone. Gives what Alice must have more, in the end, than in the beginning. */
async function silentAt(step: string, { alice, bob, open, pay, pause }: Play): Promise<bigint> {
  if (step === "deposit" || step === "postfund") {
    // Nobody waits for it: it never comes to be.
    void open();
    // Alice's deposit counts after 36 seconds, Bob's after 72.
    await pause(step === "deposit" ? 30_000 : 70_000);
    bob.crash();
    return 0n;
  }
  const channel = await open();
  await pay(channel);
  bob.crash();
  await alice.askToClose(channel);
  return -10n;
}
