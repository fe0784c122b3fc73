/** Draws which kinds of wishes a plan has at all. */
import { type Chance, happens, pick, swarm, type Weighted, within } from "./draw-chance.ts";
import type { Wish } from "./wish.ts";

type Kind = Wish["type"];

/** Every kind, for tables. */
export const WISH_TYPES: readonly Kind[] = [
  "OpenDirect",
  "OpenLedger",
  "OpenVirtual",
  "Pay",
  "PayVirtually",
  "TopUp",
  "Withdraw",
  "OpenGame",
  "Play",
  "Close",
  "Dispute",
];

/** What users do together: some pay in channels of their own, others over ledger channels, others play for it. */
const PROFILES: Readonly<Record<"Direct" | "Ledger" | "Virtual" | "Game", readonly Kind[]>> = {
  Direct: ["OpenDirect", "Pay"],
  Ledger: ["OpenLedger", "TopUp", "Withdraw"],
  Virtual: ["OpenVirtual", "PayVirtually"],
  Game: ["OpenGame", "Play"],
};

const ENDINGS: readonly Kind[] = ["Close", "Dispute"];

/** Kinds without which another one cannot be. */
const NEEDS: Readonly<Partial<Record<Kind, readonly Kind[]>>> = {
  Pay: ["OpenDirect"],
  OpenVirtual: ["OpenLedger"],
  PayVirtually: ["OpenVirtual", "OpenLedger"],
  TopUp: ["OpenLedger"],
  Withdraw: ["OpenLedger"],
  Play: ["OpenGame"],
};

/** How many of the plans with a way over a hub pay in virtual channels, whatever else they draw. */
const VIRTUAL_FRACTION = 0.5;

/** As often as the rest together: what is paid is what can be lost. */
const VIRTUAL_PAYMENTS: Weighted<Kind> = [
  [60, "OpenVirtual"],
  [120, "PayVirtually"],
];

/** Weight of a kind that is on only because another one needs it. */
const NEEDED_WEIGHT = 50;

/** Draws them by their weights, all of those that are `asked` for. At least one opens something. */
export function drawKinds(
  chance: Chance,
  hasRoutes: boolean,
  asked: readonly Kind[] | undefined,
): Weighted<Kind> {
  if (asked === undefined) return withNeeded(drawSome(chance, hasRoutes));
  const possible = asked.filter((kind) => hasRoutes || !PROFILES.Virtual.includes(kind));
  const opens = possible.some((kind) => !ENDINGS.includes(kind));
  const on: readonly Kind[] = opens ? possible : [...possible, "OpenDirect"];
  return withNeeded(on.map((kind) => [NEEDED_WEIGHT, kind] as const));
}

function drawSome(chance: Chance, hasRoutes: boolean): Weighted<Kind> {
  const profiles = (["Direct", "Ledger", "Virtual", "Game"] as const).filter(
    (name) => name !== "Virtual" || hasRoutes,
  );
  const drawn = swarm(chance, "profiles", profiles).flatMap(([, name]) =>
    swarm(within(chance, name), "kinds", PROFILES[name]),
  );
  // What hangs on two ledgers at once is where most rules are: half of the plans that can have it do.
  const virtual: Weighted<Kind> =
    hasRoutes && happens(chance, "virtual payments", VIRTUAL_FRACTION) ? VIRTUAL_PAYMENTS : [];
  const ends = pick(chance, "ends", [true, true, false]) ? swarm(chance, "endings", ENDINGS) : [];
  const others = drawn.filter(([, kind]) => virtual.every(([, one]) => one !== kind));
  return [...others, ...virtual, ...ends];
}

function withNeeded(on: Weighted<Kind>): Weighted<Kind> {
  const needed = new Set(on.flatMap(([, kind]) => NEEDS[kind] ?? []));
  const missing = [...needed].filter((kind) => !on.some(([, other]) => other === kind));
  return [...on, ...missing.map((kind) => [NEEDED_WEIGHT, kind] as const)];
}
