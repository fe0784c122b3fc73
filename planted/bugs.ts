/** The index of the planted bugs. */
import type { PlantedBug } from "./bug.ts";
import { BUGS_OF_BOTH } from "./bugs-of-both.ts";
import { BUGS_OF_FAULTS } from "./bugs-of-faults.ts";
import { BUGS_OF_PEERS } from "./bugs-of-peers.ts";

/** All of them, in the order of their numbers. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...BUGS_OF_PEERS,
  ...BUGS_OF_FAULTS,
  ...BUGS_OF_BOTH,
].toSorted((one, other) => (one.name < other.name ? -1 : 1));
