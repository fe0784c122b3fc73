/**
 * A token that takes deposits, and answers false to payouts without moving anything. The published adjudicator
 * ignores the answer, so a stranger who puts some into a channel sees it paid to nobody. No node takes such a token:
 * its owner has not allowed it, and `channels contracts check-token` would have told why.
 */
import { concatHex, getCreate2Address } from "viem";
import { mintCall } from "../contracts/test-token.ts";
import { TEST_TOKENS } from "../contracts/test-tokens.ts";
import { keyOf } from "../sim/actors.ts";
import { defineScenario, type Scenario, ScenarioFailure } from "../sim/scenario.ts";
import { addressOf } from "../sim/simulated-chain.ts";
import { concludeAndTransferAllAssetsCall, depositCall } from "../src/chain/adjudicator.ts";
import { CREATE2_PROXY } from "../src/chain/deployment-plan.ts";
import { approveCall } from "../src/chain/erc20.ts";
import { channelIdOf } from "../src/channel/channel-id.ts";
import { externalDestination } from "../src/channel/destination.ts";
import { ALLOCATION_TYPE } from "../src/channel/outcome.ts";
import { stateHash, type VariablePart } from "../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import type { Hex } from "../src/primitives/hex.ts";

/** Any would do: it names the one contract of this story. */
const SALT: Hex = `0x${"7a".repeat(32)}`;

const BYTECODE = TEST_TOKENS.FalsePayoutToken.bytecode as Hex;
const TOKEN = getCreate2Address({ from: CREATE2_PROXY, salt: SALT, bytecode: BYTECODE });
const token = {
  address: TOKEN.toLowerCase() as Address,
  symbol: "BAD",
  decimals: 18,
  unit: "bad units",
};

/** What the stranger loses. */
const AMOUNT = 5n;

export const scenario: Scenario = defineScenario({
  name: "token-returns-false",
  summary:
    "A token that answers false to payouts is lost in the adjudicator, and refused by every node",
  cast: ["alice", "bob"],
  script: async ({ adjudicator, alice, bob, chain, check, eth }) => {
    const deploy = { to: CREATE2_PROXY, data: concatHex([SALT, BYTECODE]), valueWei: 0n };
    await chain.mined(await chain.asStranger(deploy, { label: "deploy a token" }));

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
      mintCall(token.address, addressOf("eve"), AMOUNT),
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
