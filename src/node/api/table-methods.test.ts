/** Questions about the tables of a channel, over the real server: answers, refusals, and a database that is away. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { commitmentOf } from "../../../contracts/rock-paper-scissors.ts";
import { type ApiScene, SECRET, startScene, tokenFor } from "../../../test/api-scene.ts";
import { openEmbedded } from "../../../test/embedded-database.ts";
import { adversarial, integration } from "../../../test/kind.ts";
import { recordedGame } from "../../../test/recorded-game.ts";
import { acceptedOf } from "../../../test/reducers.ts";
import { logOf } from "../../../test/told-log.ts";
import type { ChannelId } from "../../channel/channel-id.ts";
import { deriveTables } from "../../derivation/derive-tables.ts";
import type { NodeEvent } from "../../events/event.ts";
import type { Sql } from "../../ports/sql.ts";
import { toHex } from "../../primitives/hex.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { NodeCallError } from "../client/node-call-error.ts";
import { connectNode, type NodeClient } from "../client/node-client.ts";
import { ChannelTables, type ChannelTablesParts } from "../derivation/channel-tables.ts";
import { findModule } from "../derivation/known-modules.ts";
import { StoredMessages } from "../derivation/stored-messages.ts";
import { type RunningApi, startApi } from "./api-server.ts";

const GAME = recordedGame("rock-paper-scissors");
const { channelId } = GAME;
const WINS = "select player, wins from players order by player";

/** Starting the database takes seconds on a busy machine. */
const TIMEOUT_MS = 60_000;

const [created] = recordedGame("tactics", 5n).events;
const plain = { ...created, appData: "0x" } as NodeEvent & { readonly type: "ChannelCreated" };

let scene: ApiScene;
let sql: Sql;
let closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  [scene, sql] = await Promise.all([startScene(["alice", "bob"]), openEmbedded()]);
}, TIMEOUT_MS);

afterAll(async () => {
  for (const close of closing) await close();
  closing = [];
  await scene.stop();
  await sql.close();
});

type Scene = { readonly api: RunningApi; readonly client: NodeClient };

const openShared = async (): Promise<Sql> => ({ ...sql, close: async () => {} });

/** The API of a node whose log has these events. The database is not the node's to close. */
async function openApi(
  events: readonly NodeEvent[] | { current: readonly NodeEvent[] },
  openSql: ChannelTablesParts["openSql"] = openShared,
): Promise<Scene> {
  const box = "current" in events ? events : { current: events };
  const store: ChannelTablesParts["store"] = {
    get length() {
      return box.current.length;
    },
    readBatches: (from, to) => logOf(box.current).readBatches(from, to),
    readTagged: (tag, from, to) => logOf(box.current).readTagged(tag, from, to),
  };
  return openApiOver({ store, snapshots: undefined }, openSql);
}

/** The same for a node that writes its log itself. */
async function openApiOver(
  log: Pick<ChannelTablesParts, "store" | "snapshots">,
  openSql: ChannelTablesParts["openSql"],
): Promise<Scene> {
  const tables = new ChannelTables({ ...log, openSql, moduleOf: (id) => findModule(id) });
  const api = await startApi(scene.nodes.node("alice"), { port: 0, secret: SECRET, tables });
  closing.push(api.close, () => tables.close());
  return { api, client: connectNode({ url: api.url, token: tokenFor(["read"]) }) };
}

/** The number and the data of a refusal. */
async function refusal(answer: Promise<unknown>): Promise<readonly [unknown, unknown, string]> {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof NodeCallError)) throw new Error("it was answered", { cause: error });
  return [error.code, error.data["code"], error.message];
}

