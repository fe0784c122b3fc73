/** Planted bugs that only show when something goes wrong. */
import type { PlantedBug } from "./bug.ts";

/** Everybody may be honest. */
export const BUGS_OF_FAULTS: readonly PlantedBug[] = [
  {
    name: "03-rollback-unnoticed",
    sentence:
      "A log that is shorter than its head file, or than what peers have heard, is taken for whole.",
    after: "LND: a node that comes back with an old backup signs an old state",
    row: "E1",
    needs: "Fault",
    isOnChain: false,
    oracles: ["double signature", "monotone"],
  },
  {
    name: "04-unconfirmed-counts",
    sentence:
      "What the newest block says counts at once, however many confirmations the profile asks for.",
    after: "Diligence 6.6; go-nitro dispatches after two blocks whatever the chain",
    row: "C1",
    needs: "Fault",
    isOnChain: true,
    oracles: ["coverage", "solvency"],
  },
  {
    name: "06-sent-before-durable",
    sentence: "Effects run before the append that holds them is durable.",
    after: "statechannels wallet: store and send in either order; go-nitro attemptProgress",
    row: "E2",
    needs: "Fault",
    isOnChain: false,
    oracles: ["signatures on the wire", "double signature"],
  },
  {
    name: "07-acknowledged-before-durable",
    sentence:
      "A message is acknowledged as soon as it was judged, before what it taught is durable.",
    after: "nitrolite and go-nitro: a payee that stops between receipt and write",
    row: "V5",
    needs: "Fault",
    isOnChain: false,
    oracles: ["liveness"],
  },
  {
    name: "08-nothing-sent-again",
    sentence:
      "After a restart only what has waited for the peer in this life is sent: all else counts as delivered.",
    after: "go-nitro W5: no outbox, no acknowledgement",
    row: "W5",
    needs: "Fault",
    isOnChain: false,
    oracles: ["liveness"],
  },
  {
    name: "09-signed-counts-as-sent",
    sentence:
      "After a restart a transaction that was signed is not handed on again: it counts as sent.",
    after:
      "go-nitro: a crash between store and send leaves transactionSubmitted and nothing submitted",
    row: "E7",
    needs: "Fault",
    isOnChain: true,
    oracles: ["liveness"],
  },
  {
    name: "21-seen-before-done",
    sentence: "The cursor moves before the logs of its block are decided.",
    after: "go-nitro W7: SetLastBlockNumSeen before processing",
    row: "W7",
    needs: "Fault",
    isOnChain: true,
    oracles: ["liveness", "replay equals live"],
  },
  {
    name: "23-late-logs-lost",
    sentence: "A block whose logs may come late is read once more, and then never again.",
    after: "go-nitro W8, W9: subscriptions that lose events",
    row: "C3",
    needs: "Fault",
    isOnChain: true,
    oracles: ["liveness"],
  },
  {
    name: "28-deletions-unsaved",
    sentence: "A snapshot does not learn of what was deleted.",
    after: "go-nitro 613: records of one step are written apart",
    row: "E4",
    needs: "Fault",
    isOnChain: false,
    oracles: ["replay equals live"],
  },
  {
    name: "29-full-disk-ignored",
    sentence: "When the disk is full the node goes on with what it has in memory.",
    after: "fsyncgate: an error of the disk that is told once and forgotten",
    row: "N13",
    needs: "Fault",
    isOnChain: false,
    oracles: ["signatures on the wire", "replay equals live"],
  },
  {
    name: "30-ten-tries",
    sentence: "A message that nobody acknowledges is given up after four tries.",
    after: "go-nitro W5: Send returns after ten times five seconds; 366, 637",
    row: "L5",
    needs: "Fault",
    isOnChain: false,
    oracles: ["liveness"],
  },
  {
    name: "34-closing-forgotten",
    sentence:
      "What a peer gives back of a lost log makes a node forget that it has signed the end.",
    after: "nitrolite MF2-C01: the closing marker is erased by an event that comes late",
    row: "MF2-C01",
    needs: "Fault",
    isOnChain: false,
    oracles: ["monotone", "double signature"],
  },
  {
    name: "36-never-replaced",
    sentence: "A transaction that no miner takes is never replaced by a dearer one.",
    after: "go-nitro W13: no fee management, no retry",
    row: "W13",
    needs: "Fault",
    isOnChain: true,
    oracles: ["liveness"],
  },
];
