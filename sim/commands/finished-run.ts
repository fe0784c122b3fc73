/** A run with what only its world can tell: the fees, and the logs of the nodes. */
import { NodeError } from "../../src/primitives/node-error.ts";
import { type DiskContents, readContents } from "../../src/store/disk-contents.ts";
import { readLogId } from "../../src/store/log-disk.ts";
import { readStored } from "../../src/store/stored-log.ts";
import { ACTOR_NAMES, type ActorName } from "../actors.ts";
import { type RunOptions, type RunResult, runScenario } from "../run-scenario.ts";
import type { Scenario } from "../scenario.ts";
import { addressOf } from "../simulated-chain.ts";
import type { World } from "../world.ts";

/** Wei that each actor paid for gas. */
export type Fees = Readonly<Partial<Record<ActorName, bigint>>>;

/** The log of one node, as it lies on its disk. */
export type NodeLog = {
  readonly node: ActorName;
  readonly logId: Uint8Array;
  /** Each as stored: 32 bytes of hash, then MessagePack. Up to where the disk is damaged. */
  readonly records: readonly Uint8Array[];
  /** The same and all that lies beside it: index, journal, head file. */
  readonly disk: DiskContents;
};

/** A run that came to its end, be it a bad one. */
export type FinishedRun = {
  readonly result: RunResult;
  readonly fees: Fees;
  readonly logs: readonly NodeLog[];
};

/** Runs a scenario and keeps what would be gone with its world. Throws what `runScenario` throws. */
export async function finishRun(
  scenario: Scenario,
  options: Omit<RunOptions, "inspect">,
): Promise<FinishedRun> {
  let fees: Fees = {};
  let logs: readonly NodeLog[] = [];
  const inspect = async (world: World): Promise<void> => {
    fees = feesOf(world);
    logs = await Promise.all([...world.nodes.keys()].map((name) => logOf(world, name)));
  };
  const result = await runScenario(scenario, { ...options, inspect });
  return { result, fees, logs };
}

function feesOf(world: World): Fees {
  const names = new Map(ACTOR_NAMES.map((name) => [addressOf(name) as string, name]));
  const fees: Partial<Record<ActorName, bigint>> = {};
  for (const { feeWei, from } of world.miner.receipts) {
    const name = names.get(from.toLowerCase());
    if (name !== undefined) fees[name] = (fees[name] ?? 0n) + feeWei;
  }
  return fees;
}

async function logOf(world: World, node: ActorName): Promise<NodeLog> {
  const { disk } = world.node(node).parts;
  const records: Uint8Array[] = [];
  let logId: Uint8Array = new Uint8Array();
  try {
    logId = (await readLogId(disk.keyValue)) ?? logId;
    for await (const { stored } of readStored(disk)) records.push(stored);
  } catch (error) {
    // A fault of the plan has damaged this disk: whoever looks for why wants what can still be read.
    if (!(error instanceof NodeError && error.code === "LogDamaged")) throw error;
  }
  return { node, logId, records, disk: await readContents(disk) };
}
