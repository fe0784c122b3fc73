/** A game between two nodes as people run them, which the chain decides by moves while each of them dies once. */
import { describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commitmentOf } from "../../contracts/rock-paper-scissors.ts";
import { ETH } from "../../sim/assets.ts";
import { addressOf } from "../../sim/simulated-chain.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { GameView } from "../../src/node/api/game-types.ts";
import { toHex } from "../../src/primitives/hex.ts";
import { patientCrash } from "../kind.ts";
import { Daemon } from "./daemon.ts";
import { type RealChain, startRealChain } from "./real-chain.ts";

/** Longest time of the story, in milliseconds: some five seconds alone. */
const TIME_MAX_MS = 240_000;

/** Longest wait for one step, in milliseconds. */
const STEP_MS_MAX = 60_000;

/** What each brings in, in wei: far more than any gas. */
const STAKE_WEI = 10n ** 18n;

/** The most that the transactions of one side may cost, in wei: some hundred thousand gas each at 2 gwei. */
const GAS_WEI_MAX = 10n ** 16n;

/** Seconds that a move may take on the chain: a little more than the least. */
const CHALLENGE_SEC = 300;

/** Paper, and the bytes that hide it. */
const PAPER = Uint8Array.of(1, ...new Uint8Array(32).fill(0x5a));

type Players = { readonly chain: RealChain; readonly alice: Daemon; readonly bob: Daemon };

async function withTwoPlayers(use: (players: Players) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "channels-players-"));
  const chain = await startRealChain([addressOf("alice"), addressOf("bob")]);
  const player = (name: "alice" | "bob", known: () => readonly Daemon[]): Daemon =>
    new Daemon({
      ...{ name, home: join(home, name), chainUrl: chain.url, wire: "tcp" },
      peers: () => known().map(({ address, place }) => ({ address, places: [place] })),
    });
  const alice: Daemon = player("alice", () => (bob.wasStarted ? [bob] : []));
  const bob: Daemon = player("bob", () => [alice]);
  try {
    await alice.start();
    await bob.start();
    await alice.client().call("peers_add", { address: bob.address, place: bob.place });
    await use({ chain, alice, bob });
  } finally {
    for (const node of [alice, bob]) await node.kill();
    await chain.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Looks until the game is as it should be. */
async function until(
  node: Daemon,
  channelId: string,
  isSo: (game: GameView) => boolean,
): Promise<GameView> {
  const endMs = performance.now() + STEP_MS_MAX;
  for (;;) {
    const game = await node.insist("games_get", { channelId });
    if (isSo(game)) return game;
    if (performance.now() > endMs) throw new Error(`${node.name}: ${JSON.stringify(game)}`);
    await Bun.sleep(20);
  }
}

const isShown =
  (turnNum: number) =>
  ({ dispute }: GameView): boolean =>
    dispute?.turnNum === turnNum;

async function move(
  node: Daemon,
  channelId: string,
  type: string,
  payload: Uint8Array,
): Promise<boolean> {
  const messages = [{ type, payload: toHex(payload) }];
  const wish = { channelId, messages, idempotencyKey: `${type} in ${channelId}` };
  return (await node.insist("games_move", wish)).isOnChain;
}

/** Alice commits, and Bob is dead. She asks the chain; both play on there, and each has died once. */
async function playOnChain({ alice, bob, chain }: Players): Promise<void> {
  const owned = (): Promise<readonly bigint[]> =>
    Promise.all([alice, bob].map(({ address }) => chain.balanceOf(address)));
  const before = await owned();
  const { channelId, objectiveId } = await alice.insist("games_open", {
    ...{ peer: bob.address, game: "rock-paper-scissors", challengeDurationSec: CHALLENGE_SEC },
    stakes: [{ asset: ETH.address, mine: `${STAKE_WEI}`, theirs: `${STAKE_WEI}` }],
    idempotencyKey: "the game",
  });
  const opened = await alice.insist("objectives_wait", { objectiveId, timeoutMs: STEP_MS_MAX });
  expect(opened.status).toBe("Completed");

  await bob.kill();
  const commitment = commitmentOf(channelId as ChannelId, 0, PAPER);
  expect(await move(alice, channelId, "commit", commitment)).toBe(false);
  await alice.insist("channels_dispute", { channelId, idempotencyKey: "the dispute" });
  await until(alice, channelId, isShown(2));
  await bob.start();
  const due = await until(bob, channelId, isShown(2));
  expect(due).toMatchObject({ mover: 1, messageCount: 1, state: { phase: "play" } });
  expect(await move(bob, channelId, "play", Uint8Array.of(0))).toBe(true);
  await alice.kill();
  await until(bob, channelId, isShown(3));
  await alice.start();
  await until(alice, channelId, isShown(3));
  expect(await move(alice, channelId, "reveal", PAPER)).toBe(true);
  const over = await until(bob, channelId, isShown(4));
  expect(over).toMatchObject({ mover: null, state: { phase: "over", wins: [1, 0] } });

  chain.pass(CHALLENGE_SEC);
  await until(alice, channelId, ({ dispute }) => dispute?.isPaidOut === true);
  const after = await owned();
  const [aliceGained = 0n, bobGained = 0n] = after.map(
    (now, player) => now - (before[player] ?? 0n),
  );
  expect(aliceGained).toBeLessThanOrEqual(STAKE_WEI);
  expect(aliceGained).toBeGreaterThan(STAKE_WEI - GAS_WEI_MAX);
  expect(bobGained).toBeLessThanOrEqual(-STAKE_WEI);
  expect(bobGained).toBeGreaterThan(-STAKE_WEI - GAS_WEI_MAX);
}

describe("two players over tcp", () => {
  patientCrash(
    "finish a game on the chain by one signature a move, though each is killed in between",
    () => withTwoPlayers(playOnChain),
    TIME_MAX_MS,
  );
});
