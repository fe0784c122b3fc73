/** Hunts for one planted bug, and what all of them came to, in words. */
import { availableParallelism } from "node:os";
import { playingEnvironment } from "../sim/compiler-settings.ts";
import type { PlantedBug } from "./bug.ts";
import type { Hunted } from "./hunt.ts";

/** What the hunts for a bug came to. */
export type Found = { readonly bug: PlantedBug; readonly hunts: readonly Hunted[] };

/** Seconds until a hunt has begun, at the most. */
const START_SEC = 30;

/** Seconds of the clock that a core-second takes at the most, on a machine that does other work as well. */
const WALL_PER_CORE_SEC = 20;

/** How to hunt. */
export type HuntOptions = {
  /** Folders: the source with the bug, and without it. */
  readonly copy: string;
  readonly root: string;
  /** A hunt from each. */
  readonly starts: readonly number[];
  /** Core-seconds of each hunt. */
  readonly mostSec: number;
  /** True to look only where the bug's aim says. */
  readonly isAimed: boolean;
  /** Hears of each hunt as soon as it is over. */
  readonly onHunt: (hunted: Hunted) => void;
};

/** Hunts from each start, each time for so many core-seconds at the most. */
export async function huntFor(
  bug: PlantedBug,
  { copy, isAimed, mostSec, onHunt, root, starts }: HuntOptions,
): Promise<void> {
  const aim = JSON.stringify(isAimed ? bug.aim : {});
  const numbers = [starts.join(","), `${mostSec}`];
  const command = [process.execPath, "planted/hunt.ts", "search", ...numbers, root, aim];
  // A bug may make a run endless: then the process is ended.
  const timeout = (starts.length * mostSec + START_SEC) * WALL_PER_CORE_SEC * 1_000;
  const env = playingEnvironment();
  const child = Bun.spawn(command, { cwd: copy, env, stdout: "pipe", stderr: "ignore", timeout });
  for await (const line of linesOf(child.stdout)) {
    if (line.startsWith("{")) onHunt(JSON.parse(line));
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const part of stream) {
    const lines = (rest + decoder.decode(part, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** One line about a bug. */
export function summaryOf({ bug, hunts }: Found): string {
  const found = hunts.filter(({ where }) => where !== undefined);
  const times = found.map(({ coreSec }) => coreSec);
  const parts = [
    bug.name.padEnd(32),
    `${found.length} of ${hunts.length}`.padStart(8),
    `median ${seconds(middle(times))}`,
    `worst ${seconds(Math.max(0, ...times))}`,
    `${middle(found.map(({ runs }) => runs)).toFixed(0)} runs`,
    oraclesOf(hunts),
  ];
  return parts.join("  ");
}

/** The results as a document. */
export function tableOf(all: readonly Found[]): string {
  const rows = all.map(({ bug, hunts }) => {
    const found = hunts.filter(({ where }) => where !== undefined);
    const times = found.map(({ coreSec }) => coreSec);
    const cells = [
      bug.name,
      bug.row,
      bug.needs,
      `${found.length} of ${hunts.length}`,
      seconds(middle(times)),
      seconds(Math.max(0, ...times)),
      middle(found.map(({ runs }) => runs)).toFixed(0),
      oraclesOf(hunts),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "# The planted bugs, and how long the search takes to find them",
    "",
    `Written by \`bun run planted\`. Times are core-seconds on a machine with ${availableParallelism()} cores.`,
    "`row` is the row of the list of known attacks, `needs` what a run must hold for the bug to show.",
    goalLine(all),
    "",
    "| bug | row | needs | found | median | worst | runs | oracle |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** Core-seconds within which 25 of the bugs are to be found. */
const SOON_SEC = 240;

function goalLine(all: readonly Found[]): string {
  const isFound = ({ hunts }: Found): boolean =>
    hunts.length > 0 && hunts.every(({ where }) => where !== undefined);
  const found = all.filter(isFound);
  const soon = found.filter(({ hunts }) => middle(hunts.map(({ coreSec }) => coreSec)) <= SOON_SEC);
  return `Of ${all.length} bugs ${found.length} are found from every seed, ${soon.length} as a rule within ${SOON_SEC / 60} core-minutes.`;
}

function oraclesOf(hunts: readonly Hunted[]): string {
  const names = hunts.flatMap(({ violations: [first] }) => first?.oracle ?? []);
  return [...new Set(names)]
    .map((name) => [name, names.filter((one) => one === name).length] as const)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

function middle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0;
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
