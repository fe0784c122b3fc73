/** Virtual channels of the payment app on the adjudicator itself: challenged, outbid, reclaimed, paid. */
import { describe, expect } from "bun:test";
import type { TestAccount } from "../sim/chain/test-account.ts";
import {
  type ContractCall,
  challengeCall,
  concludeCall,
  decodeStatus,
  type SignedVariablePart,
  statusCall,
} from "../src/chain/adjudicator.ts";
import { balanceOfCall, decodeTokenAmount } from "../src/chain/erc20.ts";
import { channelIdOf } from "../src/channel/channel-id.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import type { Outcome } from "../src/channel/outcome.ts";
import { VIRTUAL_FINAL_TURN } from "../src/channel/payment-voucher.ts";
import { type RedeemedVouchers, redemptionState } from "../src/channel/redemption.ts";
import { stateHash, type VariablePart } from "../src/channel/state.ts";
import { challengeHash } from "../src/channel/state-challenge.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import { adversarial, integration } from "../test/kind.ts";
import {
  ALICE,
  BOB,
  IRENE,
  paidByAlice,
  paidByBob,
  postfundOf,
  receiptedVoucher,
  virtualChannel,
  virtualExit,
} from "../test/sample-payments.ts";
import { CONCLUDED, signedBy, virtualChain } from "../test/virtual-chain.ts";

const chain = virtualChain();

const everybody = [ALICE, IRENE, BOB];

/** A virtual channel of the payment app, open and paid in: 100 and 20 of each asset. */
function openChannel(assets: readonly Address[]): Open {
  const channel = virtualChannel(chain.deployment.paymentApp);
  const funding = assets.map((asset) => virtualExit(asset, [100n, 20n]));
  return { channel, postfund: signedBy(channel, postfundOf(funding), everybody), funding };
}

type Open = {
  readonly channel: FixedPart;
  readonly funding: Outcome;
  readonly postfund: SignedVariablePart;
};

function redemption({ funding }: Open, vouchers: Partial<RedeemedVouchers>): VariablePart {
  const state = redemptionState(funding, { left: undefined, right: undefined, ...vouchers });
  if (!state.ok) throw new Error(`the vouchers do not fit: ${state.reason.code}`);
  return state.value;
}

/** Challenges with a redemption, signed by one who then shows it. */
function redeemCall(
  { channel, postfund }: Open,
  by: TestAccount,
  state: VariablePart,
): ContractCall {
  const hash = stateHash(channelIdOf(channel), state);
  const claim = {
    fixedPart: channel,
    proof: [postfund],
    candidate: signedBy(channel, state, [by]),
  };
  return challengeCall(chain.deployment.adjudicator, claim, by.signHash(challengeHash(hash)));
}

async function recordedTurn(channel: FixedPart): Promise<number> {
  const { data, to } = statusCall(chain.deployment.adjudicator, channelIdOf(channel));
  return decodeStatus(await chain.local.rpc.request("eth_call", [{ to, data }, "latest"]))
    .turnNumRecord;
}

/** The test token. */
const tokenOf = (): Address => chain.deployment.token ?? ZERO_ADDRESS;

async function tokensOf({ address }: TestAccount): Promise<bigint> {
  const { data, to } = balanceOfCall(tokenOf(), address);
  return decodeTokenAmount(await chain.local.rpc.request("eth_call", [{ to, data }, "latest"]));
}

