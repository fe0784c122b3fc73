/**
 * The planted bugs: mistakes that developers of channels have made, or could make, each as a patch beside this file.
 * The search must find every one of them. `row` is the row of the project's list of known attacks that the bug
 * belongs to: a letter with a number there, or the number that an audit gave its finding. Source: ADR 0030.
 */

import type { OracleName } from "../sim/checkers/oracle-names.ts";
import type { DrawOptions } from "../sim/search/draw-plan.ts";
import type { Wish } from "../sim/search/wish.ts";

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
  readonly aim: Pick<DrawOptions, "faults" | "adversaries" | "kinds">;
};

/** Wishes of those who pay in channels of their own. */
export const DIRECT: readonly Wish["type"][] = ["OpenDirect", "Pay", "Close"];

/** Wishes of those who share ledger channels. */
export const LEDGER: readonly Wish["type"][] = [
  "OpenLedger",
  "TopUp",
  "Withdraw",
  "OpenVirtual",
  "PayVirtually",
  "Close",
];

/** Wishes of those who pay over others. */
export const VIRTUAL: readonly Wish["type"][] = [
  "OpenLedger",
  "OpenVirtual",
  "PayVirtually",
  "Close",
];
