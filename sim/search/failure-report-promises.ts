/** What each oracle asks, as a promise in words of the protocol. */
import type { OracleName } from "../checkers/oracle-names.ts";

/** What breaks a run off without an oracle. */
type Break = "diagram" | "assertion" | "error" | "script";

const PROMISES: Readonly<Record<OracleName | Break, string>> = {
  conservation: "The contract pays out exactly what was put in, to nobody else.",
  coverage: "What a node counts on is held by the contract.",
  guarantees: "A ledger channel never guarantees more than its owners have in it.",
  solvency:
    "An honest party gets at least its least share over all states that others can enforce.",
  paid: "In the end every honest party has in her wallet what was due to her.",
  games: "Nobody moves but as the rules of the game and its player have it.",
  "double signature": "An honest node never signs two states of one turn.",
  monotone: "Turns and vouchers only rise.",
  fold: "Each record of a log can stand behind those before it.",
  "replay equals live": "A node that starts from its log is what it was before.",
  "signed log": "Each signature in the log of a node is by whom the log says.",
  "log intact": "The log of a node is whole: each record holds the hash of the one before.",
  "causal rules": "Each event in a log has its cause before it.",
  "signatures on the wire": "A signature is in the log before it leaves the node.",
  prediction: "The contract answers each call as its specification says.",
  liveness: "Once the faults are over, everything completes or is disputed to its end.",
  growth: "Nothing that a node keeps grows without bound.",
  crash: "No honest node ends by a fault of its own.",
  diagram: "The run is what its diagram says.",
  assertion: "What the code takes for granted holds.",
  error: "No part of a node breaks off with an error.",
  script: "The story goes as its script says.",
};

/** The promise that an oracle found broken. */
export function promiseOf(oracle: string): string {
  const known: Readonly<Record<string, string>> = PROMISES;
  return known[oracle] ?? `The oracle "${oracle}" finds nothing.`;
}
