/** Coverage of all of `src`, a file that no test loads counting as not covered at all. */

/** Lines or functions: how many there are, and how many a test ran. */
export type Share = { readonly found: number; readonly hit: number };

/** The coverage of one file. */
export type FileCoverage = {
  readonly path: string;
  readonly lines: Share;
  readonly functions: Share;
};

/** The coverage of a set of files: the sums, and each file. */
export type Coverage = {
  readonly lines: Share;
  readonly functions: Share;
  readonly files: readonly FileCoverage[];
};

/** Reads an LCOV report: one entry per file that was loaded. */
export function readLcov(lcov: string): readonly FileCoverage[] {
  return lcov
    .split("end_of_record")
    .map((record) => ({
      path: /^SF:(.*)$/m.exec(record)?.[1] ?? "",
      lines: { found: numberOf(record, "LF"), hit: numberOf(record, "LH") },
      functions: { found: numberOf(record, "FNF"), hit: numberOf(record, "FNH") },
    }))
    .filter(({ path }) => path !== "");
}

function numberOf(record: string, tag: string): number {
  return Number(new RegExp(`^${tag}:(\\d+)$`, "m").exec(record)?.[1] ?? 0);
}

/**
 * Joins a report with the files that exist, `sources` from path to text. Files outside `sources` are
 * left out; files outside the report count in full as not covered.
 */
export function coverageOf(lcov: string, sources: ReadonlyMap<string, string>): Coverage {
  const loaded = new Map(readLcov(lcov).map((file) => [file.path, file]));
  const files = [...sources].map(([path, text]) => loaded.get(path) ?? uncovered(path, text));
  return {
    lines: sum(files.map(({ lines }) => lines)),
    functions: sum(files.map(({ functions }) => functions)),
    files,
  };
}

const sum = (shares: readonly Share[]): Share => ({
  found: shares.reduce((total, { found }) => total + found, 0),
  hit: shares.reduce((total, { hit }) => total + hit, 0),
});

/** Counts what is left of a file once its types are gone: a file of types has nothing to cover. */
function uncovered(path: string, text: string): FileCoverage {
  const code = new Bun.Transpiler({ loader: "ts", deadCodeElimination: false }).transformSync(text);
  const lines = code.split("\n").filter((line) => /^(?!import\b|export \{).*\w/.test(line));
  const functions = code.match(/\bfunction\b|=>/g) ?? [];
  return {
    path,
    lines: { found: lines.length, hit: 0 },
    functions: { found: functions.length, hit: 0 },
  };
}

/** The share in percent, 100 where there is nothing to cover. */
export function percentOf({ found, hit }: Share): number {
  return found === 0 ? 100 : (100 * hit) / found;
}
