/** The verbs that a script has for the chain, over a world. */
import type { ContractCall } from "../src/chain/adjudicator.ts";
import { signTransaction } from "../src/chain/transaction.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import type { Hex } from "../src/primitives/hex.ts";
import { type ActorName, keyOf } from "./actors.ts";
import { BASE_FEE_WEI, LOCAL_CHAIN_ID } from "./chain/local-chain.ts";
import type { ChainVerbs, StrangerCall } from "./chain-verbs.ts";
import { addressOf } from "./simulated-chain.ts";
import { makeReal } from "./stand-in-signatures.ts";
import type { World } from "./world.ts";

/** Gas of a stranger's transaction: enough for any call of the contracts with a channel of usual size. */
const GAS_LIMIT = 2_000_000n;

/** Virtual milliseconds between two looks at the chain of a script that waits for it. */
const LOOK_MS = 1_000;

/** Most that a stranger pays for gas, as a multiple of the base fee: a spike must not stop her. */
const FEE_FACTOR = 1_000n;

/** Builds the verbs. */
export function createChainVerbs(world: World): ChainVerbs {
  const { faults, miner } = world;
  const from = (): number => miner.nextBlock;
  const now = (forSec: number) => ({ fromSec: world.virtualMs / 1_000, forSec });
  return {
    newestSec: () => miner.newestSec,
    nextBlock: from,
    reorg: (reorg) => atTheChain(world, () => miner.reorg(reorg)),
    censor: (censorship) => void faults.addCensorship({ ...censorship, from: from() }),
    feeSpike: (spike) => void faults.addFeeSpike({ ...spike, from: from() }),
    mineUntil: (sec) => mineUntil(world, sec),
    asStranger: (call, how) => atTheChain(world, () => sendAsStranger(world, call, how)),
    mined: (hash) => minedWithSuccess(world, hash),
    pauseRpc: (node, forSec) => {
      const span = now(forSec);
      faults.addTrouble({ ...span, node, endpoint: undefined, conditions: { outages: [span] } });
    },
    troubleRpc: (node, forSec, conditions, endpoint) => {
      faults.addTrouble({ ...now(forSec), node, endpoint, conditions });
    },
  };
}

/** Does something with the real chain while the world stands still. */
export function atTheChain<Value>({ door }: World, work: () => Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    door.add(() => work().then(resolve, reject));
  });
}

async function mineUntil(world: World, sec: number): Promise<void> {
  const aheadMs = sec * 1_000 - world.timeline.nowMs;
  if (aheadMs > 0) await world.pause(aheadMs);
  while (world.miner.newestSec < sec) await world.pause(LOOK_MS);
}

async function sendAsStranger(
  world: World,
  call: ContractCall,
  { by = "eve", gasLimit = GAS_LIMIT, isFirst = false, label }: StrangerCall = {},
): Promise<Hash> {
  const { pool, miner, options } = world;
  if (world.nodes.has(by)) throw new Error(`${by} is in the cast, and no stranger`);
  const { rpc } = options.chain.local;
  const address = addressOf(by);
  const latest = Number(await rpc.request("eth_getTransactionCount", [address, "latest"]));
  const { raw } = signTransaction(
    {
      ...call,
      data: makeReal(options.signatures, call.data),
      chainId: BigInt(LOCAL_CHAIN_ID),
      nonce: pool.pendingNonce(address, latest),
      gasLimit,
      maxFeePerGasWei: FEE_FACTOR * BASE_FEE_WEI,
      maxPriorityFeePerGasWei: BASE_FEE_WEI,
    },
    (digest) => signatureBackend.signDigest(digest, keyOf(by)),
  );
  show(world, by, label ?? `call ${call.data.slice(0, 10)}`, raw);
  return miner.accept(raw, isFirst);
}

function show({ trace, virtualMs }: World, by: ActorName, label: string, raw: Hex): void {
  trace.add({ type: "Transaction", atMs: virtualMs, node: by, raw });
  trace.add({ type: "Arrow", atMs: virtualMs, arrow: `${by}->>chain: ${label}` });
}

async function minedWithSuccess(world: World, hash: Hash): Promise<boolean> {
  const { rpc } = world.options.chain.local;
  for (;;) {
    const receipt = await atTheChain(world, () => rpc.request("eth_getTransactionReceipt", [hash]));
    if (receipt !== null) return (receipt as { readonly status: Hex }).status === "0x1";
    await world.pause(LOOK_MS);
  }
}
