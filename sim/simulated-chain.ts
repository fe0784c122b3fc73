/** A local chain with the contracts on it, shared by the runs of one process. */
import { mintCall } from "../contracts/test-token.ts";
import { type Deployer, type Deployment, deployAll } from "../src/chain/deployment.ts";
import { signTransaction } from "../src/chain/transaction.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { ACTOR_NAMES, type ActorName, keyOf } from "./actors.ts";
import { type Asset, testToken } from "./assets.ts";
import { startAnvil } from "./chain/anvil.ts";
import { startEvm } from "./chain/evm.ts";
import {
  BASE_FEE_WEI,
  GENESIS_TIMESTAMP_SEC,
  LOCAL_CHAIN_ID,
  type LocalChain,
  type LocalChainOptions,
} from "./chain/local-chain.ts";
import { startModel } from "./chain/model.ts";

/**
 * The tiers that exist. `anvil` is the reference; `evm` runs the same contracts in this process; `model` says
 * in our own words what they do.
 */
export const CHAIN_TIERS = ["anvil", "evm", "model"] as const;
export type ChainTier = (typeof CHAIN_TIERS)[number];

const STARTS: Readonly<Record<ChainTier, (options: LocalChainOptions) => Promise<LocalChain>>> = {
  anvil: startAnvil,
  evm: startEvm,
  model: startModel,
};

/** A chain that is ready for a run. */
export type SimulatedChain = {
  readonly local: LocalChain;
  readonly deployment: Deployment;
  readonly token: Asset;
  /** Time of the newest block when a run begins. */
  readonly startSec: number;
};

/** Coins of each actor at the beginning: 100 ETH, as tools give their test accounts. */
const ACTOR_BALANCE_WEI = 100n * 10n ** 18n;

/** Tokens of each actor at the beginning: 1,000. */
const ACTOR_TOKENS = 1_000n * 10n ** 18n;

/** Gas of minting to a new holder: 68,000 measured. */
const MINT_GAS = 100_000n;

/** Eve pays for the deployment: no honest actor's balance or nonce is touched before a run. */
const DEPLOYER: ActorName = "eve";

/** Seconds between blocks on the way to the first run. */
const BLOCK_TIME_SEC = 12;

/** Starts a chain, deploys everything, and remembers that state for every run to begin from. */
export async function startSimulatedChain(tier: ChainTier): Promise<SimulatedChain> {
  const accounts = ACTOR_NAMES.map((name) => ({
    address: addressOf(name),
    balanceWei: ACTOR_BALANCE_WEI,
  }));
  const local = await STARTS[tier]({ accounts });
  try {
    return await prepare(local);
  } catch (error) {
    await local.stop();
    throw error;
  }
}

/** As many as there are actors: each costs a multiplication on the curve. */
const addresses = new Map<ActorName, Address>();

/** The address of an actor. */
export function addressOf(name: ActorName): Address {
  const address = addresses.get(name) ?? signatureBackend.addressOf(keyOf(name));
  addresses.set(name, address);
  return address;
}

async function prepare(local: LocalChain): Promise<SimulatedChain> {
  let timestampSec = GENESIS_TIMESTAMP_SEC;
  const settle = async (): Promise<void> => {
    timestampSec += BLOCK_TIME_SEC;
    await local.mine(timestampSec);
  };
  const deployer = {
    address: addressOf(DEPLOYER),
    signDigest: (digest: Hash) => signatureBackend.signDigest(digest, keyOf(DEPLOYER)),
  };
  const deployment = await deployAll(local.rpc, deployer, { settle, token: true });
  const token = assertDefined(deployment.token, "the test token");
  for (const [nonce, name] of ACTOR_NAMES.entries()) {
    await mint(local, deployer, { token, to: addressOf(name), nonce });
  }
  await settle();
  await local.checkpoint();
  return { local, deployment, token: testToken(token), startSec: timestampSec };
}

async function mint(
  local: LocalChain,
  deployer: Deployer,
  { nonce, to, token }: { readonly token: Address; readonly to: Address; readonly nonce: number },
): Promise<void> {
  const { rpc } = local;
  const used = Number(await rpc.request("eth_getTransactionCount", [deployer.address, "latest"]));
  const call = mintCall(token, to, ACTOR_TOKENS);
  const { raw } = signTransaction(
    {
      ...call,
      chainId: BigInt(LOCAL_CHAIN_ID),
      nonce: used + nonce,
      gasLimit: MINT_GAS,
      maxFeePerGasWei: 2n * BASE_FEE_WEI,
      maxPriorityFeePerGasWei: BASE_FEE_WEI,
    },
    deployer.signDigest,
  );
  await rpc.request("eth_sendRawTransaction", [raw]);
}
