/** `channels derive`: what people and programs are told of a game, and of logs from which nothing follows. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { reducerPath } from "../../../reducers/build.ts";
import { fakeShell, type Told } from "../../../test/command-line/fake-shell.ts";
import { adversarial, integration } from "../../../test/kind.ts";
import { PostgresServer } from "../../../test/postgres/postgres-server.ts";
import {
  appended,
  type GameName,
  recordedGame,
  recordedOpening,
  writeLog,
} from "../../../test/recorded-game.ts";
import { gameMessage } from "../../../test/sample-games.ts";
import { keccak256 } from "../../crypto/keccak.ts";
import type { Hash } from "../../crypto/signature.ts";
import type { NodeEvent } from "../../events/event.ts";
import { concatBytes } from "../../primitives/bytes.ts";
import { toHex } from "../../primitives/hex.ts";
import { addDeriveCommand } from "./derive-command.ts";

const GAME = recordedGame("rock-paper-scissors");
const DIGEST = "0xd23c195a86c90c472dc6365eeea9f44ea0aa3d2a31b9a168cd38c7bb7be1a2e3";

/** Starting a database takes seconds on a busy machine. */
const TIMEOUT_MS = 60_000;

let folder = "";
let log = "";
let logs = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "channels-derive-"));
  log = await logWith(GAME.events);
});

afterAll(() => rmSync(folder, { recursive: true }));

async function logWith(events: readonly NodeEvent[]): Promise<string> {
  logs += 1;
  const directory = join(folder, `log-${logs}`);
  await writeLog(directory, events);
  return directory;
}

async function derive(args: readonly string[], columns?: number): Promise<Told> {
  const { shell, told } = fakeShell(columns);
  const program = new Command("channels").exitOverride();
  program.configureOutput({ writeOut: shell.out, writeErr: shell.err });
  addDeriveCommand(program, shell);
  let error: unknown;
  try {
    await program.parseAsync(["derive", ...args], { from: "user" });
  } catch (caught) {
    error = caught;
  }
  return { ...told(), error };
}

/** The message of a failure, and its exit code. */
async function failureOf(args: readonly string[]): Promise<readonly [number, string]> {
  const { err, error } = await derive(args);
  const { exitCode, message } = error as { readonly exitCode: number; readonly message: string };
  return [exitCode, `${message}${err}`];
}

/** Where the messages are among the events. */
const SAID = GAME.events.flatMap(({ type }, at) => (type === "AppMessageAppended" ? [at] : []));

function messageAt(index: number) {
  return GAME.events[SAID[index] ?? -1] as NodeEvent & { readonly type: "AppMessageAppended" };
}

