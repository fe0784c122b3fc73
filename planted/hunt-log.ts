/** Hunts that are over, one a line of JSON in a file, so that a benchmark of hours can be stopped and goes on. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Hunted } from "./hunt.ts";

/** A hunt, and for which bug. */
export type LoggedHunt = Hunted & { readonly bug: string };

/** The hunts so far, also those of calls before this one. */
export class HuntLog {
  readonly #path: string;
  readonly #hunts: LoggedHunt[] = [];

  /** Of no file where the path is empty. Throws an `Error` with the number of a line that is none of a log. */
  constructor(path: string) {
    this.#path = path;
    if (path === "" || !existsSync(path)) return;
    const text = readFileSync(path, "utf8");
    // What a stopped benchmark was writing just then counts as not hunted for, and makes room for the next line.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole !== text) writeFileSync(path, whole);
    for (const [at, line] of whole.split("\n").slice(0, -1).entries())
      this.#hunts.push(read(line, `${path}, line ${at + 1}`));
  }

  add(hunt: LoggedHunt): void {
    this.#hunts.push(hunt);
    if (this.#path !== "") appendFileSync(this.#path, `${JSON.stringify(hunt)}\n`);
  }

  /** Of one bug, by their starts. */
  of(bug: string): readonly Hunted[] {
    const own = this.#hunts.filter((hunt) => hunt.bug === bug);
    return own.toSorted((one, other) => one.start - other.start);
  }

  /** The first so many starts from which a bug was not hunted for yet. */
  startsLeft(bug: string, count: number): readonly number[] {
    const over = new Set(this.of(bug).map(({ start }) => start));
    const all = Array.from({ length: count }, (_, index) => index + 1);
    return all.filter((start) => !over.has(start));
  }
}

function read(line: string, where: string): LoggedHunt {
  try {
    const hunt: LoggedHunt = JSON.parse(line);
    if (typeof hunt.bug === "string" && Number.isSafeInteger(hunt.start)) return hunt;
  } catch {
    // Told below, with its place.
  }
  throw new Error(`${where} is no hunt; give another --log, or remove the line`);
}
