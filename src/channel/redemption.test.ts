/** Redemptions against the ABI of an independent library, and vouchers that do not fit. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { encodeAbiParameters, keccak256, parseAbiParameters } from "viem";
import { adversarial, golden, property, unit } from "../../test/kind.ts";
import { repeated } from "../../test/sample-messages.ts";
import { SOME_TOKEN, virtualCoins, virtualExit } from "../../test/sample-payments.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import type { ChannelId } from "./channel-id.ts";
import { AMOUNT_MAX, type Outcome } from "./outcome.ts";
import { COUNTER_MAX, paymentVoucherHash, voucherReceiptHash } from "./payment-voucher.ts";
import {
  decodeRedemption,
  encodeRedemption,
  type ReceiptedVoucher,
  redeemedOutcome,
  redemptionState,
} from "./redemption.ts";
import { APP_DATA_BYTES_MAX, checkVariablePart } from "./state.ts";
import { challengeHash } from "./state-challenge.ts";
import { voucherHash } from "./voucher.ts";

const CHANNEL_ID = repeated("c1", 32) as ChannelId;

/** The token beside coins: two assets. */
const FUNDING: Outcome = [
  virtualExit(ZERO_ADDRESS, [100n, 20n]),
  virtualExit(SOME_TOKEN, [0n, 7n]),
];

const voucherOf = (counter: number, ...amounts: readonly bigint[]): ReceiptedVoucher => ({
  counter,
  amounts,
  signature: `${repeated("12", 64)}1b` as Signature,
  receipt: `${repeated("34", 64)}1c` as Signature,
});

const amountsOf = (outcome: Outcome): readonly (readonly bigint[])[] =>
  outcome.map(({ allocations }) => allocations.map(({ amount }) => amount));

describe("the hashes of a voucher", () => {
  golden("are those of the ABI", () => {
    const promise = { channelId: CHANNEL_ID, counter: COUNTER_MAX, amounts: [1n, AMOUNT_MAX] };
    const types = parseAbiParameters("bytes32, uint32, uint256[]");
    const hash = keccak256(encodeAbiParameters(types, [CHANNEL_ID, COUNTER_MAX, promise.amounts]));
    const receipt = encodeAbiParameters(parseAbiParameters("bytes32, string"), [hash, "receipt"]);

    expect(paymentVoucherHash(promise) as string).toBe(hash);
    expect(voucherReceiptHash(paymentVoucherHash(promise)) as string).toBe(keccak256(receipt));
  });

  adversarial("are no hash of anything else that participants sign", () => {
    const hash = paymentVoucherHash({ channelId: CHANNEL_ID, counter: 5, amounts: [5n] });

    const others = [voucherReceiptHash(hash), challengeHash(hash), voucherHash(CHANNEL_ID, 5n)];
    expect(new Set([hash, ...others]).size).toBe(4);
  });
});

