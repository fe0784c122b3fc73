/** `channels node query`: a real node with a game in its log is asked who won. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { integration } from "../../../test/kind.ts";
import { recordedGame, writeLog } from "../../../test/recorded-game.ts";
import { PLAYERS } from "../../../test/sample-games.ts";

const ENTRY = join(import.meta.dir, "../../../bin/channels.ts");

/** A node starts within seconds, and its first question sets a database up: on a busy machine both take long. */
const TIMEOUT_MS = 120_000;

const GAME = recordedGame("rock-paper-scissors");

let home = "";
let data = "";
let node: Bun.Subprocess<"ignore", "pipe", "ignore"> | undefined;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "channels-query-"));
  data = join(home, "data");
  mkdirSync(data, { mode: 0o700 });
  await writeLog(join(data, "log"), GAME.events);
  const { CHANNELS_TABLES_DATABASE: _, ...environment } = process.env;
  node = Bun.spawn(
    [
      ...[process.execPath, ENTRY, "node", "start", "--data", data],
      // Nobody answers there: a node that waits for its chain can be asked all the same.
      ...["--chain-rpc", "http://127.0.0.1:1", "--chain-id", "31337"],
      ...["--listen-tcp", "off", "--api-listen", "127.0.0.1:0", "--log-level", "silent"],
    ],
    {
      env: { ...environment, CHANNELS_KEY: PLAYERS[0].key.slice(2) },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
    },
  );
  const { value } = await node.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toStartWith("ready: ");
}, TIMEOUT_MS);

afterAll(async () => {
  node?.kill();
  await node?.exited;
  rmSync(home, { recursive: true });
}, TIMEOUT_MS);

async function run(...args: readonly string[]) {
  const child = Bun.spawn([process.execPath, ENTRY, ...args], { stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, out: out.trimEnd(), err: err.trimEnd() };
}

const query = (sql: string, ...more: readonly string[]) =>
  run("node", "query", GAME.channelId.slice(0, 10), sql, "--data", data, ...more);

describe("channels node query", () => {
  integration(
    "tells who won, who led before, and why something is no question",
    async () => {
      const wins = "select player, wins from players order by player";

      expect(await query(wins)).toEqual({
        code: 0,
        out: "  player  wins\n       0     2\n       1     1",
        err: "",
      });
      const then = await query(wins, "--at", "6", "--json");
      expect(JSON.parse(then.out)).toEqual({
        ...{ channelId: GAME.channelId, messages: 6, ofMessages: 12, columns: ["player", "wins"] },
        rows: [
          ["0", "0"],
          ["1", "1"],
        ],
      });
      expect(await query("update players set wins = 9")).toEqual({
        code: 2,
        out: "",
        err: "error: Refused: the question: it does not begin with select, with or values: tables can be read, and nothing else",
      });
      expect(await query(wins, "--at", "13")).toMatchObject({
        code: 2,
        err: "error: Refused: so many messages were not written yet; messages: 12",
      });
    },
    TIMEOUT_MS,
  );

  integration("has the log to itself meanwhile, as other commands for logs are told", async () => {
    const { code, err } = await run("derive", join(data, "log"));

    expect(code).toBe(3);
    expect(err).toContain(`is held by process ${node?.pid}; stop that first`);
  });
});
