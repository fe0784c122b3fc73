/** Keeps Anvil from outliving this program, however this program ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";

/**
 * A shell between us and Anvil. Its standard input is a pipe that only we hold, and the system closes
 * it when we end, even by SIGKILL. A helper waits for that and ends Anvil; the shell itself waits for
 * Anvil, so that nothing is left when Anvil ends first. Each of the two can do the work of the other.
 *
 * Arguments: the directory to remove at the end, the program, its arguments. Prints Anvil's process id.
 * The standard streams of the helper are closed: it must not keep our end of them open.
 */
const GUARD_SCRIPT = `
directory=$1
shift
trap '' INT QUIT
exec 3<&0 </dev/null
"$@" 3<&- &
anvil=$!
echo "pid $anvil"
{
  read -r _ <&3
  kill -TERM "$anvil"
  sleep 1
  kill -KILL "$anvil"
  rm -rf "$directory"
} >/dev/null 2>&1 &
helper=$!
exec 3<&-
trap 'kill -KILL "$anvil"' TERM HUP
wait "$anvil"
code=$?
kill "$helper"
rm -rf "$directory"
exit "$code"
`;

/** Text of Anvil's complaints that is kept for the error message. */
const COMPLAINT_CHARS_MAX = 2_000;

/** How a guarded program ended. */
export type GuardedEnd = {
  /** Exit code of the program, or undefined when the guard was killed or could not start. */
  readonly exitCode: number | undefined;
  /** What the program wrote to standard error last. */
  readonly complaint: string;
};

/** A program under guard. */
export type Guarded = {
  /** Process id of the program. Never fulfilled when the guard could not start. */
  readonly pid: Promise<number>;
  /** Fulfilled once program and guard have ended and the directory is gone. */
  readonly ended: Promise<GuardedEnd>;
  /** Lets go: the guard ends the program. Calling it again does nothing. */
  readonly release: () => void;
};

/**
 * Starts `program` so that it ends when this process ends or `release` is called.
 * `directory` is its home, and is removed with it. `onLine` hears each line of its standard output.
 */
export function startGuarded(
  directory: string,
  program: readonly string[],
  onLine: (line: string) => void,
): Guarded {
  const guard = spawn("/bin/sh", ["-c", GUARD_SCRIPT, "guard", directory, ...program], {
    // A group of its own: Ctrl-C reaches us, not Anvil, so that a run can still end in order.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    // Nothing else of our environment: settings meant for other runs of Anvil would change the chain.
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: directory },
  });
  // Writing to a guard that has gone is an error that its end tells us anyway.
  guard.stdin?.on("error", () => {});
  const pid = Promise.withResolvers<number>();
  let knownPid: number | undefined;
  readLines(guard, (line) => {
    if (knownPid !== undefined) return onLine(line);
    knownPid = Number(line.replace(/^pid /, ""));
    pid.resolve(knownPid);
  });
  return {
    pid: pid.promise,
    ended: endOf(guard, directory, () => knownPid),
    release: () => guard.stdin?.end(),
  };
}

function readLines(guard: ChildProcess, onLine: (line: string) => void): void {
  if (guard.stdout !== null) createInterface({ input: guard.stdout }).on("line", onLine);
}

function endOf(
  guard: ChildProcess,
  directory: string,
  programPid: () => number | undefined,
): Promise<GuardedEnd> {
  let complaint = "";
  guard.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_CHARS_MAX);
  });
  return new Promise((resolve) => {
    const finish = (exitCode?: number | null): void => {
      rmSync(directory, { recursive: true, force: true });
      resolve({ exitCode: exitCode ?? undefined, complaint: complaint.trim() });
    };
    guard.once("exit", (_, signal) => {
      // A guard that was killed cannot have ended the program: its helper may be gone as well.
      if (signal !== null) endProgram(guard, programPid());
    });
    // Later than "exit": by now all that the program wrote has been read.
    guard.once("close", finish);
    guard.once("error", () => finish());
  });
}

function endProgram(guard: ChildProcess, programPid: number | undefined): void {
  guard.stdin?.end();
  if (programPid === undefined) return;
  try {
    process.kill(programPid, "SIGKILL");
  } catch {
    // It had ended already, which is what we want.
  }
}
