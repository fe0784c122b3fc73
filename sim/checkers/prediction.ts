/** Foretells each block by the model, and finds what the real contracts did otherwise. ADR 0025. */
import { CREATE2_PROXY } from "../../src/chain/deployment-plan.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import { ACTOR_NAMES } from "../actors.ts";
import { ETH } from "../assets.ts";
import {
  balanceCell,
  balanceOwner,
  type CellName,
  codeCell,
  storageCell,
  storagePlace,
} from "../chain/model/cells.ts";
import { codeByHash, PROXY_NUMBER } from "../chain/model/codes.ts";
import { cellMismatches, compareResults } from "../chain/model/found-block.ts";
import { Replica, type ReplicaOptions } from "../chain/model/replica.ts";
import { TOTAL_SUPPLY_SLOT, tokenBalanceSlot } from "../chain/model/token.ts";
import { addressOf, type SimulatedChain } from "../simulated-chain.ts";
import type { MinedBlock, TakenBack } from "../witness.ts";
import type { World } from "../world.ts";
import { askBalances } from "./balance-probe.ts";

/** Findings that are told: what follows from one fault would fill pages. */
const FINDINGS_MAX = 5;

/**
 * Puts the model beside a world that has not run yet. Every block with a transaction is foretold; a difference
 * is a violation. On the model itself there is nothing to foretell.
 */
export async function foretellWorld(world: World, options: ReplicaOptions = {}): Promise<void> {
  const { chain } = world.options;
  if (chain.local.tier === "model") return;
  const prediction = await openPrediction(chain, options);
  let left = FINDINGS_MAX;
  world.witnesses.push({
    sawRecord: () => {},
    sawBlock: async (block) => {
      if (left === 0) return;
      const found = await foretell(prediction, block);
      for (const text of found.texts.slice(0, left)) {
        const message = `block ${block.number}: ${text}`;
        world.violations.push({ oracle: "prediction", message });
      }
      left = found.canGoOn ? Math.max(0, left - found.texts.length) : 0;
    },
    sawReorg: async (reorg) => forgetBlocks(prediction, reorg),
  });
}

type Foretold = { readonly texts: readonly string[]; readonly canGoOn: boolean };

/** Where somebody makes a contract that the model does not know, it says so, and goes no further. */
async function foretell(prediction: Prediction, block: MinedBlock): Promise<Foretold> {
  try {
    return { texts: await foretellBlock(prediction, block), canGoOn: true };
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== "RpcRefused") throw error;
    return { texts: [error.message], canGoOn: false };
  }
}

/** What the model says of one run, block by block. Only the functions here change it. */
export type Prediction = {
  readonly chain: SimulatedChain;
  readonly replica: Replica;
};

/** Begins on a chain on which nothing has happened since its contracts were deployed. */
export async function openPrediction(
  chain: SimulatedChain,
  options: ReplicaOptions = {},
): Promise<Prediction> {
  const newest = await chain.local.rpc.request("eth_blockNumber", []);
  const start = { number: Number(newest), timestampSec: chain.startSec };
  return { chain, replica: new Replica(start, await readCells(chain), options) };
}

/** Who may own something at the beginning: the actors, and the zero address, which earns the tips. */
const OWNERS: readonly Hex[] = [...ACTOR_NAMES.map(addressOf), ZERO_ADDRESS];

async function readCells(chain: SimulatedChain): Promise<ReadonlyMap<CellName, bigint>> {
  const { deployment, local, token } = chain;
  const cells = new Map<CellName, bigint>([[codeCell(CREATE2_PROXY), PROXY_NUMBER]]);
  for (const [name, hash] of Object.entries(deployment.codeHashes)) {
    const address = deployment[name as keyof typeof deployment.codeHashes];
    const code = assertDefined(codeByHash(hash), `the model's ${name}`);
    if (address !== undefined) cells.set(codeCell(address), code.number);
  }
  const owners = OWNERS as Parameters<typeof askBalances>[1][number]["owner"][];
  const questions = owners.flatMap((owner) => [ETH, token].map((asset) => ({ owner, asset })));
  const amounts = await askBalances(local.rpc, questions);
  for (const [index, { asset, owner }] of questions.entries()) {
    const name =
      asset === ETH ? balanceCell(owner) : storageCell(token.address, tokenBalanceSlot(owner));
    cells.set(name, amounts[index] ?? 0n);
  }
  const params = [token.address, TOTAL_SUPPLY_SLOT, "latest"];
  const supply = BigInt((await local.rpc.request("eth_getStorageAt", params)) as Hex);
  return cells.set(storageCell(token.address, TOTAL_SUPPLY_SLOT), supply);
}

/** Foretells a block that was just made, and gives what is otherwise, in words: results, logs, storage and coins. */
export async function foretellBlock(
  { chain, replica }: Prediction,
  { number }: Pick<MinedBlock, "number">,
): Promise<readonly string[]> {
  const { rpc } = chain.local;
  const { forecast, mismatches } = await compareResults(rpc, replica, `0x${number.toString(16)}`);
  const storage = [...forecast.changes].filter(([name]) => storagePlace(name) !== undefined);
  return [
    ...mismatches,
    ...(await cellMismatches(rpc, new Map(storage))),
    ...(await coinMismatches(chain, forecast.changes)),
  ];
}

/** Forgets what a reorg took back. */
export function forgetBlocks({ replica }: Prediction, { fork }: Pick<TakenBack, "fork">): void {
  replica.takeBackTo(fork);
}

/** All coins in one request. */
async function coinMismatches(
  { local }: SimulatedChain,
  changes: ReadonlyMap<CellName, bigint>,
): Promise<readonly string[]> {
  const questions = [...changes.keys()].flatMap((name) => {
    const owner = balanceOwner(name) as
      | Parameters<typeof askBalances>[1][number]["owner"]
      | undefined;
    return owner === undefined ? [] : [{ owner, asset: ETH }];
  });
  if (questions.length === 0) return [];
  const amounts = await askBalances(local.rpc, questions);
  return questions.flatMap(({ owner }, index) => {
    const said = changes.get(balanceCell(owner));
    return amounts[index] === said
      ? []
      : [`${owner} owns ${amounts[index]} wei; by the model ${said}`];
  });
}
