/** What a fault of the network does to the wire. */
import type { Disturbance, LinkConditions, Passage } from "../wire.ts";
import type { NetworkFault } from "./fault.ts";

/** The disturbance of a fault that begins now; `nowMs` counts virtual milliseconds from the start of the run. */
export function disturbanceOf(fault: NetworkFault, nowMs: number): Disturbance {
  return fault.type === "Partition" ? partition(fault) : onLink(fault, nowMs);
}

function onLink(
  fault: Exclude<NetworkFault, { readonly type: "Partition" }>,
  nowMs: number,
): Disturbance {
  const strikes = (from: string, to: string): boolean => from === fault.from && to === fault.to;
  switch (fault.type) {
    case "LossyLink":
      return { strikes, change: (link) => lossy(link, fault.fraction) };
    case "DoublingLink":
      return { strikes, change: (link) => doubling(link, fault.fraction) };
    case "SlowLink":
      return {
        strikes,
        change: (link) => ({ ...link, latencyMs: fault.latencyMs, slowFraction: 0 }),
      };
    case "NarrowLink":
      return { strikes, holdMs: queue(fault.bytesPerSec) };
    case "StalledLink":
      return { strikes, holdMs: ({ atMs }) => nowMs + fault.forMs - atMs };
  }
}

function partition({
  group,
  lost,
}: Extract<NetworkFault, { readonly type: "Partition" }>): Disturbance {
  const inside: ReadonlySet<string> = new Set(group);
  return {
    strikes: (from, to) => {
      const isSent = inside.has(from) && !inside.has(to);
      const isHeard = inside.has(to) && !inside.has(from);
      return (isSent && lost !== "Heard") || (isHeard && lost !== "Sent");
    },
    change: (link) => ({ ...link, dropFraction: 1 }),
  };
}

/** A fault makes no link better than it was. */
function lossy(link: LinkConditions, fraction: number): LinkConditions {
  return { ...link, dropFraction: Math.max(link.dropFraction, fraction) };
}

function doubling(link: LinkConditions, fraction: number): LinkConditions {
  return { ...link, duplicateFraction: Math.max(link.duplicateFraction, fraction) };
}

/** One frame goes behind the other, and then takes its latency. */
function queue(bytesPerSec: number): (passage: Passage) => number {
  let freeAtMs = 0;
  return ({ atMs, latencyMs, sizeBytes }) => {
    const startMs = Math.max(atMs, freeAtMs);
    freeAtMs = startMs + Math.ceil((sizeBytes * 1_000) / bytesPerSec);
    return freeAtMs - atMs + latencyMs;
  };
}
