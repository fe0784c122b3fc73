/** Who can pay what in a virtual channel, and what one voucher says. */
import { describe, expect } from "bun:test";
import { invariant, unit } from "../../test/kind.ts";
import {
  hearing,
  type Payer,
  payers,
  paying,
  record,
  unopenedPayer,
} from "../../test/paying-ends.ts";
import { ALICE, BOB, SOME_TOKEN, virtualCoins, virtualExit } from "../../test/sample-payments.ts";
import {
  COUNTER_MAX,
  paymentVoucherHash,
  VIRTUAL_FINAL_TURN,
  voucherReceiptHash,
} from "../channel/payment-voucher.ts";
import { voucherHash } from "../channel/voucher.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import { signatureBackend } from "../crypto/signatures.ts";
import { accountsOf, type Payment, pay, repeatVoucher } from "./payments.ts";

const coins = (amount: bigint): Payment => ({ asset: ZERO_ADDRESS, amount });
const tokens = (amount: bigint): Payment => ({ asset: SOME_TOKEN, amount });

/** The code with which a participant herself refuses to pay. */
function refusal({ channel, context }: Payer, payment: Payment): string {
  const paid = pay(channel, payment, context);
  return paid.ok ? "accepted" : paid.reason.code;
}

describe("pay", () => {
  unit("signs all that was ever paid, and counts its vouchers", () => {
    const { alice } = payers(virtualCoins(9n, 4n));

    const first = paying(alice, coins(2n));
    const second = paying(alice, coins(3n));

    expect([first.counter, second.counter]).toEqual([1, 2]);
    expect([first.amounts, second.amounts]).toEqual([[2n], [5n]]);
    const hash = paymentVoucherHash({ channelId: alice.channel.id, counter: 2, amounts: [5n] });
    expect(second.signature).toBe(ALICE.signHash(hash));
    expect(alice.channel.vouchers.issued?.amounts).toEqual([5n]);
  });

  unit("signs an amount alone in go-nitro's profile, from the first to the last", () => {
    const { alice, bob } = payers(virtualCoins(9n, 4n), "go-nitro");

    const { counter, signature } = paying(alice, coins(2n));

    expect(counter).toBe(1);
    expect(signature).toBe(ALICE.signHash(voucherHash(alice.channel.id, 2n)));
    expect(refusal(bob, coins(1n))).toBe("PaysOneWay");
  });

  unit("sends the postfund with the first voucher alone", () => {
    const { alice } = payers(virtualCoins(9n, 4n));

    const [first, second] = [paying(alice, coins(1n)), paying(alice, coins(1n))];

    expect(first.postfundSignatures).toEqual([
      ...(alice.channel.supported?.signatures ?? []),
    ] as Signature[]);
    expect([first.postfundSignatures.length, second.postfundSignatures.length]).toEqual([3, 0]);
  });

  unit(
    "receipts what it pays back, and signs no second receipt as long as the first will do",
    () => {
      const { alice, bob } = payers(virtualCoins(9n, 4n));
      const got = paying(alice, coins(8n));
      hearing(bob, got);

      const messages = [coins(4n), coins(1n), coins(7n)].map((payment) => paying(bob, payment));

      const hash = paymentVoucherHash({ channelId: bob.channel.id, counter: 1, amounts: [8n] });
      const receipt = BOB.signHash(voucherReceiptHash(hash));
      const { amounts, counter, signature } = got;
      const counted = { counter, amounts, signature, receipt };
      expect(messages.map((message) => message.counted)).toEqual([undefined, counted, counted]);
      expect(bob.channel.vouchers.receivedReceipted).toEqual(counted);
    },
  );

  unit("keeps to the first receipt until it no longer does, whatever was received since", () => {
    const { alice, bob } = payers(virtualCoins(9n, 4n));
    hearing(bob, paying(alice, coins(8n)));
    const first = paying(bob, coins(5n));
    hearing(bob, paying(alice, coins(1n)));

    const messages = [coins(7n), coins(1n)].map((payment) => paying(bob, payment));

    expect(first.counted?.counter).toBe(1);
    expect(messages.map(({ counted }) => counted?.counter)).toEqual([1, 2]);
    for (const message of [first, ...messages]) hearing(alice, message);
    expect(alice.channel.vouchers.issuedReceipted).toEqual(messages[1]?.counted);
  });

  unit("records a receipt once", () => {
    const { alice, bob } = payers(virtualCoins(9n, 4n));
    hearing(bob, paying(alice, coins(8n)));
    const { counted } = paying(bob, coins(5n));

    const again = pay(bob.channel, coins(1n), bob.context);

    expect(again).toMatchObject({ value: { events: [{ counted: undefined }] } });
    expect(again).toMatchObject({ value: { effects: [{ message: { counted } }] } });
  });

  unit("refuses nothing, less than nothing, too much, and an asset that is not there", () => {
    const { alice } = payers(virtualCoins(9n, 4n));

    expect([0n, -1n, 10n].map((amount) => refusal(alice, coins(amount)))).toEqual([
      "AmountNotPositive",
      "AmountNotPositive",
      "InsufficientFunds",
    ]);
    expect(refusal(alice, tokens(1n))).toBe("AssetMismatch");
    expect(refusal(alice, coins(9n))).toBe("accepted");
  });

  unit("refuses before all have signed the postfund, and once a final state is signed", () => {
    const unopened = unopenedPayer(0, virtualCoins(9n, 4n));
    const { alice } = payers(virtualCoins(9n, 4n));
    record(alice, [finalState(alice)]);

    expect(refusal(unopened, coins(1n))).toBe("NotOpen");
    expect(refusal(alice, coins(1n))).toBe("PaymentsOver");
  });

  unit("refuses to an intermediary, and outside of virtual channels", () => {
    const { alice, irene } = payers(virtualCoins(9n, 4n));
    const direct = { ...alice, channel: { ...alice.channel, use: { type: "Direct" } as const } };

    expect([refusal(irene, coins(1n)), refusal(direct, coins(1n))]).toEqual([
      "NotAnEnd",
      "NotVirtual",
    ]);
  });

  unit("refuses after the last counter, and beyond the largest amount", () => {
    const { alice, bob } = payers(virtualCoins(9n, 4n));
    const { channel } = alice;
    const signature = ALICE.signHash(voucherHash(channel.id, 1n));
    const withIssued = (counter: number, amount: bigint): Payer => ({
      ...alice,
      channel: {
        ...channel,
        vouchers: {
          ...channel.vouchers,
          issued: { counter, amounts: [amount], signature },
          received: { counter: 1, amounts: [amount], signature },
        },
      },
    });

    expect(refusal(withIssued(COUNTER_MAX, 1n), coins(1n))).toBe("CountersUsedUp");
    expect(refusal(withIssued(1, 2n ** 256n - 1n), coins(1n))).toBe("AmountOutOfRange");
    expect(bob.channel.vouchers.issued).toBe(undefined);
  });
});

