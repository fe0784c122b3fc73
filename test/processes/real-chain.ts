/** An Anvil in a process of its own that makes blocks by itself, with the contracts on it. */
import { keyOf } from "../../sim/actors.ts";
import { startAnvil } from "../../sim/chain/anvil.ts";
import { addressOf } from "../../sim/simulated-chain.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { deployAll, untilMined } from "../../src/chain/deployment.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { Hash } from "../../src/crypto/signature.ts";
import { signatureBackend } from "../../src/crypto/signatures.ts";
import { assertDefined } from "../../src/primitives/assert.ts";

/** Milliseconds between two blocks: a hundred times faster than a real chain, so that tests end. */
const BLOCK_MS = 100;

/** Seconds between two blocks, as the chain tells them: as few as it allows. */
const BLOCK_SEC = 1;

/** Longest wait for the contracts, in milliseconds. */
const DEPLOY_TIMEOUT_MS = 60_000;

/** A running chain. */
export type RealChain = {
  readonly url: string;
  /** What an account owns, in wei. */
  readonly balanceOf: (address: Address) => Promise<bigint>;
  /** Puts the clock of the next block so much further. */
  readonly pass: (seconds: number) => void;
  readonly stop: () => Promise<void>;
};

/** Starts the chain, gives each of these accounts a thousand coins, and deploys the contracts. */
export async function startRealChain(accounts: readonly Address[]): Promise<RealChain> {
  const deployer = addressOf("eve");
  const rich = [deployer, ...accounts].map((address) => ({
    address,
    balanceWei: 1_000n * 10n ** 18n,
  }));
  const chain = await startAnvil({ accounts: rich, tellUrl: true });
  let timestampSec = Math.ceil(Date.now() / 1_000);
  let mining = Promise.resolve();
  const timer = setInterval(() => {
    timestampSec += BLOCK_SEC;
    mining = mining.then(() => chain.mine(timestampSec)).catch(() => undefined);
  }, BLOCK_MS);
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await mining;
    await chain.stop();
  };
  try {
    const signDigest = (digest: Hash) => signatureBackend.signDigest(digest, keyOf("eve"));
    const patience = { pollMs: BLOCK_MS, timeoutMs: DEPLOY_TIMEOUT_MS };
    await deployAll(
      chain.rpc,
      { address: deployer, signDigest },
      { settle: untilMined(chain.rpc, systemClock, patience) },
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: assertDefined(chain.url, "an address that was asked for"),
    balanceOf: async (address) =>
      BigInt(String(await chain.rpc.request("eth_getBalance", [address, "latest"]))),
    pass: (seconds) => {
      timestampSec += seconds;
    },
    stop,
  };
}
