/** A plan as JSON: what a capsule holds. Amounts are decimal strings; what is undefined is left out. */
import { actor, chainShape, networkShape } from "./capsule-conditions.ts";
import { faultShape, moveShape } from "./capsule-faults.ts";
import {
  amount,
  count,
  listOf,
  maybe,
  object,
  oneOf,
  recordOf,
  type Shape,
  ShapeProblem,
} from "./capsule-shape.ts";
import { compareFields, wishesShape, wishTable } from "./capsule-wishes.ts";
import type { Plan } from "./plan.ts";

/** The text of a plan, in JSON with one wish, fault and move to a line. The same plan always gives the same text. */
export function planText({ faults, moves, wishes, ...rest }: Plan): string {
  const { columns, rows } = wishTable(wishes);
  const head = valueText(rest).slice(0, -1);
  const table = `{"columns":${valueText(columns)},"rows":${lines(rows)}}`;
  return `${head},\n"wishes":${table},\n"faults":${lines(faults)},\n"moves":${lines(moves)}}`;
}

function lines(items: readonly unknown[]): string {
  return items.length === 0 ? "[]" : `[\n${items.map(valueText).join(",\n")}\n]`;
}

/** Fields are in order, so that equal plans have equal texts however they were put together. */
function valueText(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => {
    if (typeof one === "bigint") return one.toString();
    if (one === Number.POSITIVE_INFINITY) return "Infinity";
    if (typeof one !== "object" || one === null || Array.isArray(one)) return one;
    return Object.fromEntries(Object.entries(one).sort(([a], [b]) => compareFields(a, b)));
  });
}

/** Reads what `planText` writes. A strategy that is none of `strategies` is refused. */
export function planShape(strategies: readonly string[]): Shape<Plan> {
  const shape = object<Plan>({
    seed: count,
    cast: listOf(actor),
    fees: recordOf(actor, amount),
    watched: listOf(actor),
    challengeDurationSec: count,
    disputeAfterMs: count,
    eventsPerSnapshot: maybe(count),
    network: networkShape,
    chain: chainShape,
    wishes: wishesShape,
    faults: listOf(faultShape),
    moves: listOf(moveShape(strategies)),
    end: oneOf(["Close", "Dispute", "Rest"]),
  });
  return (json, at) => {
    const plan = shape(json, at);
    const problem = contradictionIn(plan);
    if (problem !== undefined) throw new ShapeProblem(`${at} ${problem}`);
    return plan;
  };
}

/** What a plan says that cannot be, though each of its parts can. */
function contradictionIn({ cast, faults, moves, watched, wishes }: Plan): string | undefined {
  const stranger = [...wishes, ...moves]
    .map(({ by }) => by)
    .concat(watched)
    .find((name) => !cast.includes(name));
  if (stranger !== undefined) return `has ${stranger} act, who is not in its cast`;
  if (new Set(cast).size !== cast.length) return "has somebody in its cast twice";
  for (const [what, items] of Object.entries({ wishes, faults, moves })) {
    if (new Set(items.map(({ id }) => id)).size !== items.length)
      return `has two ${what} of one id`;
  }
  return undefined;
}