describe("a redemption on the adjudicator", () => {
  integration("is outbid by a better pair, and the better pair is paid", async () => {
    const open = openChannel([ZERO_ADDRESS]);
    const { channel } = open;
    const older = redemption(open, { right: paidByBob(channel, 1, 10n) });
    const left = paidByAlice(channel, 4, 45n);
    const better = redemption(open, { left, right: paidByBob(channel, 1, 10n) });
    const ledger = await chain.concludeLedger(IRENE, BOB, open);

    const gas = await chain.send(ALICE, redeemCall(open, ALICE, older));
    await chain.send(BOB, redeemCall(open, BOB, better));
    expect(await recordedTurn(channel)).toBe(6);
    expect(await chain.refusal(redeemCall(open, ALICE, older))).toContain(
      "turnNumRecord not increased",
    );
    // 208,025 measured: four signatures on states, two of a voucher, and all of it in calldata and the log.
    expect(gas).toBeLessThan(215_000);

    await chain.mine(channel.challengeDurationSec);
    const irene = await chain.coinsOf(IRENE);
    const hash = stateHash(channelIdOf(channel), better);
    await chain.reclaimAndPay(ledger, better, hash);
    // Irene stands for Alice here: 5 of her own, and 100 - 45 + 10.
    expect((await chain.coinsOf(IRENE)) - irene).toBe(70n);
  });

  integration("goes up by the vouchers of either side, whoever shows them", async () => {
    const open = openChannel([ZERO_ADDRESS]);
    const { channel } = open;
    const lefts = [1, 2, 5].map((counter) => paidByAlice(channel, counter, 10n * BigInt(counter)));
    const rights = [1, 2].map((counter) => paidByBob(channel, counter, BigInt(counter)));
    const steps: readonly [turnNum: number, TestAccount, Partial<RedeemedVouchers>][] = [
      [2, BOB, { left: lefts[0] }],
      [3, ALICE, { left: lefts[0], right: rights[0] }],
      [4, BOB, { left: lefts[1], right: rights[0] }],
      [5, ALICE, { left: lefts[1], right: rights[1] }],
      [8, BOB, { left: lefts[2], right: rights[1] }],
    ];

    for (const [turnNum, by, vouchers] of steps) {
      await chain.send(by, redeemCall(open, by, redemption(open, vouchers)));
      expect(await recordedTurn(channel)).toBe(turnNum);
    }
  });

  integration("pays in coins and in tokens at once, of what both ends had", async () => {
    const open = openChannel([ZERO_ADDRESS, tokenOf()]);
    const { channel } = open;
    const state = redemption(open, {
      left: paidByAlice(channel, 2, 30n, 100n),
      right: paidByBob(channel, 3, 45n, 0n),
    });
    const ledger = await chain.concludeLedger(ALICE, IRENE, open);

    await chain.send(BOB, redeemCall(open, BOB, state));
    await chain.mine(channel.challengeDurationSec);
    const [coins, hash] = [await chain.coinsOf(IRENE), stateHash(channelIdOf(channel), state)];
    await chain.reclaimAndPay(ledger, state, hash);

    // Irene stands for Bob here: 7 of her own, 20 + 30 - 45 coins and 20 + 100 tokens.
    expect((await chain.coinsOf(IRENE)) - coins).toBe(12n);
    expect(await tokensOf(IRENE)).toBe(127n);
    expect(await tokensOf(ALICE)).toBe(5n);
  });

  integration("gives way to a final state that all signed, which is paid", async () => {
    const open = openChannel([tokenOf()]);
    const { channel, funding } = open;
    const state = redemption(open, { left: paidByAlice(channel, 2, 30n) });
    const ended = {
      ...postfundOf(funding.map(({ asset }) => virtualExit(asset, [60n, 60n]))),
      turnNum: VIRTUAL_FINAL_TURN,
      isFinal: true,
    };
    const { signatures } = signedBy(channel, ended, everybody);
    const ledger = await chain.concludeLedger(ALICE, IRENE, open);

    await chain.send(BOB, redeemCall(open, BOB, state));
    await chain.send(IRENE, concludeCall(chain.deployment.adjudicator, channel, ended, signatures));
    await chain.reclaimAndPay(ledger, ended, CONCLUDED);

    expect([await tokensOf(ALICE), await tokensOf(IRENE)]).toEqual([65n, 67n]);
  });

  integration("is outbid by a final state in a challenge, and never outbids it", async () => {
    const open = openChannel([ZERO_ADDRESS]);
    const { channel, funding } = open;
    const ended = { ...postfundOf(funding), turnNum: VIRTUAL_FINAL_TURN, isFinal: true };
    const claim = {
      fixedPart: channel,
      proof: [],
      candidate: signedBy(channel, ended, everybody),
    };
    const hash = challengeHash(stateHash(channelIdOf(channel), ended));
    const last = redemption(open, {
      left: paidByAlice(channel, 2 ** 32 - 1, 100n),
      right: paidByBob(channel, 2 ** 32 - 1, 0n),
    });

    await chain.send(BOB, redeemCall(open, BOB, last));
    await chain.send(
      IRENE,
      challengeCall(chain.deployment.adjudicator, claim, IRENE.signHash(hash)),
    );
    expect(await recordedTurn(channel)).toBe(VIRTUAL_FINAL_TURN);
    expect(await chain.refusal(redeemCall(open, BOB, last))).toContain(
      "turnNumRecord not increased",
    );
  });

  adversarial("is not outbid by a voucher that its payer made for the purpose", async () => {
    const open = openChannel([ZERO_ADDRESS]);
    const { channel } = open;
    const honest = redemption(open, { left: paidByAlice(channel, 7, 90n) });
    await chain.send(BOB, redeemCall(open, BOB, honest));

    // Alice has no receipt of Bob for a voucher of nothing, whatever its counter.
    const parts = { counter: 1_000_000, amounts: [0n], payer: ALICE, payee: ALICE };
    const worthless = redemption(open, { left: receiptedVoucher(channelIdOf(channel), parts) });

    expect(await chain.refusal(redeemCall(open, ALICE, worthless))).toContain(
      "VoucherNotReceipted",
    );
  });

  adversarial("is refused with the app's reason when a stranger's voucher is in it", async () => {
    const open = openChannel([ZERO_ADDRESS]);
    const parts = { counter: 1, amounts: [50n], payer: IRENE, payee: BOB };
    const left = receiptedVoucher(channelIdOf(open.channel), parts);

    const call = redeemCall(open, BOB, redemption(open, { left }));
    expect(await chain.refusal(call)).toContain("VoucherNotSigned");
  });
});
