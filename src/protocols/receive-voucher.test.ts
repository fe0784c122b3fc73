/** Vouchers that are no money are refused, each with its code, and nothing is learned from them. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import {
  hearing,
  type Payer,
  payers,
  paying,
  record,
  unopenedPayer,
  type VoucherMessage,
} from "../../test/paying-ends.ts";
import {
  ALICE,
  BOB,
  IRENE,
  SOME_TOKEN,
  virtualCoins,
  virtualExit,
} from "../../test/sample-payments.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { Outcome } from "../channel/outcome.ts";
import {
  COUNTER_MAX,
  paymentVoucherHash,
  VIRTUAL_FINAL_TURN,
  voucherReceiptHash,
} from "../channel/payment-voucher.ts";
import { redeemedOutcome } from "../channel/redemption.ts";
import { stateHash } from "../channel/state.ts";
import { voucherHash } from "../channel/voucher.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash, Signature } from "../crypto/signature.ts";
import type { Hex } from "../primitives/hex.ts";
import type { Payment } from "./payments.ts";

const FUNDING: Outcome = virtualCoins(9n, 4n);
const coins = (amount: bigint): Payment => ({ asset: ZERO_ADDRESS, amount });

type Change = Partial<Omit<VoucherMessage, "type">>;

/** A voucher by Alice over the channel of the tests, signed as what it says. */
function byAlice(counter: number, amounts: readonly bigint[], change: Change = {}): VoucherMessage {
  const { alice } = payers(FUNDING);
  const channelId = change.channelId ?? alice.channel.id;
  const signature = ALICE.signHash(paymentVoucherHash({ channelId, counter, amounts }));
  const message = { type: "Voucher", channelId, counter, amounts, signature } as const;
  return { ...message, counted: undefined, postfundSignatures: [], ...change };
}

/** What Bob, who knows Alice's second voucher over 5, says to another one; nothing of it may be recorded. */
function judged(message: VoucherMessage, by = 0): string {
  const { bob } = payers(FUNDING);
  hearing(bob, byAlice(2, [5n]));
  return refusalOf(bob, message, by);
}

function refusalOf(payee: Payer, message: VoucherMessage, by?: number): string {
  const before = payee.channel;
  const heard = hearing(payee, message, by);
  expect(payee.channel).toBe(before);
  return heard.ok ? "accepted" : heard.reason.code;
}

/** The order of the curve: s and this less s verify alike. */
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

function malleated(signature: Hex): Signature {
  const s = CURVE_ORDER - BigInt(`0x${signature.slice(66, 130)}`);
  const v = signature.endsWith("1b") ? "1c" : "1b";
  return `${signature.slice(0, 66)}${s.toString(16).padStart(64, "0")}${v}` as Signature;
}

