/** Cells of the matrix that no run can reach, each with its reason. */

import type { Phase } from "../phases.ts";
import type { Disturbing } from "./disturbances.ts";

type ImpossibleCell = { readonly kind: Disturbing; readonly phase: Phase; readonly why: string };

/** All of them. Every other cell is one that a search should reach. */
const IMPOSSIBLE_CELLS: readonly ImpossibleCell[] = [
  {
    kind: "Adversary",
    phase: "Idle",
    why: "an adversary is met in a channel, and in none of those is anything under way",
  },
];

/** Why nothing of this kind can meet a node in this phase; undefined where it can. */
export function whyImpossible(kind: Disturbing, phase: Phase): string | undefined {
  return IMPOSSIBLE_CELLS.find((cell) => cell.kind === kind && cell.phase === phase)?.why;
}
