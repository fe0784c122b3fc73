/** The model reads transactions as those who wrote them meant them. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import type { Address } from "../../../src/crypto/address.ts";
import type { Hex } from "../../../src/primitives/hex.ts";
import { property, unit } from "../../../test/kind.ts";
import { BASE_FEE_WEI } from "../local-chain.ts";
import { testAccount } from "../test-account.ts";
import { signCall } from "../test-wallet.ts";
import { readRawTransaction } from "./raw-transaction.ts";

const ALICE = testAccount(0xa11ce);

describe("readRawTransaction", () => {
  property("gives back every field, the sender and the hash", () => {
    const calls = fc.record({
      nonce: fc.nat(),
      valueWei: fc.bigInt({ min: 0n, max: 2n ** 100n }),
      data: fc
        .uint8Array({ maxLength: 300 })
        .map((bytes): Hex => `0x${Buffer.from(bytes).toString("hex")}`),
      gasLimit: fc.bigInt({ min: 0n, max: 30_000_000n }),
    });
    fc.assert(
      fc.property(calls, ({ data, gasLimit, nonce, valueWei }) => {
        const to = `0x${"b0".repeat(20)}` as Address;
        const { hash, raw } = signCall(ALICE, nonce, { to, data, valueWei }, { gasLimit });

        expect(readRawTransaction(raw)).toMatchObject({
          ...{ hash, raw, to, data, valueWei, gasLimit },
          from: ALICE.address,
          nonce: BigInt(nonce),
          maxFeeWei: 2n * BASE_FEE_WEI,
          maxTipWei: BASE_FEE_WEI,
          chainId: 31_337n,
          type: 2,
        });
      }),
    );
  });

  unit("reads nothing from bytes that are no transaction", () => {
    const call = { to: ALICE.address, data: "0x", valueWei: 0n } as const;
    const { raw } = signCall(ALICE, 0, call);

    for (const bytes of ["0x", "0x02", "0x01c0", "0xc0", raw.slice(0, -2), `${raw}00`] as Hex[]) {
      expect(readRawTransaction(bytes)).toBeUndefined();
    }
  });
});
