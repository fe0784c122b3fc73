/**
 * The planted bugs: mistakes that developers of channels have made, or could make, each as a patch beside this file.
 * The search must find every one of them. `row` is the row of the project's list of known attacks that the bug
 * belongs to: a letter with a number there, or the number that an audit gave its finding. Source: ADR 0030.
 */

import type { OracleName } from "../sim/checkers/oracle-names.ts";
import { SCENES } from "../sim/search/draw-focus.ts";
import type { DrawOptions } from "../sim/search/draw-plan.ts";

/** What a run must hold for the bug to show. */
export type BugNeeds = "Fault" | "Adversary" | "Both";

/** One planted bug. */
export type PlantedBug = {
  /** Two digits and words; the name of its patch without the ending. */
  readonly name: string;
  /** What the code does wrong, in one sentence. */
  readonly sentence: string;
  /** The published failure that it is modelled on. */
  readonly after: string;
  readonly row: string;
  readonly needs: BugNeeds;
  /** True when only what happens on the chain shows it: disputes, reorganisations, fees. */
  readonly isOnChain: boolean;
  /** The oracles that can see it, as violations name them. */
  readonly oracles: readonly OracleName[];
  /** Where an aimed search looks: only for these faults, strategies and wishes. A general search does not know it. */
  readonly aim: Aim;
};

/** What the plans of an aimed search hold. */
export type Aim = Pick<DrawOptions, "faults" | "adversaries" | "cast" | "kinds">;

/** Those who pay in channels of their own. */
export const DIRECT: Aim = { kinds: SCENES.Direct };

/** Those who pay over a hub. */
export const VIRTUAL: Aim = {
  cast: ["alice", "irene", "bob"],
  kinds: SCENES.Virtual,
};

/** Those who pay over a hub, and change what their ledger channels with it hold. */
export const LEDGER: Aim = {
  cast: ["alice", "irene", "bob"],
  kinds: SCENES.Ledger,
};
