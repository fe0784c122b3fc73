/** The tour: two assets, ten payments in milliseconds, one settlement. */
import { defineScenario, type Parameters, type Scenario } from "../sim/scenario.ts";
import { parseSequence, type Sequence } from "../sim/sequence.ts";

const ONE = 10n ** 18n;

/** Alice has a hundred tokens, which last for ten payments: one in four of the first forty updates. */
const TOKEN_PAYMENTS_UNTIL = 40;

export const scenario: Scenario = defineScenario({
  name: "demo",
  summary:
    "Alice and Bob fund a channel with ETH and a token, pay each other ten times, and are paid out",
  cast: ["alice", "bob"],
  parameters: { updates: "10" },
  diagram,
  script: async ({ alice, bob, check, eth, parameters, token }) => {
    check(Number.isSafeInteger(updatesOf(parameters)), "updates is a whole number");
    const channel = await alice.openChannel(
      [bob],
      [
        { asset: eth, amounts: [3n * ONE, 2n * ONE] },
        { asset: token, amounts: [100n * ONE, 0n] },
      ],
    );
    for (let count = 0; count < updatesOf(parameters); count++) {
      const [payer, payee] = count % 2 === 0 ? [alice, bob] : [bob, alice];
      if (count % 4 === 2 && count < TOKEN_PAYMENTS_UNTIL)
        await payer.pay(channel, payee, token, 10n * ONE);
      else await payer.pay(channel, payee, eth, ONE / 10n);
    }
    await alice.closeChannel(channel);
  },
});

function updatesOf({ updates }: Parameters): number {
  return Number(updates);
}

/** Turn 2 is Alice's, turn 3 is Bob's, and so on: each update is the move of the one who pays. */
function diagram(parameters: Parameters): Sequence {
  const updates = Array.from({ length: updatesOf(parameters) }, (_, count) => {
    const [payer, payee] = count % 2 === 0 ? ["alice", "bob"] : ["bob", "alice"];
    return `${payer} ->> ${payee}: update ${count + 2}\n${payee} ->> ${payer}: update ${count + 2}`;
  });
  const isMyMove = updates.length % 2 === 0;
  return parseSequence(`
    alice ->>  bob:   prefund
    bob   ->>  alice: prefund
    alice ->>  chain: deposit 3 ETH
    alice ->>  chain: approve 100 TOK
    alice ->>  chain: deposit 100 TOK
    chain -->> all:   holds 3 ETH
    chain -->> all:   holds 100 TOK
    bob   ->>  chain: deposit 2 ETH
    chain -->> all:   holds 5 ETH
    par
      alice ->>  bob:   postfund
      bob   ->>  alice: postfund
    end
    ${updates.join("\n")}
    ${isMyMove ? "" : "alice ->> bob: ask to close"}
    ${isMyMove ? "alice ->> bob" : "bob ->> alice"}: final state
    ${isMyMove ? "bob ->> alice" : "alice ->> bob"}: final state
    alice ->>  chain: conclude and pay out
    chain -->> all:   concluded
    chain -->> all:   pays out 5 ETH
    chain -->> all:   pays out 100 TOK
  `);
}
