/** Opens what the machines of a campaign share. */

import { SeedQueues } from "./queue.ts";
import type { SharedDatabase } from "./queue-player.ts";
import { CampaignStore } from "./store.ts";
import type { DatabasePlace } from "./store-address.ts";
import { openDatabase } from "./store-database.ts";

/** Milliseconds that a database may be away in the middle of a campaign: long enough to restart it. */
const PATIENCE_MS = 30_000;

/** Tables and queues, and how to let go of them. */
export type OpenedDatabase = SharedDatabase & { readonly close: () => Promise<void> };

/** Opens them, and makes what is missing. Throws `NodeError` with `DatabaseFailed`. */
export async function openShared(
  place: DatabasePlace,
  patienceMs: number = PATIENCE_MS,
): Promise<OpenedDatabase> {
  const database = await openDatabase({ place, patienceMs });
  try {
    const store = await CampaignStore.open(database);
    const queues = await SeedQueues.open(database);
    const close = async (): Promise<void> => {
      await queues.close();
      await database.close();
    };
    return { store, queues, close };
  } catch (error) {
    await database.close();
    throw error;
  }
}
