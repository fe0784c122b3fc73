/** Virtual channels of the payment app on the adjudicator itself: challenged, outbid, reclaimed, paid. */
import { afterAll, beforeAll, beforeEach, describe, expect } from "bun:test";
import { startEvm } from "../sim/chain/evm.ts";
import { GENESIS_TIMESTAMP_SEC, type LocalChain } from "../sim/chain/local-chain.ts";
import type { TestAccount } from "../sim/chain/test-account.ts";
import { receiptOf, sendCall } from "../sim/chain/test-wallet.ts";
import {
  type ContractCall,
  challengeCall,
  concludeCall,
  decodeStatus,
  depositCall,
  reclaimCall,
  type SignedVariablePart,
  statusCall,
  transferAllAssetsCall,
} from "../src/chain/adjudicator.ts";
import { type Deployment, deployAll } from "../src/chain/deployment.ts";
import { approveCall, balanceOfCall, decodeTokenAmount } from "../src/chain/erc20.ts";
import { channelIdOf } from "../src/channel/channel-id.ts";
import { externalDestination } from "../src/channel/destination.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import { encodeGuarantee } from "../src/channel/guarantee.ts";
import { ALLOCATION_TYPE, type Outcome, type SingleAssetExit } from "../src/channel/outcome.ts";
import { encodeOutcome } from "../src/channel/outcome-encoding.ts";
import { VIRTUAL_FINAL_TURN } from "../src/channel/payment-voucher.ts";
import { type RedeemedVouchers, redemptionState } from "../src/channel/redemption.ts";
import { stateHash, type VariablePart } from "../src/channel/state.ts";
import { challengeHash } from "../src/channel/state-challenge.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { type Hex, toHex } from "../src/primitives/hex.ts";
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
import { mintCall } from "./test-token.ts";

const ZERO_HASH = `0x${"00".repeat(32)}` as Hash;
const RICH_WEI = 10n ** 19n;

let chain: LocalChain;
let deployment: Deployment;
let token: Address;
let nowSec = GENESIS_TIMESTAMP_SEC;
let startSec = 0;

beforeAll(async () => {
  const accounts = [ALICE, IRENE, BOB].map(({ address }) => ({ address, balanceWei: RICH_WEI }));
  chain = await startEvm({ accounts });
  deployment = await deployAll(chain.rpc, BOB, { settle: () => mine(1), token: true });
  token = deployment.token ?? ZERO_ADDRESS;
  await chain.checkpoint();
  startSec = nowSec;
});
beforeEach(async () => {
  await chain.reset();
  nowSec = startSec;
});
afterAll(() => chain.stop());

function mine(afterSec: number): Promise<void> {
  nowSec += afterSec;
  return chain.mine(nowSec);
}

/** Sends a call and gives the gas that it used. */
async function send(account: TestAccount, call: ContractCall): Promise<number> {
  const hash = await sendCall(chain.rpc, account, call);
  await mine(1);
  const { gasUsed, status } = await receiptOf(chain.rpc, hash);
  expect(status).toBe("0x1");
  return Number(gasUsed);
}

/** Why the contract refuses a call, asked without sending it. */
async function refusal({ data, to }: ContractCall): Promise<string> {
  const attempt = chain.rpc.request("eth_call", [{ from: BOB.address, to, data }, "latest"]);
  return attempt.then(
    () => "it is not refused",
    (error: Error) => error.message,
  );
}

const signedBy = (
  channel: FixedPart,
  variablePart: VariablePart,
  signers: readonly TestAccount[],
): SignedVariablePart => {
  const hash = stateHash(channelIdOf(channel), variablePart);
  return { variablePart, signatures: signers.map(({ signHash }) => signHash(hash)) };
};

const everybody = [ALICE, IRENE, BOB];

/** A virtual channel of the payment app, open and paid in: 100 and 20 of each asset. */
function openChannel(assets: readonly Address[]): Open {
  const channel = virtualChannel(deployment.paymentApp);
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
  return challengeCall(deployment.adjudicator, claim, by.signHash(challengeHash(hash)));
}

async function recordedTurn(channel: FixedPart): Promise<number> {
  const { data, to } = statusCall(deployment.adjudicator, channelIdOf(channel));
  return decodeStatus(await chain.rpc.request("eth_call", [{ to, data }, "latest"])).turnNumRecord;
}

