/** The bytes of transactions, with viem's own codec as the second opinion. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { parseTransaction, serializeTransaction } from "viem";
import { adversarial, property, unit } from "../../test/kind.ts";
import type { Address } from "../crypto/address.ts";
import type { Hex } from "../primitives/hex.ts";
import {
  readSignedBytes,
  signedBytes,
  type TransactionFields,
  type TransactionSignature,
  unsignedBytes,
} from "./transaction-bytes.ts";

const hexOf = (bytes: Uint8Array): Hex => `0x${bytes.toHex()}`;

const bytesOf = (minLength: number, maxLength: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength, maxLength }).map(hexOf);

/** Around every size at which an encoding changes its form. */
const data = fc.oneof(
  bytesOf(0, 60),
  fc.constantFrom(255, 256, 65_535, 65_536).map((size): Hex => `0x${"7f".repeat(size)}`),
);

const wei = fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(0n, 2n ** 256n - 1n));

const transactions: fc.Arbitrary<TransactionFields> = fc
  .record({
    chainId: fc.bigInt(1n, 2n ** 50n),
    nonce: fc.oneof(fc.nat({ max: 300 }), fc.nat()),
    gasLimit: fc.bigInt(0n, 2n ** 64n - 1n),
    to: fc.option(bytesOf(20, 20) as fc.Arbitrary<Address>, { nil: undefined }),
    valueWei: wei,
    data,
    fee: wei,
    tip: wei,
  })
  .map(({ fee, tip, ...rest }) => ({
    ...rest,
    maxFeePerGasWei: fee,
    maxPriorityFeePerGasWei: tip < fee ? tip : fee / 2n,
  }));

const word = fc.oneof(bytesOf(32, 32), fc.constant<Hex>(`0x00${"0a".repeat(31)}`));

const signatures: fc.Arbitrary<TransactionSignature> = fc.record({
  yParity: fc.constantFrom<(0 | 1)[]>(0, 1),
  r: word,
  s: word,
});

function inWordsOfViem(fields: TransactionFields) {
  return {
    type: "eip1559",
    chainId: Number(fields.chainId),
    nonce: fields.nonce,
    ...(fields.to === undefined ? {} : { to: fields.to }),
    data: fields.data,
    value: fields.valueWei,
    gas: fields.gasLimit,
    maxFeePerGas: fields.maxFeePerGasWei,
    maxPriorityFeePerGas: fields.maxPriorityFeePerGasWei,
  } as const;
}

describe("the bytes of a transaction", () => {
  property("are those that viem writes, unsigned and signed", () => {
    fc.assert(
      fc.property(transactions, signatures, (fields, signature) => {
        const theirs = inWordsOfViem(fields);

        expect<string>(unsignedBytes(fields)).toBe(serializeTransaction(theirs));
        expect<string>(signedBytes(fields, signature)).toBe(
          serializeTransaction(theirs, signature),
        );
      }),
    );
  });

  property("are read back as they were written", () => {
    fc.assert(
      fc.property(transactions, signatures, (fields, signature) => {
        const raw = signedBytes(fields, signature);

        expect(readSignedBytes(raw)).toEqual({ ...fields, signature });
      }),
    );
  });

  adversarial("of a transaction that tells what it will access are not read", () => {
    const [sample] = fc.sample(transactions, { numRuns: 1, seed: 1 });
    const fields = inWordsOfViem(sample as TransactionFields);
    const accessList = [{ address: `0x${"11".repeat(20)}` as Hex, storageKeys: [] }];
    const signature = { r: `0x${"33".repeat(32)}`, s: `0x${"44".repeat(32)}`, yParity: 1 } as const;

    expect(readSignedBytes(serializeTransaction(fields, signature))).toBeDefined();
    expect(
      readSignedBytes(serializeTransaction({ ...fields, accessList }, signature)),
    ).toBeUndefined();
  });

  adversarial("have one form: what was changed is read as what it says now, or not at all", () => {
    const noise = fc.record({ at: fc.nat(), byte: bytesOf(1, 1), cut: fc.nat({ max: 2 }) });
    fc.assert(
      fc.property(transactions, signatures, noise, (fields, signature, { at, byte, cut }) => {
        const raw = signedBytes(fields, signature);
        const place = 4 + 2 * (at % (raw.length / 2 - 2));
        const changed: Hex = `0x${raw.slice(2, place)}${byte.slice(2)}${raw.slice(place + 2 * cut)}`;
        const read = readSignedBytes(changed);

        if (read === undefined || read.maxPriorityFeePerGasWei > read.maxFeePerGasWei) return;
        expect(signedBytes(read, read.signature)).toBe(changed);
        // Numbers of chains beyond this are none to viem.
        if (read.chainId > BigInt(Number.MAX_SAFE_INTEGER)) return;
        const theirs = parseTransaction(changed as `0x02${string}`);
        expect(theirs.value ?? 0n).toBe(read.valueWei);
        expect(theirs.data ?? "0x").toBe(read.data);
      }),
      { numRuns: 500 },
    );
  });

  adversarial("of another kind, or of none, are not read", () => {
    for (const raw of ["0x", "0x02", "0x02c0", "0x01c0", "0x02ff", "0x02f8", "0x02zz"] as const) {
      expect(readSignedBytes(raw)).toBeUndefined();
    }
  });

  unit("are not written where they would say something that no chain takes", () => {
    const [fields] = fc.sample(transactions, { numRuns: 1, seed: 2 });
    if (fields === undefined) throw new Error("a sample");
    const dear = { ...fields, maxPriorityFeePerGasWei: fields.maxFeePerGasWei + 1n };

    expect(() => unsignedBytes(dear)).toThrow("the tip is a part of the fee");
    expect(() => unsignedBytes({ ...fields, valueWei: -1n })).toThrow("no negative number");
    expect(() => unsignedBytes({ ...fields, to: "0x12" as Address })).toThrow("20 bytes");
  });
});
