/** Virtual channels on the adjudicator itself: challenged, reclaimed from a ledger, and paid. */
import { afterAll, beforeAll, beforeEach, expect } from "bun:test";
import { mintCall } from "../contracts/test-token.ts";
import { startEvm } from "../sim/chain/evm.ts";
import { GENESIS_TIMESTAMP_SEC, type LocalChain } from "../sim/chain/local-chain.ts";
import type { TestAccount } from "../sim/chain/test-account.ts";
import { receiptOf, sendCall } from "../sim/chain/test-wallet.ts";
import {
  type ContractCall,
  concludeCall,
  depositCall,
  reclaimCall,
  type SignedVariablePart,
  transferAllAssetsCall,
} from "../src/chain/adjudicator.ts";
import { type Deployment, deployAll } from "../src/chain/deployment.ts";
import { approveCall } from "../src/chain/erc20.ts";
import { channelIdOf } from "../src/channel/channel-id.ts";
import { externalDestination } from "../src/channel/destination.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import { encodeGuarantee } from "../src/channel/guarantee.ts";
import { ALLOCATION_TYPE, type Outcome, type SingleAssetExit } from "../src/channel/outcome.ts";
import { encodeOutcome } from "../src/channel/outcome-encoding.ts";
import { stateHash, type VariablePart } from "../src/channel/state.ts";
import { ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { type Hex, toHex } from "../src/primitives/hex.ts";
import { ALICE, BOB, IRENE } from "./sample-payments.ts";

/** What the contract has on record of a channel that was concluded. */
export const CONCLUDED: Hash = `0x${"00".repeat(32)}` as Hash;

const RICH_WEI = 10n ** 19n;

/** A ledger that has ended, and what it pays. */
export type EndedLedger = { readonly ledger: FixedPart; readonly outcome: Outcome };

/** A virtual channel that a ledger guarantees, with its money. */
export type Guaranteed = { readonly channel: FixedPart; readonly funding: Outcome };

/** Call it at the top of a test file: each of its tests finds the contracts, and nothing done. */
export function virtualChain(): VirtualChain {
  const chain = new VirtualChain();
  beforeAll(() => chain.start());
  beforeEach(() => chain.reset());
  afterAll(() => chain.stop());
  return chain;
}

/** A state with these signatures. */
export function signedBy(
  channel: FixedPart,
  variablePart: VariablePart,
  signers: readonly TestAccount[],
): SignedVariablePart {
  const hash = stateHash(channelIdOf(channel), variablePart);
  return { variablePart, signatures: signers.map(({ signHash }) => signHash(hash)) };
}

/** The chain of Alice, Irene and Bob. */
class VirtualChain {
  #started: { readonly local: LocalChain; readonly deployment: Deployment } | undefined;
  #nowSec = GENESIS_TIMESTAMP_SEC;
  #startSec = 0;

  get local(): LocalChain {
    return assertDefined(this.#started, "a chain, inside a test").local;
  }

  get deployment(): Deployment {
    return assertDefined(this.#started, "a chain, inside a test").deployment;
  }

  async start(): Promise<void> {
    const accounts = [ALICE, IRENE, BOB].map(({ address }) => ({ address, balanceWei: RICH_WEI }));
    const local = await startEvm({ accounts });
    const settle = (): Promise<void> => this.#mine(local, 1);
    const deployment = await deployAll(local.rpc, BOB, { settle, token: true });
    this.#started = { local, deployment };
    await local.checkpoint();
    this.#startSec = this.#nowSec;
  }

  async reset(): Promise<void> {
    await this.local.reset();
    this.#nowSec = this.#startSec;
  }

  async stop(): Promise<void> {
    await this.#started?.local.stop();
  }

  /** Makes a block so many seconds later. */
  mine(afterSec: number): Promise<void> {
    return this.#mine(this.local, afterSec);
  }

  #mine(local: LocalChain, afterSec: number): Promise<void> {
    this.#nowSec += afterSec;
    return local.mine(this.#nowSec);
  }

  /** Sends a call, which must succeed, and gives the gas that it used. */
  async send(account: TestAccount, call: ContractCall): Promise<number> {
    const hash = await sendCall(this.local.rpc, account, call);
    await this.mine(1);
    const { gasUsed, status } = await receiptOf(this.local.rpc, hash);
    expect(status).toBe("0x1");
    return Number(gasUsed);
  }

  /** Why the contract refuses a call, asked without sending it. */
  async refusal({ data, to }: ContractCall): Promise<string> {
    const attempt = this.local.rpc.request("eth_call", [{ from: BOB.address, to, data }, "latest"]);
    return attempt.then(
      () => "it is not refused",
      (error: Error) => error.message,
    );
  }

  async coinsOf({ address }: TestAccount): Promise<bigint> {
    return BigInt((await this.local.rpc.request("eth_getBalance", [address, "latest"])) as Hex);
  }

  /** A ledger of two that guarantees the channel, with 5 and 7 besides, funded and finalised. */
  async concludeLedger(
    left: TestAccount,
    right: TestAccount,
    { channel, funding }: Guaranteed,
  ): Promise<EndedLedger> {
    const { adjudicator, ledgerApp } = this.deployment;
    const participants = [left.address, right.address];
    const ledger = { ...channel, participants, channelNonce: 9n, appDefinition: ledgerApp };
    const channelId = channelIdOf(ledger);
    const outcome = funding.map((exit) => ledgerExit(exit, left, right, channel));
    for (const { allocations, asset } of outcome) {
      const amount = allocations.reduce((sum, claim) => sum + claim.amount, 0n);
      if (asset !== ZERO_ADDRESS) {
        await this.send(ALICE, mintCall(asset, ALICE.address, amount));
        await this.send(ALICE, approveCall(asset, adjudicator, amount));
      }
      const deposit = { asset, channelId, expectedHeld: 0n, amount };
      await this.send(ALICE, depositCall(adjudicator, deposit));
    }
    const final = { outcome, appData: "0x", turnNum: 7, isFinal: true } as const;
    const { signatures } = signedBy(ledger, final, [left, right]);
    await this.send(ALICE, concludeCall(adjudicator, ledger, final, signatures));
    return { ledger, outcome };
  }

  /** Takes each guarantee back by what the channel's final outcome says, and pays the ledger out. */
  async reclaimAndPay(
    { ledger, outcome }: EndedLedger,
    ended: VariablePart,
    endedHash: Hash,
  ): Promise<void> {
    const { adjudicator } = this.deployment;
    let left = outcome;
    for (const [assetIndex, { allocations }] of ended.outcome.entries()) {
      const call = reclaimCall(adjudicator, {
        sourceChannelId: channelIdOf(ledger),
        sourceStateHash: CONCLUDED,
        sourceOutcomeBytes: toHex(encodeOutcome(left)),
        sourceAssetIndex: assetIndex,
        indexOfTargetInSource: 0,
        targetStateHash: endedHash,
        targetOutcomeBytes: toHex(encodeOutcome(ended.outcome)),
        targetAssetIndex: assetIndex,
      });
      await this.send(BOB, call);
      left = left.map((exit, index) => {
        const simple = exit.allocations.slice(1).map((claim, end) => ({
          ...claim,
          amount: claim.amount + (allocations[end]?.amount ?? 0n),
        }));
        return index === assetIndex ? { ...exit, allocations: simple } : exit;
      });
    }
    const payout = { channelId: channelIdOf(ledger), outcome: left, stateHash: CONCLUDED };
    await this.send(BOB, transferAllAssetsCall(adjudicator, payout));
  }
}

function ledgerExit(
  { allocations: shares, asset, assetMetadata }: SingleAssetExit,
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
    amount: shares.reduce((sum, { amount }) => sum + amount, 0n),
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
