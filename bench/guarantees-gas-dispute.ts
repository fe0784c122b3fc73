/** A dispute over a full ledger, played against the published contracts with every transaction weighed. */

import { mintCall } from "../contracts/test-token.ts";
import { startEvm } from "../sim/chain/evm.ts";
import type { LocalChain } from "../sim/chain/local-chain.ts";
import { GENESIS_TIMESTAMP_SEC } from "../sim/chain/local-chain.ts";
import { type TestAccount, testAccount } from "../sim/chain/test-account.ts";
import { signCall } from "../sim/chain/test-wallet.ts";
import {
  type ContractCall,
  challengeCall,
  depositCall,
  reclaimCall,
  transferAllAssetsCall,
} from "../src/chain/adjudicator.ts";
import { type Deployment, deployAll } from "../src/chain/deployment.ts";
import { approveCall } from "../src/chain/erc20.ts";
import { type Outcome, totalPerAsset } from "../src/channel/outcome.ts";
import { encodeOutcome } from "../src/channel/outcome-encoding.ts";
import { stateHash } from "../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import { fromHex, type Hex, hexSizeBytes, toHex } from "../src/primitives/hex.ts";
import {
  CHALLENGE_DURATION_SEC,
  type ChallengedChannel,
  type FullLedger,
  fullLedger,
} from "./guarantees-gas-ledger.ts";
import { floorGas, TRANSACTION_GAS_MAX } from "./guarantees-gas-limits.ts";

/** What a transaction is there for. */
export type DisputeStep = "challenge the ledger" | "challenge a target" | "reclaim" | "transfer";

/** What one transaction took. */
export type TransactionCost = {
  readonly step: DisputeStep;
  /** As the main chain counts it: what ran, or the least that is asked for the call's bytes. */
  readonly gas: number;
  readonly callBytes: number;
  /** With its signature, as nodes pass it on. */
  readonly sizeBytes: number;
};

/** A ledger to dispute about. */
export type DisputeOptions = {
  readonly targets: number;
  /** 1 is the chain's coin, 2 a token as well. */
  readonly assets: 1 | 2;
  readonly intermediaries: number;
};

/**
 * One party alone: challenges the ledger and every target, waits, reclaims every guarantee and is
 * paid. All transactions in their order.
 */
export async function disputeCosts(options: DisputeOptions): Promise<readonly TransactionCost[]> {
  const payer = testAccount(1);
  const chain = await startEvm({ accounts: [{ address: payer.address, balanceWei: 10n ** 24n }] });
  try {
    const disputant = new Disputant(chain, payer);
    const deployment = await disputant.deploy();
    const token = assertDefined(deployment.token, "the test token");
    const assets = options.assets === 1 ? [ZERO_ADDRESS] : [ZERO_ADDRESS, token];
    const apps = { ledger: deployment.ledgerApp, target: deployment.paymentApp };
    const full = fullLedger({ ...options, assets }, apps);
    await fund(disputant, deployment, full.ledger);
    return await dispute(disputant, deployment.adjudicator, full);
  } finally {
    await chain.stop();
  }
}

async function fund(
  disputant: Disputant,
  { adjudicator }: Deployment,
  { channelId, claim }: ChallengedChannel,
): Promise<void> {
  for (const [asset, amount] of totalPerAsset(claim.candidate.variablePart.outcome)) {
    if (asset !== ZERO_ADDRESS) {
      await disputant.send(mintCall(asset, disputant.address, amount));
      await disputant.send(approveCall(asset, adjudicator, amount));
    }
    await disputant.send(depositCall(adjudicator, { asset, channelId, expectedHeld: 0n, amount }));
  }
}

async function dispute(
  disputant: Disputant,
  adjudicator: Address,
  full: FullLedger,
): Promise<readonly TransactionCost[]> {
  const costs: TransactionCost[] = [];
  const weigh = async (step: DisputeStep, call: ContractCall): Promise<void> => {
    costs.push({ step, ...(await disputant.send(call)) });
  };
  const challenge = ({ challengerSignature, claim }: ChallengedChannel): ContractCall =>
    challengeCall(adjudicator, claim, challengerSignature);

  await weigh("challenge the ledger", challenge(full.ledger));
  for (const target of full.targets) await weigh("challenge a target", challenge(target));
  await disputant.wait(CHALLENGE_DURATION_SEC);
  const outcome = await reclaimAll(full, (call) => weigh("reclaim", call), adjudicator);
  const { channelId } = full.ledger;
  const left = { channelId, outcome, stateHash: hashOf(full.ledger) };
  await weigh("transfer", transferAllAssetsCall(adjudicator, left));
  return costs;
}

