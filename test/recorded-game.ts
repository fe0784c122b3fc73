/** Games as a node has recorded them: the events of a channel in which Alice and Bob have played, and their log on disk. */
import {
  commitmentOf,
  newRockPaperScissors,
  rockPaperScissorsTwin,
} from "../contracts/rock-paper-scissors.ts";
import { NO_TARGET, newTactics, tacticsOrder, tacticsTwin } from "../contracts/tactics.ts";
import { type ChannelId, channelIdOf } from "../src/channel/channel-id.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import {
  decodeMessageLog,
  emptyMessageLog,
  encodeMessageLog,
  type LogMessage,
  messageId,
  nextRunningHash,
} from "../src/channel/message-log.ts";
import { type Twin, twinStateOf } from "../src/channel/message-log-twin.ts";
import { directFundId } from "../src/channel/objective-id.ts";
import type { Outcome } from "../src/channel/outcome.ts";
import { stateHash, type VariablePart } from "../src/channel/state.ts";
import type { Address } from "../src/crypto/address.ts";
import { keccak256 } from "../src/crypto/keccak.ts";
import type { Hash } from "../src/crypto/signature.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { nodeCodec } from "../src/events/node-codec.ts";
import { openLogDirectory } from "../src/node/log-directory.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { fromHex, toHex } from "../src/primitives/hex.ts";
import { playedState } from "../src/protocols/message-log-rule.ts";
import { EventStore } from "../src/store/event-store.ts";
import { acceptedOf, reducerBytes } from "./reducers.ts";
import { gameChannel, gameMessage, PLAYERS, staked } from "./sample-games.ts";

/** The games that come with the program. */
export type GameName = "rock-paper-scissors" | "tactics";

/** A game that was played, as Alice's node has it. */
export type RecordedGame = {
  readonly channelId: ChannelId;
  readonly reducerId: Hash;
  /** The events of the channel, in order. */
  readonly events: readonly NodeEvent[];
  /** How many messages are in it. */
  readonly messages: number;
};

/** Milliseconds since 1970 of the first message. */
const BEGAN_MS = 1_795_000_000_000;

const LOG_ID = new Uint8Array(16).fill(0x1d);

/** Stand for the contracts of the games. */
const APP: Readonly<Record<GameName, Address>> = {
  "rock-paper-scissors": `0x${"a1".repeat(20)}` as Address,
  tactics: `0x${"a2".repeat(20)}` as Address,
};

const FUNDING: Outcome = [staked([100n, 100n])];

const TWIN: Readonly<Record<GameName, Twin>> = {
  "rock-paper-scissors": rockPaperScissorsTwin,
  tactics: tacticsTwin,
};

const BEGINNING: Readonly<Record<GameName, () => Uint8Array>> = {
  "rock-paper-scissors": () => newRockPaperScissors(2),
  tactics: newTactics,
};

/** Plays a game of this name, in a channel of its own for each nonce. */
export function recordedGame(game: GameName, nonce = 1n): RecordedGame {
  const reducerId = toHex(keccak256(reducerBytes(game))) as Hash;
  const opening = recordedOpening(reducerId, BEGINNING[game](), gameChannel(APP[game], nonce));
  const { channelId } = opening[0];
  const events: NodeEvent[] = [...opening];
  const { appData, outcome } = opening[0];
  let state: VariablePart = { appData, outcome, turnNum: 1, isFinal: false };
  const told = game === "tactics" ? tacticsMoves() : rockMoves(channelId);
  for (const [index, message] of told.entries()) {
    const before = acceptedOf(decodeMessageLog(state.appData));
    const sender = TWIN[game].moverOf(fromHex(before.twinState)) ?? 0;
    const timed = { ...message, timeMs: BEGAN_MS + 1_000 * index };
    state = acceptedOf(playedState(channelId, state, [timed], TWIN[game]));
    const said = appended(channelId, state, sender, timed, before.runningHash);
    events.push(...signed(channelId, state), said);
  }
  return { channelId, reducerId, events, messages: told.length };
}

