/** Puts the contracts on a chain, or finds them there, and checks that their code is ours. */
import { keccak256 } from "viem";
import type { Address } from "../crypto/address.ts";
import type { Hash, Signature } from "../crypto/signature.ts";
import type { Clock } from "../ports/clock.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { assert } from "../primitives/assert.ts";
import { type Hex, isHex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { ContractCall } from "./adjudicator.ts";
import {
  type AdjudicatorKind,
  CONTRACT_NAMES,
  type ContractName,
  CREATE2_PROXY,
  type DeploymentPlan,
  type PlannedContract,
  planDeployment,
} from "./deployment-plan.ts";
import { signTransaction } from "./transaction.ts";

/** The contracts that the nodes of one chain use. */
export type Deployment = {
  readonly chainId: bigint;
  readonly adjudicator: Address;
  /** For direct channels. */
  readonly consensusApp: Address;
  /** The consensus app again: a channel with this app is an enforceable ledger, and nothing else is. */
  readonly ledgerApp: Address;
  /** The same for ledgers with go-nitro nodes. */
  readonly goNitroLedgerApp: Address;
  /** For virtual channels of the enforceable profile. */
  readonly paymentApp: Address;
  /** The published app, which pays one way and the chain's own coin alone. */
  readonly virtualPaymentApp: Address;
  /** For channels of message logs whose game no contract knows. */
  readonly agreedLogApp: Address;
  /** For games of rock, paper, scissors, and of tactics. */
  readonly rockPaperScissorsApp: Address;
  readonly tacticsApp: Address;
  /** The test token, where it was asked for. */
  readonly token: Address | undefined;
  /** keccak-256 of the code found at each address. */
  readonly codeHashes: Readonly<Partial<Record<ContractName, Hash>>>;
};

/** Pays for the deployment. Whoever pays, the addresses are the same. */
export type Deployer = {
  readonly address: Address;
  readonly signDigest: (digest: Hash) => Signature;
};

/** How to deploy. */
export type DeployOptions = {
  /** Resolves once these transactions are in a block: mines one on a local chain, waits elsewhere. */
  readonly settle: (transactions: readonly Hash[]) => Promise<void>;
  /** Whether the test token is wanted, on a local chain only. False when not given. */
  readonly token?: boolean;
  /** Which adjudicator; the published one when not given. */
  readonly adjudicator?: AdjudicatorKind;
};

/** Chain ids of chains that exist on one machine only: here anyone may mint money. */
export const LOCAL_CHAIN_IDS: readonly bigint[] = [31_337n, 1_337n];

/**
 * Deploys what is missing. A second run finds all in place and sends nothing.
 *
 * Throws `NodeError` with `CodeMismatch` when a contract's code is not what this program was built for,
 * and passes on what the endpoint refuses, such as a deployer without money.
 */
export async function deployAll(
  rpc: EthereumRpc,
  deployer: Deployer,
  { adjudicator = "published", settle, token = false }: DeployOptions,
): Promise<Deployment> {
  const chainId = BigInt((await rpc.request("eth_chainId", [])) as Hex);
  assert(!token || LOCAL_CHAIN_IDS.includes(chainId), "the test token is for local chains");
  const plan = planDeployment(chainId, adjudicator);
  const wanted = CONTRACT_NAMES.filter((name) => token || name !== "token").map(
    (name) => plan[name],
  );

  const missing = await missingOf(rpc, wanted);
  if (missing.length > 0) {
    await ensureProxy(rpc, deployer, chainId, settle);
    const sent: Hash[] = [];
    for (const { call, gasLimit } of missing) {
      sent.push(await send(rpc, deployer, chainId, call, gasLimit));
    }
    await settle(sent);
  }
  return { ...addressesOf(plan, token), chainId, codeHashes: await checkCode(rpc, wanted) };
}

/**
 * Checks that every contract of a deployment still has the code that this program was built for.
 * Throws `NodeError` with `CodeMismatch` for the first that has not.
 */
export async function checkDeployment(rpc: EthereumRpc, deployment: Deployment): Promise<void> {
  const plan = planDeployment(deployment.chainId, kindOf(deployment));
  const named = CONTRACT_NAMES.flatMap((name) => {
    const address = deployment[name];
    return address === undefined ? [] : [{ ...plan[name], address }];
  });
  await checkCode(rpc, named);
}

/** The hardened adjudicator is known by its code; any other code must be the published one's. */
function kindOf({ chainId, codeHashes }: Deployment): AdjudicatorKind {
  const { codeHash } = planDeployment(chainId, "hardened").adjudicator;
  return codeHashes.adjudicator === codeHash ? "hardened" : "published";
}

/** How long `untilMined` waits, and how often it looks. */
export type MiningWait = { readonly pollMs: number; readonly timeoutMs: number };

/**
 * A `settle` for chains that make blocks by themselves: looks for the receipts.
 * It throws `NodeError` with `RpcUnreachable` when one is still missing after `timeoutMs`.
 */
export function untilMined(
  rpc: EthereumRpc,
  clock: Clock,
  { pollMs, timeoutMs }: MiningWait,
): DeployOptions["settle"] {
  return async (transactions) => {
    const deadlineMs = clock.nowMs() + timeoutMs;
    for (const hash of transactions) {
      while ((await rpc.request("eth_getTransactionReceipt", [hash])) === null) {
        if (clock.nowMs() >= deadlineMs) throw notMined(hash, timeoutMs);
        await new Promise<void>((resolve) => {
          clock.after(pollMs, resolve);
        });
      }
    }
  };
}

function notMined(hash: Hash, timeoutMs: number): NodeError {
  const message = `transaction ${hash} is in no block after ${timeoutMs} ms; look at it on the chain, then run this again`;
  return new NodeError("RpcUnreachable", message, { data: { hash, timeoutMs } });
}

function addressesOf(
  plan: DeploymentPlan,
  token: boolean,
): Omit<Deployment, "chainId" | "codeHashes"> {
  return {
    adjudicator: plan.adjudicator.address,
    consensusApp: plan.consensusApp.address,
    ledgerApp: plan.ledgerApp.address,
    goNitroLedgerApp: plan.goNitroLedgerApp.address,
    paymentApp: plan.paymentApp.address,
    virtualPaymentApp: plan.virtualPaymentApp.address,
    agreedLogApp: plan.agreedLogApp.address,
    rockPaperScissorsApp: plan.rockPaperScissorsApp.address,
    tacticsApp: plan.tacticsApp.address,
    token: token ? plan.token.address : undefined,
  };
}

async function missingOf(
  rpc: EthereumRpc,
  contracts: readonly PlannedContract[],
): Promise<readonly PlannedContract[]> {
  const missing: PlannedContract[] = [];
  for (const contract of contracts) {
    if (!(await hasCode(rpc, contract.address))) missing.push(contract);
  }
  return missing;
}

async function checkCode(
  rpc: EthereumRpc,
  contracts: readonly PlannedContract[],
): Promise<Deployment["codeHashes"]> {
  const found: Partial<Record<ContractName, Hash>> = {};
  for (const { address, codeHash, name } of contracts) {
    const code = await codeAt(rpc, address);
    const actual = keccak256(code) as Hash;
    if (actual !== codeHash)
      throw wrongCode(name, address, code === "0x" ? "none" : actual, codeHash);
    found[name] = actual;
  }
  return found;
}

function wrongCode(
  name: ContractName,
  address: Address,
  actual: string,
  expected: Hash,
): NodeError {
  return new NodeError(
    "CodeMismatch",
    `the ${name} at ${address} has the wrong code (hash ${actual}, not ${expected}); deploy it, or correct the address`,
    { data: { contract: name, address, actual, expected } },
  );
}

/** The account whose only transaction, published and signed by nobody's key, makes the proxy. */
const PROXY_MAKER = "0x3fab184622dc19b6109349b94811493bf2a45362" as Address;

/** That transaction: 100,000 gas at 100 gwei, valid on every chain that takes transactions without chain id. */
const PROXY_TRANSACTION =
  "0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba02222222222222222222222222222222222222222222222222222222222222222a02222222222222222222222222222222222222222222222222222222222222222";

/** What it costs: 100,000 gas at 100 gwei, 0.01 coins. */
const PROXY_COST_WEI = 10_000_000_000_000_000n;

/** Gas of a transfer of coins to an account. */
const TRANSFER_GAS = 21_000n;

async function ensureProxy(
  rpc: EthereumRpc,
  deployer: Deployer,
  chainId: bigint,
  settle: DeployOptions["settle"],
): Promise<void> {
  if (await hasCode(rpc, CREATE2_PROXY)) return;
  const owned = BigInt((await rpc.request("eth_getBalance", [PROXY_MAKER, "latest"])) as Hex);
  if (owned < PROXY_COST_WEI) {
    const gift: ContractCall = { to: PROXY_MAKER, data: "0x", valueWei: PROXY_COST_WEI - owned };
    await settle([await send(rpc, deployer, chainId, gift, TRANSFER_GAS)]);
  }
  await settle([(await rpc.request("eth_sendRawTransaction", [PROXY_TRANSACTION])) as Hash]);
}

/** Tip for the block's maker, per unit of gas: 1 gwei, the usual of a calm chain. */
const TIP_WEI = 1_000_000_000n;

async function send(
  rpc: EthereumRpc,
  { address, signDigest }: Deployer,
  chainId: bigint,
  call: ContractCall,
  gasLimit: bigint,
): Promise<Hash> {
  const count = await rpc.request("eth_getTransactionCount", [address, "pending"]);
  // Twice the base fee stays valid for five full blocks in a row, each 12.5 % dearer.
  const maxFeePerGasWei = 2n * (await baseFeeWei(rpc)) + TIP_WEI;
  const { raw, hash } = signTransaction(
    {
      ...call,
      chainId,
      nonce: Number(count),
      gasLimit,
      maxFeePerGasWei,
      maxPriorityFeePerGasWei: TIP_WEI,
    },
    signDigest,
  );
  await rpc.request("eth_sendRawTransaction", [raw]);
  return hash;
}

async function baseFeeWei(rpc: EthereumRpc): Promise<bigint> {
  const block = await rpc.request("eth_getBlockByNumber", ["latest", false]);
  const { baseFeePerGas = "0x0" } = block as { readonly baseFeePerGas?: Hex };
  return BigInt(baseFeePerGas);
}

async function codeAt(rpc: EthereumRpc, address: Address): Promise<Hex> {
  const code = await rpc.request("eth_getCode", [address, "latest"]);
  return isHex(code) ? code : "0x";
}

async function hasCode(rpc: EthereumRpc, address: Address): Promise<boolean> {
  return (await codeAt(rpc, address)) !== "0x";
}