describe("receiveVoucher", () => {
  unit("takes a voucher that goes on from the one before, counters left out or not", () => {
    const { bob } = payers(FUNDING);
    for (const [counter, amount] of [
      [1, 1n],
      [2, 5n],
      [9, 9n],
    ] as const) {
      const { amounts, signature } = byAlice(counter, [amount]);
      expect(hearing(bob, byAlice(counter, [amount]))).toEqual({
        ok: true,
        value: [
          {
            type: "VoucherReceived",
            channelId: bob.channel.id,
            by: 0,
            counter,
            amounts,
            signature,
            counted: undefined,
          },
        ],
      });
      expect(bob.channel.vouchers.received).toEqual({ counter, amounts, signature });
    }
  });

  adversarial("a voucher before the channel is open is refused", () => {
    expect(refusalOf(unopenedPayer(2, FUNDING), byAlice(1, [1n]), 0)).toBe("NotOpen");
  });

  adversarial("a voucher after the channel was closed is refused", () => {
    const { bob } = payers(FUNDING);
    hearing(bob, byAlice(2, [5n]));
    closing(bob, 5n);

    expect(refusalOf(bob, byAlice(3, [6n]))).toBe("PaymentsOver");
  });

  unit(
    "a voucher that was on its way when the channel closed counts, if the final state pays it",
    () => {
      const { bob } = payers(FUNDING);
      closing(bob, 5n);

      expect(hearing(bob, byAlice(1, [3n]))).toMatchObject({ ok: true });
      expect(hearing(bob, byAlice(2, [5n]))).toMatchObject({ ok: true });
      expect(refusalOf(bob, byAlice(3, [6n]))).toBe("PaymentsOver");
    },
  );

  adversarial("a voucher for another channel is refused", () => {
    const channelId = payers(FUNDING, "enforceable", 2n).bob.channel.id;
    const there = byAlice(3, [6n], { channelId });
    const here: ChannelId = payers(FUNDING).bob.channel.id;

    expect(judged({ ...there, channelId: here })).toBe("WrongSignature");
  });

  adversarial("a smaller voucher is refused", () => {
    expect(judged(byAlice(3, [4n]))).toBe("VoucherLowered");
  });

  adversarial("a voucher that takes back one asset for more of another is refused", () => {
    const { bob } = payers([
      virtualExit(ZERO_ADDRESS, [9n, 4n]),
      virtualExit(SOME_TOKEN, [9n, 0n]),
    ]);
    hearing(bob, byAlice(2, [5n, 0n]));

    expect(refusalOf(bob, byAlice(3, [4n, 9n]))).toBe("VoucherLowered");
    expect(hearing(bob, byAlice(3, [5n, 9n]))).toMatchObject({ ok: true });
  });

  adversarial("an equal voucher teaches nothing, and one of the same amount is refused", () => {
    expect(judged(byAlice(2, [5n]))).toBe("accepted");
    expect(judged(byAlice(3, [5n]))).toBe("NothingPaid");
  });

  adversarial("a voucher of nothing is refused", () => {
    expect(refusalOf(payers(FUNDING).bob, byAlice(1, [0n]))).toBe("NothingPaid");
  });

  adversarial("a voucher that is too large is refused", () => {
    expect(judged(byAlice(3, [10n]))).toBe("VoucherTooLarge");
    expect(judged(byAlice(3, [2n ** 256n - 1n]))).toBe("VoucherTooLarge");
    expect(judged(byAlice(COUNTER_MAX + 1, [6n]))).toBe("CountersUsedUp");
  });

  adversarial("a malleated voucher is refused, be it new or known", () => {
    const [known, next] = [byAlice(2, [5n]), byAlice(3, [6n])];

    expect(judged({ ...next, signature: malleated(next.signature) })).toBe("WrongSignature");
    expect(judged({ ...known, signature: malleated(known.signature) })).toBe("VoucherNotNewer");
  });

  adversarial("a voucher that another signed is refused", () => {
    const { channelId, counter, amounts } = byAlice(3, [6n]);
    const hash = paymentVoucherHash({ channelId, counter, amounts });
    for (const { signHash } of [IRENE, BOB]) {
      expect(judged(byAlice(3, [6n], { signature: signHash(hash) }))).toBe("WrongSignature");
    }
    expect(judged(byAlice(3, [6n], { signature: `0x${"00".repeat(65)}` as Signature }))).toBe(
      "WrongSignature",
    );
  });

  adversarial("a go-nitro voucher is refused where vouchers count, and the other way round", () => {
    const { channelId } = byAlice(3, [6n]);
    const signature = ALICE.signHash(voucherHash(channelId, 6n));

    expect(judged(byAlice(3, [6n], { signature }))).toBe("WrongSignature");
    expect(refusalOf(payers(FUNDING, "go-nitro").bob, byAlice(1, [6n]))).toBe("WrongSignature");
  });

  adversarial("a voucher from an intermediary, or by the payee herself, is refused", () => {
    expect([judged(byAlice(3, [6n]), 1), judged(byAlice(3, [6n]), 2)]).toEqual([
      "NotAnEnd",
      "NotAnEnd",
    ]);
  });

  adversarial("a voucher to an intermediary is refused", () => {
    expect(refusalOf(payers(FUNDING).irene, byAlice(1, [1n]), 0)).toBe("NotAnEnd");
  });

  adversarial("a wrong number of amounts is refused", () => {
    expect([judged(byAlice(3, [])), judged(byAlice(3, [6n, 0n]))]).toEqual([
      "AmountsNotPerAsset",
      "AmountsNotPerAsset",
    ]);
  });

  adversarial("a counter that is stuck or goes back is refused", () => {
    expect([0, 1, 2].map((counter) => judged(byAlice(counter, [6n])))).toEqual([
      "VoucherNotNewer",
      "VoucherNotNewer",
      "VoucherNotNewer",
    ]);
  });

  adversarial("a payment from the last to the first is refused in go-nitro's profile", () => {
    const { alice } = payers(FUNDING, "go-nitro");
    const { channelId } = byAlice(1, [1n]);
    const signature = BOB.signHash(voucherHash(channelId, 1n));
    expect(refusalOf(alice, byAlice(1, [1n], { signature }), 2)).toBe("PaysOneWay");
  });
});

