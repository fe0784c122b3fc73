/** One game as the rules alone have it: every state that can be reached by what was said, and what each of them pays. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import {
  decodeMessageLog,
  type LogMessage,
  type MessageLog,
  messageId,
  nextRunningHash,
} from "../../src/channel/message-log.ts";
import type { Twin } from "../../src/channel/message-log-twin.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { Hash } from "../../src/crypto/signature.ts";
import { fromHex, type Hex, toHex } from "../../src/primitives/hex.ts";

/** The game after so many messages. Stakes are apart. */
type Position = { readonly count: number; readonly runningHash: Hash; readonly game: Uint8Array };

/** One game. Only the functions here change it. */
export type GameBook = {
  readonly channelId: ChannelId;
  readonly twin: Twin;
  readonly funding: Outcome;
  /** Behind the game's bytes, in every state of it. */
  readonly stakes: Hex;
  /** Every one that is known, by what its states say of the log. */
  readonly positions: Map<string, Position>;
};

/** A state of a game as a step on one that is known. */
export type Step = {
  readonly by: number;
  readonly messages: readonly LogMessage[];
  /** Who has to move then; undefined when it is over. */
  readonly mover: number | undefined;
};

/** A book with the beginning of a game. Undefined where the app data is no log. */
export function openBook(
  channelId: ChannelId,
  twin: Twin,
  { appData, outcome: funding }: Pick<VariablePart, "appData" | "outcome">,
): GameBook | undefined {
  const log = decodeMessageLog(appData);
  if (!log.ok) return undefined;
  const kept = fromHex(log.value.twinState);
  const positions = new Map<string, Position>();
  const stakes = toHex(kept.slice(twin.gameBytes));
  const game = kept.slice(0, twin.gameBytes);
  const { count, runningHash } = log.value;
  positions.set(keyOf(log.value), { count, runningHash, game });
  return { channelId, twin, funding, stakes, positions };
}

/** Takes a state as a step of the rules, and knows it from then on; or says in a few words why it is none. */
export function takeStep(book: GameBook, part: VariablePart): Step | string {
  const log = decodeMessageLog(part.appData);
  if (!log.ok) return `its log cannot be read (${log.reason.code})`;
  const { count, messages, runningHash, twinState } = log.value;
  if (messages.length === 0) return "nothing is said in it";
  const base = baseOf(book, log.value, part.turnNum);
  if (base === undefined) return "its log goes on from none that is known";
  const { by } = base;
  const game = played(book, base.position.game, by, messages);
  if (typeof game === "string") return game;
  if (`${toHex(game)}${book.stakes.slice(2)}` !== twinState)
    return "the game is not what was played";
  const unpaid = checkPaid(book, part.outcome, game);
  if (unpaid !== undefined) return unpaid;
  const mover = book.twin.moverOf(game);
  if (mover === by) return "its mover would have to move again";
  book.positions.set(keyOf(log.value), { count, runningHash, game });
  return { by, messages, mover };
}

/** Who has to move in the game of a state that is known, and whether it has begun; undefined where it is not known. */
export function standingOf(
  book: GameBook,
  { appData }: Pick<VariablePart, "appData">,
): { readonly mover: number | undefined; readonly hasBegun: boolean } | undefined {
  const log = decodeMessageLog(appData);
  const position = log.ok ? book.positions.get(keyOf(log.value)) : undefined;
  if (position === undefined) return undefined;
  return { mover: book.twin.moverOf(position.game), hasBegun: position.count > 0 };
}

/** Says what a state does not pay as its game has it; undefined where it pays right, or is not known. */
export function checkPayout(
  book: GameBook,
  { appData, outcome }: Pick<VariablePart, "appData" | "outcome">,
): string | undefined {
  const log = decodeMessageLog(appData);
  const position = log.ok ? book.positions.get(keyOf(log.value)) : undefined;
  return position && checkPaid(book, outcome, position.game);
}

function keyOf({ count, runningHash }: Pick<MessageLog, "count" | "runningHash">): string {
  return `${count} ${runningHash}`;
}

/** The position whose log, with these messages of one of the two, comes to what the state says. */
function baseOf(
  { channelId, positions }: GameBook,
  { count, messages, runningHash }: MessageLog,
  turnNum: number,
): { readonly position: Position; readonly by: number } | undefined {
  for (const position of positions.values()) {
    if (position.count + messages.length !== count) continue;
    for (const by of [0, 1]) {
      const grown = messages.reduce((hash, message, index) => {
        const id = messageId(channelId, turnNum, index, message);
        return nextRunningHash(hash, id, by, message.timeMs);
      }, position.runningHash);
      if (grown === runningHash) return { position, by };
    }
  }
  return undefined;
}

function played(
  { channelId, twin }: GameBook,
  before: Uint8Array,
  by: number,
  messages: readonly LogMessage[],
): Uint8Array | string {
  let game = before;
  for (const message of messages) {
    if (twin.moverOf(game) !== by) return "its writer has not to move";
    const next = twin.play(channelId, game, by, message);
    if (!next.ok) return `the rules refuse it (${next.reason.by})`;
    game = next.value;
  }
  return game;
}

function checkPaid(
  { funding, twin }: GameBook,
  outcome: Outcome,
  game: Uint8Array,
): string | undefined {
  const winner = twin.winnerOf(game);
  const isRight = funding.every(({ allocations, asset }, index) => {
    const paid = outcome[index]?.allocations ?? [];
    const total = allocations.reduce((sum, { amount }) => sum + amount, 0n);
    const due = allocations.map(({ amount }, place) => {
      if (winner === undefined) return amount;
      return place === winner ? total : 0n;
    });
    return (
      outcome[index]?.asset === asset && due.every((amount, at) => paid[at]?.amount === amount)
    );
  });
  return isRight && outcome.length === funding.length ? undefined : "it pays what the rules do not";
}