describe("channels derive", () => {
  integration("shows the tables, the outcome, the running hash and the digest", async () => {
    const { error, out } = await derive([log]);

    expect(error).toBeUndefined();
    expect(out.split("\n").slice(0, 2)).toEqual([
      `channel ${GAME.channelId}: rock-paper-scissors, reducer ${GAME.reducerId}`,
      `after 12 of 12 messages, running hash ${messageAt(11).runningHash}`,
    ]);
    expect(out).toContain("players\n  player  wins\n       0     2\n       1     1\n");
    expect(out).toMatch(
      / {6}2 {10}0 {2}0x[0-9a-f]{64} {2}revealed {2}scissors {3}paper {3}first\n/,
    );
    expect(out).toEndWith(`\n\noutcome 200 wei : 0 wei; it is over\ndigest  ${DIGEST}`);
  });

  integration("keeps within a terminal, cuts ids, and leaves the digest whole", async () => {
    const { out } = await derive([log, "--rows", "1"], 60);

    const long = out.split("\n").filter((line) => line.length > 60);
    expect(long.map((line) => line.replace(/\s.*/, ""))).toEqual(["digest"]);
    expect(out.replace(DIGEST, "")).not.toMatch(/0x[0-9a-f]{9}/);
    expect(out).toContain("\n  and 3 more\n");
  });

  integration(
    "shows any moment before, and refuses one that the channel has not reached",
    async () => {
      const { out } = await derive([log, "--at", "2"]);
      const fromEnd = await derive([log, "--at", "-10"]);

      expect(out).toContain(`after 2 of 12 messages, running hash ${messageAt(1).runningHash}`);
      expect(out).toContain("outcome 0 wei : 200 wei; participant 0 is next");
      expect(fromEnd.out).toBe(out);
      expect((await derive([log, "--at", "0"])).out).toContain("rounds\n  no rows\n");
      for (const at of ["13", "-13"]) {
        const [code, text] = await failureOf([log, "--at", at]);
        expect([code, text]).toEqual([
          2,
          `the channel has 12 messages, so there is nothing at ${at}; take 0 to 12, or count from the end with -1 to -12`,
        ]);
      }
      expect((await failureOf([log, "--at", "noon"]))[1]).toContain("It is a number of messages");
    },
  );

  integration("gives programs one document", async () => {
    const { out } = await derive([log, "--json", "--at", "11"]);
    const told = JSON.parse(out);

    expect(told).toMatchObject({
      ...{ channelId: GAME.channelId, reducerId: GAME.reducerId, reducer: "rock-paper-scissors" },
      ...{ messages: 11, ofMessages: 12, runningHash: messageAt(10).runningHash },
      outcome: { assets: [{ amounts: ["200", "0"] }], nextMover: 1 },
      schemaName: null,
    });
    expect(told.tables[0]).toEqual({
      name: "players",
      columns: [
        { name: "player", type: "uint", isKey: true },
        { name: "wins", type: "uint", isKey: false },
      ],
      rowCount: 2,
      rows: [
        ["0", "1"],
        ["1", "1"],
      ],
    });
  });

  integration(
    "answers a question, now or before, with its rows alone",
    async () => {
      const question = "select result, count(*) as rounds from rounds group by result order by 1";
      const now = await derive([log, "--query", question]);
      const then = await derive([log, "--query", question, "--at", "6", "--json"]);

      expect(now.out).toBe(
        "  result  rounds\n  draw         1\n  first        2\n  second       1",
      );
      expect(JSON.parse(then.out)).toEqual({
        ...{ channelId: GAME.channelId, reducerId: GAME.reducerId, messages: 6, ofMessages: 12 },
        columns: ["result", "rounds"],
        rows: [
          ["draw", "1"],
          ["second", "1"],
        ],
      });
    },
    TIMEOUT_MS,
  );

  adversarial(
    "refuses questions that do more than ask",
    async () => {
      const questions = [
        "delete from players",
        "select now()",
        "select 1; select 2",
        "select * from pg_class",
        "select nothing from players",
      ];
      const told = await Promise.all(questions.map((one) => failureOf([log, "--query", one])));

      expect(told.map(([code]) => code)).toEqual([2, 2, 2, 2, 2]);
      for (const [, text] of told) expect(text).toStartWith("the question is refused: ");
      expect(told[4]?.[1]).toContain('column "nothing" does not exist');
    },
    TIMEOUT_MS,
  );

  integration("takes the module from a file, and no other than the channel's", async () => {
    const own = join(folder, "mine.wasm");
    copyFileSync(reducerPath("rock-paper-scissors"), own);
    const other = reducerPath("tactics");
    const broken = join(folder, "broken.wasm");
    writeFileSync(broken, readFileSync(own).subarray(0, 99));

    expect((await derive([log, "--module", own])).out).toContain(
      `: mine, reducer ${GAME.reducerId}`,
    );
    const [code, text] = await failureOf([log, "--module", other]);
    expect([code, text]).toEqual([
      2,
      `${other} is reducer ${recordedGame("tactics").reducerId}, and channel ${GAME.channelId} is of reducer ${GAME.reducerId}; name the file of that one`,
    ]);
    expect((await failureOf([log, "--module", broken]))[0]).toBe(1);
    expect((await failureOf([log, "--module", join(folder, "none.wasm")]))[0]).toBe(2);
  });

  adversarial("says which reducer is wanted where it is nobody's here", async () => {
    const strange = `0x${"5e".repeat(32)}` as Hash;
    const opening = recordedOpening(strange, new Uint8Array());
    const [code, said] = await failureOf([await logWith(opening)]);

    expect(code).toBe(2);
    expect(said).toEndWith(`name its file with --module. It is ${strange}`);
  });

  integration("finds the module in the data directory of the node whose log it is", async () => {
    const data = join(folder, "data");
    mkdirSync(join(data, "reducers"), { recursive: true });
    // A section that means nothing makes another module of it.
    const bytes = concatBytes(readFileSync(reducerPath("counter")), Uint8Array.of(0, 2, 1, 0x78));
    writeFileSync(join(data, "reducers", "tally.wasm"), bytes);
    const reducerId = toHex(keccak256(bytes)) as Hash;
    await writeLog(join(data, "log"), recordedOpening(reducerId, new Uint8Array()));

    const { error, out } = await derive([join(data, "log")]);
    expect(error).toBeUndefined();
    expect(out).toContain(`: tally, reducer ${reducerId}`);
    expect(out).toContain("after 0 of 0 messages");
  });

  integration("finds the channel that is meant, or asks which", async () => {
    const [one, two] = [recordedGame("tactics", 7n), recordedGame("tactics", 8n)];
    const both = await logWith([...one.events, ...two.events]);
    const short = two.channelId.slice(0, 10);

    expect((await derive([both, "--channel", short])).out).toContain(
      `channel ${two.channelId}: tactics`,
    );
    const [code, text] = await failureOf([both]);
    expect([code, text]).toEqual([
      2,
      `the log has 2 channels of messages; name one with --channel:\n  ${one.channelId}, 60 messages\n  ${two.channelId}, 60 messages`,
    ]);
    expect((await failureOf([both, "--channel", "0x00"]))[1]).toContain("there is no channel 0x00");
    const silent = await logWith([...one.events, ...two.events.slice(0, 1)]);
    expect((await derive([silent])).out).toContain(`channel ${one.channelId}: tactics`);
    expect((await derive([await logWith(two.events.slice(0, 7))])).out).toContain("after 0 of 0");
  });

  adversarial("refuses a log of which something is missing or was changed", async () => {
    const middle = await logWith(GAME.events.toSpliced(SAID[5] ?? 0, 1));
    const end = await logWith(GAME.events.toSpliced(SAID[11] ?? 0, 1));
    const changed = { ...messageAt(4), payload: "0x02" as const };
    const other = await logWith(GAME.events.with(SAID[4] ?? 0, changed));
    const told = [await failureOf([middle]), await failureOf([end]), await failureOf([other])];

    expect(told.map(([code]) => code)).toEqual([1, 1, 1]);
    expect(told[0]?.[1]).toContain("message 6 does not follow from those before it");
    expect(told[1]?.[1]).toContain("speaks of 12 messages, and the log has 11");
    expect(told[2]?.[1]).toEndWith("(ChainBroken)");
  });

  adversarial("names the message that no reducer would have taken", async () => {
    const { runningHash, turnNum } = messageAt(11);
    const late = gameMessage("commit", new Uint8Array(32));
    const more = appended(GAME.channelId, { turnNum: turnNum + 1 }, 0, late, runningHash);
    const directory = await logWith([...GAME.events, more]);
    const [code, text] = await failureOf([directory]);

    expect(code).toBe(1);
    expect(text).toContain("message 13 is refused (Refused GameOver)");
    expect((await derive([directory, "--at", "12"])).out).toContain(DIGEST);
  });

  adversarial("says so where there is nothing to derive from", async () => {
    const [first] = recordedGame("tactics").events;
    const plain = { ...first, appData: "0x" } as NodeEvent;
    const directory = await logWith([plain]);

    expect((await failureOf([directory]))[1]).toContain(
      "no channel of this log is one of messages",
    );
    const named = await failureOf([directory, "--channel", "0x"]);
    expect(named[0]).toBe(2);
    expect(named[1]).toContain("it is no channel of a message log");
    expect((await failureOf([join(folder, "nowhere")]))[1]).toContain("there is nothing");
  });
});

