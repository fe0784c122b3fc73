/** What a command of the node may use of the terminal and of its process. `bin/channels.ts` makes it. */
import { CommanderError } from "commander";

/** Exit codes, as everywhere in the program. */
export const EXIT = {
  held: 0,
  /** A check failed: a log that is damaged, or breaks a rule. */
  checkFailed: 1,
  /** Wrong usage, or input that cannot be read. */
  wrongUsage: 2,
  /** Something outside failed: a disk, a chain, another process. */
  outsideFailed: 3,
} as const;

/** The terminal and the life of the process. */
export type CommandShell = {
  /** Writes a line, or several, to standard output. */
  readonly out: (text: string) => void;
  /** Writes a line, or several, to standard error. */
  readonly err: (text: string) => void;
  /**
   * Resolves once all that was written is taken: a slow reader is waited for. False: the reader of standard
   * output has gone, as `head` does, and nobody wants the rest.
   */
  readonly drained: () => Promise<boolean>;
  /** Rewrites one line on standard error; an empty text clears it. Does nothing in a pipe. */
  readonly progress: (text: string) => void;
  /** Width of standard output; undefined where that is no terminal. */
  readonly columns: number | undefined;
  /** Puts colour around a text where the output shows colour. */
  readonly paint: Readonly<
    Record<"bold" | "dim" | "green" | "red" | "yellow", (text: string) => string>
  >;
  /** How a user calls this program, for advice: `bun channels`. */
  readonly name: string;
  /**
   * Registers what must be undone however the program ends. The returned function takes it back. It is waited for
   * as long as it says, in milliseconds, or else for a few seconds.
   */
  readonly onEnd: (cleanUp: () => Promise<unknown>, timeoutMs?: number) => () => void;
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
