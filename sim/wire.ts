/** The virtual network: who hears what, and when. All its chance comes from the seed. */
import type { Endpoint, Transport } from "../src/ports/transport.ts";
import { toHex } from "../src/primitives/hex.ts";
import { drawBetween, drawFraction } from "./keyed-random.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

/** How a link behaves. Fractions are between 0 and 1. */
export type LinkConditions = {
  /** Fewest and most milliseconds that a frame takes. Different draws make frames overtake each other. */
  readonly latencyMs: readonly [min: number, max: number];
  /** How many frames are slow instead, and how slow: the long tail that real networks have. */
  readonly slowFraction: number;
  readonly slowLatencyMs: readonly [min: number, max: number];
  readonly dropFraction: number;
  readonly duplicateFraction: number;
};

/** A network without faults: frames take 10 to 50 ms, one in a hundred up to half a second. None is lost. */
export const CALM_LINK: LinkConditions = {
  latencyMs: [10, 50],
  slowFraction: 0.01,
  slowLatencyMs: [50, 500],
  dropFraction: 0,
  duplicateFraction: 0,
};

/** How a whole network behaves: every link the same, but for those named `from>to`. */
export type NetworkConditions = Partial<LinkConditions> & {
  readonly links?: Readonly<Record<`${Endpoint}>${Endpoint}`, Partial<LinkConditions>>>;
};

/** The conditions of one direction of one link. What nobody set is calm. */
export function conditionsOf(
  { links, ...everywhere }: NetworkConditions,
  from: Endpoint,
  to: Endpoint,
): LinkConditions {
  return { ...CALM_LINK, ...everywhere, ...links?.[`${from}>${to}`] };
}

type Listener = (from: Endpoint, frame: Uint8Array) => void;

type WireOptions = {
  readonly seed: number;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly startMs: number;
  readonly conditionsOf: (from: Endpoint, to: Endpoint) => LinkConditions;
};

/** One network for all nodes of a world. */
export class Wire {
  readonly #options: WireOptions;
  readonly #listeners = new Map<Endpoint, Listener>();
  readonly #sent = new Map<string, number>();

  constructor(options: WireOptions) {
    this.#options = options;
  }

  /** The transport of one node. A restarted node takes its endpoint over. */
  transportOf(endpoint: Endpoint): Transport {
    return {
      send: (to, frame) => this.#send(endpoint, to, frame),
      listen: (onFrame) => {
        this.#listeners.set(endpoint, onFrame);
      },
    };
  }

  /** Takes a node off the network: what is on its way to it is lost. */
  disconnect(endpoint: Endpoint): void {
    this.#listeners.delete(endpoint);
  }

  #send(from: Endpoint, to: Endpoint, frame: Uint8Array): void {
    const { seed, startMs, timeline, trace } = this.#options;
    const link = `${from}>${to}`;
    const n = this.#sent.get(link) ?? 0;
    this.#sent.set(link, n + 1);
    const { dropFraction, duplicateFraction } = this.#options.conditionsOf(from, to);
    const isLost = happens(dropFraction, seed, "drop", link, n);
    const isDoubled = happens(duplicateFraction, seed, "duplicate", link, n);
    const copies = isLost ? [] : isDoubled ? ["first", "second"] : ["first"];
    const delays = copies.map((copy) => this.#drawLatency(from, to, `${link} ${copy}`, n));
    const bytes = frame.slice();
    const atMs = timeline.nowMs - startMs;
    if (trace.isKept) {
      const arrivesAtMs = delays.map((delay) => atMs + delay);
      trace.add({ type: "Frame", atMs, from, to, arrivesAtMs, bytes: toHex(bytes) });
    }
    for (const delay of delays) {
      timeline.after(delay, () => this.#listeners.get(to)?.(from, bytes));
    }
  }

  #drawLatency(from: Endpoint, to: Endpoint, key: string, n: number): number {
    const { seed } = this.#options;
    const { latencyMs, slowFraction, slowLatencyMs } = this.#options.conditionsOf(from, to);
    const isSlow = happens(slowFraction, seed, "slow", key, n);
    const [min, max] = isSlow ? slowLatencyMs : latencyMs;
    return min === max ? min : drawBetween([min, max], seed, "latency", key, n);
  }
}

/** Whether something happens that does so in a fraction of all cases. What never does takes no draw. */
function happens(fraction: number, seed: number, component: string, key: string, n: number) {
  return fraction > 0 && drawFraction(seed, component, key, n) < fraction;
}
