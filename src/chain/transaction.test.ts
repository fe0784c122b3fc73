/** Tests of signed transactions, with viem's own reader as the second opinion. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { keccak256, parseTransaction, recoverTransactionAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { testAccount } from "../../sim/chain/test-account.ts";
import { golden, property } from "../../test/kind.ts";
import type { Address } from "../crypto/address.ts";
import type { Hex } from "../primitives/hex.ts";
import { signTransaction, type Transaction } from "./transaction.ts";

const ALICE = testAccount(0xa11ce);

const SAMPLE: Transaction = {
  chainId: 31_337n,
  nonce: 7,
  to: `0x${"22".repeat(20)}` as Address,
  data: "0x1234",
  valueWei: 10n ** 18n,
  gasLimit: 150_000n,
  maxFeePerGasWei: 3_000_000_000n,
  maxPriorityFeePerGasWei: 1_000_000_000n,
};

const hex = (sizeBytesMax: number): fc.Arbitrary<Hex> =>
  fc
    .uint8Array({ maxLength: sizeBytesMax })
    .map((bytes): Hex => `0x${Buffer.from(bytes).toString("hex")}`);

const transactions: fc.Arbitrary<Transaction> = fc
  .record({
    chainId: fc.bigInt({ min: 1n, max: 2n ** 40n }),
    nonce: fc.nat(),
    to: fc
      .uint8Array({ minLength: 20, maxLength: 20 })
      .map((bytes) => `0x${Buffer.from(bytes).toString("hex")}` as Address),
    data: hex(300),
    valueWei: fc.bigInt({ min: 0n, max: 2n ** 128n }),
    gasLimit: fc.bigInt({ min: 21_000n, max: 30_000_000n }),
    tip: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    fee: fc.bigInt({ min: 0n, max: 10n ** 12n }),
  })
  .map(({ tip, fee, ...rest }) => ({
    ...rest,
    maxFeePerGasWei: tip + fee,
    maxPriorityFeePerGasWei: tip,
  }));

describe("signTransaction", () => {
  golden("gives the bytes that viem gives for the same key", async () => {
    const { raw, hash } = signTransaction(SAMPLE, ALICE.signDigest);

    const { gasLimit, maxFeePerGasWei, maxPriorityFeePerGasWei, valueWei, ...same } = SAMPLE;
    const theirs = await privateKeyToAccount(ALICE.key).signTransaction({
      ...same,
      type: "eip1559",
      chainId: 31_337,
      gas: gasLimit,
      maxFeePerGas: maxFeePerGasWei,
      maxPriorityFeePerGas: maxPriorityFeePerGasWei,
      value: valueWei,
    });
    expect<string>(raw).toBe(theirs);
    expect<string>(hash).toBe(keccak256(theirs));
  });

  property("is read back whole, and as sent by the signer", async () => {
    await fc.assert(
      fc.asyncProperty(transactions, async (transaction) => {
        const { raw } = signTransaction(transaction, ALICE.signDigest);
        const serializedTransaction = raw as `0x02${string}`;

        const read = parseTransaction(serializedTransaction);
        expect({
          chainId: BigInt(read.chainId),
          nonce: read.nonce ?? 0,
          to: (read.to ?? "0x") as Address,
          data: read.data ?? "0x",
          valueWei: read.value ?? 0n,
          gasLimit: read.gas ?? 0n,
          maxFeePerGasWei: read.maxFeePerGas ?? 0n,
          maxPriorityFeePerGasWei: read.maxPriorityFeePerGas ?? 0n,
        }).toEqual(transaction);
        const sender = await recoverTransactionAddress({ serializedTransaction });
        expect(sender.toLowerCase()).toBe(ALICE.address);
      }),
    );
  });
});
