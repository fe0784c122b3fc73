/** Plain values as trees: for JSON that other programs read, and as indented lines for people. */
import type { Outcome } from "../channel/outcome.ts";
import { describeValue } from "./event-text.ts";
import { describeOutcome } from "./money-text.ts";
import { type IdLength, shortenIds } from "./short-ids.ts";

/** A value without maps, sets and big integers. */
export type Tree =
  | null
  | boolean
  | number
  | string
  | readonly Tree[]
  | { readonly [Key: string]: Tree };

/**
 * Maps become objects, sets lists, big integers decimal text, and what is missing null. Keys of maps must be
 * text or numbers.
 */
export function treeOf(value: unknown): Tree {
  if (value === undefined || value === null) return null;
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [String(key), treeOf(item)]));
  }
  if (value instanceof Set || Array.isArray(value)) return [...value].map(treeOf);
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, treeOf(item)]));
  }
  return value as Tree;
}

/** A line for each value, indented by where it stands. */
export function treeLines(tree: Tree, ids: IdLength, indent = 0): readonly string[] {
  return entriesOf(tree).flatMap(([key, value]) => {
    const name = `${" ".repeat(indent)}${shortenIds(key, ids)}`;
    if (isLeaf(value)) return [`${name}  ${leafText(value, ids)}`];
    return [name, ...treeLines(value, ids, indent + 2)];
  });
}

/** One value that differs between two trees, and the path to it. */
export type Change = { readonly path: string; readonly before: string; readonly after: string };

/** What differs between two trees, value by value. */
export function changesBetween(
  before: Tree | undefined,
  after: Tree | undefined,
  ids: IdLength,
  path = "",
): readonly Change[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  // What is there only before or only after is told as one value.
  if (isAbsent(before) || isAbsent(after) || (isLeaf(before) && isLeaf(after))) {
    return [{ path, before: shown(before, ids), after: shown(after, ids) }];
  }
  if (path.endsWith("outcome")) {
    // Allocations change their places when a guarantee comes in; where both pay the same, the rest is told.
    const [one, other] = [outcomeText(before, ids), outcomeText(after, ids)];
    if (one !== other) return [{ path, before: one, after: other }];
  }
  const [earlier, later] = [childrenOf(before), childrenOf(after)];
  const keys = new Set([...Object.keys(earlier), ...Object.keys(later)]);
  return [...keys].flatMap((key) => {
    const name = shortenIds(key, ids);
    return changesBetween(earlier[key], later[key], ids, path === "" ? name : `${path}.${name}`);
  });
}

function outcomeText(tree: Tree | undefined, ids: IdLength): string {
  return describeOutcome(tree as unknown as Outcome, ids);
}

function isAbsent(tree: Tree | undefined): boolean {
  return tree === undefined || tree === null;
}

function shown(tree: Tree | undefined, ids: IdLength): string {
  return isLeaf(tree) ? leafText(tree, ids) : describeValue(tree, ids);
}

function childrenOf(tree: Tree | undefined): Readonly<Record<string, Tree>> {
  return isLeaf(tree) ? {} : Object.fromEntries(entriesOf(tree));
}

function entriesOf(tree: Tree): readonly (readonly [string, Tree])[] {
  return typeof tree === "object" && tree !== null ? Object.entries(tree) : [];
}

function isLeaf(tree: Tree | undefined): tree is null | boolean | number | string | undefined {
  if (typeof tree !== "object" || tree === null) return true;
  return Object.keys(tree).length === 0;
}

function leafText(leaf: Tree | undefined, ids: IdLength): string {
  if (leaf === undefined || leaf === null) return "nothing";
  return typeof leaf === "object" ? "none" : shortenIds(String(leaf), ids);
}
