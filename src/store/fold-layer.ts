/** A table of the past: what a fold changed, over what was loaded of the moment where it began. */

/** A table as a fold reads and writes it. */
export type FoldTable = {
  readonly get: (key: string) => unknown;
  readonly set: (key: string, value: unknown) => unknown;
  readonly delete: (key: string) => unknown;
};

/** Knows some entities, and notes which others a fold asked for. */
export class FoldLayer implements FoldTable {
  /** Entities of the moment where the fold began; undefined for one that did not exist then. */
  readonly loaded: Map<string, unknown>;
  /** More of the same, which is decoded when somebody asks for it. */
  readonly #encoded: Map<string, () => unknown> = new Map();
  /** What the fold made of them; undefined for what it deleted. */
  readonly changed: Map<string, unknown> = new Map();
  /** What the fold asked for in vain. */
  readonly missing: Set<string> = new Set();
  /** True when nothing existed before the fold: then nothing is ever missing. */
  readonly #isWhole: boolean;

  constructor(isWhole: boolean, loaded: Map<string, unknown> = new Map()) {
    this.#isWhole = isWhole;
    this.loaded = loaded;
  }

  /** True when it is known whether the entity exists. */
  knows(key: string): boolean {
    const isKnown = this.changed.has(key) || this.loaded.has(key) || this.#encoded.has(key);
    return this.#isWhole || isKnown;
  }

  /** What the entity was where the fold began. */
  before(key: string): unknown {
    const decode = this.#encoded.get(key);
    if (decode === undefined) return this.loaded.get(key);
    this.#encoded.delete(key);
    const value = decode();
    this.loaded.set(key, value);
    return value;
  }

  /** Takes in an entity that `decode` gives when somebody asks for it. */
  load(key: string, decode: () => unknown): void {
    this.#encoded.set(key, decode);
  }

  get = (key: string): unknown => {
    const value = this.changed.get(key);
    if (value !== undefined || this.changed.has(key)) return value;
    const before = this.before(key);
    if (before === undefined && !this.knows(key)) this.missing.add(key);
    return before;
  };

  set = (key: string, value: unknown): void => {
    this.changed.set(key, value);
  };

  delete = (key: string): void => {
    // In a whole table nobody needs to be told that it is gone.
    if (this.#isWhole && this.before(key) === undefined) this.changed.delete(key);
    else this.changed.set(key, undefined);
  };

  /** Forgets what a fold did, so that it can be done again. */
  reset(): void {
    this.changed.clear();
    this.missing.clear();
  }

  /** A layer for a fold that goes on from here. */
  next(): FoldLayer {
    for (const key of [...this.#encoded.keys()]) this.before(key);
    return new FoldLayer(this.#isWhole, new Map([...this.loaded, ...this.changed]));
  }
}
