/** Tells every story with everything of one kind that can go wrong in it, each alone, and counts how they end. */
import { realWorld } from "../real-world.ts";
import type { SimulatedChain } from "../simulated-chain.ts";
import { crashPointName, crashPointsOf, playCrash } from "./crash-points.ts";
import { cutPointName, cutPointsOf, playCut } from "./cut-points.ts";
import type { Ending } from "./play-script.ts";
import { STORIES, type Story } from "./stories.ts";

/** What is enumerated by telling stories: where nodes stop, or where conversations are cut. */
export type ExhaustiveMode = "crashes" | "cuts";

/** One thing that goes wrong, and the telling with it. */
type Case = { readonly name: string; readonly play: () => Promise<Ending> };

/** A case that did not end well. `name` runs it alone. */
export type ExhaustiveFailure = { readonly name: string; readonly problems: readonly string[] };

/** What came of one story. */
export type ExhaustiveRow = {
  readonly script: string;
  /** All cases there are, and those of them that were told. */
  readonly all: number;
  readonly tried: number;
  readonly held: number;
  /** Those that were told to their end as if nothing had happened. */
  readonly told: number;
  /** Those about which the chain had to decide. */
  readonly disputed: number;
  readonly wallMs: number;
  readonly failures: readonly ExhaustiveFailure[];
};

/** Which cases to tell. */
export type ExhaustiveChoice = {
  readonly mode: ExhaustiveMode;
  /** Names of stories; all when absent. */
  readonly script?: string | undefined;
  /** The name of one case, which begins with that of its story. */
  readonly only?: string | undefined;
  /** Every `count`-th case of all, from `index` on: the part of one process. */
  readonly part?: { readonly index: number; readonly count: number } | undefined;
  readonly onProgress?: (script: string, done: number, all: number) => void;
};

/** Tells them. Throws when a story does not even end well by itself, or when the world outside fails. */
export async function exhaust(
  chain: SimulatedChain,
  choice: ExhaustiveChoice,
): Promise<readonly ExhaustiveRow[]> {
  const rows: ExhaustiveRow[] = [];
  for (const story of storiesOf(choice)) rows.push(await exhaustStory(chain, story, choice));
  return rows;
}

/** The stories that a choice is about. None when it names none. */
export function storiesOf({ only, script }: ExhaustiveChoice): readonly Story[] {
  return STORIES.filter(({ name }) => {
    if (only !== undefined) return only.startsWith(`${name}/`);
    return script === undefined || name === script;
  });
}

/** The rows of several processes, each with its part of the cases, as one. */
export function joinRows(parts: readonly (readonly ExhaustiveRow[])[]): readonly ExhaustiveRow[] {
  const [first = []] = parts;
  return first.map((row, index) => {
    const same = parts.flatMap((rows) => rows[index] ?? []);
    const sum = (of: (one: ExhaustiveRow) => number): number =>
      same.reduce((total, one) => total + of(one), 0);
    return {
      ...row,
      tried: sum(({ tried }) => tried),
      held: sum(({ held }) => held),
      told: sum(({ told }) => told),
      disputed: sum(({ disputed }) => disputed),
      wallMs: Math.max(...same.map(({ wallMs }) => wallMs)),
      failures: same.flatMap(({ failures }) => failures),
    };
  });
}

async function exhaustStory(
  chain: SimulatedChain,
  story: Story,
  choice: ExhaustiveChoice,
): Promise<ExhaustiveRow> {
  const startedMs = realWorld.performanceNow();
  const cases = await casesOf(chain, story, choice.mode);
  const { index: from, count } = choice.part ?? { index: 0, count: 1 };
  const chosen = cases
    .filter((_, index) => index % count === from)
    .filter(({ name }) => choice.only === undefined || name === choice.only);
  const failures: ExhaustiveFailure[] = [];
  const counts = { told: 0, disputed: 0 };
  for (const [done, { name, play }] of chosen.entries()) {
    choice.onProgress?.(story.name, done, chosen.length);
    const { isDisputed, isTold, problems } = await play();
    if (isTold) counts.told += 1;
    if (isDisputed) counts.disputed += 1;
    if (problems.length > 0) failures.push({ name, problems });
  }
  const tried = chosen.length;
  return {
    script: story.name,
    all: cases.length,
    tried,
    held: tried - failures.length,
    ...counts,
    wallMs: realWorld.performanceNow() - startedMs,
    failures,
  };
}

async function casesOf(
  chain: SimulatedChain,
  story: Story,
  mode: ExhaustiveMode,
): Promise<readonly Case[]> {
  if (mode === "cuts") {
    const points = await cutPointsOf(chain, story);
    return points.map((point) => ({
      name: `${story.name}/${cutPointName(point)}`,
      play: () => playCut(chain, story, point),
    }));
  }
  const points = await crashPointsOf(chain, story);
  return points.map((point) => ({
    name: `${story.name}/${crashPointName(point)}`,
    play: () => playCrash(chain, story, point),
  }));
}
