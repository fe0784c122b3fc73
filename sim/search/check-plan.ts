/** Says what is wrong with a plan that somebody wrote, changed or shrank. A plan that is right can be run. */

import type { ActorName } from "../actors.ts";
import { ROLLBACK_BLOCKS_MAX } from "../chain/local-chain.ts";
import type { Fault } from "../faults/fault.ts";
import { TOWER_KEEPER } from "../watchtower.ts";
import type { Plan } from "./plan.ts";
import { type AssetAmounts, type ChannelWish, isOpening, peopleOf, type Wish } from "./wish.ts";

type Opening = Exclude<Wish, ChannelWish>;

/** One sentence for each thing that is wrong; none for a plan that can be run. */
export function checkPlan(plan: Plan): readonly string[] {
  return [
    ...checkCast(plan),
    ...checkTimes(plan),
    ...checkIds("wish", plan.wishes),
    ...checkIds("fault", plan.faults),
    ...checkIds("move", plan.moves),
    ...plan.wishes.flatMap((wish) => checkWish(plan, wish)),
    ...plan.faults.flatMap((fault) => checkFault(fault)),
  ];
}

function checkCast(plan: Plan): readonly string[] {
  const { cast, faults, fees, moves, watched, wishes } = plan;
  const named = [
    ...wishes.flatMap((wish) => peopleOf(wish).map((name) => [`wish ${wish.id}`, name] as const)),
    ...faults.flatMap((fault) =>
      struckBy(fault).map((name) => [`fault ${fault.id}`, name] as const),
    ),
    ...moves.map(({ by, id }) => [`move ${id}`, by] as const),
    ...watched.map((name) => ["the tower", name] as const),
    ...Object.keys(fees).map((name) => ["a fee", name as ActorName] as const),
  ];
  const keeper = watched.length > 0 && cast.includes(TOWER_KEEPER);
  return [
    ...(cast.length < 2 ? ["the cast has fewer than two actors"] : []),
    ...(new Set(cast).size < cast.length ? ["somebody is twice in the cast"] : []),
    ...(keeper ? [`${TOWER_KEEPER} keeps the tower and cannot be in the cast`] : []),
    ...named.flatMap(([what, name]) =>
      cast.includes(name) ? [] : [`${what} names ${name}, who is not in the cast`],
    ),
  ];
}

function checkTimes(plan: Plan): readonly string[] {
  const { challengeDurationSec, disputeAfterMs, faults, moves, wishes } = plan;
  const times: readonly (readonly [what: string, value: number])[] = [
    ["the seed", plan.seed],
    ["the challenge duration", challengeDurationSec],
    ["the patience", disputeAfterMs],
    ...wishes.map(({ atMs, id }) => [`the time of wish ${id}`, atMs] as const),
    ...faults.map(({ atMs, id }) => [`the time of fault ${id}`, atMs] as const),
    ...moves.map(({ fromMs, id }) => [`the time of move ${id}`, fromMs] as const),
    ...faults.flatMap((fault) =>
      spansOf(fault).map((span) => [`a span of fault ${fault.id}`, span] as const),
    ),
  ];
  return times.flatMap(([what, value]) =>
    Number.isSafeInteger(value) && value >= 0 ? [] : [`${what} is not a whole number from 0 on`],
  );
}

function checkIds(what: string, parts: readonly { readonly id: number }[]): readonly string[] {
  const ids = parts.map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  return twice.map((id) => `two have the name ${what} ${id}`);
}

function checkWish(plan: Plan, wish: Wish): readonly string[] {
  const about = `wish ${wish.id}`;
  if (isOpening(wish)) return checkOpening(wish).map((problem) => `${about} ${problem}`);
  const opening = plan.wishes.find(({ id }) => id === wish.channel);
  const isEarlier =
    opening !== undefined && plan.wishes.indexOf(opening) < plan.wishes.indexOf(wish);
  if (opening === undefined || !isOpening(opening) || !isEarlier) {
    return [`${about} is about channel ${wish.channel}, which no earlier wish opens`];
  }
  return amountsOf(wish).some((amount) => amount < 0n) ? [`${about} has an amount below 0`] : [];
}

function checkOpening(wish: Opening): readonly string[] {
  const participants = peopleOf(wish);
  // Only the ends of a virtual channel put something in.
  const count = wish.type === "OpenVirtual" ? 2 : participants.length;
  const assets = wish.amounts.map(({ asset }) => asset);
  return [
    ...(participants.length < 2 ? ["opens a channel with nobody"] : []),
    ...(new Set(participants).size < participants.length ? ["names somebody twice"] : []),
    ...(new Set(assets).size < assets.length ? ["names an asset twice"] : []),
    ...(wish.amounts.some(({ amounts }) => amounts.length !== count)
      ? ["has not one amount for each who puts something in"]
      : []),
    ...(amountsOf(wish).some((amount) => amount < 0n) ? ["has an amount below 0"] : []),
  ];
}

function checkFault(fault: Fault): readonly string[] {
  const fractions = fractionsOf(fault).filter((value) => !(value >= 0 && value <= 1));
  const isTooDeep =
    fault.type === "Reorg" && !(fault.depth >= 1 && fault.depth <= ROLLBACK_BLOCKS_MAX);
  return [
    ...(isTooDeep
      ? [`fault ${fault.id} takes back none or more than ${ROLLBACK_BLOCKS_MAX} blocks`]
      : []),
    ...fractions.map((value) => `fault ${fault.id} has ${value} as a fraction`),
  ];
}

function amountsOf(wish: Wish): readonly bigint[] {
  if ("amount" in wish) return [wish.amount];
  if (!("amounts" in wish)) return [];
  const parts: readonly AssetAmounts[] = wish.amounts;
  return parts.flatMap(({ amounts }) => amounts);
}

/** Who a fault is about. */
function struckBy(fault: Fault): readonly ActorName[] {
  if (fault.type === "Partition") return fault.group;
  if (fault.type === "Reorg") return fault.of === undefined ? [] : [fault.of];
  if (fault.type === "Censorship") return fault.sender === undefined ? [] : [fault.sender];
  if ("node" in fault) return [fault.node];
  return "from" in fault ? [fault.from, fault.to] : [];
}

function spansOf(fault: Fault): readonly number[] {
  const named = fault as Readonly<Record<string, unknown>>;
  const spans = ["forMs", "awayMs", "ageMs", "appends", "blocks", "bytesPerSec", "remade"];
  return spans.map((name) => named[name]).filter((value) => typeof value === "number");
}

function fractionsOf(fault: Fault): readonly number[] {
  const named = fault as Readonly<Record<string, unknown>>;
  const fractions = Object.keys(named).filter((name) =>
    /^(?:fraction|place|.*Fraction)$/.test(name),
  );
  return fractions.map((name) => named[name]).filter((value) => typeof value === "number");
}
