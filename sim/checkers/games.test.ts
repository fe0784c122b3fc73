/** Tests of the oracle of games: what the rules allow passes, and each way to break them has a sentence. */
import { describe, expect } from "bun:test";
import { rockPaperScissorsTwin } from "../../contracts/rock-paper-scissors.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import { gameOpening } from "../../src/chain/played-games.ts";
import { type ChannelId, channelIdOf } from "../../src/channel/channel-id.ts";
import {
  decodeMessageLog,
  EMPTY_LOG_HASH,
  type LogMessage,
} from "../../src/channel/message-log.ts";
import { directDefundId, type ObjectiveId, updateId } from "../../src/channel/objective-id.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { assert } from "../../src/primitives/assert.ts";
import { toHex } from "../../src/primitives/hex.ts";
import { playedState } from "../../src/protocols/message-log-rule.ts";
import { unit } from "../../test/kind.ts";
import { gameChannel, staked } from "../../test/sample-games.ts";
import { rockPaperScissors, type Said } from "../games.ts";
import { Games } from "./games.ts";

const APP = `0x${"a1".repeat(20)}` as Address;
const DEPLOYMENT = { rockPaperScissorsApp: APP } as Deployment;
const FIXED_PART = gameChannel(APP);
const ID: ChannelId = channelIdOf(FIXED_PART);
const FUNDING = [staked([6n, 4n])];
const SIGNATURE = `0x${"51".repeat(65)}` as Signature;
const { commit, play } = rockPaperScissors;

const BEGINNING: VariablePart = {
  outcome: FUNDING,
  appData: gameOpening("rock-paper-scissors", DEPLOYMENT, FUNDING).appData,
  turnNum: 1,
  isFinal: false,
};

function message({ payload, type }: Said): LogMessage {
  return { messageType: type, payload: toHex(payload), timeMs: 5 };
}

function after(part: VariablePart, said: Said): VariablePart {
  const next = playedState(ID, part, [message(said)], rockPaperScissorsTwin);
  assert(next.ok, "a legal move");
  return next.value;
}

const COMMITTED = after(BEGINNING, commit(ID, 0, "rock"));
const ANSWERED = after(COMMITTED, play("paper"));

function signed(
  variablePart: VariablePart,
  objectiveId: ObjectiveId = updateId(ID, 0, 0),
): NodeEvent {
  return { type: "StateSigned", channelId: ID, objectiveId, variablePart, signature: SIGNATURE };
}

function ending(part: VariablePart, openedBy: number): readonly NodeEvent[] {
  const objectiveId = directDefundId(ID);
  const goal = { type: "DirectDefund" } as const;
  return [
    { type: "ObjectiveCreated", objectiveId, channelId: ID, goal, openedBy },
    signed({ ...part, turnNum: part.turnNum + 1, isFinal: true }, objectiveId),
  ];
}

/** What the oracle says of Alice's log, which begins with the channel. */
function findings(...events: readonly NodeEvent[]): readonly string[] {
  const games = new Games(DEPLOYMENT);
  return told(games, "alice", 0, events);
}

function told(
  games: Games,
  node: "alice" | "bob",
  myIndex: number,
  events: readonly NodeEvent[],
): readonly string[] {
  const { appData, outcome } = BEGINNING;
  const use = { type: "MessageLog", hasTwin: true } as const;
  const about = { channelId: ID, fixedPart: FIXED_PART, myIndex, outcome, appData, use };
  const all: readonly NodeEvent[] = [{ type: "ChannelCreated", ...about }, ...events];
  return all
    .flatMap((event) => games.sawEvent(node, event))
    .map((text) => text.slice(ID.length + 2));
}

/** The commitment to a hand as Alice's first message, chained or with another hash. */
function appended(hand: "rock" | "paper", hash = chained(hand)): NodeEvent {
  const { messageType, payload, timeMs } = message(commit(ID, 0, hand));
  const what = { messageType, payload, messageTimeMs: timeMs, runningHash: hash };
  return { type: "AppMessageAppended", channelId: ID, turnNum: 2, by: 0, ...what };
}

function chained(hand: "rock" | "paper"): typeof EMPTY_LOG_HASH {
  const log = decodeMessageLog(after(BEGINNING, commit(ID, 0, hand)).appData);
  assert(log.ok, "a log");
  return log.value.runningHash;
}

describe("the oracle of games", () => {
  unit("finds nothing in moves as the rules have them, and in an end by who loses by it", () => {
    expect(findings(signed(BEGINNING), signed(COMMITTED), signed(ANSWERED))).toEqual([]);
    expect(findings(signed(COMMITTED), signed(ANSWERED), ...ending(ANSWERED, 0))).toEqual([]);
    expect(findings(...ending(BEGINNING, 1))).toEqual([]);
  });

  unit("finds a state that the rules do not lead to, and one that pays something else", () => {
    const tilted = { ...ANSWERED, outcome: [staked([10n, 0n])] };

    expect(findings(signed(ANSWERED))).toEqual([
      "alice signs turn 3, but its log goes on from none that is known",
    ]);
    expect(findings(signed(COMMITTED), signed(tilted))).toEqual([
      "alice signs turn 3, but it pays what the rules do not",
    ]);
    expect(findings(signed(COMMITTED), signed({ ...COMMITTED, turnNum: 3 }))).toHaveLength(1);
  });

  unit("finds the end of a game that goes on, by who does not have to move", () => {
    expect(findings(signed(COMMITTED), signed(ANSWERED), ...ending(ANSWERED, 1))).toEqual([
      "alice signs turn 4: the end of a game that goes on",
    ]);
  });

  unit("finds a move that no user asked for, once users say what they ask for", () => {
    const games = new Games(DEPLOYMENT);
    games.sawWish("alice", ID, [message(commit(ID, 0, "paper"))]);
    expect(told(games, "alice", 0, [signed(COMMITTED)])).toEqual([
      "alice signs turn 2, a move that its user never asked for",
    ]);

    games.sawWish("alice", ID, [message(commit(ID, 0, "rock"))]);
    expect(told(games, "alice", 0, [signed(COMMITTED)])).toEqual([]);
  });

  unit("finds a log that is not chained, and two logs that are not one", () => {
    const games = new Games(DEPLOYMENT);

    expect(findings(appended("rock", EMPTY_LOG_HASH))).toEqual([
      "message 1 of alice's log is not chained to the one before",
    ]);
    expect(told(games, "alice", 0, [appended("rock")])).toEqual([]);
    expect(told(games, "bob", 1, [appended("rock")])).toEqual([]);
    expect(told(games, "bob", 1, [appended("paper")])).toEqual([
      "message 1 of bob's log is another one than in alice's log",
    ]);
  });
});
