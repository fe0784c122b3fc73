/** Planted bugs that show when something goes wrong while an adversary waits for it. */
import type { PlantedBug } from "./bug.ts";

/** Neither does alone. */
export const BUGS_OF_BOTH: readonly PlantedBug[] = [
  {
    name: "05-answer-is-patient",
    sentence:
      "An answer to a challenge offers no more than a deposit would, and waits for lower fees.",
    after: "Lightning, replacement stalling, 2025-12: a claim that is outbid until it is too late",
    row: "C5",
    needs: "Both",
    isOnChain: true,
    oracles: ["solvency"],
  },
  {
    name: "17-dispute-waits-for-peers",
    sentence: "After a restart a dispute goes on only once all participants have answered.",
    after: "Lightning: a node that waits for its peer before it looks at the chain",
    row: "S1",
    needs: "Both",
    isOnChain: true,
    oracles: ["solvency", "liveness"],
  },
  {
    name: "19-timers-forgotten",
    sentence: "After a restart nothing that was open before ever expires.",
    after: "go-nitro 11.3.5: no timeout, no expiry, no cancellation",
    row: "L8",
    needs: "Both",
    isOnChain: false,
    oracles: ["liveness"],
  },
  {
    name: "20-left-behind-postfund",
    sentence:
      "Whoever hears that an opening has timed out leaves it, though she has signed its postfund.",
    after: "go-nitro: an intermediary that funds one side only",
    row: "L1",
    needs: "Both",
    isOnChain: false,
    oracles: ["guarantees"],
  },
  {
    name: "22-own-clock-for-deadlines",
    sentence: "Whether a challenge is over is asked of the node's own clock.",
    after: "Raiden and go-nitro compare local time with the time of blocks",
    row: "C8",
    needs: "Both",
    isOnChain: true,
    oracles: ["solvency"],
  },
  {
    name: "24-fee-kept",
    sentence: "The fee of a channel that never was open is not given back.",
    after: "Lightning and Raiden: fees for what was not delivered",
    row: "L7",
    needs: "Both",
    isOnChain: false,
    oracles: ["solvency"],
  },
  {
    name: "31-guarantee-stays",
    sentence: "A neighbour who does not let a guarantee go is waited for, for ever.",
    after: "go-nitro 1216: a ledger that closes while guarantees exist",
    row: "L3",
    needs: "Both",
    isOnChain: true,
    oracles: ["liveness"],
  },
  {
    name: "38-one-peer-trusted",
    sentence: "Of a log that was lost, what a single peer gives back counts as all there was.",
    after: "LND and CLN: data-loss protection believes the one peer that is asked",
    row: "S9",
    needs: "Both",
    isOnChain: false,
    oracles: ["double signature"],
  },
];
