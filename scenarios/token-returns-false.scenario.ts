/**
 * A token that takes deposits, and answers false to payouts without moving anything. The published adjudicator
 * ignores the answer, so a stranger who puts some into a channel sees it paid to nobody. No node takes such a token:
 * its owner has not allowed it, and `channels contracts check-token` would have told why.
 */
import { keyOf } from "../sim/actors.ts";
import { deployFalseToken, FALSE_TOKEN, mintFalseToken } from "../sim/false-token.ts";
import { defineScenario, type Scenario, ScenarioFailure } from "../sim/scenario.ts";
import { addressOf } from "../sim/simulated-chain.ts";
import { concludeAndTransferAllAssetsCall, depositCall } from "../src/chain/adjudicator.ts";
import { approveCall } from "../src/chain/erc20.ts";
import { channelIdOf } from "../src/channel/channel-id.ts";
import { externalDestination } from "../src/channel/destination.ts";
import { ALLOCATION_TYPE } from "../src/channel/outcome.ts";
import { stateHash, type VariablePart } from "../src/channel/state.ts";
import { ZERO_ADDRESS } from "../src/crypto/address.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";

/** What the stranger loses. */
const AMOUNT = 5n;

export const scenario: Scenario = defineScenario({
  name: "token-returns-false",
  summary:
    "A token that answers false to payouts is lost in the adjudicator, and refused by every node",
  cast: ["alice", "bob"],
  script: async ({ adjudicator, alice, bob, chain, check, eth }) => {
    const token = FALSE_TOKEN;
    await chain.mined(await chain.asStranger(deployFalseToken, { label: "deploy a token" }));

    // Eve alone is a channel that pays Alice: all of it is by the contract's rules.
    const fixedPart = {
      participants: [addressOf("eve")],
      channelNonce: 1n,
      appDefinition: ZERO_ADDRESS,
      challengeDurationSec: 86_400,
    };
    const channelId = channelIdOf(fixedPart);
    const final: VariablePart = {
      outcome: [
        {
          asset: token.address,
          assetMetadata: { assetType: 0, metadata: "0x" },
          allocations: [
            {
              destination: externalDestination(addressOf("alice")),
              amount: AMOUNT,
              allocationType: ALLOCATION_TYPE.simple,
              metadata: "0x",
            },
          ],
        },
      ],
      appData: "0x",
      turnNum: 2,
      isFinal: true,
    };
    const signature = signatureBackend.signHash(stateHash(channelId, final), keyOf("eve"));
    const deposit = { asset: token.address, channelId, expectedHeld: 0n, amount: AMOUNT };
    const calls = [
      mintFalseToken(addressOf("eve"), AMOUNT),
      approveCall(token.address, adjudicator, AMOUNT),
      depositCall(adjudicator, deposit),
      concludeAndTransferAllAssetsCall(adjudicator, fixedPart, final, [signature]),
    ];
    const labels = ["mint", "approve", "deposit", "conclude and pay out"];
    for (const [index, call] of calls.entries()) {
      const hash = await chain.asStranger(call, { label: `${labels[index]} ${token.symbol}` });
      check(await chain.mined(hash), `the contract takes call ${index}`);
    }
    check(
      (await alice.wallet(token)) === 0n,
      "the contract says that Alice was paid, and she was not",
    );

    const refused = await alice.openChannel([bob], [{ asset: token, amounts: [1n, 1n] }]).then(
      () => "nobody",
      (error: unknown) => error,
    );
    const isRefused =
      refused instanceof ScenarioFailure && refused.message.includes("AssetNotAllowed");
    check(isRefused, `Alice's node refuses the token: ${refused}`);
    await alice.openChannel([bob], [{ asset: eth, amounts: [1n, 1n] }]);
  },
});
