/** What a campaign is asked to do. */
import type { ChainTier } from "../simulated-chain.ts";

/** How each seed is played. */
export type SeedSettings = {
  readonly chain: ChainTier;
  /** `fast` swaps in stand-ins between nodes; the chain still gets real signatures. */
  readonly signatures: "real" | "fast";
  /** How many of the seeds are played again, with real signatures on Anvil; between 0 and 1. */
  readonly repeatFraction: number;
  /** Most wishes of a run; as many as the seed likes when it is missing. */
  readonly wishesMax?: number;
};

/** How much is played. */
export type Budget =
  | { readonly type: "Seeds"; readonly seeds: number }
  | { readonly type: "Minutes"; readonly minutes: number };

/** Seeds played again: enough to notice within some hundred seeds that the stand-ins or a tier go astray. */
export const REPEAT_FRACTION = 0.05;
