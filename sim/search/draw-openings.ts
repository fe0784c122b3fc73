/** Draws wishes that open a channel. */
import type { ActorName } from "../actors.ts";
import { drawDeposits, drawPart } from "./draw-amounts.ts";
import { type BookChannel, feesFrom, fundsOf, ledgerOf } from "./draw-book.ts";
import { between, type Chance, happens, pick, shuffled, weigh } from "./draw-chance.ts";
import type { Sketch } from "./draw-sketch.ts";
import type { Route } from "./draw-topology.ts";
import type { AssetAmounts, AssetName, Opening } from "./wish.ts";

/** An opening, and the channel that comes of it. */
export type DrawnOpening = {
  readonly asked: Opening & { readonly by: ActorName };
  /** When all that it needs is there, in virtual milliseconds from the start. */
  readonly readyMs: number;
  readonly channel: Pick<BookChannel, "type" | "participants" | "funds" | "fees" | "game"> & {
    readonly takesMs: number;
  };
};

/** Virtual milliseconds in which messages alone open a channel, as a rule. */
const MESSAGES_MS = 500;

/** Draws how to open one; a ledger between the ends of `missing` where that is given. */
export function drawOpening(
  sketch: Sketch,
  chance: Chance,
  kind: Opening["type"],
  missing: Route | undefined,
): DrawnOpening {
  if (kind === "OpenDirect") return drawDirect(sketch, chance);
  if (kind === "OpenGame") return drawGame(sketch, chance);
  if (kind === "OpenVirtual") return drawVirtual(sketch, chance);
  return drawLedger(sketch, chance, missing);
}

/** The ways whose ledger channels are all open, as far as the book knows. */
export function openRoutes({ book, topology }: Sketch): readonly Route[] {
  return topology.routes.filter(({ from, to, via }) => {
    const path = [from, ...via, to];
    return path.every((name, at) => at === 0 || ledgerOf(book, path[at - 1] ?? name, name));
  });
}

function drawDirect(sketch: Sketch, chance: Chance): DrawnOpening {
  const { cast } = sketch.topology;
  const count = cast.length > 2 && happens(chance, "three", 0.2) ? 3 : 2;
  const [by = "alice", ...others] = shuffled(chance, "participants", cast).slice(0, count);
  const amounts = drawAmounts(sketch, chance, count);
  return {
    asked: { type: "OpenDirect", by, others, amounts },
    readyMs: 0,
    channel: {
      type: "Direct",
      participants: [by, ...others],
      funds: amounts,
      fees: [],
      takesMs: fundingMs(sketch, amounts),
    },
  };
}

/** Rock, paper, scissors is over after three moves, mostly; the tactics game takes twenty. */
function drawGame(sketch: Sketch, chance: Chance): DrawnOpening {
  const [by = "alice", other = "bob"] = shuffled(chance, "players", sketch.topology.cast);
  const amounts = drawAmounts(sketch, chance, 2);
  const name = weigh(chance, "game", [
    [60, "rock-paper-scissors"],
    [40, "tactics"],
  ] as const);
  return {
    asked: { type: "OpenGame", by, other, game: name, amounts },
    readyMs: 0,
    channel: {
      type: "Game",
      participants: [by, other],
      funds: amounts,
      fees: [],
      takesMs: fundingMs(sketch, amounts),
      game: { name, moves: 0 },
    },
  };
}

function drawLedger(sketch: Sketch, chance: Chance, missing: Route | undefined): DrawnOpening {
  const { book, topology } = sketch;
  const free = topology.ledgers.filter((one) => !ledgerOf(book, ...one));
  const meant = topology.ledgers.find(
    (one) => missing && one.includes(missing.from) && one.includes(missing.to),
  );
  const pair = meant ?? pick(chance, "pair", free.length === 0 ? topology.ledgers : free);
  const [by, other] = pair;
  const amounts = drawAmounts(sketch, chance, 2);
  return {
    asked: { type: "OpenLedger", by, other, amounts },
    readyMs: 0,
    channel: {
      type: "Ledger",
      participants: pair,
      funds: amounts,
      fees: [],
      takesMs: fundingMs(sketch, amounts),
    },
  };
}

function drawVirtual(sketch: Sketch, chance: Chance): DrawnOpening {
  const { book } = sketch;
  const { from, to, via } = pick(chance, "way", openRoutes(sketch));
  const path = [from, ...via, to];
  const fees = via.map((hub) => sketch.features.fees[hub] ?? 0n);
  const ledgers = path.slice(1).flatMap((name, at) => ledgerOf(book, path[at] ?? name, name) ?? []);
  const assets = sketch.features.assets.filter((asset) =>
    ledgers.every(({ funds }) => funds.some((part) => part.asset === asset)),
  );
  const amounts = assets.map((asset): AssetAmounts => {
    const least = (names: readonly ActorName[], isPayer: boolean): bigint =>
      leastOf(
        names.map((name, at) => {
          const passed = isPayer && asset === assets[0] ? feesFrom(fees, at) : 0n;
          return share(ledgers[at], name, asset) - passed;
        }),
      );
    const left = drawShare(chance, `left of ${asset}`, least(path.slice(0, -1), true));
    const isOneWay = happens(chance, `one way of ${asset}`, 0.4);
    const right = isOneWay
      ? 0n
      : drawShare(chance, `right of ${asset}`, least(path.slice(1), false));
    const isWrong = happens(chance, "more than there is", sketch.features.strangeFraction);
    // A channel needs something to pay with.
    return { asset, amounts: [left + right === 0n || isWrong ? left + 1n : left, right] };
  });
  return {
    asked: { type: "OpenVirtual", by: from, payee: to, via, amounts },
    readyMs: Math.max(0, ...ledgers.map(({ readyMs }) => readyMs)),
    channel: { type: "Virtual", participants: path, funds: amounts, fees, takesMs: MESSAGES_MS },
  };
}

/** Enough for some payments, mostly. */
function drawShare(chance: Chance, key: string, available: bigint): bigint {
  const isSome = happens(chance, `enough ${key}`, 0.6);
  const some = (available * BigInt(between(chance, `part of ${key}`, [5, 40]))) / 100n;
  return isSome && some > 0n ? some : drawPart(chance, key, available);
}

function share(ledger: BookChannel | undefined, name: ActorName, asset: AssetName): bigint {
  return ledger === undefined ? 0n : fundsOf(ledger, name, asset);
}

function drawAmounts({ features }: Sketch, chance: Chance, count: number): readonly AssetAmounts[] {
  const { assets, size } = features;
  // Ledgers of the same way share at least the first asset.
  const chosen = assets.filter((_, at) => at === 0 || happens(chance, `asset ${at}`, 0.85));
  return chosen.map((asset) => ({ asset, amounts: drawDeposits(chance, { asset, count, size }) }));
}

/** Participants deposit one after the other, each once the one before is confirmed. */
function fundingMs({ features }: Sketch, amounts: readonly AssetAmounts[]): number {
  const [first] = amounts;
  const depositors = (first?.amounts ?? []).filter((_, at) =>
    amounts.some((one) => (one.amounts[at] ?? 0n) > 0n),
  ).length;
  return MESSAGES_MS + depositors * features.depositMs;
}

function leastOf(amounts: readonly bigint[]): bigint {
  return [...amounts].sort((one, other) => Number(one - other))[0] ?? 0n;
}
