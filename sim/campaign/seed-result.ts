/** What one seed of a campaign came to. It crosses from process to process, so it is plain data. */
import type { CoverageJson } from "./coverage.ts";

/** One failure, told so that it can be run again anywhere. */
export type SeedFailure = {
  readonly bucket: string;
  readonly oracle: string;
  readonly message: string;
  /** What the protocols were at; undefined where nobody noted it. */
  readonly phase?: string;
  /** The text of a capsule. */
  readonly capsule: string;
};

/** What came of playing a seed again on the reference chain. */
export type Repeat = {
  readonly seed: number;
  /** The first thing in which the two runs differ; undefined when they came to the same. */
  readonly difference: string | undefined;
};

/** One seed. */
export type SeedResult = {
  readonly seed: number;
  readonly failure: SeedFailure | undefined;
  /** Promises of the world that were broken on purpose; then nobody was asked to be solvent. */
  readonly isBeyondPromises: boolean;
  readonly hasFaults: boolean;
  readonly hasAdversaries: boolean;
  readonly messages: number;
  readonly transactions: number;
  readonly virtualMs: number;
  readonly coverage: CoverageJson;
  readonly repeat: Repeat | undefined;
};
