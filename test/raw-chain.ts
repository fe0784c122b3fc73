/** A simulated world without nodes: tests send to its chain, and ask it, by the endpoints that nodes would have. */
import type { ActorName } from "../sim/actors.ts";
import { keyOf } from "../sim/actors.ts";
import { BASE_FEE_WEI, LOCAL_CHAIN_ID } from "../sim/chain/local-chain.ts";
import type { ChainSetup } from "../sim/chain-conditions.ts";
import { createChainVerbs } from "../sim/chain-stage.ts";
import type { ChainVerbs } from "../sim/chain-verbs.ts";
import { watchWorld } from "../sim/checkers/oracles.ts";
import { addressOf, type SimulatedChain } from "../sim/simulated-chain.ts";
import { World } from "../sim/world.ts";
import { type ContractCall, depositCall } from "../src/chain/adjudicator.ts";
import { signTransaction, type Transaction } from "../src/chain/transaction.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import type { Hex } from "../src/primitives/hex.ts";

/** What a test does with the chain. */
export type RawChain = {
  readonly world: World;
  readonly chain: ChainVerbs;
  /** Asks the first endpoint of an actor, or another one. */
  readonly ask: (
    who: ActorName,
    method: string,
    params?: readonly unknown[],
    endpoint?: number,
  ) => Promise<unknown>;
  /** Sends a call of an actor with this nonce by her first endpoint. */
  readonly send: (who: ActorName, nonce: number, changes?: Partial<Transaction>) => Promise<Hash>;
  /** The number of the run's block that holds a transaction; undefined when none does. */
  readonly blockOf: (hash: Hash) => Promise<number | undefined>;
  /** Waits until the next blocks are made. */
  readonly blocks: (count: number) => Promise<void>;
  /** A deposit of 1 wei into a channel of that name, which must hold `held`. */
  readonly deposit: (name: number, held: bigint) => ContractCall;
};

/** How the chain behaves, and by which seed. */
export type RawChainOptions = {
  readonly chain: SimulatedChain;
  readonly conditions?: ChainSetup;
  readonly seed?: number;
};

/** Gas of a call in these tests. */
const GAS_LIMIT = 200_000n;

/** Plays a story on a chain, and gives the world as it is then. Throws what the oracles find. */
export async function onRawChain(
  { chain, conditions = {}, seed = 1 }: RawChainOptions,
  story: (raw: RawChain) => Promise<void>,
): Promise<World> {
  await chain.local.reset();
  const signatures = signatureBackend;
  const world = new World({ seed, chain, conditions, signatures, cast: [], network: {} });
  const oracles = await watchWorld(world);
  world.miner.start();
  let end: { readonly error?: unknown } | undefined;
  const startBlock = Number(await chain.local.rpc.request("eth_blockNumber", []));
  // Later: an expectation that waits for an answer would keep the world from beginning.
  const told = Promise.resolve().then(() => story(rawChain(world, startBlock)));
  told.then(
    () => {
      end = {};
    },
    (error: unknown) => {
      end = { error };
    },
  );
  await world.run(() => end !== undefined);
  if (end === undefined) throw new Error("the story stands still");
  if (end.error !== undefined) throw end.error;
  await oracles.finish();
  if (world.violations.length > 0) throw new Error(JSON.stringify(world.violations));
  return world;
}

/** Every note of the diagram, without the name of whom it is about. */
export function notesOf({ trace }: World): readonly string[] {
  return trace.entries.flatMap((entry) => (entry.type === "Fault" ? [entry.what] : []));
}

function rawChain(world: World, startBlock: number): RawChain {
  const { deployment } = world.options.chain;
  const chain = createChainVerbs(world);
  const ask: RawChain["ask"] = async (who, method, params = [], endpoint = 0) => {
    const rpc = world.door.rpcsOf(who)[endpoint];
    if (rpc === undefined) throw new Error(`${who} has no endpoint ${endpoint}`);
    return rpc.request(method, params);
  };
  return {
    world,
    chain,
    ask,
    send: async (who, nonce, changes = {}) => {
      const raw = signed(who, nonce, changes);
      return (await ask(who, "eth_sendRawTransaction", [raw])) as Hash;
    },
    blockOf: async (hash) => {
      const receipt = await ask("ivan", "eth_getTransactionReceipt", [hash]);
      if (receipt === null) return undefined;
      const { blockNumber } = receipt as { readonly blockNumber: Hex };
      return Number(blockNumber) - startBlock;
    },
    blocks: async (count) => {
      const until = chain.nextBlock() + count;
      while (chain.nextBlock() < until) await world.pause(1_000);
    },
    deposit: (name, held) => {
      // With leading zeros it would be an account, into which nobody deposits.
      const channelId = `0x${name.toString(16).padStart(64, "c")}` as ChannelId;
      const what = { asset: ZERO_ADDRESS, channelId, expectedHeld: held, amount: 1n };
      return depositCall(deployment.adjudicator, what);
    },
  };
}

/** The signed bytes of a call; by default one that pays Bob 1 wei. */
export function signed(who: ActorName, nonce: number, changes: Partial<Transaction> = {}): Hex {
  const { raw } = signTransaction(
    {
      ...{ to: addressOf("bob"), data: "0x", valueWei: 1n, nonce, gasLimit: GAS_LIMIT },
      chainId: BigInt(LOCAL_CHAIN_ID),
      maxFeePerGasWei: 2n * BASE_FEE_WEI,
      maxPriorityFeePerGasWei: BASE_FEE_WEI,
      ...changes,
    },
    (digest) => signatureBackend.signDigest(digest, keyOf(who)),
  );
  return raw;
}
