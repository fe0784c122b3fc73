/** Long games on message logs, played by every rule of theirs, and what a challenge by a move then takes. */
import {
  commitmentOf,
  newRockPaperScissors,
  ROCK_PAPER_SCISSORS,
  rockPaperScissorsTwin,
} from "../contracts/rock-paper-scissors.ts";
import { NO_TARGET, newTactics, TACTICS, tacticsOrder, tacticsTwin } from "../contracts/tactics.ts";
import { startEvm } from "../sim/chain/evm.ts";
import { GENESIS_TIMESTAMP_SEC } from "../sim/chain/local-chain.ts";
import { receiptOf, sendCall } from "../sim/chain/test-wallet.ts";
import { challengeCall, type SignedVariablePart } from "../src/chain/adjudicator.ts";
import { deployAll } from "../src/chain/deployment.ts";
import { type ChannelId, channelIdOf } from "../src/channel/channel-id.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import {
  decodeMessageLog,
  emptyMessageLog,
  encodeMessageLog,
  type LogMessage,
  type MessageLog,
} from "../src/channel/message-log.ts";
import { type Twin, twinStateOf } from "../src/channel/message-log-twin.ts";
import { encodeState, stateHash, type VariablePart } from "../src/channel/state.ts";
import { challengeHash } from "../src/channel/state-challenge.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Reducer } from "../src/derivation/sandbox/reducer.ts";
import type { RowChanges } from "../src/derivation/sandbox/table-schema.ts";
import { assert } from "../src/primitives/assert.ts";
import { fromHex, hexSizeBytes, toHex } from "../src/primitives/hex.ts";
import { playedState } from "../src/protocols/message-log-rule.ts";
import { acceptedOf, opened, reducerBytes } from "../test/reducers.ts";
import { beginningOf, gameChannel, gameMessage, PLAYERS, staked } from "../test/sample-games.ts";

/** A game that is measured. */
export type MeasuredGame = "rock-paper-scissors" | "tactics";

/** What a channel of a game has come to after so many messages. */
export type GameCosts = {
  /** The last message: its type. */
  readonly move: string;
  /** Types, payloads, times and senders of all messages. */
  readonly logBytes: number;
  /** What both sign: app data and outcome, as it is hashed. */
  readonly stateBytes: number;
  /** The rows of the game that is running: what would be signed if the state were. */
  readonly rowBytes: number;
  /** The reducer's memory, as it is kept to go on from. */
  readonly snapshotBytes: number;
  readonly calldataBytes: number;
  readonly challengeGas: number;
};

type Rules = {
  readonly app: Address;
  readonly code: `0x${string}`;
  readonly twin: Twin;
  readonly beginning: Uint8Array;
  readonly moveOf: (channelId: ChannelId, game: Uint8Array) => LogMessage;
};

/** So many wins that a game goes through all its 100 rounds, each a draw. */
const WINS = 255;

const OPENING = Uint8Array.of(1, ...new Uint8Array(32).fill(0xa5));

/** Milliseconds since 1970 of every message: late in 2026, as full of digits as real ones. */
const TIME_MS = 1_795_315_107_653;

const RULES: Readonly<Record<MeasuredGame, Rules>> = {
  "rock-paper-scissors": {
    app: `0x${"a1".repeat(20)}` as Address,
    code: ROCK_PAPER_SCISSORS.deployedBytecode,
    twin: rockPaperScissorsTwin,
    beginning: newRockPaperScissors(WINS),
    moveOf: (channelId, game) => {
      const [, , , round = 0, phase = 0] = game;
      if (phase === 1) return gameMessage("play", OPENING.slice(0, 1), TIME_MS);
      if (phase === 2) return gameMessage("reveal", OPENING, TIME_MS);
      return gameMessage("commit", commitmentOf(channelId, round % 2, OPENING), TIME_MS);
    },
  },
  tactics: {
    app: `0x${"a2".repeat(20)}` as Address,
    code: TACTICS.deployedBytecode,
    twin: tacticsTwin,
    beginning: newTactics(),
    // Each knight goes one field up or down, for all 60 turns.
    moveOf: (_, game) => {
      const unit = 3 * ((game[0] ?? 0) % 2);
      const [column = 0, row = 0] = game.subarray(1 + 3 * unit);
      const to = row % 2 === 0 ? row + 1 : row - 1;
      return gameMessage("act", tacticsOrder(unit, column, to, NO_TARGET), TIME_MS);
    },
  },
};

/** Plays `count` messages, game after game, and challenges by the last of them. */
export async function gameCosts(game: MeasuredGame, count: number): Promise<GameCosts> {
  const rules = RULES[game];
  const channel = gameChannel(rules.app, 0x9e37_79b9_7f4a_7c15n);
  const table = newTable(game, channel);
  const played = playAll(rules, channel, table, count);
  const challenge = await challengeCosts(rules, channel, played.before, played.last);
  const { variablePart } = played.last;
  return {
    move: played.move,
    logBytes: played.logBytes,
    stateBytes: encodeState(channelIdOf(channel), variablePart).length,
    rowBytes: rowBytesOf(table),
    snapshotBytes: table.reducer.snapshot().length,
    ...challenge,
  };
}

/** The reducer of one game, and its rows by their keys. */
type GameTable = { reducer: Reducer; rows: Map<string, number>; readonly open: () => Reducer };