/** A channel that both have opened, and in which nobody has said anything yet. */
export function recordedOpening(
  reducerId: Hash,
  parameters: Uint8Array,
  fixedPart: FixedPart = gameChannel(APP["rock-paper-scissors"]),
): readonly [created: NodeEvent & { readonly type: "ChannelCreated" }, ...NodeEvent[]] {
  const channelId = channelIdOf(fixedPart);
  const twinState = toHex(twinStateOf(parameters, FUNDING));
  const appData = encodeMessageLog(emptyMessageLog(reducerId, twinState));
  const opening = { outcome: FUNDING, appData, isFinal: false };
  return [
    {
      ...{ type: "ChannelCreated", channelId, fixedPart, myIndex: 0, outcome: FUNDING, appData },
      use: { type: "MessageLog", hasTwin: true },
    },
    ...[0, 1].flatMap((turnNum) => signed(channelId, { ...opening, turnNum })),
  ];
}

/** What a node writes when both have signed a state. */
function signed(channelId: ChannelId, variablePart: VariablePart): readonly NodeEvent[] {
  const hash = stateHash(channelId, variablePart);
  const [mine, theirs] = PLAYERS.map(({ signHash }) => signHash(hash));
  const about = { channelId, objectiveId: directFundId(channelId), variablePart };
  if (mine === undefined || theirs === undefined) return [];
  return [
    { type: "StateSigned", ...about, signature: mine },
    { type: "StateReceived", ...about, by: 1, signature: theirs },
    { type: "SupportedStateAdvanced", channelId, turnNum: variablePart.turnNum },
  ];
}

/** A message as a node writes it down, at its place in the turn, behind those that came to this running hash. */
export function appended(
  channelId: ChannelId,
  { turnNum }: Pick<VariablePart, "turnNum">,
  by: number,
  message: LogMessage,
  before: Hash,
  index = 0,
): NodeEvent & { readonly type: "AppMessageAppended" } {
  const { messageType, payload, timeMs: messageTimeMs } = message;
  const id = messageId(channelId, turnNum, index, message);
  const runningHash = nextRunningHash(before, id, by, messageTimeMs);
  const said = { turnNum, by, messageType, payload, messageTimeMs, runningHash };
  return { type: "AppMessageAppended", channelId, ...said };
}

/** Choices of the one who commits and of the other: a draw, then Bob's paper, then Alice's scissors and rock. */
const ROUNDS: readonly (readonly [committed: number, played: number])[] = [
  [0, 0],
  [1, 0],
  [2, 1],
  [2, 0],
];

/** Bob wins the second round, Alice the third, and Bob, who commits last, loses the fourth. */
function rockMoves(channelId: ChannelId): readonly LogMessage[] {
  return ROUNDS.flatMap(([committed, played], round) => {
    const opening = concatBytes(Uint8Array.of(committed), new Uint8Array(32).fill(0xa5 + round));
    return [
      gameMessage("commit", commitmentOf(channelId, round % 2, opening)),
      gameMessage("play", Uint8Array.of(played)),
      gameMessage("reveal", opening),
    ];
  });
}

/** The knights go to and fro for all 60 turns: nobody wins. */
function tacticsMoves(): readonly LogMessage[] {
  return Array.from({ length: 60 }, (_, turn) => {
    const [unit, column, home] = turn % 2 === 0 ? [0, 2, 0] : [3, 3, 4];
    const row = home + (Math.floor(turn / 2) % 2 === 0 ? 1 : 0);
    return gameMessage("act", tacticsOrder(unit ?? 0, column ?? 0, row, NO_TARGET));
  });
}

/** Writes events into the log of a node, in a directory that is not there yet. */
export async function writeLog(directory: string, events: readonly NodeEvent[]): Promise<void> {
  const disk = await openLogDirectory(directory);
  try {
    const store = await EventStore.open({ disk, codec: nodeCodec, logId: LOG_ID });
    await store.append(events, 0, BEGAN_MS);
  } finally {
    await disk.close();
  }
}
