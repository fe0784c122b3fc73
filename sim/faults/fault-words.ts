/** Faults in words, as traces and diagrams have them. */
import type { ActorName } from "../actors.ts";
import type { ChainFault, Fault } from "./fault.ts";

/** Where a fault is, and what it is. */
export type FaultWords = { readonly at: ActorName; readonly what: string };

/** Words for what the chain does not tell itself. Undefined for the rest. */
export function wordsOf(fault: Fault): FaultWords | undefined {
  switch (fault.type) {
    case "Partition":
      return { at: fault.group[0] ?? "alice", what: partitionWords(fault) };
    case "LossyLink":
      return onLink(fault, `loses ${percent(fault.fraction)} of what goes`);
    case "DoublingLink":
      return onLink(fault, `doubles ${percent(fault.fraction)} of what goes`);
    case "SlowLink":
      return onLink(fault, `takes ${fault.latencyMs[0]} to ${fault.latencyMs[1]} ms for what goes`);
    case "NarrowLink":
      return onLink(fault, `carries ${fault.bytesPerSec} bytes a second`);
    case "StalledLink":
      return onLink(fault, "holds everything up that goes");
    case "Crash":
      return { at: fault.node, what: `stops${momentWords(fault)}, ${awayWords(fault.awayMs)}` };
    case "Freeze":
      return { at: fault.node, what: `stands still for ${fault.forMs} ms` };
    case "SkewedClock":
      return { at: fault.node, what: `its clock is off by ${fault.skewMs} ms` };
    default:
      return chainWords(fault) ?? diskWords(fault);
  }
}

function chainWords(fault: Fault): FaultWords | undefined {
  if (fault.type !== "RpcTrouble") return undefined;
  const what = Object.keys(fault.conditions).join(", ");
  return { at: fault.node, what: `trouble with its endpoints for ${fault.forMs} ms: ${what}` };
}

function diskWords(fault: Fault): FaultWords | undefined {
  switch (fault.type) {
    case "LostTail":
      return { at: fault.node, what: `loses its last ${fault.appends} appends` };
    case "TornAppend":
      return { at: fault.node, what: "stops in the middle of an append" };
    case "FlippedBit":
      return { at: fault.node, what: "stops, and one bit of its disk flips" };
    case "FullDisk":
      return { at: fault.node, what: `its disk is full for ${fault.forMs} ms` };
    case "OldBackup":
      return { at: fault.node, what: `gets back a backup made ${fault.ageMs} ms before` };
    default:
      return undefined;
  }
}

/** True for kinds that the chain tells itself when they strike. */
export function isToldByChain({ type }: Fault): boolean {
  const told: readonly ChainFault["type"][] = ["Reorg", "Censorship", "FeeSpike", "RpcOutage"];
  return told.some((one) => one === type);
}

function partitionWords({ forMs, group, lost }: Extract<Fault, { type: "Partition" }>): string {
  const what = { Both: "cut off", Sent: "heard by nobody else", Heard: "hears nobody else" }[lost];
  return `${group.join(" and ")} ${what} for ${forMs} ms`;
}

function onLink(
  { forMs, from, to }: { readonly from: ActorName; readonly to: ActorName; readonly forMs: number },
  what: string,
): FaultWords {
  return { at: from, what: `the link ${what} to ${to} for ${forMs} ms` };
}

function momentWords({ moment }: Extract<Fault, { type: "Crash" }>): string {
  return moment.type === "Now" ? "" : ` ${moment.side.toLowerCase()} an append`;
}

function awayWords(awayMs: number | undefined): string {
  return awayMs === undefined ? "and never comes back" : `and is back after ${awayMs} ms`;
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}
