/** A plan that says nothing: what is left out of a scenario, and what shrinking tends to. */
import { DISPUTE_AFTER_MS } from "../../src/engine/deadlines.ts";
import { CHALLENGE_DURATION_SEC } from "../scenario.ts";
import type { Plan } from "./plan.ts";

/** No faults, no adversaries, no fees, a calm network and a calm chain. */
export const CALM_PLAN: Plan = {
  seed: 1,
  cast: [],
  fees: {},
  watched: [],
  challengeDurationSec: CHALLENGE_DURATION_SEC,
  disputeAfterMs: DISPUTE_AFTER_MS,
  eventsPerSnapshot: undefined,
  network: {},
  chain: {},
  wishes: [],
  faults: [],
  moves: [],
  end: "Close",
};
