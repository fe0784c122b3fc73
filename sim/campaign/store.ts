/** What the machines of a campaign share besides the seeds: what it is, who plays, and what came of each seed. */
import { assert } from "../../src/primitives/assert.ts";
import type { SeedResult } from "./seed-result.ts";
import type { SeedSettings } from "./settings.ts";
import type { Database, Row } from "./store-database.ts";

/**
 * Seconds without a sign of its coordinator after which a campaign is left: ten missed signs, so that a
 * database that was away for a while ends nothing.
 */
const LEFT_AFTER_SEC = 30;

/** Seconds without a sign after which a player does not count any more. */
const PLAYER_GONE_AFTER_SEC = 15;

/** What came of a seed: what a run came to, or that it took its process with it. */
export type Outcome =
  | { readonly type: "Played"; readonly result: SeedResult }
  | { readonly type: "Deadly"; readonly seed: number; readonly exitCode: number };

/** A campaign as other machines see it. */
export type SharedCampaign = {
  readonly id: string;
  /** Which program plays it. Another one would draw other plans from the same seeds. */
  readonly program: string;
  readonly settings: SeedSettings;
  /** Its time is up: nobody begins another seed. */
  readonly isClosing: boolean;
};

/** Any number of processes make these at once: the lock is held until the end of the transaction. */
const TABLES = `
begin;
select pg_advisory_xact_lock(hashtext('channels_fuzz'));
create schema if not exists channels_fuzz;
create table if not exists channels_fuzz.campaign (
  id uuid primary key default gen_random_uuid(),
  program text not null,
  settings text not null,
  is_closing boolean not null default false,
  is_over boolean not null default false,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now()
);
create table if not exists channels_fuzz.player (
  campaign uuid not null references channels_fuzz.campaign on delete cascade,
  name text not null,
  processes integer not null,
  seen_at timestamptz not null default now(),
  primary key (campaign, name)
);
create table if not exists channels_fuzz.result (
  campaign uuid not null references channels_fuzz.campaign on delete cascade,
  seed bigint not null,
  player text not null,
  outcome text not null,
  written_at timestamptz not null default now(),
  primary key (campaign, seed)
);
commit;
`;

/** The tables of campaigns in one database. Its methods throw `NodeError` with `DatabaseFailed`. */
export class CampaignStore {
  readonly #database: Database;

  /** Makes the tables where they are missing. */
  static async open(database: Database): Promise<CampaignStore> {
    await database.query(TABLES);
    return new CampaignStore(database);
  }

  private constructor(database: Database) {
    this.#database = database;
  }

  /** Begins a campaign; gives its id. */
  async begin(program: string, settings: SeedSettings): Promise<string> {
    const [row] = await this.#database.query(
      "insert into channels_fuzz.campaign (program, settings) values ($1, $2) returning id::text",
      [program, JSON.stringify(settings)],
    );
    assert(row !== undefined, "an insert gives its row");
    return String(row["id"]);
  }

  /** A sign of life of the coordinator. */
  async sign(campaign: string): Promise<void> {
    await this.#database.query("update channels_fuzz.campaign set seen_at = now() where id = $1", [
      campaign,
    ]);
  }

  /** Its time is up: whoever plays for it ends what it has begun. */
  async closeDown(campaign: string): Promise<void> {
    await this.#database.query(
      "update channels_fuzz.campaign set is_closing = true where id = $1",
      [campaign],
    );
  }

  /** Whoever still plays for it stops. */
  async end(campaign: string): Promise<void> {
    await this.#database.query(
      "update channels_fuzz.campaign set is_over = true, seen_at = now() where id = $1",
      [campaign],
    );
  }

  /** Campaigns whose coordinator lives, the oldest first. */
  async underWay(): Promise<readonly SharedCampaign[]> {
    const rows = await this.#database.query(
      `select id::text, program, settings, is_closing from channels_fuzz.campaign
       where not is_over and seen_at > now() - interval '${LEFT_AFTER_SEC} s' order by started_at`,
    );
    return rows.map((row) => ({
      id: String(row["id"]),
      program: String(row["program"]),
      settings: JSON.parse(String(row["settings"])),
      isClosing: row["is_closing"] === true,
    }));
  }

  /** A sign of life of a player. */
  async join(campaign: string, player: string, processes: number): Promise<void> {
    await this.#database.query(
      `insert into channels_fuzz.player (campaign, name, processes) values ($1, $2, $3)
       on conflict (campaign, name) do update set seen_at = now()`,
      [campaign, player, processes],
    );
  }

  /** Processes that play for it, on all machines. */
  async processes(campaign: string): Promise<number> {
    const [row] = await this.#database.query(
      `select coalesce(sum(processes), 0)::integer as processes from channels_fuzz.player
       where campaign = $1 and seen_at > now() - interval '${PLAYER_GONE_AFTER_SEC} s'`,
      [campaign],
    );
    return Number(row?.["processes"] ?? 0);
  }

  /** Keeps outcomes. Of a seed that was played twice the first one counts. */
  async write(campaign: string, player: string, outcomes: readonly Outcome[]): Promise<void> {
    const rows = outcomes.map((outcome) => ({
      seed: seedOf(outcome),
      outcome: JSON.stringify(outcome),
    }));
    await this.#database.query(
      `insert into channels_fuzz.result (campaign, seed, player, outcome)
       select $1::uuid, seed, $2, outcome
       from json_to_recordset($3::text::json) as played (seed bigint, outcome text)
       on conflict do nothing`,
      [campaign, player, JSON.stringify(rows)],
    );
  }

  /** Those of these seeds that have an outcome. */
  async outcomes(campaign: string, seeds: Iterable<number>): Promise<readonly Outcome[]> {
    const rows = await this.#database.query(
      `select outcome from channels_fuzz.result
       where campaign = $1 and seed = any (string_to_array($2, ',')::bigint[]) order by seed`,
      [campaign, [...seeds].join(",")],
    );
    return rows.map(outcomeOf);
  }
}

/** The seed that an outcome is of. */
export function seedOf(outcome: Outcome): number {
  return outcome.type === "Played" ? outcome.result.seed : outcome.seed;
}

function outcomeOf(row: Row): Outcome {
  // Written by the same program, as the campaign says.
  return JSON.parse(String(row["outcome"])) as Outcome;
}
