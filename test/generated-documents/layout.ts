/** The layouts of schemas, taken apart so that people can read them: each part by its name. */
import { unionCases } from "../kept-layouts.ts";

/** A layout that has a name of its own. */
export type NamedLayout = { readonly name: string; readonly shape: string };

/** One line of a table: a field, or a case of a union. */
export type LayoutField = { readonly name: string; readonly shape: string };

/** The fields of a record, in the order of writing. */
export function fieldsOf(shape: string): readonly LayoutField[] {
  return partsOf(shape.slice(1, -1)).map((part) => {
    const colon = part.indexOf(":");
    return { name: part.slice(0, colon), shape: part.slice(colon + 1) };
  });
}

/** The lines of a table for a layout: the cases of a union, or the fields of a record. */
export function linesOf(shape: string): readonly LayoutField[] {
  if (shape.startsWith("{")) return fieldsOf(shape);
  return unionCases(shape).map(({ type, number, shape: fields }) => ({
    name: `${number}: ${type}`,
    shape: fields,
  }));
}

/** The layout of one item of a list, or of a value that may be missing; others stay as they are. */
export function itemOf(shape: string): string {
  return /^list\((.*),\d+\)$/.exec(shape)?.[1] ?? /^optional\((.*)\)$/.exec(shape)?.[1] ?? shape;
}

/** The layout in short: parts that have a name stand there by it, and large limits as powers of two. */
export function inShort(shape: string, named: readonly NamedLayout[]): string {
  const largestFirst = named.toSorted((left, right) => right.shape.length - left.shape.length);
  return largestFirst
    .reduce((text, { name, shape: part }) => text.replaceAll(part, name), shape)
    .replaceAll(`${2 ** 48 - 1}`, "2^48-1")
    .replaceAll(`${Number.MAX_SAFE_INTEGER}`, "2^53-1");
}

/** True for what is worth a name: records and unions, not numbers and bytes. */
export const isComposite = (shape: string): boolean => shape.includes("{");

/** Splits at the commas that stand in no bracket. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const character = text[at];
    if (character === "(" || character === "{") depth += 1;
    if (character === ")" || character === "}") depth -= 1;
    if (at === text.length || (character === "," && depth === 0)) {
      if (at > start) parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return parts;
}
