/** Draws the world of a plan: its network, its chain, and how long honest nodes wait. */
import {
  type ChainProfile,
  challengeDurationMinSec,
  confirmationSec,
  ETHEREUM,
  LOCAL,
  OP_STACK,
} from "../../src/chain/chain-profile.ts";
import type { ActorName } from "../actors.ts";
import type {
  ChainConditions,
  ChainSetup,
  ReorgFates,
  RpcConditions,
} from "../chain-conditions.ts";
import type { NetworkConditions } from "../wire.ts";
import { between, type Chance, happens, hundredths, pick, weigh, within } from "./draw-chance.ts";

/** The part of a plan that lasts for all of a run. */
export type DrawnWorld = {
  readonly network: NetworkConditions;
  readonly chain: ChainSetup;
  readonly profile: ChainProfile;
  readonly challengeDurationSec: number;
  readonly disputeAfterMs: number;
};

/** A network that loses nothing and a chain that takes nothing back: only latencies are drawn. */
export function drawCalmWorld(chance: Chance): DrawnWorld {
  const chain = { profile: LOCAL, pollMs: POLL_MS };
  return { network: drawLatency(chance), chain, ...drawPatience(chance, LOCAL) };
}

/** All that lasts and may go wrong. */
export function drawWorld(chance: Chance, cast: readonly ActorName[]): DrawnWorld {
  const profile = weigh<ChainProfile>(chance, "profile", [
    // A challenge on these takes hours of blocks: one such run costs as much as fifty others, and takes a tenth of all
    // the time of a search.
    [998, LOCAL],
    [1, ETHEREUM],
    [1, OP_STACK],
  ]);
  return {
    network: { ...drawLatency(chance), ...drawLosses(chance) },
    chain: drawChain(within(chance, "chain"), profile, cast),
    ...drawPatience(chance, profile),
  };
}

/** Deepest reorg, in blocks, that honest nodes are promised to bear. */
export function reorgDepthMax(profile: ChainProfile): number {
  const { blocks = 1 } = profile.confirmation.type === "Depth" ? profile.confirmation : {};
  return blocks;
}

/** Blocks that a transaction may wait without that the inclusion bound is passed. */
export function inclusionBlocksMax({ blockTimeSec, inclusionBoundSec }: ChainProfile): number {
  return Math.floor(inclusionBoundSec / blockTimeSec);
}

function drawLatency(chance: Chance): NetworkConditions {
  return weigh<NetworkConditions>(chance, "latency", [
    [25, {}],
    [20, { latencyMs: [1, 5], slowFraction: 0 }],
    [20, { latencyMs: [80, 250] }],
    [15, { latencyMs: [10, 10], slowFraction: 0 }],
    [20, { latencyMs: [20, 200], slowFraction: 0.1, slowLatencyMs: [500, 5_000] }],
  ]);
}

function drawLosses(chance: Chance): NetworkConditions {
  const dropFraction = happens(chance, "drops", 0.4)
    ? hundredths(
        chance,
        "drop",
        pick(chance, "drop class", [
          [1, 5],
          [5, 30],
        ] as const),
      )
    : 0;
  const duplicateFraction = happens(chance, "doubles", 0.3)
    ? hundredths(chance, "duplicate", [1, 50])
    : 0;
  return { dropFraction, duplicateFraction };
}

function drawPatience(
  chance: Chance,
  profile: ChainProfile,
): Omit<DrawnWorld, "network" | "chain"> {
  const minSec = Math.max(300, challengeDurationMinSec(profile));
  const challengeDurationSec = weigh(chance, "challenge duration", [
    // Each block of a window costs time to run, and shows nothing new when nobody does anything in it.
    [5_000, minSec],
    [4_850, minSec + between(chance, "a little longer", [1, 120])],
    [149, minSec + between(chance, "much longer", [120, 1_800])],
    [1, 86_400],
  ]);
  const waitsSec = [60, 180, 600, 1_800, 7_200] as const;
  const confirmedSec = confirmationSec(profile);
  const disputeAfterSec = weigh(chance, "patience", [
    [230, waitsSec[0] + confirmedSec],
    [470, waitsSec[1] + confirmedSec],
    [240, waitsSec[2] + confirmedSec],
    [57, waitsSec[3] + confirmedSec],
    // Costs a run two hours of blocks.
    [3, waitsSec[4]],
  ]);
  return { profile, challengeDurationSec, disputeAfterMs: disputeAfterSec * 1_000 };
}

/** Milliseconds between two looks of a node at its chain: a block. To look more often costs time, and shows little. */
const POLL_MS = 12_000;

