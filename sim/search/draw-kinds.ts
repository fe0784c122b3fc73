/** Draws which kinds of wishes a plan has at all. */
import { type Chance, pick, swarm, type Weighted, within } from "./draw-chance.ts";
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
  "Close",
  "Dispute",
];

/** What users do together: some pay in channels of their own, others over ledger channels. */
const PROFILES: Readonly<Record<"Direct" | "Ledger" | "Virtual", readonly Kind[]>> = {
  Direct: ["OpenDirect", "Pay"],
  Ledger: ["OpenLedger", "TopUp", "Withdraw"],
  Virtual: ["OpenVirtual", "PayVirtually"],
};

const ENDINGS: readonly Kind[] = ["Close", "Dispute"];

/** Kinds without which another one cannot be. */
const NEEDS: Readonly<Partial<Record<Kind, readonly Kind[]>>> = {
  Pay: ["OpenDirect"],
  OpenVirtual: ["OpenLedger"],
  PayVirtually: ["OpenVirtual", "OpenLedger"],
  TopUp: ["OpenLedger"],
  Withdraw: ["OpenLedger"],
};

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
  const profiles = (["Direct", "Ledger", "Virtual"] as const).filter(
    (name) => name !== "Virtual" || hasRoutes,
  );
  const drawn = swarm(chance, "profiles", profiles).flatMap(([, name]) =>
    swarm(within(chance, name), "kinds", PROFILES[name]),
  );
  const ends = pick(chance, "ends", [true, true, false]) ? swarm(chance, "endings", ENDINGS) : [];
  return [...drawn, ...ends];
}

function withNeeded(on: Weighted<Kind>): Weighted<Kind> {
  const needed = new Set(on.flatMap(([, kind]) => NEEDS[kind] ?? []));
  const missing = [...needed].filter((kind) => !on.some(([, other]) => other === kind));
  return [...on, ...missing.map((kind) => [NEEDED_WEIGHT, kind] as const)];
}