/** A ledger of two that guarantees the channel, with 5 and 7 besides, funded and finalised. */
async function concludeLedger(
  left: TestAccount,
  right: TestAccount,
  { channel, funding }: Open,
): Promise<{ readonly ledger: FixedPart; readonly outcome: Outcome }> {
  const { adjudicator, ledgerApp } = deployment;
  const participants = [left.address, right.address];
  const ledger = { ...channel, participants, channelNonce: 9n, appDefinition: ledgerApp };
  const channelId = channelIdOf(ledger);
  const outcome = funding.map((exit) => ledgerExit(exit, left, right, channel));
  for (const { asset } of outcome) {
    if (asset !== ZERO_ADDRESS) {
      await send(ALICE, mintCall(asset, ALICE.address, 132n));
      await send(ALICE, approveCall(asset, adjudicator, 132n));
    }
    await send(
      ALICE,
      depositCall(adjudicator, { asset, channelId, expectedHeld: 0n, amount: 132n }),
    );
  }
  const final = { outcome, appData: "0x", turnNum: 7, isFinal: true } as const;
  const { signatures } = signedBy(ledger, final, [left, right]);
  await send(ALICE, concludeCall(adjudicator, ledger, final, signatures));
  return { ledger, outcome };
}

function ledgerExit(
  { asset, assetMetadata }: SingleAssetExit,
  left: TestAccount,
  right: TestAccount,
  target: FixedPart,
): SingleAssetExit {
  const ends = {
    left: externalDestination(left.address),
    right: externalDestination(right.address),
  };
  const simple = { allocationType: ALLOCATION_TYPE.simple, metadata: "0x" } as const;
  const guarantee = {
    destination: channelIdOf(target) as string as typeof ends.left,
    amount: 120n,
    allocationType: ALLOCATION_TYPE.guarantee,
    metadata: encodeGuarantee(ends),
  };
  const allocations = [
    guarantee,
    { ...simple, destination: ends.left, amount: 5n },
    { ...simple, destination: ends.right, amount: 7n },
  ];
  return { asset, assetMetadata, allocations };
}

/** Takes each guarantee back by what the channel's final outcome says, and pays the ledger out. */
async function reclaimAndPay(
  { ledger, outcome }: Awaited<ReturnType<typeof concludeLedger>>,
  ended: VariablePart,
  endedHash: Hash,
): Promise<void> {
  let left = outcome;
  for (const [assetIndex, { allocations }] of ended.outcome.entries()) {
    const call = reclaimCall(deployment.adjudicator, {
      sourceChannelId: channelIdOf(ledger),
      sourceStateHash: ZERO_HASH,
      sourceOutcomeBytes: toHex(encodeOutcome(left)),
      sourceAssetIndex: assetIndex,
      indexOfTargetInSource: 0,
      targetStateHash: endedHash,
      targetOutcomeBytes: toHex(encodeOutcome(ended.outcome)),
      targetAssetIndex: assetIndex,
    });
    await send(BOB, call);
    left = left.map((exit, index) => {
      const simple = exit.allocations.slice(1).map((claim, end) => ({
        ...claim,
        amount: claim.amount + (allocations[end]?.amount ?? 0n),
      }));
      return index === assetIndex ? { ...exit, allocations: simple } : exit;
    });
  }
  const payout = { channelId: channelIdOf(ledger), outcome: left, stateHash: ZERO_HASH };
  await send(BOB, transferAllAssetsCall(deployment.adjudicator, payout));
}

async function coinsOf({ address }: TestAccount): Promise<bigint> {
  return BigInt((await chain.rpc.request("eth_getBalance", [address, "latest"])) as Hex);
}

async function tokensOf({ address }: TestAccount): Promise<bigint> {
  const { data, to } = balanceOfCall(token, address);
  return decodeTokenAmount(await chain.rpc.request("eth_call", [{ to, data }, "latest"]));
}

