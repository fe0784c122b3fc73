/** What each operation on the adjudicator takes, weighed one by one on a chain in this process. */
import { mintCall } from "../contracts/test-token.ts";
import { startEvm } from "../sim/chain/evm.ts";
import { GENESIS_TIMESTAMP_SEC, type LocalChain } from "../sim/chain/local-chain.ts";
import { receiptOf, sendCall } from "../sim/chain/test-wallet.ts";
import {
  type Claim,
  type ContractCall,
  challengeCall,
  checkpointCall,
  concludeAndTransferAllAssetsCall,
  concludeCall,
  depositCall,
  reclaimCall,
  transferAllAssetsCall,
  transferCall,
} from "../src/chain/adjudicator.ts";
import { type Deployment, deployAll } from "../src/chain/deployment.ts";
import type { AdjudicatorKind } from "../src/chain/deployment-plan.ts";
import { approveCall } from "../src/chain/erc20.ts";
import { channelIdOf } from "../src/channel/channel-id.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import { ALLOCATION_TYPE, type Outcome } from "../src/channel/outcome.ts";
import { encodeOutcome } from "../src/channel/outcome-encoding.ts";
import { stateHash } from "../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import { toHex } from "../src/primitives/hex.ts";
import {
  ALICE,
  BOB,
  CHALLENGE_SEC,
  challengerSignature,
  channelOf,
  claimOf,
  guarantees,
  HUB,
  paysBoth,
  postfundOf,
  redemptionOf,
  SHARES,
  stateOf,
  TOTAL,
} from "./gas-channels.ts";

/** One operation, in one transaction. Coins are the chain's own; `ERC-20` is the test token. */
export type GasOperation =
  | "approve ERC-20"
  | "deposit coins, first"
  | "deposit coins, next"
  | "deposit ERC-20, first"
  | "deposit ERC-20, next"
  | "conclude and pay two, coins"
  | "conclude and pay two, ERC-20"
  | "challenge, direct channel"
  | "challenge, ledger with a guarantee"
  | "challenge, virtual channel without voucher"
  | "challenge, virtual channel with a voucher"
  | "challenge, virtual channel with two vouchers"
  | "challenge that answers one, ledger"
  | "checkpoint, ledger"
  | "checkpoint that answers a challenge, ledger"
  | "conclude, direct channel"
  | "transfer to one by index, coins"
  | "transferAllAssets to two, coins"
  | "transferAllAssets to two, ERC-20"
  | "reclaim, ledger with a guarantee";

/** Gas of every operation, as the receipt says it. */
export type GasTable = Readonly<Record<GasOperation, number>>;

/** Weighs every operation. The same code gives the same numbers on every machine. */
export async function weighOperations(kind: AdjudicatorKind = "published"): Promise<GasTable> {
  const accounts = [ALICE, HUB, BOB].map(({ address }) => ({ address, balanceWei: 10n ** 24n }));
  const chain = await startEvm({ accounts });
  try {
    const scale = new Scale(chain);
    const deployment = await scale.deploy(kind);
    await weighDeposits(scale, deployment);
    await weighPayouts(scale, deployment);
    await weighDirect(scale, deployment);
    await weighLedger(scale, deployment);
    await weighVirtual(scale, deployment);
    return scale.table as GasTable;
  } finally {
    await chain.stop();
  }
}

const ZERO_HASH = `0x${"00".repeat(32)}` as Hash;

async function weighDeposits(scale: Scale, { adjudicator, consensusApp, token }: Deployment) {
  const erc20 = assertDefined(token, "the test token");
  await scale.send(mintCall(erc20, ALICE.address, 10n * TOTAL));
  // Other channels hold tokens, as on any chain that is in use.
  await fund(scale, adjudicator, erc20, channelOf([ALICE, BOB], consensusApp, 1), TOTAL);
  for (const [asset, name] of [
    [ZERO_ADDRESS, "coins"],
    [erc20, "ERC-20"],
  ] as const) {
    const channelId = channelIdOf(channelOf([ALICE, BOB], consensusApp, 0));
    const [first, next] = SHARES;
    if (asset === erc20) {
      await scale.weigh("approve ERC-20", approveCall(erc20, adjudicator, first));
    }
    const deposit = { asset, channelId };
    const atFirst = depositCall(adjudicator, { ...deposit, expectedHeld: 0n, amount: first });
    await scale.weigh(`deposit ${name}, first`, atFirst);
    if (asset === erc20) await scale.send(approveCall(erc20, adjudicator, next));
    const then = depositCall(adjudicator, { ...deposit, expectedHeld: first, amount: next });
    await scale.weigh(`deposit ${name}, next`, then);
  }
}