describe("receipts in vouchers", () => {
  /** Alice has paid Bob 8 of her 9, and Bob pays 6: more than his own 4. */
  function paidBack(change: (message: VoucherMessage) => VoucherMessage): string {
    const { alice, bob } = payers(FUNDING);
    hearing(bob, paying(alice, coins(8n)));
    return refusalOf(alice, change(paying(bob, coins(6n))));
  }

  unit("money that was paid before can be paid back with a receipt", () => {
    const { alice, bob } = payers(FUNDING);
    hearing(bob, paying(alice, coins(8n)));
    const message = paying(bob, coins(6n));

    expect(hearing(alice, message)).toMatchObject({ ok: true });
    expect(alice.channel.vouchers.issuedReceipted).toEqual(message.counted);
  });

  unit("a receipt is learned once, and an older one does not replace it", () => {
    const { alice, bob } = payers(FUNDING);
    for (const amount of [7n, 1n]) hearing(bob, paying(alice, coins(amount)));
    const [first, second] = [paying(bob, coins(6n)), paying(bob, coins(1n))];
    const { counted } = second;
    hearing(alice, first);

    expect(hearing(alice, second)).toMatchObject({ value: [{ counted: undefined }] });
    expect(alice.channel.vouchers.issuedReceipted).toEqual(counted);

    const older = { ...first.counted, counter: 1 } as typeof counted;
    const third = { ...paying(bob, coins(1n)), counted: older };
    expect(hearing(alice, third)).toMatchObject({ value: [{ counted: undefined }] });
    expect(alice.channel.vouchers.issuedReceipted).toEqual(counted);
  });

  adversarial("and not without one, or with one that is not true", () => {
    const bySomebody = (hash: Hash): Signature => IRENE.signHash(hash);
    expect(paidBack((message) => ({ ...message, counted: undefined }))).toBe("ReceiptMissing");
    expect(
      paidBack((message) => changed(message, { receipt: bySomebody(stateHashOf(message)) })),
    ).toBe("WrongSignature");
    expect(paidBack((message) => changed(message, { counter: 2 }))).toBe("ReceiptUnknown");
    expect(paidBack((message) => changed(message, { amounts: [8n, 0n] }))).toBe("ReceiptUnknown");
    // A voucher that Alice never issued: Bob made it up, and receipts it.
    expect(
      paidBack((message) => {
        const hash = paymentVoucherHash({ ...message, counter: 1, amounts: [9n] });
        const receipt = BOB.signHash(voucherReceiptHash(hash));
        return changed(message, { amounts: [9n], signature: BOB.signHash(hash), receipt });
      }),
    ).toBe("WrongSignature");
  });

  adversarial("a receipt for too little leaves the rest uncovered", () => {
    const { alice, bob } = payers(FUNDING);
    const first = paying(alice, coins(1n));
    hearing(bob, first);
    hearing(bob, paying(alice, coins(7n)));
    const { amounts, counter, signature } = first;
    const hash = paymentVoucherHash({ channelId: first.channelId, counter, amounts });
    const receipt = BOB.signHash(voucherReceiptHash(hash));
    const message = changed(paying(bob, coins(6n)), { counter, amounts, signature, receipt });

    expect(refusalOf(alice, message)).toBe("ReceiptMissing");
  });

  function changed(
    message: VoucherMessage,
    change: Partial<NonNullable<VoucherMessage["counted"]>>,
  ): VoucherMessage {
    const { counted } = message;
    return { ...message, counted: counted && { ...counted, ...change } };
  }

  const stateHashOf = ({ channelId }: VoucherMessage): Hash => voucherHash(channelId, 1n);
});

/** Alice has signed a final state by which she has paid this much. */
function closing(payee: Payer, paid: bigint): void {
  const { fundingOutcome, id: channelId } = payee.channel;
  const outcome = redeemedOutcome(fundingOutcome, [paid], undefined);
  if (!outcome.ok) throw new Error("the payment is covered");
  const variablePart = {
    outcome: outcome.value,
    appData: "0x",
    turnNum: VIRTUAL_FINAL_TURN,
    isFinal: true,
  } as const;
  record(payee, [
    {
      type: "StateReceived",
      channelId,
      objectiveId: `VirtualDefund-${channelId}` as never,
      by: 0,
      variablePart,
      signature: ALICE.signHash(stateHash(channelId, variablePart)),
    },
  ]);
}
