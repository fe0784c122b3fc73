/** Marks that went dark: situations that a campaign of this size used to meet, and does not meet any more. */
import type { MarkName } from "../../src/primitives/marks.ts";
import { accept, type Result, reject } from "../../src/primitives/result.ts";
import { COUNTED_MARKS } from "./counted-marks.ts";

/** In how many seeds each mark was met, of how many that were played. */
export type SeenMarks = {
  readonly seeds: number;
  readonly seedsByMark: ReadonlyMap<MarkName, number>;
};

/** A mark that went dark, and how many seeds should have met it. */
export type DarkMark = { readonly name: MarkName; readonly expectedSeeds: number };

/**
 * Seeds that must be expected to meet a mark before its absence counts: 30. Seeds are drawn independently, so a mark
 * that about 30 of them meet is missed by all with a chance of e^-30, less than 1 in 10^12; were its true rate only
 * half of what was measured, 1 in 3 million. Hits do not count, since one seed can hit a mark a hundred times.
 */
export const EXPECTED_SEEDS_MIN = 30;

/** The marks that a campaign of so many seeds should meet, by what was seen before. */
export function expectedOf(before: SeenMarks, seeds: number): readonly DarkMark[] {
  return [...before.seedsByMark]
    .map(([name, count]) => ({ name, expectedSeeds: (count * seeds) / before.seeds }))
    .filter(({ expectedSeeds }) => expectedSeeds >= EXPECTED_SEEDS_MIN);
}

/** Those among them that none of its seeds has met. */
export function darkMarks(before: SeenMarks, now: SeenMarks): readonly DarkMark[] {
  return expectedOf(before, now.seeds).filter(({ name }) => !now.seedsByMark.has(name));
}

/** The text of a file of expected marks, in the order of the catalogue. Leaves out what is too rare to be expected. */
export function expectedMarksText({ seeds, seedsByMark }: SeenMarks): string {
  const often = COUNTED_MARKS.flatMap((name): [MarkName, number][] => {
    const count = seedsByMark.get(name) ?? 0;
    return count >= EXPECTED_SEEDS_MIN ? [[name, count]] : [];
  });
  return `${JSON.stringify({ seeds, seedsByMark: Object.fromEntries(often) }, undefined, 2)}\n`;
}

/** Reads such a text. The reason of a refusal is the rest of a sentence that begins with the name of the file. */
export function readExpectedMarks(text: string): Result<SeenMarks, string> {
  const parsed = parse(text);
  if (!isObject(parsed) || !isObject(parsed["seedsByMark"]) || !isCount(parsed["seeds"])) {
    return reject("holds no expected marks: `--write-marks` writes such a file");
  }
  const { seeds, seedsByMark } = parsed;
  const seen = new Map<MarkName, number>();
  for (const [name, count] of Object.entries(seedsByMark)) {
    if (!isMark(name)) return reject(`expects the mark ${name}, which is none here: write it anew`);
    if (!isCount(count) || count > seeds)
      return reject(`has no count of seeds for the mark ${name}`);
    seen.set(name, count);
  }
  return accept({ seeds, seedsByMark: seen });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function isMark(name: string): name is MarkName {
  return (COUNTED_MARKS as readonly string[]).includes(name);
}
