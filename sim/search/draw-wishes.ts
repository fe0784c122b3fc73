/** Draws what users ask for: mostly what can be met, at times at which much goes on at once. */
import { assertDefined } from "../../src/primitives/assert.ts";
import { afterWish, type Book, entered, ledgerOf } from "./draw-book.ts";
import {
  between,
  type Chance,
  happens,
  pick,
  type Weighted,
  weigh,
  within,
} from "./draw-chance.ts";
import { drawChannelWish, targetsOf } from "./draw-channel-wishes.ts";
import { drawOpening, openRoutes } from "./draw-openings.ts";
import type { DrawnWishes, Sketch, WishFeatures } from "./draw-sketch.ts";
import type { Route, Topology } from "./draw-topology.ts";
import { isOpeningKind, type Wish } from "./wish.ts";

/** Channels with money on the chain in one plan: each costs a run blocks, and more show nothing new. */
const FUNDED_MAX = 5;

/** Virtual channels in one plan. */
const VIRTUAL_MAX = 12;

/** Wishes in a burst. */
const BURST_SIZE = 5;

/** How often a kind is asked for beside the weight that the swarm gives it: users pay more often than they open. */
const FACTORS: Readonly<Record<Wish["type"], number>> = {
  OpenDirect: 2,
  OpenLedger: 2,
  OpenVirtual: 4,
  Pay: 8,
  PayVirtually: 12,
  TopUp: 3,
  Withdraw: 3,
  OpenGame: 2,
  Play: 12,
  Close: 2,
  Dispute: 1,
};

/** Draws the wishes of one plan. */
export function drawWishes(
  chance: Chance,
  topology: Topology,
  features: WishFeatures,
): DrawnWishes {
  const isVirtual = features.kinds.some(([, kind]) => kind === "OpenVirtual");
  const base =
    isVirtual && topology.routes.length > 0 ? pick(chance, "way", topology.routes) : undefined;
  let sketch: Sketch = { topology, features, wishes: [], startsMs: [], book: [], atMs: 0 };
  for (let id = 0; id < features.count; id += 1) {
    sketch = extended(sketch, within(chance, `wish ${id}`), base);
  }
  return { wishes: sketch.wishes, startsMs: sketch.startsMs };
}

function extended(sketch: Sketch, chance: Chance, base: Route | undefined): Sketch {
  const missing = base && missingLedger(sketch.book, base);
  const kinds: Weighted<Wish["type"]> =
    missing === undefined ? possibleKinds(sketch, chance) : [[1, "OpenLedger"]];
  if (kinds.length === 0) return sketch;
  return withWish(sketch, chance, weigh(chance, "kind", kinds), missing);
}

/** The first pair of a way that shares no ledger channel and never did. */
function missingLedger(book: Book, { from, to, via }: Route): Route | undefined {
  const path = [from, ...via, to];
  const had = (one: string, other: string): boolean =>
    book.some(({ participants, type }) => {
      const names: readonly string[] = participants;
      return type === "Ledger" && names.includes(one) && names.includes(other);
    });
  const at = path.findIndex((name, index) => index > 0 && !had(path[index - 1] ?? name, name));
  if (at < 0) return undefined;
  return {
    from: assertDefined(path[at - 1], "the nearer"),
    via: [],
    to: assertDefined(path[at], "the farther"),
  };
}

function possibleKinds(sketch: Sketch, chance: Chance): Weighted<Wish["type"]> {
  const isLate = 3 * sketch.wishes.length > sketch.features.count || happens(chance, "end", 0.2);
  return sketch.features.kinds
    .filter(([, kind]) => isPossible(sketch, kind, isLate))
    .map(([weight, kind]) => [weight * FACTORS[kind], kind]);
}

