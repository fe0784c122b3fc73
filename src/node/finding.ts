/** What is wrong with a log, in words, and what to do about it. */
import type { BrokenRule, RuleCode } from "../engine/broken-rule.ts";
import type { IndexProblem } from "../store/index-audit.ts";
import type { LogDamage } from "../store/log-damage.ts";
import type { SnapshotProblem } from "../store/snapshot-audit.ts";

/** One thing that is wrong. */
export type Finding = {
  /** Of the event that is wrong, or missing; undefined where that is not known. */
  readonly offset: number | undefined;
  readonly code: string;
  readonly explanation: string;
  readonly advice: string;
};

const RESTORE =
  "restore the log from a copy; a node whose log is older than its head file asks its peers for the rest before it signs";

const SUSPECT =
  "its hash is right, so whoever wrote it could write the log: compare the event with the peers' logs of the same channel";

/** Rules whose breach is a peer's fault. */
const OF_PEERS: readonly RuleCode[] = ["PeerSignedTwice", "PeerSignedAfterFinal"];

const DAMAGES: Readonly<Record<LogDamage["code"], string>> = {
  HashMismatch: "its bytes, its place or an event before it were changed after it was written",
  OffsetMismatch: "the record that lies here says that it belongs elsewhere",
  RecordMissing: "nothing lies here, though the log goes on",
  TimeDecreased: "it happened before the event in front of it, which no node writes",
  Undecodable: "its hash is right, and its content is no event",
  UnknownEvent: "a newer program wrote it",
};

/** A record that is not as it was written. */
export function findingOfDamage(damage: LogDamage): Finding {
  const { code, offset } = damage;
  const detail = code === "Undecodable" ? `: ${damage.problem}` : "";
  const explanation = `${DAMAGES[code]}${detail}`;
  const advice =
    code === "UnknownEvent"
      ? "read the log with the program that wrote it, or a newer one"
      : RESTORE;
  return { offset, code, explanation, advice };
}

/** An event that no honest node writes. */
export function findingOfRule(offset: number, { code, explanation }: BrokenRule): Finding {
  const advice = OF_PEERS.includes(code)
    ? "the two signatures prove what the peer did: keep this log, and close the channel"
    : SUSPECT;
  return { offset, code, explanation, advice };
}

/** A signature that is not whose it must be. */
export function findingOfSignature(offset: number): Finding {
  return {
    offset,
    code: "WrongSignature",
    explanation: "a signature in this event is not of the participant who is said to have signed",
    advice: `${SUSPECT}; in the log of a run with --signatures fast they are stand-ins that nobody can check`,
  };
}

/** Files of the log that cannot be opened or read as what they are. */
export function findingOfFiles(offset: number | undefined, explanation: string): Finding {
  return { offset, code: "LogDamaged", explanation, advice: RESTORE };
}

/** A snapshot that is not what a replay of the log comes to. */
export function findingOfSnapshot({ code, length }: SnapshotProblem): Finding {
  return {
    offset: length,
    code: `Snapshot${code}`,
    explanation: `the snapshot of the first ${length} events is not what a replay of them comes to`,
    advice:
      "the log itself is right: restore the store of the log from a copy, or let the node take its snapshots anew",
  };
}

/** A part of the index by tag that does not agree with the records. */
export function findingOfIndex({ code, count, offset }: IndexProblem): Finding {
  const what =
    code === "IndexMissing"
      ? "is not there, and who looks for a tag reads them all"
      : "is not what they come to, and may hide some of them from who looks for a tag";
  return {
    offset,
    code,
    explanation: `the index of the ${count} events from here on ${what}`,
    advice: "the log itself is right: `rebuildIndex` of an open `EventStore` makes the index anew",
  };
}

/** An end that an anchor contradicts. */
export function findingOfEnd(
  code: "Truncated" | "Forked",
  length: number,
  explanation: string,
): Finding {
  return { offset: length, code, explanation, advice: RESTORE };
}
