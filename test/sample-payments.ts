/** A virtual channel between Alice and Bob over Irene, and vouchers in it. */
import { type TestAccount, testAccount } from "../sim/chain/test-account.ts";
import { type ChannelId, channelIdOf } from "../src/channel/channel-id.ts";
import { externalDestination } from "../src/channel/destination.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import { ALLOCATION_TYPE, type Outcome, type SingleAssetExit } from "../src/channel/outcome.ts";
import { paymentVoucherHash, voucherReceiptHash } from "../src/channel/payment-voucher.ts";
import type { ReceiptedVoucher } from "../src/channel/redemption.ts";
import type { VariablePart } from "../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";

export const ALICE: TestAccount = testAccount(1);
export const IRENE: TestAccount = testAccount(2);
export const BOB: TestAccount = testAccount(3);

/** A token that no chain has. */
export const SOME_TOKEN: Address = `0x${"70".repeat(20)}` as Address;

/** The fixed part of a virtual channel with this app. */
export function virtualChannel(appDefinition: Address, channelNonce = 1n): FixedPart {
  const participants = [ALICE, IRENE, BOB].map(({ address }) => address);
  return { participants, channelNonce, appDefinition, challengeDurationSec: 60 };
}

/** One asset of a virtual channel. */
export function virtualExit(
  asset: Address,
  [left, right]: readonly [bigint, bigint],
): SingleAssetExit {
  const claim = ({ address }: TestAccount, amount: bigint) =>
    ({
      destination: externalDestination(address),
      amount,
      allocationType: ALLOCATION_TYPE.guarantee,
      metadata: "0x",
    }) as const;
  return {
    asset,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: [claim(ALICE, left), claim(BOB, right)],
  };
}

/** The outcome of a virtual channel for coins alone. */
export function virtualCoins(left: bigint, right: bigint): Outcome {
  return [virtualExit(ZERO_ADDRESS, [left, right])];
}

/** The state that all sign before they pay. */
export function postfundOf(outcome: Outcome): VariablePart {
  return { outcome, appData: "0x", turnNum: 1, isFinal: false };
}

/** A voucher by Alice, receipted by Bob. */
export function paidByAlice(
  channel: FixedPart,
  counter: number,
  ...amounts: readonly bigint[]
): ReceiptedVoucher {
  return receiptedVoucher(channelIdOf(channel), { counter, amounts, payer: ALICE, payee: BOB });
}

/** A voucher by Bob, receipted by Alice. */
export function paidByBob(
  channel: FixedPart,
  counter: number,
  ...amounts: readonly bigint[]
): ReceiptedVoucher {
  return receiptedVoucher(channelIdOf(channel), { counter, amounts, payer: BOB, payee: ALICE });
}

type VoucherParts = Pick<ReceiptedVoucher, "counter" | "amounts"> & {
  readonly payer: TestAccount;
  readonly payee: TestAccount;
};

/** A voucher signed and receipted by whomever. */
export function receiptedVoucher(
  channelId: ChannelId,
  { amounts, counter, payee, payer }: VoucherParts,
): ReceiptedVoucher {
  const hash = paymentVoucherHash({ channelId, counter, amounts });
  const receipt = payee.signHash(voucherReceiptHash(hash));
  return { counter, amounts, signature: payer.signHash(hash), receipt };
}
