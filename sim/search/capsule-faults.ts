/** Faults and moves as JSON. */
import type { Move } from "../adversaries/move.ts";
import type { CrashMoment, Fault } from "../faults/fault.ts";
import { actor, reorgWith, rpcShape } from "./capsule-conditions.ts";
import {
  amount,
  count,
  fraction,
  listOf,
  maybe,
  number,
  object,
  oneOf,
  range,
  recordOf,
  type Shape,
  ShapeProblem,
  tagged,
  text,
  whole,
} from "./capsule-shape.ts";

const common = { id: count, atMs: count } as const;

const link = { ...common, from: actor, to: actor, forMs: number } as const;

const moment: Shape<CrashMoment> = tagged<CrashMoment>({
  Now: object({ type: oneOf(["Now"]) }),
  Append: object({ type: oneOf(["Append"]), append: count, side: oneOf(["Before", "Behind"]) }),
});

const node = { ...common, node: actor } as const;

/** One fault of any kind. */
export const faultShape: Shape<Fault> = tagged<Fault>({
  Partition: object({
    ...common,
    type: oneOf(["Partition"]),
    group: listOf(actor),
    lost: oneOf(["Both", "Sent", "Heard"]),
    forMs: number,
  }),
  LossyLink: object({ ...link, type: oneOf(["LossyLink"]), fraction }),
  DoublingLink: object({ ...link, type: oneOf(["DoublingLink"]), fraction }),
  SlowLink: object({ ...link, type: oneOf(["SlowLink"]), latencyMs: range }),
  NarrowLink: object({ ...link, type: oneOf(["NarrowLink"]), bytesPerSec: number }),
  StalledLink: object({ ...link, type: oneOf(["StalledLink"]) }),
  Crash: object({ ...node, type: oneOf(["Crash"]), moment, awayMs: maybe(number) }),
  Freeze: object({ ...node, type: oneOf(["Freeze"]), forMs: number }),
  SkewedClock: object({ ...node, type: oneOf(["SkewedClock"]), skewMs: whole, forMs: number }),
  LostTail: object({ ...node, type: oneOf(["LostTail"]), appends: count, awayMs: number }),
  TornAppend: object({ ...node, type: oneOf(["TornAppend"]), awayMs: number }),
  FlippedBit: object({ ...node, type: oneOf(["FlippedBit"]), place: fraction, awayMs: number }),
  FullDisk: object({ ...node, type: oneOf(["FullDisk"]), forMs: number }),
  OldBackup: object({ ...node, type: oneOf(["OldBackup"]), ageMs: number, awayMs: number }),
  Reorg: reorgWith({ ...common, type: oneOf(["Reorg"]) }),
  Censorship: object({
    ...common,
    type: oneOf(["Censorship"]),
    sender: maybe(actor),
    function: maybe(text),
    blocks: count,
  }),
  FeeSpike: object({ ...common, type: oneOf(["FeeSpike"]), baseFeeWei: amount, blocks: count }),
  RpcTrouble: object({ ...node, type: oneOf(["RpcTrouble"]), forMs: number, conditions: rpcShape }),
  RpcOutage: object({ ...node, type: oneOf(["RpcOutage"]), forMs: number }),
});

/** One move. A strategy that is none of `strategies` is refused. */
export function moveShape(strategies: readonly string[]): Shape<Move> {
  const strategy: Shape<string> = (json, at) => {
    const name = text(json, at);
    if (strategies.includes(name)) return name;
    throw new ShapeProblem(`${at} is "${name}", a strategy that this program does not have`);
  };
  const settings = recordOf(text, whole);
  return object<Move>({ id: count, by: actor, strategy, fromMs: count, settings });
}