describe("channels_query", () => {
  integration(
    "answers of the tables as they are, and as they were",
    async () => {
      const { client } = await openApi(GAME.events);
      const ask = (query: string, more: object = {}) =>
        client.call("channels_query", { channelId, query, ...more });

      expect(await ask(WINS)).toEqual({
        ...{ messages: 12, ofMessages: 12, columns: ["player", "wins"] },
        rows: [
          ["0", "2"],
          ["1", "1"],
        ],
      });
      expect(await ask(WINS, { at: 6 })).toMatchObject({
        ...{ messages: 6, ofMessages: 12 },
        rows: [
          ["0", "0"],
          ["1", "1"],
        ],
      });
      const typed = "select commitment, round > 1, null, 7, played from rounds where result = $1";
      expect((await ask(typed, { parameters: ["draw"] })).rows).toEqual([
        [expect.stringMatching(/^0x[0-9a-f]{64}$/), false, null, 7, "rock"],
      ]);
      expect(
        (await ask(WINS.toUpperCase(), { channelId: channelId.toUpperCase().replace("0X", "0x") }))
          .rows,
      ).toHaveLength(2);
    },
    TIMEOUT_MS,
  );

  integration(
    "answers of what the log holds by then, and makes tables anew that another log has left",
    async () => {
      const said = GAME.events.flatMap(({ type }, at) =>
        type === "AppMessageAppended" ? [at] : [],
      );
      const box: { current: readonly NodeEvent[] } = {
        current: GAME.events.slice(0, (said[2] ?? 0) + 1),
      };
      const { client } = await openApi(box);
      const count = async (): Promise<unknown> => {
        const query = "select count(*) from rounds";
        const { messages, rows } = await client.call("channels_query", { channelId, query });
        return [messages, rows[0]?.[0]];
      };

      // The database holds the whole game from the questions before.
      expect(await count()).toEqual([3, "1"]);
      box.current = GAME.events.slice(0, (said[7] ?? 0) + 1);
      expect(await count()).toEqual([8, "3"]);
      box.current = GAME.events;
      const together = await Promise.all([count(), count(), count()]);
      for (const one of together) expect(one).toEqual([12, "4"]);
    },
    TIMEOUT_MS,
  );

  adversarial(
    "refuses by a code, and says what to do",
    async () => {
      const { client } = await openApi([...GAME.events, plain]);
      const ask = (query: string, more: object = {}) =>
        refusal(client.call("channels_query", { channelId, query, ...more }));

      const told = [
        await ask("drop table players"),
        await ask("select now()"),
        await ask("select * from nothing"),
        await ask("select $1"),
        await ask(WINS, { at: 13 }),
        await ask(WINS, { channelId: plain.channelId }),
      ];
      expect(told.map(([number, code]) => [number, code])).toEqual([
        [-32_000, "NotAQuestion"],
        [-32_000, "FunctionRefused"],
        [-32_000, "RefusedByDatabase"],
        [-32_000, "ParameterMissing"],
        [-32_000, "LogTooShort"],
        [-32_000, "NoMessageLog"],
      ]);
      expect(told[2]?.[2]).toBe(
        'Refused: the question: the database says: relation "nothing" does not exist',
      );
      expect((await ask(WINS, { channelId: `0x${"00".repeat(32)}` }))[0]).toBe(-32_001);
      expect((await ask(WINS, { at: -1 }))[0]).toBe(-32_602);
      expect((await ask(WINS, { parameters: [1.5] }))[0]).toBe(-32_602);
    },
    TIMEOUT_MS,
  );

  adversarial("is nobody's without a token, and of no node without tables", async () => {
    const { api } = await openApi(GAME.events);
    const ask = (client: NodeClient) =>
      refusal(client.call("channels_query", { channelId, query: WINS }));

    expect((await ask(connectNode({ url: api.url })))[0]).toBe(-32_008);
    expect((await ask(scene.client("alice"))).slice(0, 2)).toEqual([-32_000, "NoTables"]);
  });

  adversarial("says which module is missing, and which message broke the log", async () => {
    const said = GAME.events.findIndex(({ type }) => type === "AppMessageAppended");
    const { client } = await openApi(GAME.events.toSpliced(said, 1));
    const cut = await refusal(client.call("channels_query", { channelId, query: WINS }));
    const without = new ChannelTables({
      ...{ store: logOf(GAME.events), snapshots: undefined, moduleOf: () => undefined },
      openSql: async () => sql,
    });

    expect(cut[1]).toBe("ChainBroken");
    expect(cut[2]).toContain("message 1 does not follow");
    expect(await without.ask(channelId, { text: WINS })).toEqual({
      ok: false,
      reason: { code: "ReducerUnknown", reducerId: GAME.reducerId },
    });
  });

  integration(
    "says that the database is away, and asks it again when it is back",
    async () => {
      let isAway = true;
      const { client } = await openApi(GAME.events, async () => {
        if (isAway)
          throw new NodeError("DatabaseAway", "the database at db.example does not answer");
        return { ...sql, close: async () => {} };
      });
      const ask = (more: object = {}) =>
        client.call("channels_query", { channelId, query: WINS, ...more });

      // What needs no database is refused without one.
      expect((await refusal(ask({ at: 13 })))[1]).toBe("LogTooShort");
      expect((await refusal(ask({ query: "select now()" })))[1]).toBe("FunctionRefused");
      expect(await refusal(ask())).toEqual([
        -32_007,
        "DatabaseAway",
        "the database at db.example does not answer",
      ]);
      expect((await client.call("node_info", {})).ready).toBe(true);
      isAway = false;
      expect((await ask()).rows).toHaveLength(2);
    },
    TIMEOUT_MS,
  );

  integration(
    "follows a game between two nodes, move by move, to the tables that the other one derives",
    async () => {
      const { nodes } = scene;
      const opened = await scene.client("alice").call("games_open", {
        ...{ peer: nodes.addressOf("bob"), game: "rock-paper-scissors", winsToDecide: 1 },
        stakes: [{ asset: `0x${"00".repeat(20)}`, mine: "60", theirs: "40" }],
      });
      const { objectiveId } = opened;
      await scene.client("alice").call("objectives_wait", { objectiveId });
      const id = opened.channelId as ChannelId;
      const { client } = await openApiOver(nodes.node("alice"), openShared);
      const opening = Uint8Array.of(1, ...new Uint8Array(32).fill(9));
      const moves = [
        ["alice", "commit", commitmentOf(id, 0, opening)],
        ["bob", "play", Uint8Array.of(0)],
        ["alice", "reveal", opening],
      ] as const;
      const seen: unknown[] = [];
      for (const [name, type, payload] of moves) {
        const messages = [{ type, payload: toHex(payload) }];
        const move = await scene.client(name).call("games_move", { channelId: id, messages });
        await scene.client(name).call("objectives_wait", { objectiveId: move.objectiveId });
        await untilSaid(nodes, id, seen.length + 1);
        const query = "select phase, committed, played, result from rounds";
        seen.push((await client.call("channels_query", { channelId: id, query })).rows[0]);
      }

      expect(seen).toEqual([
        ["committed", "", "", ""],
        ["played", "", "rock", ""],
        ["revealed", "paper", "rock", "first"],
      ]);
      const digests = await Promise.all(
        (["alice", "bob"] as const).map((name) => digestOf(nodes, name, id)),
      );
      expect(digests[0]).toBe(digests[1] ?? "");
    },
    TIMEOUT_MS,
  );
});

/** Waits until Alice's log has so many messages: Bob's move is over for him before it is for her. */
async function untilSaid(nodes: ApiScene["nodes"], id: ChannelId, count: number): Promise<void> {
  const endMs = performance.now() + 10_000;
  const { store } = nodes.node("alice");
  for (;;) {
    const messages = new StoredMessages(store, id);
    await messages.catchUp();
    if (messages.count >= count) return;
    expect(performance.now()).toBeLessThan(endMs);
    await Bun.sleep(5);
  }
}

async function digestOf(
  nodes: ApiScene["nodes"],
  name: "alice" | "bob",
  id: ChannelId,
): Promise<string> {
  const { snapshots, store } = nodes.node(name);
  const messages = new StoredMessages(store, id, snapshots);
  const { init, reducerId } = acceptedOf(await messages.catchUp());
  const known = findModule(reducerId);
  if (known === undefined) throw new Error("the game comes with the program");
  return acceptedOf(await deriveTables(known.module, init, messages.log, messages.count)).digest;
}