/** Puts the money of a channel into the adjudicator. */
async function fund(
  scale: Scale,
  adjudicator: Address,
  asset: Address,
  channel: FixedPart,
  amount: bigint,
): Promise<void> {
  if (asset !== ZERO_ADDRESS) await scale.send(approveCall(asset, adjudicator, amount));
  const channelId = channelIdOf(channel);
  await scale.send(depositCall(adjudicator, { asset, channelId, expectedHeld: 0n, amount }));
}

/** Everybody who is paid has coins already, and no tokens. */
async function weighPayouts(scale: Scale, { adjudicator, consensusApp, token }: Deployment) {
  const erc20 = assertDefined(token, "the test token");
  const steps = [
    [ZERO_ADDRESS, "coins", HUB],
    [erc20, "ERC-20", HUB],
  ] as const;
  for (const [place, [asset, name, other]] of steps.entries()) {
    const together = channelOf([ALICE, BOB], consensusApp, 10 + place);
    await fund(scale, adjudicator, asset, together, TOTAL);
    const outcome = paysBoth(asset, [HUB, BOB]);
    const end = stateOf(outcome, true);
    const { signatures } = claimOf([ALICE, BOB], together, end).candidate;
    const atOnce = concludeAndTransferAllAssetsCall(adjudicator, together, end, signatures);
    await scale.weighAside(`conclude and pay two, ${name}`, atOnce);

    const apart = channelOf([ALICE, other], consensusApp, 20 + place);
    await fund(scale, adjudicator, asset, apart, TOTAL);
    const signed = claimOf([ALICE, other], apart, end).candidate.signatures;
    await scale.send(concludeCall(adjudicator, apart, end, signed));
    const paid = { channelId: channelIdOf(apart), outcome, stateHash: ZERO_HASH };
    const all = transferAllAssetsCall(adjudicator, paid);
    await scale.weighAside(`transferAllAssets to two, ${name}`, all);
    if (asset !== ZERO_ADDRESS) continue;
    const outcomeBytes = toHex(encodeOutcome(outcome));
    const one = { ...paid, assetIndex: 0, outcomeBytes, indices: [1] };
    await scale.weighAside("transfer to one by index, coins", transferCall(adjudicator, one));
  }
}

async function weighDirect(scale: Scale, { adjudicator, consensusApp }: Deployment) {
  const channel = channelOf([ALICE, BOB], consensusApp, 30);
  const outcome = paysBoth(ZERO_ADDRESS, [ALICE, BOB]);
  const claim = claimOf([ALICE, BOB], channel, stateOf(outcome));
  await scale.weighAside("challenge, direct channel", challenge(adjudicator, claim, ALICE));
  const end = stateOf(outcome, true);
  const { signatures } = claimOf([ALICE, BOB], channel, end).candidate;
  const last = concludeCall(adjudicator, channel, end, signatures);
  await scale.weighAside("conclude, direct channel", last);
}

function challenge(adjudicator: Address, claim: Claim, by: typeof ALICE): ContractCall {
  return challengeCall(adjudicator, claim, challengerSignature(claim, by));
}

