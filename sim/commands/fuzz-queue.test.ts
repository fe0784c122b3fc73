/** Tests of `channels fuzz --queue` and `channels worker`, as a user calls them. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { join } from "node:path";
import { type Ended, inPlace } from "../../test/command-line/program.ts";
import { adversarial, integration, patientIntegration } from "../../test/kind.ts";
import { PostgresServer } from "../../test/postgres/postgres-server.ts";
import { openShared } from "../campaign/queue-database.ts";

/** A machine may be busy with other tests: longest time for one test, in milliseconds. */
const TEST_TIMEOUT_MS = 180_000;

/** Port 1 of this machine: nobody listens there. */
const AWAY = "postgres://me:secret@127.0.0.1:1/fuzz";

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
}, TEST_TIMEOUT_MS);

afterAll(() => server.stop());

/** Two seeds with few wishes. */
const QUICK: readonly string[] = ["--seeds", "2", "--from", "7", "--chain", "model"];

describe("channels fuzz --queue", () => {
  patientIntegration(
    "prints what it prints without a queue",
    async () => {
      await inPlace(async ({ run }) => {
        const args = ["fuzz", ...QUICK, "--signatures", "fast", "--no-repeat", "--json"];
        const [plain, shared] = await Promise.all([
          run(...args, "--no-shrink"),
          run(...args, "--no-shrink", "--queue", server.url),
        ]);

        expect(shared.exitCode).toBe(plain.exitCode);
        expect(withoutTimes(shared)).toEqual(withoutTimes(plain));
      });
    },
    TEST_TIMEOUT_MS,
  );

  adversarial(
    "ends with 2 for what is no address, and does not repeat a password",
    async () => {
      await inPlace(async ({ run }) => {
        for (const command of ["fuzz", "worker"]) {
          const { exitCode, stderr } = await run(command, "--queue", "http://me:secret@host/x");

          expect(exitCode).toBe(2);
          expect(stderr).toContain("postgres://user:password@host:5432/database");
          expect(stderr).not.toContain("secret");
        }
      });
    },
    TEST_TIMEOUT_MS,
  );

  adversarial(
    "ends with 3 and one line when the database is away",
    async () => {
      await inPlace(async ({ run }) => {
        for (const command of ["fuzz", "worker"]) {
          const { exitCode, stderr, stdout } = await run(command, "--queue", AWAY);

          expect(exitCode).toBe(3);
          expect(stdout).toBe("");
          expect(stderr).toMatch(
            /^error: cannot reach the database fuzz at 127\.0\.0\.1:1 \(.+\): start it, .+\n$/,
          );
          expect(stderr).not.toContain("secret");
        }
      });
    },
    TEST_TIMEOUT_MS,
  );

  integration(
    "loads no database without that option",
    () => {
      const loaded = (file: string): number => {
        const look = `await import(${JSON.stringify(join(import.meta.dir, file))});
          console.log(Object.keys(require.cache).filter((path) => /pg-boss|pglite/.test(path)).length)`;
        const { stdout } = Bun.spawnSync([process.execPath, "--eval", look]);
        return Number.parseInt(stdout.toString(), 10);
      };

      expect(loaded("./simulation-commands.ts")).toBe(0);
      // The same look finds them where they are.
      expect(loaded("../campaign/queue-database.ts")).toBeGreaterThan(0);
    },
    TEST_TIMEOUT_MS,
  );
});

describe("channels worker", () => {
  adversarial(
    "ends with 2 when the campaign is played by another program",
    async () => {
      const url = new URL(server.url);
      const { close, store } = await openShared({ type: "Server", url });
      const settings = { chain: "model", signatures: "fast", repeatFraction: 0 } as const;
      const id = await store.begin("channels 9.9.9", settings);
      await inPlace(async ({ run }) => {
        const { exitCode, stderr } = await run("worker", "--queue", server.url);

        expect(exitCode).toBe(2);
        expect(stderr).toMatch(/played by channels 9\.9\.9, and this is channels .+: bring both/);
      });
      await store.end(id);
      await close();
    },
    TEST_TIMEOUT_MS,
  );
});

function withoutTimes({ stdout }: Ended): object {
  const { seedsPerSecond: _, wallMs: __, ...document } = JSON.parse(stdout);
  return document;
}
