/** What a command may use of the terminal and of the process it runs in. `bin/channels.ts` makes it. */
import { CommanderError } from "commander";

/** Exit codes of every command. */
export const EXIT = {
  /** All held. */
  held: 0,
  /** A check failed: a violation, two runs that differ, a script that broke. */
  checkFailed: 1,
  /** Wrong usage, unreadable input, or a tier that does not exist. */
  wrongUsage: 2,
  /** Something outside failed: no Anvil, a chain that died, no disk. */
  outsideFailed: 3,
  /** 128 and the number of the signal, as shells count. */
  interrupted: 130,
  terminated: 143,
} as const;

/** Puts colour around a text where the output shows colour; elsewhere gives the text as it is. */
export type Paint = Readonly<
  Record<"bold" | "dim" | "green" | "red" | "yellow", (text: string) => string>
>;

/** The terminal and the life of the process, as commands see them. */
export type Shell = {
  /** Writes a line, or several, to standard output. */
  readonly out: (text: string) => void;
  /** Writes a line, or several, to standard error. */
  readonly err: (text: string) => void;
  /** Rewrites one line on standard error; an empty text clears it. Does nothing in a pipe. */
  readonly progress: (text: string) => void;
  /** Width of standard output; undefined where that is no terminal. */
  readonly columns: number | undefined;
  readonly paint: Paint;
  /** Lines of standard input, as they come. `prompt` is shown on a terminal only. */
  readonly lines: (prompt: string) => AsyncIterable<string>;
  /** How a user calls this program, for advice: `bun channels`. */
  readonly name: string;
  /** Registers what must be undone however the program ends. The returned function takes it back. */
  readonly onEnd: (cleanUp: () => Promise<unknown>) => () => void;
  /** Ends the program with this code, once the command has returned. */
  readonly finish: (exitCode: number) => void;
};

/** An end with one clear line for the user. Thrown by commands; `bin/channels.ts` prints it. */
export function failure(exitCode: number, message: string): CommanderError {
  return new CommanderError(exitCode, "channels.failure", message);
}

/** A failure by wrong usage or unreadable input. */
export function wrongUsage(message: string): CommanderError {
  return failure(EXIT.wrongUsage, message);
}
