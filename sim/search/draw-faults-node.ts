/** Draws faults of nodes and of their disks. */
import type { ActorName } from "../actors.ts";
import type { CrashMoment, DiskFault, Fault, NodeFault } from "../faults/fault.ts";
import { between, type Chance, happens, pick, weigh } from "./draw-chance.ts";
import type { DrawnWorld } from "./draw-world.ts";

/** What a fault is drawn for: how long a node may be away with it, all in all. */
export type FaultFrame = {
  readonly cast: readonly ActorName[];
  /** Whom a fault of a node may hit. */
  readonly targets: readonly ActorName[];
  readonly world: DrawnWorld;
  /** Virtual milliseconds that each node may still be away. */
  readonly awayMsMax: ReadonlyMap<ActorName, number>;
};

/** How many of those that crash never come back. */
const GONE_FRACTION = 0.08;

/** Appends after which a node stops at most: an opening takes about ten. */
const APPENDS_MAX = 20;

/** Draws one of such a kind; undefined where the kind is not of a node. */
export function drawNodeFault(
  chance: Chance,
  type: Fault["type"],
  { awayMsMax, targets, world }: FaultFrame,
): NodeFault | DiskFault | undefined {
  const node = pick(chance, "node", targets);
  const awayMs = drawAwayMs(chance, awayMsMax.get(node) ?? 0);
  switch (type) {
    case "Crash": {
      const isGone = happens(chance, "never comes back", GONE_FRACTION);
      return { type, node, moment: drawMoment(chance), awayMs: isGone ? undefined : awayMs };
    }
    case "Freeze":
    case "FullDisk":
      return { type, node, forMs: awayMs };
    case "SkewedClock": {
      const sizeMs = drawSkewMs(chance, world);
      const skewMs = happens(chance, "behind", 0.3) ? -sizeMs : sizeMs;
      return { type, node, skewMs, forMs: between(chance, "how long", [1_000, 600_000]) };
    }
    case "LostTail":
      return { type, node, appends: between(chance, "appends", [1, 6]), awayMs };
    case "TornAppend":
      return { type, node, awayMs };
    case "FlippedBit":
      return { type, node, place: between(chance, "place", [0, 999]) / 1_000, awayMs };
    case "OldBackup":
      return { type, node, ageMs: between(chance, "age", [1_000, 120_000]), awayMs };
    default:
      return undefined;
  }
}

/** Virtual milliseconds away: a restart, a while, or as long as is promised to do no harm. */
export function drawAwayMs(chance: Chance, maxMs: number): number {
  const ms = weigh(chance, "away", [
    [45, between(chance, "a restart", [0, 1_000])],
    [35, between(chance, "a while", [1_000, 40_000])],
    [20, between(chance, "long", [0, Math.max(0, maxMs)])],
  ]);
  return Math.min(ms, maxMs);
}

function drawMoment(chance: Chance): CrashMoment {
  if (happens(chance, "now", 0.3)) return { type: "Now" };
  const append = weigh(chance, "which append", [
    // What is just about to happen, and what follows from it.
    [50, between(chance, "next append", [1, 3])],
    [50, between(chance, "append", [1, APPENDS_MAX])],
  ]);
  return { type: "Append", append, side: pick(chance, "side", ["Before", "Behind"] as const) };
}

/** Some are just long enough for a challenge to seem over. */
function drawSkewMs(chance: Chance, { challengeDurationSec }: DrawnWorld): number {
  const aChallengeMs = challengeDurationSec * 1_000;
  return weigh(chance, "skew", [
    [20, between(chance, "seconds", [100, 10_000])],
    [30, between(chance, "minutes", [10_000, 600_000])],
    [40, between(chance, "a challenge", [aChallengeMs, 2 * aChallengeMs])],
    [10, between(chance, "hours", [600_000, 14_400_000])],
  ]);
}