describe("channels derive --database", () => {
  integration(
    "keeps the tables on a server, goes on there, and looks at moments before beside them",
    async () => {
      const server = await PostgresServer.start();
      try {
        const part = await logWith(GAME.events.slice(0, (SAID[4] ?? 0) + 1));
        const schema = `channel_${GAME.channelId.slice(2, 34)}`;
        const args = ["--database", server.url];
        const first = await derive([part, ...args]);
        const whole = await derive([log, ...args]);
        const question = ["--query", "select player from players where wins = 2"];
        const now = await derive([log, ...args, ...question]);
        const then = await derive([
          log,
          ...args,
          "--query",
          "select * from players where wins > 0",
          "--at",
          "2",
        ]);
        const back = await failureOf([part, ...args]);

        expect(first.error).toBeUndefined();
        expect(first.out).toEndWith(`\nkept in the schema ${schema}`);
        expect(whole.out).toContain(`digest  ${DIGEST}\nkept in the schema ${schema}`);
        expect([now.out, then.out]).toEqual(["  player\n       0", "  player  wins"]);
        expect(back).toEqual([
          1,
          `the tables there were made from another log, or by another reducer: drop the schema ${schema} there, and derive again`,
        ]);
      } finally {
        await server.stop();
      }
    },
    TIMEOUT_MS,
  );

  adversarial("says that a server does not answer, and what is no URL of one", async () => {
    const away = await derive([log, "--database", "postgres://nobody@127.0.0.1:1/none"]);
    const [code, text] = await failureOf([log, "--database", "mysql://127.0.0.1"]);

    expect(away.error).toMatchObject({ name: "NodeError", code: "DatabaseAway" });
    expect(code).not.toBe(0);
    expect(text).toContain("postgres://user:password@host:5432/database");
  });
});

describe("the games that come with the program", () => {
  integration("are found by the ids of their channels", async () => {
    for (const name of ["rock-paper-scissors", "tactics"] as const satisfies readonly GameName[]) {
      const { out } = await derive([await logWith(recordedGame(name, 9n).events)]);
      expect(out).toContain(`: ${name}, reducer 0x`);
    }
  });
});