function newTable(game: MeasuredGame, channel: FixedPart): GameTable {
  const parameters = new Uint8Array(RULES[game].beginning);
  const channelId = channelIdOf(channel);
  const { participants } = channel;
  const open = (): Reducer => opened(reducerBytes(game), { channelId, participants, parameters });
  const reducer = open();
  const table = { reducer, rows: new Map<string, number>(), open };
  keepRows(table, reducer.firstChanges);
  return table;
}

/** Both games keep rows for good, by a key of one column. */
function keepRows({ rows }: GameTable, changes: RowChanges): void {
  for (const { table, values } of changes) {
    const sizes = values.map((value) => {
      if (typeof value === "bigint") return 8;
      if (typeof value === "boolean") return 1;
      return value.startsWith("0x") ? hexSizeBytes(value as `0x${string}`) : value.length;
    });
    rows.set(`${table} ${values[0]}`, sum(sizes));
  }
}

const rowBytesOf = ({ rows }: GameTable): number => sum([...rows.values()]);

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

type Played = {
  readonly before: SignedVariablePart;
  readonly last: SignedVariablePart;
  readonly logBytes: number;
  readonly move: string;
};

function playAll(rules: Rules, channel: FixedPart, table: GameTable, count: number): Played {
  const channelId = channelIdOf(channel);
  const funding = [staked([987_654_321_987_654_321n, 123_456_789_123_456_789n])];
  let before = signedBy(channelId, beginningOf(rules.beginning, funding), [0, 1]);
  let last = before;
  let logBytes = 0;
  let move = "";
  for (let index = 0; index < count; index += 1) {
    if (rules.twin.moverOf(gameOf(last)) === undefined) {
      last = signedBy(channelId, nextGame(rules, last.variablePart, funding), [0, 1]);
      table.reducer = table.open();
      table.rows = new Map();
      keepRows(table, table.reducer.firstChanges);
    }
    const mover = rules.twin.moverOf(gameOf(last)) ?? 0;
    const message = rules.moveOf(channelId, gameOf(last));
    keepRows(table, acceptedOf(table.reducer.reduce(reduced(last, mover, message))));
    before = last;
    const next = acceptedOf(playedState(channelId, last.variablePart, [message], rules.twin));
    last = signedBy(channelId, next, [mover]);
    // A time of eight bytes and a sender of one.
    logBytes += message.messageType.length + hexSizeBytes(message.payload) + 9;
    move = message.messageType;
  }
  return { before, last, logBytes, move };
}

function reduced({ variablePart }: SignedVariablePart, sender: number, message: LogMessage) {
  const { messageType, payload, timeMs } = message;
  const turn = variablePart.turnNum + 1;
  return { turn, sender, type: messageType, payload: fromHex(payload), timeMs };
}

/** What both sign to play once more: the log goes on, the game begins. */
function nextGame(
  rules: Rules,
  over: VariablePart,
  funding: VariablePart["outcome"],
): VariablePart {
  const log = logOf(over);
  const twinState = toHex(twinStateOf(rules.beginning, funding));
  const appData = encodeMessageLog({
    ...emptyMessageLog(log.reducerId, twinState),
    count: log.count,
    runningHash: log.runningHash,
  });
  return { outcome: funding, appData, turnNum: over.turnNum + 1, isFinal: false };
}

const logOf = ({ appData }: VariablePart): MessageLog => acceptedOf(decodeMessageLog(appData));

const gameOf = ({ variablePart }: SignedVariablePart): Uint8Array =>
  fromHex(logOf(variablePart).twinState);

function signedBy(
  channelId: ChannelId,
  variablePart: VariablePart,
  players: readonly number[],
): SignedVariablePart {
  const hash = stateHash(channelId, variablePart);
  const signers = PLAYERS.filter((_, index) => players.includes(index));
  return { variablePart, signatures: signers.map(({ signHash }) => signHash(hash)) };
}

async function challengeCosts(
  { app, code }: Rules,
  channel: FixedPart,
  before: SignedVariablePart,
  last: SignedVariablePart,
): Promise<Pick<GameCosts, "calldataBytes" | "challengeGas">> {
  const [alice] = PLAYERS;
  let nowSec = GENESIS_TIMESTAMP_SEC;
  const accounts = [{ address: alice.address, balanceWei: 10n ** 20n }];
  const chain = await startEvm({ accounts });
  const settle = (): Promise<void> => {
    nowSec += 1;
    return chain.mine(nowSec);
  };
  try {
    const { adjudicator } = await deployAll(chain.rpc, alice, { settle, token: false });
    await chain.rpc.request("hardhat_setCode", [app, code]);
    const claim = { fixedPart: channel, proof: [before], candidate: last };
    const hash = challengeHash(stateHash(channelIdOf(channel), last.variablePart));
    const call = challengeCall(adjudicator, claim, alice.signHash(hash));
    const sent = await sendCall(chain.rpc, alice, call);
    await settle();
    const { gasUsed, status } = await receiptOf(chain.rpc, sent);
    assert(status === "0x1", "the challenge is accepted");
    return { calldataBytes: hexSizeBytes(call.data), challengeGas: Number(gasUsed) };
  } finally {
    await chain.stop();
  }
}
