/** What has been drawn of a plan's wishes so far, and what the rest is to be like. */
import type { Fees } from "../world.ts";
import type { Size } from "./draw-amounts.ts";
import type { Book } from "./draw-book.ts";
import type { Weighted } from "./draw-chance.ts";
import type { Topology } from "./draw-topology.ts";
import type { AssetName, Wish } from "./wish.ts";

/** What the wishes of a plan are like. */
export type WishFeatures = {
  /** Kinds that are on, by their weights. */
  readonly kinds: Weighted<Wish["type"]>;
  readonly count: number;
  readonly assets: readonly AssetName[];
  readonly size: Size;
  /** All at the beginning, one after the other, or a few at once and then a pause. */
  readonly pace: "AtOnce" | "Spaced" | "Bursts";
  /** How many wishes cannot be met: too much, of a channel that is closed, or of strangers. */
  readonly strangeFraction: number;
  /** What intermediaries ask of the first asset. */
  readonly fees: Fees;
  /** Virtual milliseconds that one participant's deposit takes, as a rule. */
  readonly depositMs: number;
};

/** Wishes, and when each will be asked for if nothing goes wrong, in virtual milliseconds from the start. */
export type DrawnWishes = {
  readonly wishes: readonly Wish[];
  readonly startsMs: readonly number[];
};

/** What has been drawn so far. */
export type Sketch = DrawnWishes & {
  readonly topology: Topology;
  readonly features: WishFeatures;
  readonly book: Book;
  readonly atMs: number;
};