/** One ledger and its target: challenged, answered, and reclaimed once both are final. */
async function weighLedger(scale: Scale, { adjudicator, ledgerApp, paymentApp }: Deployment) {
  const target = channelOf([ALICE, HUB, BOB], paymentApp, 40);
  const ledger = channelOf([ALICE, HUB], ledgerApp, 41);
  const outcome = guarantees(ZERO_ADDRESS, target);
  const claim = claimOf([ALICE, HUB], ledger, stateOf(outcome));
  const newer = claimOf([ALICE, HUB], ledger, { ...stateOf(outcome), turnNum: 1_000_001 });
  await scale.weighAside("checkpoint, ledger", checkpointCall(adjudicator, claim));
  await scale.weigh("challenge, ledger with a guarantee", challenge(adjudicator, claim, ALICE));
  const cleared = checkpointCall(adjudicator, newer);
  await scale.weighAside("checkpoint that answers a challenge, ledger", cleared);
  const answer = challenge(adjudicator, newer, HUB);
  await scale.weigh("challenge that answers one, ledger", answer);

  const paid = paysBoth(ZERO_ADDRESS, [ALICE, BOB], ALLOCATION_TYPE.guarantee);
  const redemption = redemptionOf(target, paid, 1);
  await scale.send(challenge(adjudicator, redemption, BOB));
  await scale.wait(CHALLENGE_SEC);
  const reclaim = reclaimCall(adjudicator, {
    sourceChannelId: channelIdOf(ledger),
    sourceStateHash: hashOf(newer),
    sourceOutcomeBytes: toHex(encodeOutcome(outcome)),
    sourceAssetIndex: 0,
    indexOfTargetInSource: 0,
    targetStateHash: hashOf(redemption),
    targetOutcomeBytes: bytesOf(redemption),
    targetAssetIndex: 0,
  });
  await scale.weigh("reclaim, ledger with a guarantee", reclaim);
}

const outcomeOf = ({ candidate }: Claim): Outcome => candidate.variablePart.outcome;
const bytesOf = (claim: Claim) => toHex(encodeOutcome(outcomeOf(claim)));
const hashOf = ({ candidate, fixedPart }: Claim): Hash =>
  stateHash(channelIdOf(fixedPart), candidate.variablePart);

async function weighVirtual(scale: Scale, { adjudicator, paymentApp }: Deployment) {
  const channel = channelOf([ALICE, HUB, BOB], paymentApp, 50);
  const outcome = paysBoth(ZERO_ADDRESS, [ALICE, BOB], ALLOCATION_TYPE.guarantee);
  const agreed = claimOf([ALICE, HUB, BOB], channel, postfundOf(outcome));
  const claims = [
    ["without voucher", agreed],
    ["with a voucher", redemptionOf(channel, outcome, 1)],
    ["with two vouchers", redemptionOf(channel, outcome, 2)],
  ] as const;
  for (const [name, claim] of claims) {
    const call = challenge(adjudicator, claim, BOB);
    await scale.weighAside(`challenge, virtual channel ${name}`, call);
  }
}

/** Sends one transaction per block, and writes down what it took. */
class Scale {
  readonly table: Partial<Record<GasOperation, number>> = {};
  readonly #chain: LocalChain;
  #nowSec = GENESIS_TIMESTAMP_SEC;

  constructor(chain: LocalChain) {
    this.#chain = chain;
  }

  deploy(adjudicator: AdjudicatorKind): Promise<Deployment> {
    const settle = (): Promise<void> => this.wait(1);
    return deployAll(this.#chain.rpc, ALICE, { adjudicator, settle, token: true });
  }

  wait(seconds: number): Promise<void> {
    this.#nowSec += seconds;
    return this.#chain.mine(this.#nowSec);
  }

  /** Gives the gas of a call, which must not fail. */
  async send(call: ContractCall): Promise<number> {
    const hash = await sendCall(this.#chain.rpc, ALICE, call);
    await this.wait(1);
    const { gasUsed, status } = await receiptOf(this.#chain.rpc, hash);
    assert(status === "0x1", "the contract takes every operation of the table");
    return Number(gasUsed);
  }

  async weigh(operation: GasOperation, call: ContractCall): Promise<void> {
    this.table[operation] = await this.send(call);
  }

  /** Weighs, and takes back what it did: the next operation finds the same chain. */
  async weighAside(operation: GasOperation, call: ContractCall): Promise<void> {
    const nowSec = this.#nowSec;
    await this.#chain.checkpoint();
    await this.weigh(operation, call);
    await this.#chain.reset();
    this.#nowSec = nowSec;
  }
}
