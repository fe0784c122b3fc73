/** Games over the API: opened, played, looked at and disputed by two nodes, over the real server. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { commitmentOf } from "../../../contracts/rock-paper-scissors.ts";
import { tacticsOrder } from "../../../contracts/tactics.ts";
import { type ApiScene, startScene } from "../../../test/api-scene.ts";
import { adversarial, integration } from "../../../test/kind.ts";
import type { ChannelId } from "../../channel/channel-id.ts";
import { toHex } from "../../primitives/hex.ts";
import { NodeCallError } from "../client/node-call-error.ts";
import type { ClientMethods } from "../client/node-client.ts";
import type { GameView, MovedView } from "./game-types.ts";

const COIN = `0x${"00".repeat(20)}`;
const STAKES = [{ asset: COIN, mine: "60", theirs: "40" }];

/** Rock, and 32 bytes that nobody can guess. */
const ROCK = Uint8Array.of(0, ...new Uint8Array(32).fill(9));

type Name = "alice" | "bob";

let scene: ApiScene;

beforeAll(async () => {
  scene = await startScene(["alice", "bob"]);
});
afterAll(() => scene.stop());

const look = (name: Name, channelId: string, more: object = {}): Promise<GameView> =>
  scene.client(name).call("games_get", { channelId, ...more });

async function open(
  game: GameView["game"] & string,
  more: Partial<ClientMethods["games_open"]["params"]> = {},
): Promise<string> {
  const peer = scene.nodes.addressOf("bob");
  const opened = await scene.client("alice").call("games_open", {
    ...{ peer, game, stakes: STAKES },
    ...more,
  });
  await over("alice", opened.objectiveId);
  return opened.channelId;
}

async function over(name: Name, objectiveId: string): Promise<void> {
  const { status } = await scene.client(name).call("objectives_wait", { objectiveId });
  expect(status).toBe("Completed");
}

type Said = readonly [type: string, payload: Uint8Array];

const ask = (name: Name, channelId: string, [type, payload]: Said): Promise<MovedView> =>
  scene.client(name).call("games_move", {
    channelId,
    messages: [{ type, payload: toHex(payload) }],
  });

async function move(name: Name, channelId: string, said: Said): Promise<void> {
  const { objectiveId } = await ask(name, channelId, said);
  await over(name, objectiveId);
}

const commit = (channelId: string): Said => [
  "commit",
  commitmentOf(channelId as ChannelId, 0, ROCK),
];

async function refusal(answer: Promise<unknown>): Promise<readonly [unknown, string]> {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof NodeCallError)) throw new Error("it was answered", { cause: error });
  return [error.data["code"], error.message];
}

/** Looks until the game is as it should be. */
async function until(
  name: Name,
  channelId: string,
  isSo: (game: GameView) => boolean,
): Promise<GameView> {
  const endMs = performance.now() + 10_000;
  for (;;) {
    const game = await look(name, channelId);
    if (isSo(game) || performance.now() > endMs) return game;
    await Bun.sleep(5);
  }
}

describe("games_open, games_move and games_get", () => {
  integration("play rock, paper, scissors to its end, and close it by either", async () => {
    const channelId = await open("rock-paper-scissors", { winsToDecide: 1 });
    const before = await look("bob", channelId);
    await move("alice", channelId, commit(channelId));
    const committed = await look("bob", channelId);
    await move("bob", channelId, ["play", Uint8Array.of(2)]);
    const played = await look("alice", channelId);
    await move("alice", channelId, ["reveal", ROCK]);
    const after = await look("alice", channelId);

    expect(before).toMatchObject({
      ...{ game: "rock-paper-scissors", phase: "Running", myIndex: 1, mover: 0, dispute: null },
      stakes: [{ asset: COIN, mine: "40", theirs: "60" }],
      ifSilent: [{ asset: COIN, mine: "40", theirs: "60" }],
      state: { phase: "commit", round: 1, wins: [0, 0], winsToDecide: 1, commitment: null },
      messageCount: 0,
    });
    expect(committed).toMatchObject({
      ...{ turnNum: 2, isSignedByBoth: true, mover: 1 },
      ifSilent: [{ mine: "0", theirs: "100" }],
      state: { phase: "play", commitment: toHex(commit(channelId)[1]) },
    });
    expect(played.state).toMatchObject({ phase: "reveal", played: "scissors" });
    expect(after).toMatchObject({
      mover: null,
      ifSilent: [{ mine: "100", theirs: "0" }],
      state: { phase: "over", round: 1, wins: [1, 0] },
      messageCount: 3,
    });
    expect(after.messages.map(({ by, turnNum, type }) => [turnNum, by, type])).toEqual([
      [2, 0, "commit"],
      [3, 1, "play"],
      [4, 0, "reveal"],
    ]);
    const [second] = (await look("bob", channelId, { from: 1, limit: 1 })).messages;
    expect(second).toMatchObject({ type: "play", payload: "0x02" });
    expect((await look("bob", channelId, { limit: 1 })).messages[0]?.type).toBe("reveal");
    const { objectiveId } = await scene.client("bob").call("channels_close", { channelId });
    await over("bob", objectiveId);
    expect(await look("bob", channelId)).toMatchObject({ phase: "Concluded", dispute: null });
  });

  integration("show the board of tactics, with what its units are", async () => {
    const channelId = await open("tactics");
    await move("alice", channelId, ["act", tacticsOrder(0, 2, 2, 255)]);
    const { mover, state } = await look("bob", channelId);

    expect(mover).toBe(1);
    expect(state).toMatchObject({ type: "tactics", turn: 1, turnsMax: 60, fields: 6 });
    const units = state?.type === "tactics" ? state.units : [];
    expect(units).toHaveLength(6);
    const knight = { movement: 2, range: 1, damage: 2 };
    const first = { unit: 0, player: 0, kind: "knight", column: 2, row: 2, hitPoints: 5 } as const;
    expect(units[0]).toEqual({ ...first, ...knight, hitPointsMax: 5 });
    expect(units[4]).toMatchObject({ player: 1, kind: "archer", column: 4, row: 5, range: 3 });
  });

  integration("go on on the chain, move by move, in a channel that is disputed", async () => {
    const channelId = await open("rock-paper-scissors");
    await move("alice", channelId, commit(channelId));
    await scene.client("alice").call("channels_dispute", { channelId });
    const asked = await until("bob", channelId, ({ dispute }) => dispute !== null);
    const answered = await ask("bob", channelId, ["play", Uint8Array.of(1)]);
    const shown = await until("alice", channelId, ({ dispute }) => dispute?.turnNum === 3);

    expect(asked.dispute).toMatchObject({ turnNum: 2, isFinal: false });
    expect(asked.dispute?.dueAtMs ?? 0).toBeGreaterThan(Date.now());
    expect(answered).toMatchObject({ baseTurnNum: 2, isOnChain: true });
    expect(shown).toMatchObject({
      ...{ phase: "Disputed", turnNum: 3, isSignedByBoth: false, mover: 0 },
      ifSilent: [{ mine: "0", theirs: "100" }],
      state: { phase: "reveal", played: "paper" },
      messageCount: 2,
    });
  });

  integration("grant a move once under a key", async () => {
    const channelId = await open("tactics");
    const wish = {
      channelId,
      messages: [{ type: "act", payload: toHex(tacticsOrder(0, 2, 1, 255)) }],
      idempotencyKey: `the first move of ${channelId}`,
    };
    const first = await scene.client("alice").call("games_move", wish);
    await over("alice", first.objectiveId);
    const again = await scene.client("alice").call("games_move", wish);

    expect(again.objectiveId).toBe(first.objectiveId);
    expect((await look("alice", channelId)).messageCount).toBe(1);
  });
});

