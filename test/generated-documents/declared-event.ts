/** Reads in the sources what is said about an event and its fields. */
import { assert, assertDefined } from "../../src/primitives/assert.ts";

/** One field of an event, as its type declares it. */
export type DeclaredField = {
  readonly name: string;
  /** As it stands in the source: `readonly Signature[]`; without `undefined`, which the layout tells. */
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
  const bodies = sources.flatMap((source) => bodiesWith(source, `readonly type: "${type}"`));
  assert(bodies.length === 1, `the event ${type} is declared in one place`);
  const fields = [...assertDefined(bodies[0], "the declaration").matchAll(FIELD)].map(
    ({ groups }): DeclaredField => ({
      name: groups?.["name"] ?? "",
      type: inOneLine(groups?.["type"] ?? "").replace(/ \| undefined$/, ""),
      doc: textOf(groups?.["doc"] ?? ""),
    }),
  );
  return { doc: fields.find(({ name }) => name === "type")?.doc ?? "", fields };
}

/**
 * What stands between the braces of each type that says `opening`, other than those that pick an event by
 * its type: `Event & { ... }`. A record of the same file adds its fields there. No event declares braces inside its own.
 */
function bodiesWith(source: string, opening: string): readonly string[] {
  const bodies: string[] = [];
  for (let at = source.indexOf(opening); at !== -1; at = source.indexOf(opening, at + 1)) {
    const start = source.lastIndexOf("{", at);
    const joined = /(\w*)\)? &\s*$/.exec(source.slice(0, start))?.[1];
    const fields = fieldsOf(source, joined);
    if (joined !== undefined && fields === "") continue;
    const end = source.indexOf("}", at);
    bodies.push([source.slice(start + 1, end), fieldsAddedTo(source, end), fields].join(";"));
  }
  return bodies;
}

/** The fields of a type of the same file that is joined to an event's own: `{ ... } & Voucher`. */
function fieldsAddedTo(source: string, end: number): string {
  return fieldsOf(source, /^\} & (\w+)\)/.exec(source.slice(end))?.[1]);
}

function fieldsOf(source: string, name: string | undefined): string {
  const start = name === undefined ? -1 : source.indexOf(`type ${name} = {`);
  return start === -1
    ? ""
    : source.slice(source.indexOf("{", start) + 1, source.indexOf("}", start));
}

/** The words of a comment without its stars, in one line. */
function textOf(comment: string): string {
  return inOneLine(comment.replace(/^\s*\* ?/gm, ""));
}

const inOneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