function isPossible(sketch: Sketch, kind: Wish["type"], isLate: boolean): boolean {
  const { book, topology } = sketch;
  const virtual = book.filter(({ type }) => type === "Virtual").length;
  const funded = book.length - virtual;
  switch (kind) {
    case "OpenDirect":
    case "OpenGame":
      return funded < FUNDED_MAX;
    case "OpenLedger":
      return funded < FUNDED_MAX && topology.ledgers.some((pair) => !ledgerOf(book, ...pair));
    case "OpenVirtual":
      return virtual < VIRTUAL_MAX && openRoutes(sketch).length > 0;
    case "Close":
    case "Dispute":
      return isLate && targetsOf(book, kind).length > 0;
    default:
      return targetsOf(book, kind).length > 0;
  }
}

function withWish(
  sketch: Sketch,
  chance: Chance,
  kind: Wish["type"],
  missing: Route | undefined,
): Sketch {
  const id = sketch.wishes.length;
  const drawn = isOpeningKind(kind)
    ? drawOpening(sketch, chance, kind, missing)
    : { ...drawChannelWish(sketch, chance, kind), channel: undefined };
  const pace = nextMs(sketch, chance, drawn.readyMs);
  const atMs = Math.max(pace, leastMs(sketch, chance, drawn.asked, drawn.readyMs));
  const wish: Wish = { id, atMs, ...drawn.asked };
  const startMs = Math.max(atMs, drawn.readyMs);
  const { channel } = drawn;
  const readyMs = startMs + (channel?.takesMs ?? 0);
  const book =
    channel === undefined
      ? afterWish(busyWith(sketch, wish, startMs), wish)
      : entered(sketch.book, { ...channel, id, readyMs, isClosed: false, busyUntilMs: 0 });
  return {
    ...sketch,
    book,
    atMs: Math.max(pace, sketch.atMs),
    wishes: [...sketch.wishes, wish],
    startsMs: [...sketch.startsMs, startMs],
  };
}

/**
 * What would only be refused earlier waits: a virtual channel until its ledgers run, and mostly a deposit, a
 * withdrawal or a move until the one before it.
 */
function leastMs(
  { book }: Sketch,
  chance: Chance,
  asked: Pick<Wish, "type"> & { readonly channel?: number },
  readyMs: number,
): number {
  if (asked.type === "OpenVirtual") return readyMs;
  const mustWait = isSlow(asked) || asked.type === "Play";
  if (!mustWait || happens(chance, "impatient", 0.15)) return 0;
  return book.find(({ id }) => id === asked.channel)?.busyUntilMs ?? 0;
}

/** Deposits into a channel that runs, and withdrawals of it, wait for blocks, one after the other. */
function isSlow({ type }: Pick<Wish, "type">): boolean {
  return type === "TopUp" || type === "Withdraw";
}

function busyWith({ book, features }: Sketch, wish: Wish, startMs: number): Book {
  if (!("channel" in wish) || !(isSlow(wish) || wish.type === "Play")) return book;
  // Moves come in the order in which they were drawn.
  const busyUntilMs = wish.type === "Play" ? wish.atMs : startMs + 2 * features.depositMs;
  return book.map((one) => (one.id === wish.channel ? { ...one, busyUntilMs } : one));
}

/** When the next wish is asked; it waits for its channel by itself. */
function nextMs({ atMs, features, wishes }: Sketch, chance: Chance, readyMs: number): number {
  const soonMs = between(chance, "soon", [0, 300]);
  if (features.pace === "AtOnce") return soonMs;
  // Some come while their channel is not open yet.
  const earliestMs = happens(chance, "early", 0.15) ? atMs : Math.max(atMs, readyMs);
  if (features.pace === "Spaced") return earliestMs + between(chance, "pause", [50, 20_000]);
  const isNewBurst = wishes.length % BURST_SIZE === 0 && wishes.length > 0;
  const pauseMs = isNewBurst ? between(chance, "pause between bursts", [2_000, 60_000]) : 0;
  return earliestMs + pauseMs + soonMs;
}
