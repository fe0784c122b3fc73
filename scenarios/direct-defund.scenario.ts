/** A channel is closed by the one whose turn it is not: she asks, the mover signs, all are paid. */
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";

export const scenario: Scenario = defineScenario({
  name: "direct-defund",
  summary:
    "Bob closes a channel: he asks Alice, whose move it is, both sign the final state, both are paid",
  cast: ["alice", "bob"],
  diagram: sequence`
    alice ->>  bob:   prefund
    bob   ->>  alice: prefund
    alice ->>  chain: deposit 6 wei
    chain -->> all:   holds 6 wei
    bob   ->>  chain: deposit 4 wei
    chain -->> all:   holds 10 wei
    par
      alice ->>  bob:   postfund
      bob   ->>  alice: postfund
    end
    bob   ->>  alice: ask to close
    alice ->>  bob:   final state
    bob   ->>  alice: final state
    alice ->>  chain: conclude and pay out
    chain -->> all:   concluded
    chain -->> all:   pays out 10 wei
  `,
  script: async ({ alice, bob, eth }) => {
    const channel = await alice.openChannel([bob], [{ asset: eth, amounts: [6n, 4n] }]);
    await bob.closeChannel(channel);
  },
});
