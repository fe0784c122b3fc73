/** Reads in the sources what is said about an event and its fields. */
import { assert, assertDefined } from "../../src/primitives/assert.ts";

/** One field of an event, as its type declares it. */
export type DeclaredField = {
  readonly name: string;
  /** As it stands in the source: `readonly Signature[]`. */
  readonly type: string;
  /** Its comment in one line; empty where it has none. */
  readonly doc: string;
};

/** One event, as its type declares it. */
export type DeclaredEvent = {
  readonly doc: string;
  readonly fields: readonly DeclaredField[];
};

const FIELD = /(?:\/\*\*(?<doc>[\s\S]*?)\*\/\s*)?readonly (?<name>\w+): (?<type>[^;]+?)\s*(?:;|$)/g;

/** Finds the event `type` in the sources that declare events. It is declared once. */
export function declaredEvent(type: string, sources: readonly string[]): DeclaredEvent {
  const opening = `readonly type: "${type}"`;
  const found = sources.filter((text) => text.includes(opening));
  assert(found.length === 1, `the event ${type} is declared in one file`);
  const source = assertDefined(found[0], "the declaration");
  const fields = [...bodyAround(source, source.indexOf(opening)).matchAll(FIELD)].map(
    ({ groups }): DeclaredField => ({
      name: groups?.["name"] ?? "",
      type: inOneLine(groups?.["type"] ?? ""),
      doc: textOf(groups?.["doc"] ?? ""),
    }),
  );
  return { doc: fields.find(({ name }) => name === "type")?.doc ?? "", fields };
}

/** What stands between the braces that hold the place `at`. No event declares braces inside its own. */
function bodyAround(source: string, at: number): string {
  return source.slice(source.lastIndexOf("{", at) + 1, source.indexOf("}", at));
}

/** The words of a comment without its stars, in one line. */
function textOf(comment: string): string {
  return inOneLine(comment.replace(/^\s*\* ?/gm, ""));
}

const inOneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
