/** A real PostgreSQL for tests: on loopback, in a temporary folder, gone at the end however the tests end. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "../../src/primitives/assert.ts";
import { copyPostgres } from "./postgres-binaries.ts";

/** Who runs the server when the tests run as root, which PostgreSQL refuses: who owns nothing else. */
const SERVER_ACCOUNT = "nobody";

/** Longest wait for the server, in milliseconds. It takes half a second on a quiet machine. */
const START_TIMEOUT_MS = 30_000;

/** What a terminal sends on Ctrl-C, and what others send to end a program. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The name of its one user, who needs no password on loopback. */
const USER = "channels";

type Owner = { readonly uid: number; readonly gid: number };

/** One server, with one empty database. */
export class PostgresServer {
  readonly url: string;
  readonly #home: string;
  readonly #programs: string;
  readonly #port: number;
  readonly #owner: Owner | undefined = ownerOfServer();
  #server: Bun.Subprocess | undefined;

  /** Makes a new server and starts it. */
  static async start(): Promise<PostgresServer> {
    const home = realpathSync(mkdtempSync(join(tmpdir(), "channels-postgres-")));
    const server = new PostgresServer(home, copyPostgres(home), await freePort());
    process.on("exit", server.#remove);
    for (const signal of SIGNALS) process.on(signal, server.#endProcess);
    try {
      server.#createDatabase();
      await server.resume();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  private constructor(home: string, programs: string, port: number) {
    this.#home = home;
    this.#programs = programs;
    this.#port = port;
    this.url = `postgres://${USER}@127.0.0.1:${port}/postgres`;
  }

  /** Ends it as a power cut would: at once, and connections break. What was committed stays. */
  async interrupt(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    // SIGQUIT is PostgreSQL's "immediate shutdown": its own processes go with it.
    server?.kill("SIGQUIT");
    await server?.exited;
  }

  /** Starts it again on the same port, with what it held. */
  async resume(): Promise<void> {
    assert(this.#server === undefined, "the server does not run");
    this.#server = Bun.spawn([this.#program("postgres"), ...this.#settings()], {
      ...this.#owner,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
      cwd: this.#home,
    });
    const deadlineMs = performance.now() + START_TIMEOUT_MS;
    while (!(await this.#answers())) {
      assert(performance.now() < deadlineMs, "the server answers in time");
      assert(this.#server.exitCode === null, "the server stays up");
      await Bun.sleep(20);
    }
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    await this.interrupt();
    process.off("exit", this.#remove);
    for (const signal of SIGNALS) process.off(signal, this.#endProcess);
    this.#remove();
  }

  readonly #remove = (): void => {
    this.#server?.kill("SIGQUIT");
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 10 });
  };

  /** Whoever ends the tests in the middle leaves no server behind. */
  readonly #endProcess = (): void => {
    this.#remove();
    process.exit(1);
  };

  #createDatabase(): void {
    const folder = join(this.#home, "database");
    mkdirSync(folder);
    if (this.#owner !== undefined) {
      chownSync(folder, this.#owner.uid, this.#owner.gid);
      chmodSync(this.#home, 0o755);
    }
    const setUp = ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"];
    const { exitCode, stderr } = Bun.spawnSync(
      [this.#program("initdb"), `--pgdata=${folder}`, `--username=${USER}`, ...setUp],
      { ...this.#owner, stdout: "ignore", cwd: this.#home },
    );
    assert(exitCode === 0, `the database is set up: ${stderr.toString()}`);
  }

  /** Whoever looks for leftovers finds the folder in the command line. */
  #settings(): readonly string[] {
    const options = ["listen_addresses=127.0.0.1", `port=${this.#port}`, "fsync=off"];
    // Sockets in a folder of the file system would need a short path.
    const quiet = ["unix_socket_directories=", "shared_buffers=16MB", "max_connections=40"];
    return [
      "-D",
      join(this.#home, "database"),
      ...[...options, ...quiet].flatMap((option) => ["-c", option]),
    ];
  }

  #program(name: string): string {
    return join(this.#programs, "bin", name);
  }

  async #answers(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const sql = new Bun.SQL(this.url, { max: 1, connectionTimeout: 2 });
    sql`select 1`.then(
      () => resolve(true),
      () => resolve(false),
    );
    const isUp = await promise;
    await sql.close({ timeout: 0 });
    return isUp;
  }
}

function ownerOfServer(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number =>
    Number(Bun.spawnSync(["id", flag, SERVER_ACCOUNT]).stdout.toString());
  return { uid: idOf("-u"), gid: idOf("-g") };
}

async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = createServer();
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    server.close(() => resolve(port ?? 0));
  });
  return promise;
}
