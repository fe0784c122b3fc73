/** The adjudicator that undoes a payout which a token refuses: docs/adr/0026-hardened-adjudicator.md says why. */
import type { Artifact } from "./artifact.ts";
import artifact from "./artifacts/HardenedAdjudicator.json" with { type: "json" };

/** The compiled adjudicator. Storage, hashes, events and functions are the published one's. */
export const HARDENED_ADJUDICATOR: Artifact = artifact as Artifact;
