/** What goes wrong in a run at a certain time, as data. What goes wrong all the time stands in its conditions. */
import type { ActorName } from "../actors.ts";
import type { Reorg, RpcConditions } from "../chain-conditions.ts";

/** A fault of the network. Times are virtual milliseconds. */
export type NetworkFault =
  | {
      /** Frames between these actors and all others are lost: of both directions, or of what they send or hear. */
      readonly type: "Partition";
      readonly group: readonly ActorName[];
      readonly lost: "Both" | "Sent" | "Heard";
      readonly forMs: number;
    }
  | {
      readonly type: "LossyLink";
      readonly from: ActorName;
      readonly to: ActorName;
      /** Between 0 and 1. */
      readonly fraction: number;
      readonly forMs: number;
    }
  | {
      readonly type: "DoublingLink";
      readonly from: ActorName;
      readonly to: ActorName;
      readonly fraction: number;
      readonly forMs: number;
    }
  | {
      readonly type: "SlowLink";
      readonly from: ActorName;
      readonly to: ActorName;
      readonly latencyMs: readonly [min: number, max: number];
      readonly forMs: number;
    }
  | {
      /** So many bytes a second, one frame behind the other. */
      readonly type: "NarrowLink";
      readonly from: ActorName;
      readonly to: ActorName;
      readonly bytesPerSec: number;
      readonly forMs: number;
    }
  | {
      /** Half-open: frames are taken and held, and arrive all together at the end. */
      readonly type: "StalledLink";
      readonly from: ActorName;
      readonly to: ActorName;
      readonly forMs: number;
    };

/** When a node stops: at once, or at its `append`-th append from then on, before or behind the write. */
export type CrashMoment =
  | { readonly type: "Now" }
  | { readonly type: "Append"; readonly append: number; readonly side: "Before" | "Behind" };

/** A fault of a node. It is away for `awayMs`, and never comes back where that is undefined. */
export type NodeFault =
  | {
      readonly type: "Crash";
      readonly node: ActorName;
      readonly moment: CrashMoment;
      readonly awayMs: number | undefined;
    }
  | {
      /** The process stands still, and then goes on as if nothing had been: frames and timers come late. */
      readonly type: "Freeze";
      readonly node: ActorName;
      readonly forMs: number;
    }
  | {
      /** Its clock is ahead by so much, behind where negative. */
      readonly type: "SkewedClock";
      readonly node: ActorName;
      readonly skewMs: number;
      readonly forMs: number;
    };

/** A fault of a node's disk. The node stops with it, and comes back after `awayMs`. */
export type DiskFault =
  | {
      /** The disk had lied: the last writes to the journal are gone. */
      readonly type: "LostTail";
      readonly node: ActorName;
      readonly appends: number;
      readonly awayMs: number;
    }
  | {
      /** The power fails in the middle of the next append: half of it is there. */
      readonly type: "TornAppend";
      readonly node: ActorName;
      readonly awayMs: number;
    }
  | {
      /** One bit of what is stored is another one. `place` is between 0, the oldest byte, and 1. */
      readonly type: "FlippedBit";
      readonly node: ActorName;
      readonly place: number;
      readonly awayMs: number;
    }
  | {
      /** The next append fails for want of room, and so does each start until there is room again. */
      readonly type: "FullDisk";
      readonly node: ActorName;
      readonly forMs: number;
    }
  | {
      /** The disk is replaced by a copy that was made `ageMs` before. */
      readonly type: "OldBackup";
      readonly node: ActorName;
      readonly ageMs: number;
      readonly awayMs: number;
    };

/** A fault of the chain, or of a node's way to it. */
export type ChainFault =
  | ({ readonly type: "Reorg" } & Reorg)
  | {
      readonly type: "Censorship";
      readonly sender: ActorName | undefined;
      /** The name of an adjudicator's function; all calls where undefined. */
      readonly function: string | undefined;
      readonly blocks: number;
    }
  | { readonly type: "FeeSpike"; readonly baseFeeWei: bigint; readonly blocks: number }
  | {
      readonly type: "RpcTrouble";
      readonly node: ActorName;
      readonly forMs: number;
      readonly conditions: Partial<RpcConditions>;
    }
  | { readonly type: "RpcOutage"; readonly node: ActorName; readonly forMs: number };

/** One fault, `atMs` virtual milliseconds from the start. The id names it for chance, so it stays when others go. */
export type Fault = { readonly id: number; readonly atMs: number } & (
  | NetworkFault
  | NodeFault
  | DiskFault
  | ChainFault
);

/** Every kind, for tables. */
export const FAULT_TYPES: readonly Fault["type"][] = [
  "Partition",
  "LossyLink",
  "DoublingLink",
  "SlowLink",
  "NarrowLink",
  "StalledLink",
  "Crash",
  "Freeze",
  "SkewedClock",
  "LostTail",
  "TornAppend",
  "FlippedBit",
  "FullDisk",
  "OldBackup",
  "Reorg",
  "Censorship",
  "FeeSpike",
  "RpcTrouble",
  "RpcOutage",
];
