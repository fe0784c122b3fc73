/** Planted bugs that show when something goes wrong while an adversary waits for it. */
import { DIRECT, type PlantedBug, VIRTUAL } from "./bug.ts";

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
    aim: { faults: ["FeeSpike"], adversaries: ["stale-challenge"], ...DIRECT },
  },
  {
    name: "17-dispute-waits-for-peers",
    sentence: "After a restart a dispute goes on only once all participants have answered.",
    after: "Lightning: a node that waits for its peer before it looks at the chain",
    row: "S1",
    needs: "Both",
    isOnChain: true,
    oracles: ["solvency", "liveness"],
    aim: { faults: ["Crash"], adversaries: ["stale-challenge"], ...DIRECT },
  },
  {
    name: "19-timers-forgotten",
    sentence: "After a restart nothing that was open before ever expires.",
    after: "go-nitro 11.3.5: no timeout, no expiry, no cancellation",
    row: "L8",
    needs: "Both",
    isOnChain: false,
    oracles: ["liveness"],
    aim: { faults: ["Crash"], adversaries: ["silent", "withheld-signature"] },
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
    aim: {
      faults: ["Partition", "SlowLink", "StalledLink"],
      adversaries: ["one-sided", "withheld-signature", "refusal"],
      ...VIRTUAL,
    },
  },
  {
    name: "22-own-clock-for-deadlines",
    sentence: "Whether a challenge is over is asked of the node's own clock.",
    after: "Raiden and go-nitro compare local time with the time of blocks",
    row: "C8",
    needs: "Both",
    isOnChain: true,
    oracles: ["solvency"],
    aim: { faults: ["SkewedClock"], adversaries: ["stale-challenge"], ...DIRECT },
  },
  {
    name: "23-late-logs-lost",
    sentence: "A block whose logs may come late is read once more, and then never again.",
    after: "go-nitro W8, W9: subscriptions that lose events",
    row: "C3",
    needs: "Both",
    isOnChain: true,
    oracles: ["solvency", "liveness"],
    aim: {
      faults: ["RpcTrouble"],
      adversaries: ["stale-challenge", "flood-and-loot"],
      ...DIRECT,
    },
  },
  {
    name: "31-guarantee-stays",
    sentence:
      "What a neighbour does not sign in a ledger, such as that a guarantee goes, is waited for, for ever.",
    after: "go-nitro 1216: a ledger that closes while guarantees exist",
    row: "L3",
    needs: "Both",
    isOnChain: true,
    oracles: ["liveness"],
    aim: {
      faults: ["Crash"],
      adversaries: ["close-refused", "one-sided", "silent"],
      ...VIRTUAL,
    },
  },
  {
    name: "38-one-peer-trusted",
    sentence: "Of a log that was lost, what a single peer gives back counts as all there was.",
    after: "LND and CLN: data-loss protection believes the one peer that is asked",
    row: "S9",
    needs: "Both",
    isOnChain: false,
    oracles: ["double signature"],
    aim: {
      faults: ["LostTail"],
      adversaries: ["withheld-history"],
      cast: ["alice", "bob"],
      kinds: ["OpenDirect", "Pay"],
    },
  },
];
