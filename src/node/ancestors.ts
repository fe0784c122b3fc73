/**
 * Notices that the command which started this program is gone. `npx bun run start` is a chain of
 * launchers; killing the outermost one leaves the others, and us, running for nobody.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** One process as the operating system lists it. */
export type ProcessEntry = {
  readonly parentId: number;
  /** The program and its arguments, or one title where the process renamed itself, as npm does. */
  readonly command: readonly string[];
};

/** A process id and the process that it must stay a child of. */
export type Link = { readonly id: number; readonly parentId: number };

/** Runs a program to its end and gives what it wrote to its standard output. */
export type RunProgram = (command: readonly string[]) => string;

/**
 * How often the chain is looked at: every 500 milliseconds. A person who ended the launcher sees the
 * program end within a breath; one look costs some 20 microseconds per link on Linux.
 */
const POLL_INTERVAL_MS = 500;

/** More than any chain of launchers; it stops a walk in a process table that changes meanwhile. */
const CHAIN_LENGTH_MAX = 32;

const LAUNCHERS: ReadonlySet<string> = new Set(["bun", "bunx", "npm", "npx"]);
const SHELLS: ReadonlySet<string> = new Set(["sh", "bash", "dash", "zsh", "ash"]);

/**
 * Calls `onOrphaned` once, when a launcher that this program runs under has died. Whatever started the
 * outermost launcher may go: that is a terminal, and its end comes as a signal. Call it first of all,
 * since only launchers alive at the call are known. The returned function stops the watch; the watch
 * itself does not keep the program alive. `run` asks `ps` where there is no /proc; a program that
 * guards its globals gives the way round the guard. Without a process table (Windows) it watches nothing.
 */
export function watchAncestors(onOrphaned: () => void, run: RunProgram = runProgram): () => void {
  const links = chainOf(process.pid, (id) => readProcess(id, run));
  if (links.length === 0) return () => {};
  const timer = setInterval(() => {
    if (links.every((link) => isUnbroken(link, run))) return;
    clearInterval(timer);
    onOrphaned();
  }, POLL_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * The launchers above process `id`, as links from the child to the parent, nearest first. Each link
 * breaks when its parent dies, since the system then gives the child another parent.
 */
export function chainOf(
  id: number,
  read: (id: number) => ProcessEntry | undefined,
): readonly Link[] {
  const links: Link[] = [];
  let child = id;
  let parentId = read(child)?.parentId ?? 0;
  while (parentId > 1 && links.length < CHAIN_LENGTH_MAX) {
    const parent = read(parentId);
    if (parent === undefined || !isLauncher(parent, read(parent.parentId))) break;
    links.push({ id: child, parentId });
    child = parentId;
    parentId = parent.parentId;
  }
  return links;
}

/** A shell counts only where a launcher runs its command in it: the one of a terminal is a user's. */
function isLauncher({ command }: ProcessEntry, parent: ProcessEntry | undefined): boolean {
  const isShellCommand = SHELLS.has(programOf(command)) && (command[1]?.startsWith("-c") ?? false);
  if (isShellCommand) return parent !== undefined && startsPrograms(parent.command);
  return startsPrograms(command);
}

function startsPrograms(command: readonly string[]): boolean {
  if (LAUNCHERS.has(programOf(command))) return true;
  return programOf(command) === "node" && /^np[mx](?:-cli)?\b/.test(basename(command[1] ?? ""));
}

/** The program's name without folder; a title such as "npm exec bun" counts by its first word. */
function programOf(command: readonly string[]): string {
  return basename(command[0]?.split(" ")[0] ?? "").replace(/\.exe$/, "");
}

function isUnbroken({ id, parentId }: Link, run: RunProgram): boolean {
  return readParent(id, run) === parentId;
}

function readProcess(id: number, run: RunProgram): ProcessEntry | undefined {
  const parentId = readParent(id, run);
  return parentId === undefined ? undefined : { parentId, command: readCommand(id, run) };
}

function readParent(id: number, run: RunProgram): number | undefined {
  const field =
    process.platform === "linux"
      ? parentInStat(readProcFile(id, "stat"))
      : listed(id, "ppid=", run);
  return field === undefined || field === "" ? undefined : Number(field);
}

/** `id (name) state parent ...`, where the name may hold spaces and brackets of its own. */
function parentInStat(stat: string | undefined): string | undefined {
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
}

function readCommand(id: number, run: RunProgram): readonly string[] {
  if (process.platform === "linux") return (readProcFile(id, "cmdline") ?? "").split("\0");
  return (listed(id, "command=", run) ?? "").split(" ");
}

function readProcFile(id: number, name: "stat" | "cmdline"): string | undefined {
  try {
    return readFileSync(`/proc/${id}/${name}`, "utf8");
  } catch {
    // The process is gone, and that is the answer.
    return undefined;
  }
}

/** Asks `ps`, which every Unix has; undefined where there is none. */
function listed(id: number, column: "ppid=" | "command=", run: RunProgram): string | undefined {
  if (process.platform === "win32") return undefined;
  return run(["ps", "-o", column, "-p", String(id)]).trim();
}

function runProgram(command: readonly string[]): string {
  return Bun.spawnSync([...command]).stdout.toString();
}