describe("a wish that is refused", () => {
  adversarial("names the rule that it breaks, and what can be done, and says nothing", async () => {
    const channelId = await open("tactics");
    const act = (...order: [number, number, number, number]): Said => [
      "act",
      tacticsOrder(...order),
    ];
    const wrong: readonly (readonly [Name, Said, string, RegExp])[] = [
      ["bob", act(3, 3, 4, 255), "NotYourTurn", /other player's turn/],
      ["alice", act(3, 3, 4, 255), "MoveRefused", /has fallen, or is the other player's/],
      ["alice", act(0, 2, 3, 255), "MoveRefused", /cannot go that far/],
      ["alice", act(0, 6, 0, 255), "MoveRefused", /columns and rows 0 to 5/],
      ["alice", act(0, 1, 0, 255), "MoveRefused", /another unit stands there/],
      ["alice", act(0, 2, 1, 3), "MoveRefused", /does not reach its target/],
      ["alice", act(0, 2, 1, 1), "MoveRefused", /no enemy of that number/],
      ["alice", ["shout", Uint8Array.of(1)], "MoveRefused", /no message of that type/],
      ["alice", ["act", Uint8Array.of(1)], "MoveRefused", /has not the bytes/],
    ];
    for (const [name, said, code, words] of wrong) {
      const [told, message] = await refusal(ask(name, channelId, said));
      expect({ said, told }).toEqual({ said, told: code });
      expect(message).toMatch(words);
    }
    const close = (name: Name) => scene.client(name).call("channels_close", { channelId });
    await move("alice", channelId, act(0, 2, 1, 255));
    expect(await refusal(close("alice"))).toEqual([
      "GameNotOver",
      expect.stringContaining("only the one who has to move"),
    ]);
    expect((await look("bob", channelId)).messageCount).toBe(1);
  });

  adversarial("is told while the last move still waits for a signature", async () => {
    const channelId = await open("tactics");
    scene.nodes.stopNode("bob");
    const { objectiveId } = await ask("alice", channelId, ["act", tacticsOrder(0, 2, 1, 255)]);
    const waiting = await look("alice", channelId);
    const [code] = await refusal(ask("alice", channelId, ["act", tacticsOrder(0, 2, 2, 255)]));

    expect(waiting).toMatchObject({ turnNum: 2, isSignedByBoth: false, mover: 1 });
    expect(code).toBe("MoveWaits");
    await scene.nodes.startNode("bob");
    await over("alice", objectiveId);
  });

  adversarial("is none of a game, or asks for what the game has not", async () => {
    const peer = scene.nodes.addressOf("bob");
    const alice = scene.client("alice");
    const opened = await alice.call("channels_open_direct", { peer, shares: STAKES });
    const { channelId } = opened;
    const wins = { peer, game: "tactics", stakes: STAKES, winsToDecide: 2 } as const;

    expect(await refusal(look("alice", channelId))).toEqual([
      "NotAGame",
      "Refused: this is no channel of a game",
    ]);
    expect((await refusal(ask("alice", channelId, ["act", ROCK])))[0]).toBe("NotAGame");
    expect((await refusal(look("alice", `0x${"00".repeat(32)}`)))[1]).toMatch(/Not found/);
    expect((await refusal(alice.call("games_open", wins)))[1]).toMatch(/Invalid params/);
  });
});