describe("redeemedOutcome", () => {
  unit("moves what each end paid to the other", () => {
    const outcome = redeemedOutcome(FUNDING, [30n, 1n], [50n, 8n]);

    expect(outcome.ok && amountsOf(outcome.value)).toEqual([
      [120n, 0n],
      [7n, 0n],
    ]);
    expect(outcome.ok && outcome.value.map(({ asset }) => asset)).toEqual([
      ZERO_ADDRESS,
      SOME_TOKEN,
    ]);
  });

  unit("is the funding where nobody paid", () => {
    expect(redeemedOutcome(FUNDING, undefined, undefined)).toEqual({ ok: true, value: FUNDING });
  });

  adversarial("refuses amounts that do not fit the channel", () => {
    const overdrawn = (assetIndex: number) => ({ code: "Overdrawn", assetIndex }) as const;
    const single = [{ ...FUNDING[0], allocations: [] }] as unknown as Outcome;
    const cases = [
      [FUNDING, [101n, 0n], undefined, overdrawn(0)],
      [FUNDING, [0n, 1n], undefined, overdrawn(1)],
      [FUNDING, undefined, [21n, 0n], overdrawn(0)],
      [FUNDING, [1n], undefined, { code: "AmountsNotPerAsset", count: 1 }],
      [FUNDING, undefined, [1n, 1n, 1n], { code: "AmountsNotPerAsset", count: 3 }],
      [single, [0n], undefined, { code: "NotTwoAllocations" }],
    ] as const;

    for (const [funding, left, right, reason] of cases) {
      expect(redeemedOutcome(funding, left, right)).toEqual({ ok: false, reason });
    }
  });

  property("keeps the sum of every asset, and nobody is below zero", () => {
    const amount = fc.bigInt({ min: 0n, max: 40n });
    fc.assert(
      fc.property(amount, amount, amount, amount, (a, b, byLeft, byRight) => {
        const outcome = redeemedOutcome(virtualCoins(a, b), [byLeft], [byRight]);
        const isPossible = a - byLeft + byRight >= 0n && b + byLeft - byRight >= 0n;

        expect(outcome.ok).toBe(isPossible);
        if (outcome.ok) {
          expect(amountsOf(outcome.value)).toEqual([[a - byLeft + byRight, b + byLeft - byRight]]);
        }
      }),
    );
  });
});

describe("redemptionState", () => {
  unit("has the turn of both counters and shows both vouchers", () => {
    const vouchers = { left: voucherOf(3, 30n, 0n), right: voucherOf(2, 0n, 7n) };
    const state = redemptionState(FUNDING, vouchers);

    expect(state).toMatchObject({ ok: true, value: { turnNum: 6, isFinal: false } });
    expect(state.ok && decodeRedemption(state.value.appData, 2)).toEqual({
      ok: true,
      value: vouchers,
    });
  });

  adversarial("refuses to redeem nothing, and more than there is", () => {
    const none = { left: undefined, right: undefined };
    const dear = { left: voucherOf(1, 101n, 0n), right: undefined };

    expect(redemptionState(FUNDING, none)).toMatchObject({ reason: { code: "NothingRedeemed" } });
    expect(redemptionState(FUNDING, dear)).toMatchObject({ reason: { code: "Overdrawn" } });
  });

  unit("is a state that may be signed, in as many assets as an outcome has", () => {
    const assets = Array.from({ length: 16 }, (_, index) => repeated(`7${index.toString(16)}`, 20));
    const funding = assets.map((asset) => virtualExit(asset as typeof SOME_TOKEN, [9n, 9n]));
    const voucher = voucherOf(COUNTER_MAX, ...assets.map(() => 9n));
    const state = redemptionState(funding, { left: voucher, right: voucher });

    expect(state.ok && checkVariablePart(state.value).ok).toBe(true);
    expect(state.ok && state.value.appData.length / 2 - 1).toBeLessThan(APP_DATA_BYTES_MAX / 2);
  });
});

describe("encodeRedemption", () => {
  const SIGNATURE = "(uint8 v, bytes32 r, bytes32 s)";
  const VOUCHER = `(uint32 counter, uint256[] amounts, ${SIGNATURE} signature, ${SIGNATURE} receipt)`;

  golden("is the ABI of two vouchers, a missing one all zeros", () => {
    const parts = (pair: string, v: number) => ({
      v,
      r: repeated(pair, 32),
      s: repeated(pair, 32),
    });
    const theirs = encodeAbiParameters(parseAbiParameters(`${VOUCHER} left, ${VOUCHER} right`), [
      {
        counter: 3,
        amounts: [30n, AMOUNT_MAX],
        signature: parts("12", 27),
        receipt: parts("34", 28),
      },
      { counter: 0, amounts: [0n, 0n], signature: parts("00", 0), receipt: parts("00", 0) },
    ] as never);

    const left = voucherOf(3, 30n, AMOUNT_MAX);
    expect(encodeRedemption({ left, right: undefined }, 2) as string).toBe(theirs);
  });
});