/** How many plans lose transactions to the pool though nobody is promised anything then but that they end. */
const STUCK_FRACTION = 0.07;

/** Each trouble of the chain is on in some runs only. */
function drawChain(chance: Chance, profile: ChainProfile, cast: readonly ActorName[]): ChainSetup {
  const delayMax = Math.min(3, inclusionBlocksMax(profile));
  const parts: readonly (readonly [fraction: number, key: string, part: () => ChainSetup])[] = [
    [0.25, "gaps", () => ({ gapFraction: hundredths(chance, "gap", [1, 10]), gapSec: [12, 24] })],
    [0.3, "delays", () => ({ inclusionDelayBlocks: [0, between(chance, "delay", [1, delayMax])] })],
    [0.3, "reorgs", () => drawReorgs(chance, profile)],
    [0.08, "poll", () => ({ pollMs: pick(chance, "poll", [1_000, 4_000]) })],
    [0.3, "endpoints", () => ({ rpcs: drawEndpoints(chance, cast) })],
    // Where a stuck transaction is replaced too late for the inclusion bound, this breaks what is promised.
    [
      profile === ETHEREUM ? 0.3 : STUCK_FRACTION,
      "stuck",
      () => ({ stuckFraction: hundredths(chance, "stuck", [1, 20]) }),
    ],
  ];
  const on = parts.filter(([fraction, key]) => happens(chance, key, fraction));
  return Object.assign({ profile, pollMs: POLL_MS }, ...on.map(([, , part]) => part()));
}

function drawReorgs(chance: Chance, profile: ChainProfile): ChainSetup {
  const depth = between(chance, "reorg depth", [1, reorgDepthMax(profile)]);
  return {
    reorgFraction: hundredths(chance, "reorg", [1, 10]),
    reorgDepth: [1, depth],
    fates: drawFates(chance),
  };
}

/** What a reorg does to transactions: one or two fates, for some of them. */
export function drawFates(chance: Chance): Partial<ReorgFates> {
  const fates: readonly (keyof ReorgFates)[] = [
    "droppedFraction",
    "delayedFraction",
    "reorderedFraction",
    "replacedFraction",
  ];
  const on = fates.filter((fate) => happens(chance, fate, 0.4));
  return Object.fromEntries(
    on.map((fate) => [
      fate,
      hundredths(chance, `how many ${fate}`, [5, Math.floor(100 / on.length)]),
    ]),
  );
}

/** Some nodes have a poor endpoint beside, or instead of, a good one. None has only false ones. */
function drawEndpoints(chance: Chance, cast: readonly ActorName[]): ChainConditions["rpcs"] {
  const chosen = cast.filter((name) => happens(chance, `endpoints of ${name}`, 0.4));
  return Object.fromEntries(
    chosen.map((name) => {
      const own = within(chance, name);
      const poor = drawPoorEndpoint(own);
      const bad: Partial<RpcConditions> = happens(own, "a false one", 0.3)
        ? { lies: pick(own, "lie", ["Hashes", "Logs"] as const) }
        : poor;
      return [
        name,
        happens(own, "one only", 0.4)
          ? [poor]
          : happens(own, "bad one first", 0.5)
            ? [bad, {}]
            : [{}, bad],
      ];
    }),
  );
}

/** Blocks on top of a log that is told late, at most: as long as a node of the local profile may not look at all. */
export const LATE_LOG_BLOCKS_MAX: number = Math.floor(LOCAL.visitGapSec / LOCAL.blockTimeSec) - 1;

/** An endpoint that tells the truth, but badly. */
export function drawPoorEndpoint(chance: Chance): Partial<RpcConditions> {
  const some = (key: string): number => hundredths(chance, key, [5, 40]);
  return weigh<Partial<RpcConditions>>(chance, "trouble", [
    [3, { latencyMs: [100, between(chance, "latency", [200, 5_000])] }],
    [2, { staleBlocks: between(chance, "stale", [1, 3]) }],
    [3, { errorFraction: some("errors") }],
    [3, { lostAnswerFraction: some("lost answers") }],
    // A node reads a block once those that confirm it are on top, and looks again some blocks later.
    [5, drawLateLogs(chance)],
    [1, { duplicateLogFraction: some("logs told twice") }],
    [1, { reorderedLogFraction: some("logs out of order") }],
  ]);
}

function drawLateLogs(chance: Chance): Partial<RpcConditions> {
  const blocks = between(chance, "late", [3, LATE_LOG_BLOCKS_MAX]);
  return {
    lateLogFraction: hundredths(chance, "late logs", [10, 100]),
    lateLogBlocks: [1, blocks],
  };
}
