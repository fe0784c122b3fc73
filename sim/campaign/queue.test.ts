/** Tests of shared campaigns, on a real PostgreSQL and on the embedded one. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setUpEmbedded } from "../../test/embedded-database.ts";
import { concurrency, crash, integration } from "../../test/kind.ts";
import { PostgresServer } from "../../test/postgres/postgres-server.ts";
import { inSharedDatabase, startWorker, untilSo } from "../../test/postgres/shared-campaign.ts";
import { Campaign, type CampaignOptions } from "./campaign.ts";
import { type OpenedDatabase, openShared } from "./queue-database.ts";
import { QueuePlayers } from "./queue-players.ts";
import { presentProgram } from "./queue-program.ts";
import type { Outcome } from "./store.ts";
import type { DatabasePlace } from "./store-address.ts";

/** A machine may be busy with other tests: longest time for one test, in milliseconds. */
const TEST_TIMEOUT_MS = 180_000;

/** What is played: quick runs, for what is tested is who plays them. */
const SETTINGS = { chain: "model", signatures: "fast", repeatFraction: 0, wishesMax: 1 } as const;

/** How many: enough that somebody has begun some, and others wait. */
const SEEDS = 6;

let server: PostgresServer;
let folder: string;
/** What those seeds come to without a queue. */
let plain: Campaign;

const onServer = (): DatabasePlace => ({ type: "Server", url: new URL(server.url) });
const embedded = (): DatabasePlace => ({ type: "Embedded", folder: join(folder, "queue") });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "channels-queue-"));
  server = await PostgresServer.start();
  await setUpEmbedded(join(folder, "queue"));
  plain = campaignOf({ workers: 2 });
  expect(await plain.run()).toBeUndefined();
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Asked = Pick<CampaignOptions, "workers"> & {
  readonly seeds?: number;
  readonly shared?: OpenedDatabase;
  readonly onCount?: (seeds: number) => void;
};

/** A campaign of so many seeds; a plain one without a database. */
function campaignOf({ onCount, seeds = SEEDS, shared, workers }: Asked): Campaign {
  const options: CampaignOptions = {
    settings: SETTINGS,
    budget: { type: "Seeds", seeds },
    from: 1,
    workers,
    onNewBucket: () => {},
    onProgress: (tally) => onCount?.(tally.seeds),
  };
  if (shared === undefined) return new Campaign(options);
  const coordinator = { shared, program: presentProgram() };
  return new Campaign({
    ...options,
    players: (doors) => new QueuePlayers({ ...doors, ...coordinator }),
  });
}

/** What must not depend on who played. */
function sumOf({ tally }: Campaign): object {
  const { coverage, differences: _, seedsByMark: __, wallMs: ___, ...counts } = tally;
  return { ...counts, ...coverage.toJson() };
}

for (const { name, place } of [
  { name: "PostgreSQL", place: onServer },
  { name: "the embedded database", place: embedded },
]) {
  describe(`a campaign through ${name}`, () => {
    integration(
      "plays every seed once, and comes to what a plain one does",
      async () => {
        const shared = campaignOf({ workers: 2, shared: await openShared(place()) });
        expect(await shared.run()).toBeUndefined();

        expect(shared.tally.seeds).toBe(SEEDS);
        expect(sumOf(shared)).toEqual(sumOf(plain));
        const rows = await inSharedDatabase(place(), "select seed from channels_fuzz.result");
        expect(rows.map(({ seed }) => Number(seed)).sort()).toEqual([1, 2, 3, 4, 5, 6]);
      },
      TEST_TIMEOUT_MS,
    );

    concurrency(
      "hands a seed to one player, and to another when it is given back",
      async () => {
        const { close, queues, store } = await openShared(place());
        const id = await store.begin("this", SETTINGS);
        await queues.begin(id);
        await queues.add(id, [1, 2, 3]);
        // As after a lost answer: nobody knows whether the first time counted.
        await queues.add(id, [2, 3, 4]);

        const [first, second] = await Promise.all([queues.claim(id, 3), queues.claim(id, 3)]);
        expect([...first, ...second].map(({ seed }) => seed).sort()).toEqual([1, 2, 3, 4]);
        expect(await queues.claim(id, 3)).toEqual([]);
        await queues.giveBack(id, first);
        const again = await queues.claim(id, 4);
        expect(again.map(({ seed }) => seed).sort()).toEqual(first.map(({ seed }) => seed).sort());

        await queues.end(id);
        await close();
      },
      TEST_TIMEOUT_MS,
    );

    concurrency(
      "counts the first outcome of a seed that was played twice",
      async () => {
        const { close, store } = await openShared(place());
        const id = await store.begin("this", SETTINGS);
        const deadly = (seed: number, exitCode: number): Outcome => {
          return { type: "Deadly", seed, exitCode };
        };

        await store.write(id, "one", [deadly(1, 1), deadly(2, 1)]);
        await store.write(id, "other", [deadly(2, 2), deadly(3, 2)]);

        expect(await store.outcomes(id, [1, 2, 3, 4])).toEqual([
          deadly(1, 1),
          deadly(2, 1),
          deadly(3, 2),
        ]);
        await close();
      },
      TEST_TIMEOUT_MS,
    );
  });
}

