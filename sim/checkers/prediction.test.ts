/** What the model foretells is what the contracts do, and another model is found out. */
import { describe, expect } from "bun:test";
import { type ContractCall, depositCall } from "../../src/chain/adjudicator.ts";
import { CREATE2_PROXY } from "../../src/chain/deployment-plan.ts";
import { signTransaction } from "../../src/chain/transaction.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { signatureBackend } from "../../src/crypto/signatures.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { adversarial, integration } from "../../test/kind.ts";
import { keyOf } from "../actors.ts";
import { BASE_FEE_WEI, LOCAL_CHAIN_ID } from "../chain/local-chain.ts";
import { adjudicator } from "../chain/model/adjudicator.ts";
import { type Contract, NO_ANSWER } from "../chain/model/contract.ts";
import { addressOf, type SimulatedChain, startSimulatedChain } from "../simulated-chain.ts";
import type { World } from "../world.ts";
import {
  foretellBlock,
  foretellWorld,
  forgetBlocks,
  openPrediction,
  type Prediction,
} from "./prediction.ts";

const CHANNEL: ChannelId = `0x${"c2".repeat(32)}` as ChannelId;

const chain = chainOfFile("evm");

/** Makes a block in which eve deposits, if the channel holds what she expects. Gives its number. */
function deposit(on: SimulatedChain, expectedHeld: bigint): Promise<number> {
  const given = { asset: ZERO_ADDRESS, channelId: CHANNEL, expectedHeld, amount: 5n };
  return send(on, depositCall(on.deployment.adjudicator, given));
}

/** Makes a block with a call of eve, and gives its number. */
async function send(
  { local }: SimulatedChain,
  call: Pick<ContractCall, "to" | "data"> & Partial<ContractCall>,
): Promise<number> {
  const eve = addressOf("eve");
  const nonce = await local.rpc.request("eth_getTransactionCount", [eve, "latest"]);
  const transaction = {
    valueWei: 0n,
    ...call,
    chainId: BigInt(LOCAL_CHAIN_ID),
    nonce: Number(nonce),
    gasLimit: 200_000n,
    maxFeePerGasWei: 2n * BASE_FEE_WEI,
    maxPriorityFeePerGasWei: BASE_FEE_WEI,
  };
  const sign = (digest: Parameters<typeof signatureBackend.signDigest>[0]) =>
    signatureBackend.signDigest(digest, keyOf("eve"));
  const { raw } = signTransaction(transaction, sign);
  await local.rpc.request("eth_sendRawTransaction", [raw]);
  const newest = await local.rpc.request("eth_getBlockByNumber", ["latest", false]);
  const { number, timestamp } = newest as { readonly number: Hex; readonly timestamp: Hex };
  await local.mine(Number(timestamp) + 12);
  return Number(number) + 1;
}

async function openAnew(contractOf?: (contract: Contract) => Contract): Promise<Prediction> {
  await chain().local.reset();
  const options =
    contractOf === undefined
      ? {}
      : { contractOf: ({ contract }: { readonly contract: Contract }) => contractOf(contract) };
  return openPrediction(chain(), options);
}

describe("the prediction of a block", () => {
  integration("is what the contract does, be it a success or a refusal", async () => {
    const prediction = await openAnew();

    for (const expectedHeld of [0n, 0n, 5n]) {
      const number = await deposit(chain(), expectedHeld);
      expect(await foretellBlock(prediction, { number })).toEqual([]);
    }
  });

  integration("goes back with the chain", async () => {
    const prediction = await openAnew();
    const first = await deposit(chain(), 0n);
    await foretellBlock(prediction, { number: first });

    await chain().local.rollback(1);
    forgetBlocks(prediction, { fork: first - 1 });
    const again = await deposit(chain(), 0n);

    expect(again).toBe(first);
    expect(await foretellBlock(prediction, { number: again })).toEqual([]);
  });

  adversarial("tells results, logs, storage and coins that are otherwise", async () => {
    const takesAnything: Contract = (frame) => {
      if (frame.data.length > 2) return NO_ANSWER;
      return adjudicator(frame);
    };
    const prediction = await openAnew((contract) =>
      contract === adjudicator ? takesAnything : contract,
    );

    const found = await foretellBlock(prediction, { number: await deposit(chain(), 0n) });
    const refused = await foretellBlock(prediction, { number: await deposit(chain(), 0n) });

    expect(found.join()).toContain("by the model []");
    expect(refused.join()).toContain("it fails; by the model it succeeds");
    expect(refused.join()).toContain("wei; by the model");
  });

  adversarial("tells storage that the contract left as it was", async () => {
    const storesMore: Contract = (frame) => {
      const answer = adjudicator(frame);
      frame.machine.store(frame.self, `0x${"ab".repeat(32)}`, 1n);
      return answer;
    };
    const prediction = await openAnew((contract) =>
      contract === adjudicator ? storesMore : contract,
    );

    const found = await foretellBlock(prediction, { number: await deposit(chain(), 0n) });

    expect(found.join()).toContain(`${"ab".repeat(32)} is 0x`);
  });
});

describe("a world with a prediction", () => {
  const worldOn = (on: SimulatedChain): World =>
    ({ options: { chain: on }, witnesses: [], violations: [] }) as unknown as World;

  integration("tells each difference as a violation, and no more than a few", async () => {
    await chain().local.reset();
    const world = worldOn(chain());
    await foretellWorld(world, {
      contractOf: ({ contract }) => (contract === adjudicator ? () => NO_ANSWER : contract),
    });
    const witness = assertDefined(world.witnesses[0], "the witness");
    for (const expectedHeld of [0n, 5n, 10n, 15n, 20n, 25n, 30n]) {
      const number = await deposit(chain(), expectedHeld);
      await witness.sawBlock({ number, isOnTime: true, receipts: [], logs: [] });
    }

    expect(new Set(world.violations.map(({ oracle }) => oracle))).toEqual(new Set(["prediction"]));
    expect(world.violations).toHaveLength(5);
  });

  adversarial("says once that it does not know a contract, and foretells no more", async () => {
    await chain().local.reset();
    const world = worldOn(chain());
    await foretellWorld(world);
    const witness = assertDefined(world.witnesses[0], "the witness");
    // PUSH0 PUSH0 RETURN makes a contract without code.
    const made = await send(chain(), { to: CREATE2_PROXY, data: `0x${"00".repeat(32)}5f5ff3` });
    const after = await deposit(chain(), 0n);
    for (const number of [made, after]) {
      await witness.sawBlock({ number, isOnTime: true, receipts: [], logs: [] });
    }

    expect(world.violations).toHaveLength(1);
    expect(world.violations[0]?.message).toContain("the model does not know this code");
  });

  integration("has none where the chain is the model itself", async () => {
    const model = await startSimulatedChain("model");
    const world = worldOn(model);
    await foretellWorld(world);

    expect(world.witnesses).toEqual([]);
    await model.local.stop();
  });
});
