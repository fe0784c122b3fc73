/** What the loop of a node asks about inputs and events. */
import type { NodeEvent } from "../events/event.ts";
import type { KeptFrames } from "../network/session.ts";
import type { Random } from "../ports/random.ts";
import { reject } from "../primitives/result.ts";
import type { Input } from "./input.ts";
import { isWish } from "./waiting-room.ts";

/** What a node keeps in memory that is not in its log: what others can fill. */
export type EngineLoad = {
  /** Inputs that wait to be processed, and the one that is. */
  readonly inputs: number;
  /** Wishes of its users that wait for a channel to be told again. */
  readonly wishes: number;
  /** Frames of peers that wait for earlier ones, or for a verdict, all peers together. */
  readonly kept: KeptFrames;
};

/** True when a channel may be older than this log's part about it, so that its blocks were read already. */
export function isLateChannel({ type }: NodeEvent): boolean {
  return type === "ChannelResynced" || type === "ChannelDoubted";
}
/** True when requests that had to wait may be decided now. */
export function isReopening({ type }: Input, events: readonly NodeEvent[]): boolean {
  return type === "Welcomed" || events.some((event) => event.type === "ResyncCompleted");
}

/** Nobody will decide this input: whoever waits for an answer must not wait for ever. */
export function abandon(input: Input): void {
  if (isWish(input)) input.answer(reject({ code: "NodeStopped" }));
}

/** 64 bits: two nodes that open a channel with the same participants never meet by chance. */
export function drawNonce(random: Random): bigint {
  return new DataView(random.bytes(8).buffer).getBigUint64(0);
}
