/** Plans with less in them, where what makes no sense any more goes as well. */
import type { ActorName } from "../actors.ts";
import type { Fault } from "../faults/fault.ts";
import type { Plan } from "./plan.ts";
import { isOpening, peopleOf, type Wish } from "./wish.ts";

/** The plan with these wishes only; what is asked in a channel that nobody opens goes as well. */
export function onlyWishes(plan: Plan, isKept: (wish: Wish) => boolean): Plan {
  const kept = plan.wishes.filter(isKept);
  const opened = new Set(kept.filter(isOpening).map(({ id }) => id));
  const wishes = kept.filter((wish) => isOpening(wish) || opened.has(wish.channel));
  return wishes.length === plan.wishes.length ? plan : { ...plan, wishes };
}

/** The plan without what anybody else does, asks for, or suffers. */
export function onlyActors(plan: Plan, names: readonly ActorName[]): Plan {
  const isIn = (name: ActorName): boolean => names.includes(name);
  const cast = plan.cast.filter(isIn);
  if (cast.length === plan.cast.length || cast.length === 0) return plan;
  const less = onlyWishes(plan, (wish) => peopleOf(wish).every(isIn));
  const { links, ...network } = plan.network;
  const { rpcs, ...chain } = plan.chain;
  return {
    ...less,
    cast,
    fees: onlyNames(plan.fees, isIn),
    watched: plan.watched.filter(isIn),
    network: links === undefined ? network : { ...network, links: onlyLinks(links, isIn) },
    chain: rpcs === undefined ? chain : { ...chain, rpcs: onlyNames(rpcs, isIn) },
    faults: plan.faults.flatMap((fault) => withActors(fault, isIn)),
    moves: plan.moves.filter(({ by }) => isIn(by)),
  };
}

type IsIn = (name: ActorName) => boolean;

function onlyNames<Value>(
  values: Readonly<Partial<Record<ActorName, Value>>>,
  isIn: IsIn,
): Readonly<Partial<Record<ActorName, Value>>> {
  const entries = Object.entries(values).filter(([name]) => isIn(name as ActorName));
  return Object.fromEntries(entries) as Partial<Record<ActorName, Value>>;
}

type Links = NonNullable<Plan["network"]["links"]>;

function onlyLinks(links: Links, isIn: IsIn): Links {
  const entries = Object.entries(links).filter(([link]) =>
    link.split(">").every((name) => isIn(name as ActorName)),
  );
  return Object.fromEntries(entries) as Links;
}

/** The fault as far as it is about these; none when it is about others only. */
function withActors(fault: Fault, isIn: IsIn): readonly Fault[] {
  if ("group" in fault) {
    const group = fault.group.filter(isIn);
    return group.length === 0 ? [] : [{ ...fault, group }];
  }
  if ("node" in fault) return isIn(fault.node) ? [fault] : [];
  if ("from" in fault) return isIn(fault.from) && isIn(fault.to) ? [fault] : [];
  if (fault.type === "Censorship" && fault.sender !== undefined && !isIn(fault.sender)) return [];
  if (fault.type === "Reorg" && fault.of !== undefined && !isIn(fault.of)) return [];
  return [fault];
}
