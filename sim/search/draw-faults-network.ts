/** Draws faults of the network. */
import type { ActorName } from "../actors.ts";
import type { Fault, NetworkFault } from "../faults/fault.ts";
import { between, type Chance, hundredths, pick, shuffled, weigh } from "./draw-chance.ts";

type Link = { readonly from: ActorName; readonly to: ActorName };

/** Virtual milliseconds that a network is in trouble: a moment, as long as messages are repeated, some blocks. */
export function drawSpanMs(chance: Chance): number {
  return weigh(chance, "how long", [
    [35, between(chance, "a moment", [50, 1_000])],
    [35, between(chance, "a while", [1_000, 30_000])],
    [30, between(chance, "long", [30_000, 300_000])],
  ]);
}

/** Draws one of such a kind; undefined where the kind is not of the network. */
export function drawNetworkFault(
  chance: Chance,
  type: Fault["type"],
  { cast }: { readonly cast: readonly ActorName[] },
): NetworkFault | undefined {
  const forMs = drawSpanMs(chance);
  const link = drawLink(chance, cast);
  switch (type) {
    case "Partition": {
      const size = between(chance, "size", [1, Math.max(1, Math.floor(cast.length / 2))]);
      const group = shuffled(chance, "group", cast).slice(0, size);
      const lost = pick(chance, "lost", ["Both", "Both", "Sent", "Heard"] as const);
      return { type, group, lost, forMs };
    }
    case "LossyLink":
    case "DoublingLink":
      return { type, ...link, fraction: hundredths(chance, "fraction", [10, 100]), forMs };
    case "SlowLink": {
      const minMs = between(chance, "latency", [100, 5_000]);
      return {
        type,
        ...link,
        latencyMs: [minMs, minMs + between(chance, "more", [0, 5_000])],
        forMs,
      };
    }
    case "NarrowLink":
      return { type, ...link, bytesPerSec: between(chance, "bytes", [200, 20_000]), forMs };
    case "StalledLink":
      return { type, ...link, forMs };
    default:
      return undefined;
  }
}

function drawLink(chance: Chance, cast: readonly ActorName[]): Link {
  const [from = "alice", to = "bob"] = shuffled(chance, "link", cast);
  return { from, to };
}
