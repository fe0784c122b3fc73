/** What a player reads of a game: whose move it is, by when, and what has come of it. */
import { describe, expect } from "bun:test";
import { unit } from "../../../test/kind.ts";
import type { GameDisputeView, GameView } from "../api/game-types.ts";
import { type GameTelling, gameLines } from "./game-text.ts";

const ALICE = `0x${"a1".repeat(20)}`;
const BOB = `0x${"b0".repeat(20)}`;
const COIN = `0x${"00".repeat(20)}`;
const CHANNEL = `0x${"c1".repeat(32)}`;

/** Noon of a day. */
const NOON_MS = Date.UTC(2026, 0, 1, 12);

const telling: GameTelling = {
  names: {
    me: ALICE,
    peers: [
      {
        ...{ address: BOB, name: "bob", places: [], origin: "Log", connection: null, refusals: 0 },
      },
    ],
  },
  ids: "Short",
  nowMs: NOON_MS,
  program: "bun channels",
};

const game: GameView = {
  channelId: CHANNEL,
  game: "rock-paper-scissors",
  phase: "Running",
  participants: [ALICE, BOB],
  myIndex: 0,
  stakes: [{ asset: COIN, mine: "60", theirs: "40" }],
  turnNum: 3,
  isSignedByBoth: true,
  mover: 0,
  ifSilent: [{ asset: COIN, mine: "0", theirs: "100" }],
  state: {
    ...{ type: "rock-paper-scissors", winsToDecide: 1, wins: [0, 0], round: 1, phase: "reveal" },
    ...{ committer: 0, played: "paper", commitment: CHANNEL },
  },
  dispute: null,
  messageCount: 0,
  messages: [],
};

const dispute: GameDisputeView = {
  ...{ turnNum: 3, dueAtMs: NOON_MS + 61_000, isFinal: false, isPaidOut: false },
};

/** What follows the lines on how the game stands. */
const end = (changes: Partial<GameView>): string =>
  gameLines({ ...game, ...changes }, telling)
    .slice(3)
    .join("\n");

describe("gameLines", () => {
  unit("tell a player what to type, and what comes of silence", () => {
    const silent = "if nobody moves any more: mine 0 wei, theirs 100 wei";
    expect(end({})).toBe(
      `it is my turn: \`bun channels node game move 0xc1c1c1c1 reveal\`\n${silent}`,
    );
    expect(end({ mover: 1 })).toBe(
      `it is the turn of bob; where bob stays silent, \`bun channels node dispute 0xc1c1c1c1\` lets the chain decide\n${silent}`,
    );
    expect(end({ mover: 1, isSignedByBoth: false })).toBe(
      `my move waits for bob to sign it; where bob stays silent, \`bun channels node dispute 0xc1c1c1c1\` lets the chain decide\n${silent}`,
    );
  });

  unit("tell by when a move is due on the chain, and which one is not there yet", () => {
    const at = (dueAtMs: number): string =>
      end({ phase: "Disputed", dispute: { ...dispute, dueAtMs } }).split("\n")[0] ?? "";
    const due = "the chain decides; the next move is due on the chain by 2026-01-01";

    expect(at(NOON_MS + 61_000)).toBe(`${due} 12:01:01 UTC (in 1 min 1 s)`);
    expect(at(NOON_MS + 9_000)).toBe(`${due} 12:00:09 UTC (in 9 s)`);
    expect(at(NOON_MS + 5 * 3_600_000 + 60_000)).toBe(`${due} 17:01:00 UTC (in 5 h 1 min)`);
    expect(at(NOON_MS - 1)).toBe(`${due} 11:59:59 UTC (now)`);
    expect(end({ phase: "Disputed", dispute, turnNum: 4, mover: 1 })).toStartWith(
      "the chain decides; the last move is on its way to the chain\nit is the turn of bob\n",
    );
    expect(end({ phase: "Disputed", dispute: { ...dispute, turnNum: null } })).toStartWith(
      "the chain decides; the last move is on its way",
    );
  });

  unit("tell what has come of a game", () => {
    const ifSilent = [{ asset: COIN, mine: "100", theirs: "0" }];
    const over: Partial<GameView> = { mover: null, ifSilent };
    const money = "mine 100 wei, theirs 0 wei";
    const final: GameDisputeView = { ...dispute, dueAtMs: null, isFinal: true };

    expect(end(over)).toBe(
      `it is over: ${money}; \`bun channels node close 0xc1c1c1c1\` pays it out`,
    );
    expect(end({ ...over, phase: "Finalized" })).toBe(`it is being paid out: ${money}`);
    expect(end({ ...over, phase: "Concluded" })).toBe(`it is over, and paid: ${money}`);
    expect(end({ ...over, phase: "Disputed", dispute })).toBe(
      `it is over; the chain pays after 2026-01-01 12:01:01 UTC (in 1 min 1 s): ${money}`,
    );
    expect(end({ ...over, phase: "Disputed", dispute: final })).toBe(
      `it is over, and the chain has decided: ${money}`,
    );
    expect(end({ ...over, phase: "Disputed", dispute: { ...final, isPaidOut: true } })).toBe(
      `it is over, and the chain has paid: ${money}`,
    );
    expect(end({ phase: "Funding" })).toBe("it begins once both have paid in");
  });

  unit("show what was said where no contract knows the game", () => {
    const message = { turnNum: 2, by: 1, type: "bid", payload: "0x0102", timeMs: NOON_MS };
    expect(gameLines({ ...game, game: null, state: null, messages: [message] }, telling)).toEqual([
      "messages with bob, 0xc1c1c1c1",
      "  brought in: mine 60 wei, theirs 40 wei",
      "  2  bob  bid  0x0102",
      "it is my turn: `bun channels node game say 0xc1c1c1c1 <type> <payload>`\nif nobody moves any more: mine 0 wei, theirs 100 wei",
    ]);
  });
});