/** For what waits until a claim lapses: `bun run processes` does. */
const patientCrash: typeof crash =
  process.env["CHANNELS_PROCESSES"] === "all" ? crash : () => undefined;

describe("players of a campaign", () => {
  patientCrash(
    "lose no seed when a worker is killed, and count none twice",
    async () => {
      const campaign = campaignOf({ workers: 0, shared: await openShared(onServer()) });
      const running = campaign.run();
      const killed = startWorker(server.url);
      const played = "select distinct player from channels_fuzz.result";
      await untilSo(async () => (await ask(played)).some(isOf(killed)), killed);
      // It has claimed the next one by now.
      killed.kill("SIGKILL");
      const other = startWorker(server.url);
      try {
        const lapsed = "select 1 from channels_fuzz_queue.job where retry_count > 0";
        await untilSo(async () => (await ask(lapsed)).length > 0, other, 500);
        expect(await running).toBeUndefined();

        expect(campaign.tally.seeds).toBe(SEEDS);
        expect(sumOf(campaign)).toEqual(sumOf(plain));
      } finally {
        await campaign.stop();
        other.kill("SIGKILL");
      }
    },
    TEST_TIMEOUT_MS,
  );

  integration(
    "give their seeds back at once when they are asked to end",
    async () => {
      const campaign = campaignOf({ seeds: 40, workers: 0, shared: await openShared(onServer()) });
      const running = campaign.run();
      const worker = startWorker(server.url);
      try {
        await untilSo(async () => (await ask(CLAIMS)).length > 0, worker);
        worker.kill("SIGINT");

        expect(await worker.exited).toBe(130);
        expect(await ask(CLAIMS)).toEqual([]);
      } finally {
        await campaign.stop();
        await running;
      }
    },
    TEST_TIMEOUT_MS,
  );

  integration(
    "leave what nobody has begun when the time is up",
    async () => {
      const handed: number[] = [];
      const counted: number[] = [];
      const players = new QueuePlayers({
        shared: await openShared(onServer()),
        program: "this",
        timeMs: 2_000,
        settings: SETTINGS,
        count: 1,
        nextSeeds: (countMax) => {
          const seeds = Array.from({ length: countMax }, (_, index) => handed.length + index + 1);
          handed.push(...seeds);
          return seeds;
        },
        onPlayed: ({ seed }) => counted.push(seed),
        onDeadly: (seed) => counted.push(seed),
      });

      expect(await players.run()).toBeUndefined();
      expect(new Set(counted).size).toBe(counted.length);
      // Those that were in the queue to keep players busy were not played.
      expect(counted.length).toBeLessThan(handed.length - 16);
      expect(await ask(CLAIMS)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );
});

describe("a database that goes away in the middle", () => {
  crash(
    "costs no seed when it comes back",
    async () => {
      const interrupted = Promise.withResolvers<void>();
      const campaign = campaignOf({
        workers: 2,
        shared: await openShared(onServer()),
        onCount: (count) => {
          if (count === 1) interrupted.resolve(server.interrupt());
        },
      });
      const running = campaign.run();
      await interrupted.promise;
      await Bun.sleep(500);
      await server.resume();

      expect(await running).toBeUndefined();
      expect(sumOf(campaign)).toEqual(sumOf(plain));
    },
    TEST_TIMEOUT_MS,
  );

  crash(
    "ends the campaign when it stays away, and what was counted stays",
    async () => {
      const campaign = campaignOf({
        seeds: 1_000,
        workers: 1,
        shared: await openShared(onServer(), 500),
        onCount: (count) => {
          if (count === 1) void server.interrupt();
        },
      });

      const problem = await campaign.run();

      const { seeds } = campaign.tally;
      expect(problem?.isOutside).toBe(true);
      expect(problem?.message).toMatch(/at 127\.0\.0\.1:\d+ went away and did not come back/);
      expect(problem?.message).toEndWith(`the results of ${seeds} seeds are counted, and safe`);
      await server.resume();
      const rows = await ask("select seed from channels_fuzz.result");
      expect(rows.length).toBeGreaterThanOrEqual(seeds);
    },
    TEST_TIMEOUT_MS,
  );
});

/** Seeds of any campaign that somebody has claimed. */
const CLAIMS = "select id from channels_fuzz_queue.job where state = 'active'";

function ask(statement: string): Promise<readonly Record<string, unknown>[]> {
  return inSharedDatabase(onServer(), statement);
}

function isOf(worker: { readonly pid: number }) {
  return ({ player }: Record<string, unknown>): boolean =>
    String(player).includes(`-${worker.pid}-`);
}
