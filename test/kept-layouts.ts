/** Layouts of messages and events that a file remembers, because what was once written must be read. */
import { join } from "node:path";
import { assertDefined } from "../src/primitives/assert.ts";
import type { Hex } from "../src/primitives/hex.ts";

/** One version of one type: how it was written, and samples of it. */
export type KeptLayout = {
  readonly type: string;
  readonly number: number;
  readonly version: number;
  /** The `shape` of its schema. */
  readonly shape: string;
  readonly samples: readonly Hex[];
  /** The version of the program that wrote it first. Messages do without. */
  readonly since?: string;
};

/**
 * Set to 1, the tests first add to the file what is missing there: a new type, a new version, a new
 * case of a union. They never change what is kept. Afterwards look at the difference, and commit it.
 */
const WRITE_FLAG = "CHANNELS_WRITE_VECTORS";

/** The layouts in a file of `test/vectors`, after the additions of `today` where the flag asks for them. */
export async function keptLayouts(
  file: string,
  today: readonly KeptLayout[],
): Promise<readonly KeptLayout[]> {
  const path = join(import.meta.dir, "vectors", file);
  const kept = (await Bun.file(path).json()) as readonly KeptLayout[];
  if (process.env[WRITE_FLAG] !== "1") return kept;
  const added = withAdditions(kept, today);
  await Bun.write(path, `${JSON.stringify(added, undefined, 2)}\n`);
  return added;
}

/** What is kept, widened and continued by what is new. Layouts that contradict it are left out. */
export function withAdditions(
  kept: readonly KeptLayout[],
  today: readonly KeptLayout[],
): readonly KeptLayout[] {
  const widened = kept.map((old) => {
    const newer = today.find((layout) => widens(old, layout));
    return newer === undefined ? old : { ...old, shape: newer.shape, samples: newer.samples };
  });
  const added = today.filter((layout) => !kept.some((old) => isSameVersion(old, layout)));
  return [...widened, ...added];
}

/** The number and the layout of each case of a union. */
export function unionCases(
  shape: string,
): readonly Pick<KeptLayout, "type" | "number" | "shape">[] {
  const inner = /^union\((.*)\)$/.exec(shape)?.[1] ?? "";
  const heads = [...inner.matchAll(CASE_HEAD)].filter(({ index }) => depthAt(inner, index) === 0);
  return heads.map(({ index, 1: number, 2: type }) => ({
    type: assertDefined(type, "a case's name"),
    number: Number(number),
    shape: inner.slice(inner.indexOf("{", index), caseEnd(inner, index)),
  }));
}

/** True when the newer layout differs by nothing but further cases of unions and further samples. */
function widens(old: KeptLayout, newer: KeptLayout): boolean {
  return (
    isSameVersion(old, newer) &&
    old.number === newer.number &&
    withoutNewCases(old.shape, newer.shape) === old.shape &&
    old.samples.every((sample) => newer.samples.includes(sample))
  );
}

const isSameVersion = (left: KeptLayout, right: KeptLayout): boolean =>
  left.type === right.type && left.version === right.version;

/** Only cases of unions begin with a number and a capital: fields of records have neither. */
const CASE_HEAD = /(?<![A-Za-z0-9])(\d+):([A-Z][A-Za-z]*)\{/g;

function withoutNewCases(old: string, newer: string): string {
  const added = [...newer.matchAll(CASE_HEAD)].filter(([head]) => !old.includes(head));
  return added.reduceRight((shape, { index }) => {
    const start = shape[index - 1] === "," ? index - 1 : index;
    return shape.slice(0, start) + shape.slice(caseEnd(shape, index));
  }, newer);
}

/** Where the case that starts at `start` ends: behind the brace that closes its first one. */
function caseEnd(shape: string, start: number): number {
  let end = shape.indexOf("{", start) + 1;
  for (let depth = 1; depth > 0 && end < shape.length; end += 1) {
    if (shape[end] === "{") depth += 1;
    if (shape[end] === "}") depth -= 1;
  }
  return end;
}

function depthAt(shape: string, at: number): number {
  const before = shape.slice(0, at);
  return before.split("{").length - before.split("}").length;
}
