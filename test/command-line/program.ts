/** The real program in a process of its own, with a folder of its own, for tests of the command line. */
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT: string = join(import.meta.dir, "..", "..");

/** The entry of the program. */
const ENTRY: string = join(ROOT, "bin", "channels.ts");

/** Longest that we wait for processes and files to go, in milliseconds. What the program promises. */
const PATIENCE_MS = 5_000;

/** How a program ended. */
export type Ended = {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
};

/** A program under way. */
export type Running = {
  readonly process: Bun.Subprocess<"pipe", "pipe", "pipe">;
  readonly ended: Promise<Ended>;
};

/** A folder for one test. Processes started in it are known by its name. */
export type Place = {
  /** Where programs run and write. */
  readonly cwd: string;
  /** Starts `channels` with these arguments; through `bun channels` when `launcher` is asked for. */
  readonly start: (
    args: readonly string[],
    options?: {
      readonly env?: Readonly<Record<string, string>>;
      readonly launcher?: boolean;
      readonly stdin?: string;
    },
  ) => Running;
  /** Starts it and waits for its end. */
  readonly run: (...args: readonly string[]) => Promise<Ended>;
  /** Process ids of the Anvils that were started here. */
  readonly anvils: () => readonly number[];
  /** Waits until no process and no temporary file of this place is left, and tells what is. */
  readonly leftovers: () => Promise<readonly string[]>;
};

/** Gives a test its place, and removes it afterwards with all that is still in it. */
export async function inPlace(use: (place: Place) => Promise<void>): Promise<void> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "channels-cli-")));
  const [cwd, temporary] = [join(home, "cwd"), join(home, "tmp")];
  for (const folder of [cwd, temporary]) mkdirSync(folder);
  const running: Running[] = [];
  const start: Place["start"] = (args, { env = {}, launcher = false, stdin = "" } = {}) => {
    const command = launcher ? ["run", "channels"] : [ENTRY];
    const child = Bun.spawn([process.execPath, ...command, ...args], {
      cwd: launcher ? ROOT : cwd,
      env: { ...process.env, NO_COLOR: "1", ...env, TMPDIR: temporary },
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    child.stdin.write(stdin);
    void child.stdin.end();
    const started = { process: child, ended: endOf(child) };
    running.push(started);
    return started;
  };
  try {
    await use({
      cwd,
      start,
      run: (...args) => start(args).ended,
      anvils: () => anvilsIn(temporary),
      leftovers: () => leftoversOf(home, temporary),
    });
  } finally {
    for (const { process: child } of running) child.kill("SIGKILL");
    await Promise.all(running.map(({ ended }) => ended));
    rmSync(home, { recursive: true, force: true });
  }
}

/** Longest that a start may take, in milliseconds. Nothing is promised of it, and the machine may be busy. */
const START_MS = 40_000;

/** Waits until something has begun. */
export function begun(isSo: () => boolean): Promise<boolean> {
  return eventually(isSo, START_MS);
}

/** Waits until `isSo` holds, at most as long as the program promises to need. */
async function eventually(isSo: () => boolean, patienceMs: number = PATIENCE_MS): Promise<boolean> {
  const deadlineMs = performance.now() + patienceMs;
  while (performance.now() < deadlineMs) {
    if (isSo()) return true;
    await Bun.sleep(10);
  }
  return isSo();
}

async function endOf(child: Running["process"]): Promise<Ended> {
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
}

/** Anvil itself: the command lines of its guards, which are shells, hold its path as well. */
function anvilsIn(directory: string): readonly number[] {
  return processesNaming(directory)
    .filter((line) => /^\s*\d+ \S*\/bin\/anvil --/.test(line))
    .map((line) => Number.parseInt(line, 10));
}

function processesNaming(directory: string): readonly string[] {
  const { stdout } = Bun.spawnSync(["ps", "-A", "-ww", "-o", "pid=,args="]);
  return stdout
    .toString()
    .split("\n")
    .filter((line) => line.includes(directory));
}

async function leftoversOf(home: string, temporary: string): Promise<readonly string[]> {
  const left = (): readonly string[] => [...processesNaming(home), ...readdirSync(temporary)];
  await eventually(() => left().length === 0);
  return left();
}
