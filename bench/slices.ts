/** Things that use the same disk, measured side by side: in turns, so that its moods hit all alike. */
import { realWorld } from "../sim/real-world.ts";
import { assertDefined } from "../src/primitives/assert.ts";

/** Does one slice of work. `round` counts from 0, so that no two slices do the same work twice. */
export type Contender = (round: number) => Promise<unknown>;

/** The seconds of each slice of each contender, round by round. */
export type Slices<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/** Lets each contender do a slice of its work, in turns, `rounds` times, after one that is not counted. */
export async function takeTurns<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  rounds: number,
): Promise<Slices<Name>> {
  const names = Object.keys(contenders) as Name[];
  const seconds = Object.fromEntries(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const startedMs = realWorld.performanceNow();
      await contenders[name](round);
      const took = (realWorld.performanceNow() - startedMs) / 1000;
      if (round > 0) seconds[name]?.push(took);
    }
  }
  return seconds as Record<Name, number[]>;
}

/** How many times as fast as `yardstick` a contender was: the median over the rounds. */
export function speedAgainst(contender: readonly number[], yardstick: readonly number[]): number {
  return median(contender.map((seconds, round) => (yardstick[round] ?? Number.NaN) / seconds));
}

/** The value in the middle; of an even number, the upper one. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that a part of all values, from 0 to 1, lies below. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * part));
  return assertDefined(sorted[index], "at least one value");
}
