/** Draws faults of the chain, and of nodes' ways to it. */
import type { RpcConditions } from "../chain-conditions.ts";
import type { ChainFault, Fault, NodeFault } from "../faults/fault.ts";
import { between, type Chance, happens, pick, weigh, within } from "./draw-chance.ts";
import { drawAwayMs, type FaultFrame } from "./draw-faults-node.ts";
import { drawFates, drawPoorEndpoint, inclusionBlocksMax, reorgDepthMax } from "./draw-world.ts";

/** Functions that a miner may refuse to take; undefined for all. */
const CENSORED: readonly (string | undefined)[] = [
  undefined,
  "challenge",
  "checkpoint",
  "concludeAndTransferAllAssets",
  "deposit",
  "reclaim",
  "transferAllAssets",
];

/** Blocks within the inclusion bound that are left for what is late anyway. */
const LATE_BLOCKS = 5;

/** Base fees in gwei: what is paid, what only pressing transactions pay, and what nobody pays. */
const FEES_GWEI = [20n, 90n, 200n, 500n, 1_000n, 1_900n, 5_000n] as const;
const GWEI_WEI = 1_000_000_000n;

/** Virtual milliseconds for which logs are late at least: in a moment there is none. */
const LATE_MS_MIN = 36_000;

/** Draws one of such a kind, which is of the chain. */
export function drawChainFault(
  chance: Chance,
  type: Fault["type"],
  { awayMsMax, targets, world }: FaultFrame,
): ChainFault {
  const blocksMax = Math.max(1, inclusionBlocksMax(world.profile) - LATE_BLOCKS);
  const blocks = between(chance, "blocks", [1, Math.min(8, blocksMax)]);
  const node = pick(chance, "node", targets);
  const mostMs = awayMsMax.get(node) ?? 0;
  const forMs = drawAwayMs(chance, mostMs);
  const longMs = Math.min(
    mostMs,
    between(chance, "for blocks", [LATE_MS_MIN, Math.max(LATE_MS_MIN, mostMs)]),
  );
  switch (type) {
    case "Reorg": {
      const depth = between(chance, "depth", [1, reorgDepthMax(world.profile)]);
      return { type, depth, ...drawFates(within(chance, "fates")) };
    }
    case "Censorship": {
      const sender = happens(chance, "of one", 0.7) ? node : undefined;
      return { type, sender, function: pick(chance, "function", CENSORED), blocks };
    }
    case "FeeSpike":
      return { type, ...drawFeeSpike(chance, world, blocks) };
    case "RpcTrouble": {
      const conditions = drawPoorEndpoint(chance);
      return { type, node, forMs: isLate(conditions) ? longMs : forMs, conditions };
    }
    case "RpcOutage":
      return { type, node, forMs };
    default:
      throw new Error(`${type} is no fault of the chain`);
  }
}

function isLate({ lateLogFraction = 0 }: Partial<RpcConditions>): boolean {
  return lateLogFraction > 0;
}

/** Blocks of the longest spike: two of the shortest challenges, and a little more. */
const SPIKE_BLOCKS_MAX = 60;

/** What pressing transactions can still pay breaks no promise to them, so it may last longer than a challenge. */
function drawFeeSpike(
  chance: Chance,
  { challengeDurationSec, profile }: FaultFrame["world"],
  blocks: number,
): { readonly baseFeeWei: bigint; readonly blocks: number } {
  const baseFeeWei = pick(chance, "fee", FEES_GWEI) * GWEI_WEI;
  const isPayable = baseFeeWei < profile.fees.urgentCapWei;
  const isLong = isPayable && happens(chance, "a long spike", 0.7);
  // Half of the long ones last as long as a challenge: who waits for a lower fee then waits too long.
  const least = pick(chance, "a challenge", [
    blocks,
    Math.min(SPIKE_BLOCKS_MAX, Math.ceil(challengeDurationSec / profile.blockTimeSec)),
  ]);
  return {
    baseFeeWei,
    blocks: isLong ? between(chance, "long", [least, SPIKE_BLOCKS_MAX]) : blocks,
  };
}

/** Draws one that goes beyond what honest nodes are promised to bear. */
export function drawBrokenPromise(
  chance: Chance,
  { cast, world }: Pick<FaultFrame, "cast" | "world">,
): ChainFault | NodeFault {
  const { challengeDurationSec, profile } = world;
  const node = pick(chance, "node", cast);
  const depth = reorgDepthMax(profile) + between(chance, "deeper", [1, 6]);
  const tooLongMs = challengeDurationSec * 1_000 + between(chance, "longer", [0, 300_000]);
  const blocks = inclusionBlocksMax(profile) + between(chance, "more blocks", [1, 10]);
  return weigh<ChainFault | NodeFault>(chance, "promise", [
    [3, { type: "Freeze", node, forMs: tooLongMs }],
    [3, { type: "Crash", node, moment: { type: "Now" }, awayMs: tooLongMs }],
    [2, { type: "RpcOutage", node, forMs: tooLongMs }],
    [
      4,
      { type: "Reorg", depth, remade: between(chance, "remade", [0, depth]), ...drawFates(chance) },
    ],
    [3, { type: "Censorship", sender: node, function: undefined, blocks }],
    [2, { type: "RpcTrouble", node, forMs: 60_000, conditions: { lies: "Logs" } }],
  ]);
}
