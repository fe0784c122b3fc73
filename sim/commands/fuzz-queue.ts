/** `channels fuzz --queue`: seeds are handed out through a database. Nothing of it is loaded without that option. */
import { join } from "node:path";
import type { CampaignOptions } from "../campaign/campaign.ts";
import type { Budget } from "../campaign/settings.ts";
import { type DatabasePlace, parseDatabaseUrl } from "../campaign/store-address.ts";
import { wrongUsage } from "./shell.ts";

/** Opens the queue of a new campaign. Throws `NodeError` when the database is away. */
export async function sharedPlayers(
  queue: string | true,
  out: string,
  budget: Budget,
): Promise<Pick<CampaignOptions, "players">> {
  const place: DatabasePlace =
    queue === true ? { type: "Embedded", folder: join(out, "queue") } : serverAt(queue);
  const [{ openShared }, { QueuePlayers }, { presentProgram }] = await Promise.all([
    import("../campaign/queue-database.ts"),
    import("../campaign/queue-players.ts"),
    import("../campaign/queue-program.ts"),
  ]);
  const shared = await openShared(place);
  const timed = budget.type === "Minutes" ? { timeMs: budget.minutes * 60_000 } : {};
  const program = presentProgram();
  return { players: (options) => new QueuePlayers({ ...options, ...timed, shared, program }) };
}

/** The server of a URL that a user gave. Throws a usage failure for what is no address. */
export function serverAt(text: string): DatabasePlace {
  const url = parseDatabaseUrl(text);
  if (url !== undefined) return { type: "Server", url };
  const form = "write it as postgres://user:password@host:5432/database";
  // What was given is not repeated: there may be a password in it.
  throw wrongUsage(`--queue is not the address of a PostgreSQL database: ${form}`);
}