/** Reclaims asset by asset, always the first guarantee. Gives what is left: the two parties' shares. */
async function reclaimAll(
  { ledger, targets }: FullLedger,
  send: (call: ContractCall) => Promise<void>,
  adjudicator: Address,
): Promise<Outcome> {
  let outcome = ledger.claim.candidate.variablePart.outcome;
  for (const assetIndex of outcome.keys()) {
    for (const target of targets) {
      const paid = target.claim.candidate.variablePart.outcome;
      const reclaim = {
        sourceChannelId: ledger.channelId,
        sourceStateHash: hashOf(ledger),
        sourceOutcomeBytes: toHex(encodeOutcome(outcome)),
        sourceAssetIndex: assetIndex,
        indexOfTargetInSource: 0,
        targetStateHash: hashOf(target),
        targetOutcomeBytes: toHex(encodeOutcome(paid)),
        targetAssetIndex: assetIndex,
      };
      await send(reclaimCall(adjudicator, reclaim));
      outcome = afterReclaim(outcome, assetIndex, paid);
    }
  }
  return outcome;
}

/** The first guarantee is gone; the two last allocations are the parties, left and right. */
function afterReclaim(outcome: Outcome, assetIndex: number, paid: Outcome): Outcome {
  const gains = paid[assetIndex]?.allocations.map(({ amount }) => amount) ?? [];
  return outcome.map((exit, index) => {
    if (index !== assetIndex) return exit;
    const rest = exit.allocations.slice(1);
    const allocations = rest.map((allocation, place) => ({
      ...allocation,
      amount: allocation.amount + (gains[place - (rest.length - 2)] ?? 0n),
    }));
    return { ...exit, allocations };
  });
}

function hashOf({ channelId, claim }: ChallengedChannel): ReturnType<typeof stateHash> {
  return stateHash(channelId, claim.candidate.variablePart);
}

/** Sends one transaction per block, and knows the time of the chain. */
class Disputant {
  readonly address: Address;
  readonly #chain: LocalChain;
  readonly #account: TestAccount;
  #nonce = 0;
  #nowSec = GENESIS_TIMESTAMP_SEC;

  constructor(chain: LocalChain, account: TestAccount) {
    this.#chain = chain;
    this.#account = account;
    this.address = account.address;
  }

  async deploy(): Promise<Deployment> {
    const { rpc } = this.#chain;
    const deployment = await deployAll(rpc, this.#account, {
      settle: () => this.wait(1),
      token: true,
    });
    const count = await rpc.request("eth_getTransactionCount", [this.address, "latest"]);
    this.#nonce = Number(count);
    return deployment;
  }

  async wait(seconds: number): Promise<void> {
    this.#nowSec += seconds;
    await this.#chain.mine(this.#nowSec);
  }

  /** Rejects when the contract refuses: then there is nothing to weigh. */
  async send(call: ContractCall): Promise<Omit<TransactionCost, "step">> {
    const { rpc } = this.#chain;
    const changes = { gasLimit: BigInt(TRANSACTION_GAS_MAX) };
    const { hash, raw } = signCall(this.#account, this.#nonce++, call, changes);
    await rpc.request("eth_sendRawTransaction", [raw]);
    await this.wait(1);
    const receipt = await rpc.request("eth_getTransactionReceipt", [hash]);
    const { gasUsed, status } = receipt as { readonly gasUsed: Hex; readonly status: Hex };
    assert(status === "0x1", "the contract takes every transaction of the dispute");
    const bytes = fromHex(call.data);
    return {
      gas: Math.max(Number(gasUsed), floorGas(bytes)),
      callBytes: bytes.length,
      sizeBytes: hexSizeBytes(raw),
    };
  }
}
