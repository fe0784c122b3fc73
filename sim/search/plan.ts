/**
 * Everything that happens to a simulated world, as data: who is in it, what users ask, what goes wrong, what
 * adversaries do. A plan and a chain give one run, to the byte; nothing else is drawn but what its seed draws
 * under the names of its parts. Source: ADR 0030.
 */
import type { ActorName } from "../actors.ts";
import type { Move } from "../adversaries/move.ts";
import type { ChainSetup } from "../chain-conditions.ts";
import type { Fault } from "../faults/fault.ts";
import type { NetworkConditions } from "../wire.ts";
import type { Fees } from "../world.ts";
import type { Wish } from "./wish.ts";

/** One run. */
export type Plan = {
  /** All chance that the parts leave open: latencies, losses, nonces. */
  readonly seed: number;
  readonly cast: readonly ActorName[];
  readonly fees: Fees;
  /** Who is watched over by a tower, which Igor keeps. */
  readonly watched: readonly ActorName[];
  readonly challengeDurationSec: number;
  /** Milliseconds after which honest nodes leave to the chain what waits for others. */
  readonly disputeAfterMs: number;
  readonly eventsPerSnapshot: number | undefined;
  readonly network: NetworkConditions;
  readonly chain: ChainSetup;
  readonly wishes: readonly Wish[];
  readonly faults: readonly Fault[];
  readonly moves: readonly Move[];
  /**
   * How it ends, once all wishes were asked and all faults are over: everything is closed by agreement, which
   * the chain decides where there is none; or all goes to the chain at once; or what is open stays open.
   */
  readonly end: "Close" | "Dispute" | "Rest";
};

/** Who is judged: everybody who makes no move. */
export function honestOf({ cast, moves }: Plan): readonly ActorName[] {
  return cast.filter((name) => moves.every(({ by }) => by !== name));
}
