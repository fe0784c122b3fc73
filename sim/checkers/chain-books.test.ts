/** What the books read is what the contracts say. */
import { describe, expect } from "bun:test";
import { depositCall } from "../../src/chain/adjudicator.ts";
import { holdingsAt } from "../../src/chain/adjudicator-calls.ts";
import { signTransaction } from "../../src/chain/transaction.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { signatureBackend } from "../../src/crypto/signatures.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { integration } from "../../test/kind.ts";
import { ACTOR_NAMES, keyOf } from "../actors.ts";
import { ETH } from "../assets.ts";
import { balanceOf } from "../balances.ts";
import { BASE_FEE_WEI, LOCAL_CHAIN_ID } from "../chain/local-chain.ts";
import { addressOf, CHAIN_TIERS, type SimulatedChain } from "../simulated-chain.ts";
import { askBalances } from "./balance-probe.ts";
import { bookBlock, closeBooks, heldOnChain, holdingsSlot, openBooks } from "./chain-books.ts";

const CHANNEL: ChannelId = `0x${"c1".repeat(32)}` as ChannelId;

for (const tier of CHAIN_TIERS) {
  const chain = chainOfFile(tier);

  describe(`the books of ${tier}`, () => {
    integration("ask in one request what each account owns of each asset", async () => {
      const { local, token } = chain();
      const questions = ACTOR_NAMES.flatMap((name) =>
        [ETH, token].map((asset) => ({ owner: addressOf(name), asset })),
      );
      const amounts = await askBalances(local.rpc, questions);

      expect(amounts).toHaveLength(16);
      for (const [index, { asset, owner }] of questions.entries()) {
        expect(amounts[index]).toBe(await balanceOf(chain(), owner, asset));
      }
    });

    integration("read what a channel holds where the contract keeps it", async () => {
      const { deployment, local } = chain();
      await local.reset();
      const books = await openBooks(chain());
      const feeWei = await deposit(chain(), 5n);
      const { adjudicator } = deployment;
      const params = [adjudicator, holdingsSlot(CHANNEL, ZERO_ADDRESS), "latest"];
      const stored = BigInt((await local.rpc.request("eth_getStorageAt", params)) as Hex);
      const receipt = { from: addressOf("eve"), gasUsed: 0n, feeWei, succeeded: true };
      const log = { type: "Concluded", channelId: CHANNEL, finalizesAtSec: 0 } as never;
      const booked = await bookBlock(books, {
        number: 1,
        isOnTime: true,
        receipts: [receipt],
        logs: [log],
      });

      expect(stored).toBe(5n);
      expect(await holdingsAt(local.rpc, adjudicator, ZERO_ADDRESS, CHANNEL)).toBe(5n);
      expect([booked, await closeBooks(books)]).toEqual([[], []]);
      expect(heldOnChain(books, CHANNEL, ZERO_ADDRESS)).toBe(5n);
    });

    integration("do not balance while a channel that holds something is unknown", async () => {
      await chain().local.reset();
      const books = await openBooks(chain());
      const feeWei = await deposit(chain(), 5n);
      const receipt = { from: addressOf("eve"), gasUsed: 0n, feeWei, succeeded: true };

      expect(
        await bookBlock(books, { number: 1, isOnTime: true, receipts: [receipt], logs: [] }),
      ).toEqual(["the adjudicator owns 5 wei of ETH; its channels hold 0"]);
    });
  });
}

/** Eve pays into the channel. Gives what that cost her in gas. */
async function deposit({ deployment, local, startSec }: SimulatedChain, amount: bigint) {
  const { rpc } = local;
  const eve = addressOf("eve");
  const nonce = Number(await rpc.request("eth_getTransactionCount", [eve, "latest"]));
  const call = depositCall(deployment.adjudicator, {
    asset: ZERO_ADDRESS,
    channelId: CHANNEL,
    expectedHeld: 0n,
    amount,
  });
  const { raw } = signTransaction(
    {
      ...call,
      chainId: BigInt(LOCAL_CHAIN_ID),
      nonce,
      gasLimit: 150_000n,
      maxFeePerGasWei: 2n * BASE_FEE_WEI,
      maxPriorityFeePerGasWei: BASE_FEE_WEI,
    },
    (digest) => signatureBackend.signDigest(digest, keyOf("eve")),
  );
  const transactionHash = await rpc.request("eth_sendRawTransaction", [raw]);
  await local.mine(startSec + 12);
  const receipt = await rpc.request("eth_getTransactionReceipt", [transactionHash]);
  const { effectiveGasPrice, gasUsed } = receipt as Record<string, Hex>;
  return BigInt(gasUsed ?? "0x0") * BigInt(effectiveGasPrice ?? "0x0");
}
