/** What a benchmark is: one question, answered by figures that are held against floors and goals. */

/** One measured number, and what it must reach. */
export type Figure = {
  /** What was measured, as a noun phrase: "append, in memory". */
  readonly what: string;
  /** The number itself, in `unit`. */
  readonly value: number;
  /** The unit of `value`, such as "us/event" or "channels/s". */
  readonly unit: string;
  /** What `ratio` is measured against, in the same process: "a bare write and fdatasync". */
  readonly yardstick?: string;
  /** The machine-independent form of the figure: our number over that of the yardstick. */
  readonly ratio?: number;
  /** Which way is better; "higher" when absent. It applies to `ratio`, or to `value` without one. */
  readonly better?: "higher" | "lower";
  /**
   * What must hold on every machine: a run below it fails. Held against `ratio` where there is one,
   * otherwise against `value`. Where the floor is absolute and the goal is a ratio, give two figures.
   */
  readonly floor?: number;
  /** What we want to reach, held against the same number as `floor`. Missing it fails nothing. */
  readonly goal?: number;
};

/** What one run of a benchmark found, in the order in which it is printed. */
export type BenchmarkResult = { readonly figures: readonly Figure[] };

/** How much a benchmark measures. */
export type Scale = {
  /** Logs of a million events as well, which take minutes to record and to fill the first time. */
  readonly full: boolean;
};

/** One file of `bench` exports one of these as `benchmark`; its name is the file's. */
export type Benchmark = {
  /** Kebab-case, as in `bun run bench <name>` and `bench/<name>.bench.ts`. */
  readonly name: string;
  /** The question that the figures answer, a full sentence with a question mark. */
  readonly question: string;
  /** Measures. It prints nothing, leaves nothing behind, and rejects only when it cannot measure. */
  readonly run: (scale: Scale) => Promise<BenchmarkResult>;
};
