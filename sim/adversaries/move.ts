/** What an adversary does in a run, as data. */
import type { ActorName } from "../actors.ts";

/**
 * One strategy that an actor follows. An actor with a move is an adversary: she has her key and a node, and
 * nothing that she loses is anybody's fault.
 */
export type Move = {
  /** Names the move for chance, so that it stays the same when others go. */
  readonly id: number;
  readonly by: ActorName;
  /** Key of `STRATEGIES` in `strategies.ts`. */
  readonly strategy: string;
  /** Virtual milliseconds from the start; before that she is honest. */
  readonly fromMs: number;
  /** What the strategy leaves open: whole numbers, by the names that it gives them. */
  readonly settings: Readonly<Record<string, number>>;
};
