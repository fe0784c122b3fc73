/** The shell of a real process: its streams, its signals, and an end that leaves nothing behind. */
import { createInterface } from "node:readline";
import { EXIT, type Paint, type Shell } from "../sim/commands/shell.ts";
import { realWorld } from "../sim/real-world.ts";
import { watchAncestors } from "../src/node/ancestors.ts";

/**
 * Longest wait for what must be undone and does not ask for more: 3 seconds. Ending Anvil takes milliseconds;
 * were it to hang, its guard ends it as soon as this process is gone.
 */
const CLEAN_UP_TIMEOUT_MS = 3_000;

/** Codes of the colours in terminals. Source: ECMA-48, select graphic rendition. */
const COLOURS = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

type Stream = typeof process.stdout | typeof process.stderr;

/** One per process. */
export class ProcessShell implements Shell {
  readonly columns: number | undefined = columnsOf(process.stdout);
  readonly paint: Paint = paintOf(process.stdout);
  readonly name: string = nameOfCommand();
  exitCode: number = EXIT.held;
  readonly #cleanUps = new Map<() => Promise<unknown>, number>();
  readonly #writes = new Set<Promise<void>>();
  #isEnding = false;
  #hasReader = true;
  #progressLength = 0;

  /** Ends the program in order on Ctrl-C, on a request to end, and when whoever started it is gone. */
  watch(): void {
    process.on("SIGINT", () => this.#stop(EXIT.interrupted));
    process.on("SIGTERM", () => this.#stop(EXIT.terminated));
    process.on("SIGHUP", () => this.#stop(EXIT.terminated));
    // A launcher that dies of the same signal has not asked twice.
    watchAncestors(() => void this.end(EXIT.terminated), realWorld.runProgram);
    // A reader that has seen enough, such as "head", is no failure.
    process.stdout.on("error", () => {
      this.#hasReader = false;
    });
    process.stderr.on("error", () => {});
  }

  readonly out = (text: string): void => {
    this.progress("");
    this.#write(process.stdout, `${text}\n`);
  };

  readonly err = (text: string): void => {
    // Whoever ended the program need not hear that its work was cut off.
    if (this.#isEnding) return;
    this.progress("");
    this.#write(process.stderr, `${text}\n`);
  };

  readonly drained = async (): Promise<boolean> => {
    await Promise.all(this.#writes);
    return this.#hasReader;
  };

  readonly progress = (text: string): void => {
    if (columnsOf(process.stderr) === undefined) return;
    if (text === "" && this.#progressLength === 0) return;
    const shown = text.slice(0, (columnsOf(process.stderr) ?? 80) - 1);
    this.#write(
      process.stderr,
      `\r${shown.padEnd(this.#progressLength)}${text === "" ? "\r" : ""}`,
    );
    this.#progressLength = shown.length;
  };

  async *lines(prompt: string): AsyncGenerator<string> {
    const isTerminal = process.stdin.isTTY === true;
    const reader = createInterface({ input: process.stdin, terminal: false });
    const ask = (): void => {
      if (isTerminal) this.#write(process.stdout, prompt);
    };
    ask();
    for await (const line of reader) {
      yield line;
      ask();
    }
  }

  readonly onEnd = (
    cleanUp: () => Promise<unknown>,
    timeoutMs: number = CLEAN_UP_TIMEOUT_MS,
  ): (() => void) => {
    this.#cleanUps.set(cleanUp, timeoutMs);
    return () => this.#cleanUps.delete(cleanUp);
  };

  readonly finish = (exitCode: number): void => {
    this.exitCode = exitCode;
  };

  /** Undoes what must be undone, writes what is still to be written, and ends. The first call counts. */
  async end(exitCode: number): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const timeoutMs = Math.max(CLEAN_UP_TIMEOUT_MS, ...this.#cleanUps.values());
    const undone = Promise.allSettled([...this.#cleanUps.keys()].map((cleanUp) => cleanUp()));
    const tooLate = new Promise((resolve) => {
      realWorld.setTimeout(resolve, timeoutMs);
    });
    this.progress("");
    await Promise.race([Promise.all([undone, ...this.#writes]), tooLate]);
    process.exit(exitCode);
  }

  #stop(exitCode: number): void {
    // Somebody who asks twice does not want to wait; the guard of Anvil still ends it.
    if (this.#isEnding) process.exit(exitCode);
    void this.end(exitCode);
  }

  #write(stream: Stream, text: string): void {
    const written = new Promise<void>((resolve) => {
      stream.write(text, (error) => {
        if (error && stream === process.stdout) this.#hasReader = false;
        resolve();
      });
    });
    this.#writes.add(written);
    void written.then(() => this.#writes.delete(written));
  }
}

function columnsOf(stream: Stream): number | undefined {
  // A terminal that does not know its width has that of the oldest ones.
  return stream.isTTY ? stream.columns || 80 : undefined;
}

/** Source: no-color.org; a dumb terminal shows codes as letters. */
function paintOf(stream: Stream): Paint {
  const { NO_COLOR = "", TERM } = process.env;
  const isColourful = stream.isTTY && NO_COLOR === "" && TERM !== "dumb";
  const painter = (code: number) => (text: string) =>
    isColourful ? `\x1b[${code}m${text}\x1b[0m` : text;
  return {
    bold: painter(COLOURS.bold),
    dim: painter(COLOURS.dim),
    green: painter(COLOURS.green),
    red: painter(COLOURS.red),
    yellow: painter(COLOURS.yellow),
  };
}

/** Who came through npx has no `bun` of his own to call. */
function nameOfCommand(): string {
  const isFromNpx = process.execPath.includes("_npx");
  return isFromNpx ? `npx -y bun@${Bun.version} channels` : "bun channels";
}
