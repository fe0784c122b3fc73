/** Every oracle of a run, and what it promises: for reports, and so that each is proven alive by name. */

/** What each oracle promises, in one sentence. */
export const ORACLES = {
  conservation:
    "Coins and tokens are neither made nor lost: wallets, channels and gas add up to what there was, by the contract's own storage.",
  prediction: "Each transaction does on the real contracts what our model of them says.",
  solvency:
    "No honest party can be left with less than she had, but for what she signed away herself.",
  paid: "In the end every honest party who is there has in her wallet what is due to her.",
  coverage:
    "Nobody counts as money what the contract does not hold, in the order in which it would pay.",
  guarantees:
    "A virtual channel is guaranteed in full by the ledgers on both sides, and counted once, while anybody relies on it.",
  "double signature":
    "No honest key signs two states for one turn, two vouchers for one counter, or anything behind a final state.",
  monotone: "Supported turns, signed turns and vouchers only rise.",
  "signatures on the wire": "No signature leaves an honest node before its log holds it.",
  fold: "Every event of an honest log can stand where it stands.",
  "causal rules":
    "Every event of an honest log follows from what came before it: nobody acts without a reason that is on record.",
  "signed log": "Every signature in an honest log is by whom the log says.",
  "log intact": "Every log is whole, and ends where its node says.",
  "replay equals live": "A node is what its log says, before a restart and behind it.",
  liveness:
    "Once faults are over, everything that honest parties began completes, or is decided on the chain, within a bound.",
  games:
    "Nobody moves in a game but as its rules and its player have it: both have one log of messages, and it comes to what their states pay.",
  growth: "Nothing that others do lets an honest node's memory or log grow without bound.",
  crash: "Nothing that others do makes the program of an honest node fail.",
} as const;

/** An oracle of a run. */
export type OracleName = keyof typeof ORACLES;