describe("a redemption on the adjudicator", () => {
  integration("is outbid by a better pair, and the better pair is paid", async () => {
    const open = openChannel([ZERO_ADDRESS]);
    const { channel } = open;
    const older = redemption(open, { right: paidByBob(channel, 1, 10n) });
    const left = paidByAlice(channel, 4, 45n);
    const better = redemption(open, { left, right: paidByBob(channel, 1, 10n) });
    const ledger = await concludeLedger(IRENE, BOB, open);

    const gas = await send(ALICE, redeemCall(open, ALICE, older));
    await send(BOB, redeemCall(open, BOB, better));
    expect(await recordedTurn(channel)).toBe(6);
    expect(await refusal(redeemCall(open, ALICE, older))).toContain("turnNumRecord not increased");
    // 208,025 measured: four signatures on states, two of a voucher, and all of it in calldata and the log.
    expect(gas).toBeLessThan(215_000);

    await mine(channel.challengeDurationSec);
    const irene = await coinsOf(IRENE);
    const hash = stateHash(channelIdOf(channel), better);
    await reclaimAndPay(ledger, better, hash);
    // Irene stands for Alice here: 5 of her own, and 100 - 45 + 10.
    expect((await coinsOf(IRENE)) - irene).toBe(70n);
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
      await send(by, redeemCall(open, by, redemption(open, vouchers)));
      expect(await recordedTurn(channel)).toBe(turnNum);
    }
  });

  integration("pays in coins and in tokens at once, of what both ends had", async () => {
    const open = openChannel([ZERO_ADDRESS, token]);
    const { channel } = open;
    const state = redemption(open, {
      left: paidByAlice(channel, 2, 30n, 100n),
      right: paidByBob(channel, 3, 45n, 0n),
    });
    const ledger = await concludeLedger(ALICE, IRENE, open);

    await send(BOB, redeemCall(open, BOB, state));
    await mine(channel.challengeDurationSec);
    const [coins, hash] = [await coinsOf(IRENE), stateHash(channelIdOf(channel), state)];
    await reclaimAndPay(ledger, state, hash);

    // Irene stands for Bob here: 7 of her own, 20 + 30 - 45 coins and 20 + 100 tokens.
    expect((await coinsOf(IRENE)) - coins).toBe(12n);
    expect(await tokensOf(IRENE)).toBe(127n);
    expect(await tokensOf(ALICE)).toBe(5n);
  });

  integration("gives way to a final state that all signed, which is paid", async () => {
    const open = openChannel([token]);
    const { channel, funding } = open;
    const state = redemption(open, { left: paidByAlice(channel, 2, 30n) });
    const ended = {
      ...postfundOf(funding.map(({ asset }) => virtualExit(asset, [60n, 60n]))),
      turnNum: VIRTUAL_FINAL_TURN,
      isFinal: true,
    };
    const { signatures } = signedBy(channel, ended, everybody);
    const ledger = await concludeLedger(ALICE, IRENE, open);

    await send(BOB, redeemCall(open, BOB, state));
    await send(IRENE, concludeCall(deployment.adjudicator, channel, ended, signatures));
    await reclaimAndPay(ledger, ended, ZERO_HASH);

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

    await send(BOB, redeemCall(open, BOB, last));
    await send(IRENE, challengeCall(deployment.adjudicator, claim, IRENE.signHash(hash)));
    expect(await recordedTurn(channel)).toBe(VIRTUAL_FINAL_TURN);
    expect(await refusal(redeemCall(open, BOB, last))).toContain("turnNumRecord not increased");
  });

  adversarial("is not outbid by a voucher that its payer made for the purpose", async () => {
    const open = openChannel([ZERO_ADDRESS]);
    const { channel } = open;
    const honest = redemption(open, { left: paidByAlice(channel, 7, 90n) });
    await send(BOB, redeemCall(open, BOB, honest));

    // Alice has no receipt of Bob for a voucher of nothing, whatever its counter.
    const parts = { counter: 1_000_000, amounts: [0n], payer: ALICE, payee: ALICE };
    const worthless = redemption(open, { left: receiptedVoucher(channelIdOf(channel), parts) });

    expect(await refusal(redeemCall(open, ALICE, worthless))).toContain("VoucherNotReceipted");
  });

  adversarial("is refused with the app's reason when a stranger's voucher is in it", async () => {
    const open = openChannel([ZERO_ADDRESS]);
    const parts = { counter: 1, amounts: [50n], payer: IRENE, payee: BOB };
    const left = receiptedVoucher(channelIdOf(open.channel), parts);

    const call = redeemCall(open, BOB, redemption(open, { left }));
    expect(await refusal(call)).toContain("VoucherNotSigned");
  });
});
