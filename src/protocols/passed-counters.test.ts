/** Counters of vouchers that one end passed, since its log has lost its end: nobody is paid with them any more. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import {
  hearing,
  type Payer,
  payers,
  paying,
  record,
  type VoucherMessage,
} from "../../test/paying-ends.ts";
import { virtualCoins } from "../../test/sample-payments.ts";
import { COUNTER_MAX } from "../channel/payment-voucher.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { type Payment, pay, renew } from "./payments.ts";

const coins = (amount: bigint): Payment => ({ asset: ZERO_ADDRESS, amount });

/** The last counter that Bob passes. */
const PASSED = 1_000;

/** Alice has paid Bob 3, and has yet to hear of what Bob passes now. */
function passing(): { readonly alice: Payer; readonly bob: Payer } {
  const { alice, bob } = payers(virtualCoins(9n, 0n));
  hearing(bob, paying(alice, coins(3n)));
  const channelId = bob.channel.id;
  record(bob, [{ type: "DoubtSettled", channelId, passedTurnNum: PASSED }]);
  return { alice, bob };
}

function hearOfIt({ channel }: Payer, upTo = PASSED): Payer["channel"] {
  return { ...channel, passedTurn: upTo };
}

function renewed(payer: Payer): VoucherMessage | undefined {
  const { effects, events } = renew(payer.channel, payer.context);
  record(payer, events);
  const [effect] = effects;
  return effect?.type === "SendMessage" && effect.message.type === "Voucher"
    ? effect.message
    : undefined;
}

describe("passed counters", () => {
  adversarial("are no money any more, however much a voucher promises", () => {
    const { alice, bob } = passing();

    expect(hearing(bob, paying(alice, coins(4n)))).toEqual({
      ok: false,
      reason: { code: "TurnPassedOver", turnNum: 2 },
    });
    expect(bob.channel.vouchers.received?.amounts).toEqual([3n]);
  });

  unit("are counted over by the payer, who says her newest voucher again above them", () => {
    const { alice, bob } = passing();
    paying(alice, coins(4n));
    alice.channel = hearOfIt(alice);
    const message = renewed(alice);

    expect(message).toMatchObject({ counter: PASSED + 1, amounts: [7n] });
    expect(message && hearing(bob, message)).toMatchObject({ ok: true });
    expect(paying(alice, coins(1n)).counter).toBe(PASSED + 2);
  });

  unit("let a voucher be taken that promises nothing more, once and no more", () => {
    const { alice, bob } = passing();
    alice.channel = hearOfIt(alice);
    const [first, second] = [renewed(alice), renewed(alice)];

    expect(first && hearing(bob, first)).toMatchObject({ ok: true });
    expect(second && hearing(bob, second)).toMatchObject({ reason: { code: "NothingPaid" } });
  });

  adversarial("are not receipted: another voucher of theirs may have a receipt already", () => {
    const { alice, bob } = passing();
    const refused = pay(bob.channel, coins(1n), bob.context);
    expect(refused).toEqual({ ok: false, reason: { code: "Resyncing" } });

    alice.channel = hearOfIt(alice);
    const message = renewed(alice);
    if (message !== undefined) hearing(bob, message);
    expect(paying(bob, coins(1n)).counted).toMatchObject({ counter: PASSED + 1, amounts: [3n] });
  });

  unit("are said again by nobody who has paid nothing, has closed, or has no counter left", () => {
    const { bob } = passing();
    expect(renewed(bob)).toBe(undefined);

    const { alice } = passing();
    alice.channel = hearOfIt(alice, COUNTER_MAX);
    expect(renewed(alice)).toBe(undefined);
  });
});
