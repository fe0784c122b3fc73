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

/** What the network does with one copy of a frame: how long it would be under way, and how large it is. */
export type Passage = {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** Virtual milliseconds since the start when it was sent. */
  readonly atMs: number;
  readonly latencyMs: number;
  readonly sizeBytes: number;
};

/** Something that is wrong with some links for a while. Of several on one link, each comes after the one before. */
export type Disturbance = {
  readonly strikes: (from: Endpoint, to: Endpoint) => boolean;
  /** How such a link behaves instead. */
  readonly change?: (conditions: LinkConditions) => LinkConditions;
  /** Milliseconds until a frame arrives, asked for each copy in the order of sending; at least its latency. */
  readonly holdMs?: (passage: Passage) => number;
};

/** Ends a disturbance: what it held arrives now, in the order of sending. Later calls do nothing. */
export type EndDisturbance = () => void;

type Listener = (from: Endpoint, frame: Uint8Array) => void;

/** A frame on its way, as it can be made to arrive. */
type Held = { readonly cancel: () => void; readonly deliver: () => void };

/** A disturbance under way, and the frames that are late because of it. */
type Disturbing = Disturbance & { readonly held: Set<Held> };

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
  readonly #disturbances = new Set<Disturbing>();

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

  /** From now on some links are disturbed. No draw of any frame changes its place. */
  disturb(disturbance: Disturbance): EndDisturbance {
    const disturbing = { ...disturbance, held: new Set<Held>() };
    this.#disturbances.add(disturbing);
    return () => {
      this.#disturbances.delete(disturbing);
      for (const { cancel, deliver } of disturbing.held) {
        cancel();
        this.#options.timeline.after(0, deliver);
      }
      disturbing.held.clear();
    };
  }

  #send(from: Endpoint, to: Endpoint, frame: Uint8Array): void {
    const { seed, startMs, timeline, trace } = this.#options;
    const link = `${from}>${to}`;
    const n = this.#sent.get(link) ?? 0;
    this.#sent.set(link, n + 1);
    const disturbing = [...this.#disturbances].filter(({ strikes }) => strikes(from, to));
    const conditions = this.#conditionsNow(from, to, disturbing);
    const { dropFraction, duplicateFraction } = conditions;
    const isLost = happens(dropFraction, seed, "drop", link, n);
    const isDoubled = happens(duplicateFraction, seed, "duplicate", link, n);
    const copies = isLost ? [] : isDoubled ? ["first", "second"] : ["first"];
    const bytes = frame.slice();
    const atMs = timeline.nowMs - startMs;
    const deliver = (): void => this.#listeners.get(to)?.(from, bytes);
    const arrivesAtMs = copies.map((copy) => {
      const latencyMs = this.#drawLatency(conditions, `${link} ${copy}`, n);
      const passage = { from, to, atMs, latencyMs, sizeBytes: bytes.length };
      return atMs + this.#carry(passage, disturbing, deliver);
    });
    if (!trace.isKept) return;
    trace.add({ type: "Frame", atMs, from, to, arrivesAtMs, bytes: toHex(bytes) });
  }

  #conditionsNow(from: Endpoint, to: Endpoint, disturbing: readonly Disturbance[]): LinkConditions {
    const calm = this.#options.conditionsOf(from, to);
    return disturbing.reduce((now, { change }) => change?.(now) ?? now, calm);
  }

  /** Lets a frame arrive, and gives the milliseconds until then. */
  #carry(passage: Passage, disturbing: readonly Disturbing[], deliver: () => void): number {
    const { timeline } = this.#options;
    const holds = disturbing.map(({ holdMs }) => holdMs?.(passage) ?? 0);
    const delayMs = Math.max(passage.latencyMs, ...holds);
    const longest = disturbing[holds.indexOf(delayMs)];
    if (longest === undefined) {
      timeline.after(delayMs, deliver);
      return delayMs;
    }
    const cancel = timeline.after(delayMs, () => {
      longest.held.delete(held);
      deliver();
    });
    const held: Held = { cancel, deliver };
    longest.held.add(held);
    return delayMs;
  }

  #drawLatency(conditions: LinkConditions, key: string, n: number): number {
    const { seed } = this.#options;
    const { latencyMs, slowFraction, slowLatencyMs } = conditions;
    const isSlow = happens(slowFraction, seed, "slow", key, n);
    const [min, max] = isSlow ? slowLatencyMs : latencyMs;
    return min === max ? min : drawBetween([min, max], seed, "latency", key, n);
  }
}

/** Whether something happens that does so in a fraction of all cases. What never does takes no draw. */
function happens(fraction: number, seed: number, component: string, key: string, n: number) {
  return fraction > 0 && drawFraction(seed, component, key, n) < fraction;
}