describe("accountsOf", () => {
  unit("tells per asset what was paid, received and is left on both sides", () => {
    const funding = [virtualExit(ZERO_ADDRESS, [9n, 4n]), virtualExit(SOME_TOKEN, [0n, 6n])];
    const { alice, bob, irene } = payers(funding);
    hearing(bob, paying(alice, coins(8n)));
    hearing(alice, paying(bob, tokens(5n)));
    paying(alice, tokens(2n));

    expect(accountsOf(alice.channel)).toEqual({
      ok: true,
      value: [
        { asset: ZERO_ADDRESS, paid: 8n, received: 0n, remaining: 1n, remainingOfOther: 12n },
        { asset: SOME_TOKEN, paid: 2n, received: 5n, remaining: 3n, remainingOfOther: 3n },
      ],
    });
    // The last voucher has not arrived.
    expect(accountsOf(bob.channel)).toMatchObject({
      value: [{ received: 8n }, { received: 0n, paid: 5n, remaining: 1n, remainingOfOther: 5n }],
    });
    expect(accountsOf(irene.channel)).toEqual({ ok: false, reason: { code: "NotAnEnd" } });
  });
});

describe("repeatVoucher", () => {
  invariant("says the newest voucher again, and whoever heard it learns nothing from it", () => {
    const { alice, bob } = payers(virtualCoins(9n, 4n));
    expect(repeatVoucher(alice.channel)).toBe(undefined);
    hearing(bob, paying(alice, coins(8n)));
    hearing(alice, paying(bob, coins(10n)));
    const message = paying(alice, coins(10n));

    expect(repeatVoucher(alice.channel)).toEqual(message);
    expect(hearing(bob, message)).toMatchObject({ ok: true });
    expect(hearing(bob, message)).toEqual({ ok: true, value: [] });
  });

  unit("every voucher is signed by who pays", () => {
    const { alice } = payers(virtualCoins(9n, 4n));
    const { amounts, counter, signature } = paying(alice, coins(1n));
    const hash = paymentVoucherHash({ channelId: alice.channel.id, counter, amounts });
    expect(signatureBackend.recoverSigner(hash, signature)).toBe(ALICE.address as Address);
  });
});

function finalState({ channel }: Payer) {
  const { fundingOutcome: outcome, id: channelId } = channel;
  return {
    type: "StateSigned",
    channelId,
    objectiveId: `VirtualDefund-${channelId}` as never,
    variablePart: { outcome, appData: "0x", turnNum: VIRTUAL_FINAL_TURN, isFinal: true },
    signature: ALICE.signHash(voucherHash(channelId, 1n)),
  } as const;
}
