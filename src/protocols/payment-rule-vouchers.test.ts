/** The vouchers of the payment app's redemptions, as its contract and the rule off chain judge them. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { testAccount } from "../../sim/chain/test-account.ts";
import {
  APP,
  CHANNEL,
  LEFT,
  type PaymentJudges,
  REDEEMED,
  RIGHT,
  redeemed,
  redeeming,
  showing,
  startJudges,
} from "../../test/judged-payments.ts";
import { adversarial } from "../../test/kind.ts";
import { ALICE, BOB, IRENE, receiptedVoucher, virtualChannel } from "../../test/sample-payments.ts";
import { channelIdOf } from "../channel/channel-id.ts";
import { AMOUNT_MAX } from "../channel/outcome.ts";
import type { ReceiptedVoucher } from "../channel/redemption.ts";
import type { Signature } from "../crypto/signature.ts";
import type { Hex } from "../primitives/hex.ts";
import type { SupportClaim } from "./payment-rule.ts";

let judges: PaymentJudges;
const judge = (claim: SupportClaim): Promise<string> => judges.judge(claim);

beforeAll(async () => {
  judges = await startJudges();
});
afterAll(() => judges.stop());

describe("a voucher in a redemption", () => {
  const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

  function malleated(signature: Signature): Signature {
    const s = ORDER - BigInt(`0x${signature.slice(66, 130)}`);
    const v = signature.endsWith("1b") ? "1c" : "1b";
    return `${signature.slice(0, 66)}${s.toString(16).padStart(64, "0")}${v}` as Signature;
  }

  const strangers = (payer = ALICE, payee = BOB, channel = CHANNEL): ReceiptedVoucher =>
    receiptedVoucher(channelIdOf(channel), { ...LEFT, payer, payee });

  adversarial("is signed by who pays", async () => {
    for (const payer of [BOB, IRENE, testAccount(9)]) {
      expect(await judge(showing(strangers(payer), RIGHT))).toBe("VoucherNotSigned");
    }
    expect(await judge(redeeming(redeemed({ left: RIGHT })))).toBe("VoucherNotSigned");
  });

  adversarial("is of this channel, this counter and these amounts", async () => {
    const other = strangers(ALICE, BOB, virtualChannel(APP, 2n));
    const sooner = { ...strangers(), counter: 4 };
    const dearer = redeeming({
      ...redeemed({ left: { ...LEFT, amounts: [31n] }, right: RIGHT }),
    });

    expect(await judge(showing(other, RIGHT))).toBe("VoucherNotSigned");
    expect(await judge(showing(sooner, RIGHT))).toBe("VoucherNotSigned");
    expect(await judge(dearer)).toBe("VoucherNotSigned");
  });

  adversarial("counts only with the receipt of who is paid", async () => {
    for (const payee of [ALICE, IRENE, testAccount(9)]) {
      expect(await judge(showing(strangers(ALICE, payee), RIGHT))).toBe("VoucherNotReceipted");
    }
    const halves = { ...LEFT, receipt: LEFT.signature };
    expect(await judge(showing(halves, RIGHT))).toBe("VoucherNotReceipted");
  });

  adversarial("is no receipt of the other direction, nor the other way round", async () => {
    // The same counter and amounts both ways: Bob's receipt must not pass for his own voucher.
    const back = { ...LEFT, signature: LEFT.receipt, receipt: LEFT.signature };

    expect(await judge(redeeming(redeemed({ left: LEFT, right: back })))).toBe("VoucherNotSigned");
  });

  adversarial("has canonical signatures: no high s, no other v, no zeros", async () => {
    const wrong = (signature: Signature): readonly Signature[] => [
      malleated(signature),
      `${signature.slice(0, 130)}00` as Signature,
      `${signature.slice(0, 130)}1d` as Signature,
      `0x${"00".repeat(64)}1b` as Signature,
      `0x${"ff".repeat(64)}1b` as Signature,
    ];

    for (const signature of wrong(LEFT.signature)) {
      expect(await judge(showing({ ...LEFT, signature }, RIGHT))).toBe("VoucherNotSigned");
    }
    for (const receipt of wrong(RIGHT.receipt)) {
      expect(await judge(showing(LEFT, { ...RIGHT, receipt }))).toBe("VoucherNotReceipted");
    }
  });

  adversarial("has one encoding, and every other is malformed", async () => {
    const { appData } = REDEEMED;
    const withWord = (index: number, value: bigint): Hex => {
      const at = 2 + 64 * index;
      const word = value.toString(16).padStart(64, "0");
      return `${appData.slice(0, at)}${word}${appData.slice(at + 64)}` as Hex;
    };
    const alone = redeemed({ left: LEFT }).appData;
    const others: readonly string[] = [
      "0x",
      `${appData}00`,
      `${appData}${"00".repeat(32)}`,
      appData.slice(0, -2) as Hex,
      ...[0, 1, 3, 10, 13, 20].flatMap((index) =>
        [0n, 32n, AMOUNT_MAX].map((value) => withWord(index, value)),
      ),
      // A counter, and the v of each signature, beyond their types.
      withWord(2, 2n ** 32n),
      withWord(4, 256n),
      withWord(7, 256n),
      // Something in the place of a voucher that is not there.
      `${alone.slice(0, -2)}01`,
      `${alone.slice(0, 2 + 64 * 14)}${"01".padStart(64, "0")}${alone.slice(2 + 64 * 15)}`,
    ];

    for (const other of others) {
      expect(await judge(redeeming({ appData: other as Hex }))).toBe("AppDataMalformed");
    }
  });
});
