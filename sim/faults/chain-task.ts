/** What a fault of the chain does to the chain of a world. */
import type { ActorName } from "../actors.ts";
import type { RpcConditions } from "../chain-conditions.ts";
import { atTheChain } from "../chain-stage.ts";
import type { World } from "../world.ts";
import type { ChainFault } from "./fault.ts";
import { INSTANT_MS } from "./under-way.ts";

/** A fault of the chain that has begun. */
export type ChainTask = {
  /** Virtual milliseconds that it lasts. */
  readonly forMs: number;
  /** Ends it, be it before its time. */
  readonly undo: () => void;
  /** Who does not see the chain meanwhile. */
  readonly cutsOff?: ActorName;
};

/** How many questions an endpoint may leave without an answer, and still be of use: half. */
const ERROR_FRACTION_MAX = 0.5;

/** Begins it now. */
export function chainTaskOf(world: World, fault: ChainFault): ChainTask {
  const { faults, miner } = world;
  const { blockTimeSec } = faults.conditions.profile;
  const from = miner.nextBlock;
  switch (fault.type) {
    case "Reorg": {
      const { type: _, ...reorg } = fault;
      atTheChain(world, () => miner.reorg(reorg)).catch((error: unknown) => world.fail(error));
      return { forMs: INSTANT_MS, undo: () => {} };
    }
    case "Censorship": {
      const { blocks, function: called, sender } = fault;
      const whose = sender === undefined ? {} : { sender };
      const which = called === undefined ? {} : { function: called };
      const undo = faults.addCensorship({ from, blocks, ...whose, ...which });
      return { forMs: blocks * blockTimeSec * 1_000, undo };
    }
    case "FeeSpike": {
      const { baseFeeWei, blocks } = fault;
      const undo = faults.addFeeSpike({ from, blocks, baseFeeWei });
      return { forMs: blocks * blockTimeSec * 1_000, undo };
    }
    default:
      return troubleOf(world, fault);
  }
}

function troubleOf(
  world: World,
  fault: Extract<ChainFault, { readonly type: "RpcOutage" | "RpcTrouble" }>,
): ChainTask {
  const { forMs, node } = fault;
  const span = { fromSec: world.virtualMs / 1_000, forSec: forMs / 1_000 };
  const conditions = fault.type === "RpcOutage" ? { outages: [span] } : fault.conditions;
  const undo = world.faults.addTrouble({ ...span, node, endpoint: undefined, conditions });
  return { forMs, undo, ...(isCutOff(conditions) ? { cutsOff: node } : {}) };
}

/** True for endpoints that do not tell what is new, or tell it late. */
function isCutOff({
  errorFraction = 0,
  frozen = [],
  lateLogFraction = 0,
  outages = [],
  staleBlocks = 0,
}: Partial<RpcConditions>): boolean {
  const isSilent = outages.length > 0 || errorFraction > ERROR_FRACTION_MAX;
  return isSilent || frozen.length > 0 || staleBlocks > 0 || lateLogFraction > 0;
}
