/** Which cases are played: of the others silent, and of the others hostile. */
import { promisesIn } from "../../sim/checkers/promises.ts";
import { drawBetween } from "../../sim/keyed-random.ts";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import { assert, assertDefined } from "../../src/primitives/assert.ts";
import type { Way } from "./claiming.ts";
import { type HostileCall, hostileCalls } from "./hostile-calls.ts";
import { type Attack, hostilityOf, MOMENTS } from "./hostility.ts";
import { isPaid, playAlone, type Verdict } from "./play.ts";
import { nameOf, type Point } from "./points.ts";

/** One case: where the honest one is left alone, how she goes on, and what others do meanwhile. */
export type Case = {
  readonly point: Point;
  readonly way: Way;
  /** None while the others are silent. */
  readonly attacks: readonly Attack[];
};

/** How a case ended that did not end well. */
export type Failure = { readonly case: string; readonly verdicts: readonly Verdict[] };

/** By protocol. */
export type Tally = Map<string, { held: number; tried: number }>;

const SILENT_WAYS: readonly Way[] = ["asks", "closes", "restarts"];
const HOSTILE_WAYS: readonly Way[] = ["asks", "waits", "restarts"];

/** Every point, in each way in which she can go on. */
export function silentCases(points: readonly Point[]): readonly Case[] {
  return points.flatMap((point) => SILENT_WAYS.map((way): Case => ({ point, way, attacks: [] })));
}

/** Every point, in one of the ways each. */
export function someCases(points: readonly Point[]): readonly Case[] {
  return points.map((point, index): Case => {
    return { point, way: SILENT_WAYS[index % SILENT_WAYS.length] ?? "asks", attacks: [] };
  });
}

/** One point for each place on a ladder, and each part that somebody has there. */
export function onePerRung(points: readonly Point[], isByRole: boolean): readonly Point[] {
  const first = new Map<string, Point>();
  for (const point of points) {
    const { deed, honest, protocol, rung } = point;
    const key = `${protocol}/${rung}${isByRole ? ` ${honest} ${deed}` : ""}`;
    if (!first.has(key)) first.set(key, point);
  }
  return [...first.values()];
}

/** Each call that others can make, alone, at each moment. */
export function singleAttacks(point: Point): readonly Case[] {
  return callsAt(point).flatMap((call, index) =>
    MOMENTS.map((moment, place): Case => {
      const way = HOSTILE_WAYS[(index + place) % HOSTILE_WAYS.length] ?? "asks";
      return { point, way, attacks: [{ call, moment }] };
    }),
  );
}

/**
 * Every two calls behind each other, in each order, one twice as well: both in the last block in which a challenge
 * can be answered, or the second one as the first thing when it cannot be any more.
 */
export function pairedAttacks(point: Point): readonly Case[] {
  const calls = callsAt(point);
  return calls.flatMap((first, place) =>
    calls.flatMap((second, index) =>
      LAST_MOMENTS.map((moment, count): Case => {
        const way = HOSTILE_WAYS[(place + index + count) % HOSTILE_WAYS.length] ?? "asks";
        const attacks = [
          { call: first, moment: "at the end" as const },
          { call: second, moment },
        ];
        return { point, way, attacks };
      }),
    ),
  );
}

const LAST_MOMENTS = ["at the end", "behind the end"] as const;

/** Where money was once lost, by what others did. */
export type Found = Pick<Point, "honest" | "deed" | "rung"> &
  Pick<Case, "way"> &
  Pick<Attack, "moment"> & {
    readonly story: string;
    /** Made on the newest state that it can show, or in the newest channel. */
    readonly call: HostileCall["type"];
  };

/** The attacks that once succeeded. */
export function foundAttacks(points: readonly Point[], found: readonly Found[]): readonly Case[] {
  return found.map(({ call: type, deed, honest, moment, rung, story, way }) => {
    const point = points.find(
      (one) =>
        one.deed === deed && one.rung === rung && one.honest === honest && one.story.name === story,
    );
    assert(point !== undefined, "a story has the moment");
    const call = callsAt(point).findLast((one) => one.type === type);
    return { point, way, attacks: [{ call: assertDefined(call, "a call"), moment }] };
  });
}

/** Calls in some order, at some moments: two or three of them, all drawn from the seed. */
export function drawnAttacks(point: Point, seeds: readonly number[]): readonly Case[] {
  const calls = callsAt(point);
  if (calls.length === 0) return [];
  return seeds.map((seed): Case => {
    const draw = (most: number, key: string): number =>
      drawBetween([0, most], seed, "attacks", `${key} at ${nameOf(point)}`, 0);
    const pick = <Value>(values: readonly Value[], key: string): Value =>
      values[draw(values.length - 1, key)] as Value;
    const attacks = Array.from(
      { length: 2 + draw(1, "count") },
      (_, index): Attack => ({
        call: pick(calls, `call ${index}`),
        moment: pick(MOMENTS, `moment ${index}`),
      }),
    );
    return { point, way: pick(HOSTILE_WAYS, "way"), attacks };
  });
}

function callsAt({ events }: Point): readonly HostileCall[] {
  return hostileCalls(promisesIn(events));
}

/** Plays every case, counts it, and gives those that did not end well. */
export async function playCases(
  chain: SimulatedChain,
  cases: readonly Case[],
  tally: Tally,
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  for (const one of cases) {
    const { attacks, point, way } = one;
    const { honest, offset, protocol, story } = point;
    const hostility = attacks.length === 0 ? undefined : hostilityOf(attacks);
    const verdicts = await playAlone(chain, story, { honest, offset, way }, hostility).catch(
      (cause: unknown) => {
        throw new Error(describeCase(one), { cause });
      },
    );
    const isHeld = verdicts.every((verdict) => isPaid(verdict, attacks.length === 0));
    const count = tally.get(protocol) ?? { held: 0, tried: 0 };
    count.tried += 1;
    if (isHeld) count.held += 1;
    tally.set(protocol, count);
    if (!isHeld) failures.push({ case: describeCase(one), verdicts });
  }
  return failures;
}

/** One line for each protocol. */
export function showTally(tally: Tally, what: string): string {
  return [...tally]
    .map(([protocol, { held, tried }]) => `${protocol}: ${held} of ${tried} ${what}\n`)
    .join("");
}

function describeCase({ attacks, point, way }: Case): string {
  const calls = attacks.map(({ call, moment }) => {
    const { channelId, type, ...rest } = call;
    return `${type} ${Object.values(rest).join()} on ${channelId.slice(0, 10)} ${moment}`;
  });
  return [nameOf(point), `she ${way}`, ...calls].join("; ");
}
