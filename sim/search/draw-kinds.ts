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

/** Draws them by their weights. At least one opens something. */
export function drawKinds(
  chance: Chance,
  hasRoutes: boolean,
  allowed: readonly Kind[] = WISH_TYPES,
): Weighted<Kind> {
  const profiles = (["Direct", "Ledger", "Virtual"] as const)
    .filter((name) => name !== "Virtual" || hasRoutes)
    .filter((name) => PROFILES[name].some((kind) => allowed.includes(kind)));
  const drawn = swarm(chance, "profiles", profiles).flatMap(([, name]) => {
    const kinds = PROFILES[name].filter((kind) => allowed.includes(kind));
    return swarm(within(chance, name), "kinds", kinds);
  });
  const endings = ENDINGS.filter((kind) => allowed.includes(kind));
  const ends = pick(chance, "ends", [true, true, false]) ? swarm(chance, "endings", endings) : [];
  // Where nothing that is allowed can be, there is a channel at least.
  const least: Weighted<Kind> = drawn.length === 0 ? [[NEEDED_WEIGHT, "OpenDirect"]] : [];
  const on = [...drawn, ...ends, ...least];
  const needed = new Set(on.flatMap(([, kind]) => NEEDS[kind] ?? []));
  const missing = [...needed].filter((kind) => !on.some(([, other]) => other === kind));
  return [...on, ...missing.map((kind) => [NEEDED_WEIGHT, kind] as const)];
}
