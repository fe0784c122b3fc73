/** What a campaign and its worker processes tell each other. */
import type { SeedResult } from "./seed-result.ts";
import type { SeedSettings } from "./settings.ts";

/** Seeds to play, in order. */
export type ToWorker = { readonly seeds: readonly number[]; readonly settings: SeedSettings };

/** What a worker says: that it waits for seeds, that it has played one, or that it cannot go on. */
export type FromWorker =
  | { readonly type: "Ready" }
  | { readonly type: "Played"; readonly result: SeedResult }
  | {
      readonly type: "Broke";
      /** True when the world outside failed, such as a chain that cannot be started. */
      readonly isOutside: boolean;
      readonly message: string;
    };
