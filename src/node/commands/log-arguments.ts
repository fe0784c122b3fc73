/** The arguments that the commands for logs share: offsets, and what an offset or an id comes to in a log. */
import { InvalidArgumentError, Option } from "commander";
import type { Tag } from "../../events/record.ts";
import { END, offsetIn, parseOffset, START, type WrittenOffset } from "../log-offsets.ts";
import { findTag, type SubjectKind, type SubjectLog } from "../log-subject.ts";
import { wrongUsage } from "./command-shell.ts";

/** The option that says where the archives of a log were moved to. */
export const ARCHIVES_OPTION: readonly [string, string] = [
  "--archives <folder>",
  "where the archives of the log are, if they were moved",
];

/** The option that says at which event a part of a log begins. */
export const fromOption = (): Option =>
  offsetOption("--from <offset>", "the first event", START, "the start of the log");

/** The option that says in front of which event a part of a log ends. */
export const toOption = (): Option =>
  offsetOption("--to <offset>", "the event to stop before", END, "the end of the log");

function offsetOption(flags: string, what: string, unless: WrittenOffset, words: string): Option {
  return new Option(flags, what).argParser(readOffset).default(unless, words);
}

/** Reads the path of a directory: an empty one is a variable of a script that was never set. */
export function readDirectory(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("The name of the directory is empty.");
}

/** Reads an offset of the command line. */
export function readOffset(text: string): WrittenOffset {
  const offset = parseOffset(text);
  if (offset !== undefined) return offset;
  throw new InvalidArgumentError(
    'An offset is a number of events from the start, as 120; from the end, as -3; or "end".',
  );
}

/** Reads a number of events. */
export function readCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,15}$/.test(text) && count > 0) return count;
  throw new InvalidArgumentError("It is a whole number from 1.");
}

/** The offset in this log. Throws a usage failure where the log does not reach. */
export function placeIn({ length }: { readonly length: number }, written: WrittenOffset): number {
  const offset = offsetIn(length, written);
  if (offset !== undefined) return offset;
  const places = placesAmong(length);
  throw wrongUsage(
    `the log has ${length} events, so there is no offset ${written.text}; ${places}`,
  );
}

/** What can be written for a place among so many events, or messages. */
export function placesAmong(count: number): string {
  if (count === 0) return "take 0";
  return `take 0 to ${count}, or count from the end with -1 to -${count}`;
}

/** Two offsets in this log, in the order that they were given. Throws a usage failure. */
export function rangeIn(
  log: { readonly length: number },
  from: WrittenOffset,
  to: WrittenOffset,
): { readonly from: number; readonly to: number } {
  const range = { from: placeIn(log, from), to: placeIn(log, to) };
  if (range.from <= range.to) return range;
  throw wrongUsage(`offset ${from.text} comes after offset ${to.text}; turn them round`);
}

/** The tag of an entity in this log. Throws a usage failure that names what there is. */
export async function tagIn(log: SubjectLog, kind: SubjectKind, text: string): Promise<Tag> {
  if (text === "") throw wrongUsage(`no ${kind} is named: write the first digits of its id`);
  const found = await findTag(log, kind, text);
  if (found.type === "Found") return found.tag;
  if (found.type === "Several") {
    const { count, ids } = found;
    const rest = count > ids.length ? `\n  and ${count - ids.length} more` : "";
    throw wrongUsage(
      `${count} ${kind}s begin with ${text}; write more of the one you mean:${listed(ids)}${rest}`,
    );
  }
  throw wrongUsage(
    found.known.length === 0
      ? `there is no ${kind} ${text} in this log, and no other`
      : `there is no ${kind} ${text} in this log; the first of them are:${listed(found.known)}`,
  );
}

const listed = (ids: readonly string[]): string => ids.map((id) => `\n  ${id}`).join("");
