/** Rock, paper, scissors with a twin on chain: the compiled app, and its rules as this program plays them. */
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { LogMessage } from "../src/channel/message-log.ts";
import type { Twin, TwinRefusal } from "../src/channel/message-log-twin.ts";
import { keccak256 } from "../src/crypto/keccak.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { concatBytes, equalBytes } from "../src/primitives/bytes.ts";
import { fromHex } from "../src/primitives/hex.ts";
import { accept, type Result, reject } from "../src/primitives/result.ts";
import type { Artifact } from "./artifact.ts";
import artifact from "./artifacts/RockPaperScissors.json" with { type: "json" };

/** The compiled app. */
export const ROCK_PAPER_SCISSORS: Artifact = artifact as Artifact;

/** keccak-256 of the module whose twin this is: reducers/rock-paper-scissors. */
export const ROCK_PAPER_SCISSORS_REDUCER: Hash =
  "0x960b85eec7f8f1ec5d39a9eaacc7a20c18f0d386b4525106ae9cc7e16da515e8" as Hash;

// Places of the game's bytes. Source: RockPaperScissors.sol.

const WINS_TO_DECIDE = 0;
const WINS = 1;
const ROUND = 3;
const PHASE = 4;
const PLAYED = 5;
const COMMITMENT = 6;
const GAME_BYTES = 38;

const COMMIT = 0;
const PLAY = 1;
const REVEAL = 2;
const OVER = 3;

/** Rounds after which it ends undecided. */
const ROUNDS_MAX = 100;

/** What a player can choose, in the order of the numbers that stand for them. */
export const ROCK_PAPER_SCISSORS_CHOICES = ["rock", "paper", "scissors"] as const;

/** One of the three. */
export type RockPaperScissorsChoice = (typeof ROCK_PAPER_SCISSORS_CHOICES)[number];

const CHOICES: number = ROCK_PAPER_SCISSORS_CHOICES.length;

/** What the game waits for, in the order of the numbers that stand for it. */
const PHASES = ["commit", "play", "reveal", "over"] as const;

/** The game as its players see it. */
export type RockPaperScissorsGame = {
  /** Rounds that somebody has to win. */
  readonly winsToDecide: number;
  /** Rounds that each player has won. */
  readonly wins: readonly [number, number];
  /** Rounds that are over, draws included. */
  readonly rounds: number;
  /** What the round waits for: a hidden choice, the answer to it, or the hidden one shown. */
  readonly phase: (typeof PHASES)[number];
  /** The player who hides a choice in this round. */
  readonly committer: number;
  /** What the other one has answered; undefined before. */
  readonly played: RockPaperScissorsChoice | undefined;
  /** The hash that hides the choice; undefined before. */
  readonly commitment: Uint8Array | undefined;
};

/** Reads what the twin keeps. */
export function readRockPaperScissors(game: Uint8Array): RockPaperScissorsGame {
  const phase = at(game, PHASE);
  return {
    winsToDecide: at(game, WINS_TO_DECIDE),
    wins: [at(game, WINS), at(game, WINS + 1)],
    rounds: at(game, ROUND),
    phase: PHASES[phase] ?? "over",
    committer: committerOf(game),
    played: phase === REVEAL ? ROCK_PAPER_SCISSORS_CHOICES[at(game, PLAYED)] : undefined,
    commitment: phase === PLAY || phase === REVEAL ? game.slice(COMMITMENT, GAME_BYTES) : undefined,
  };
}

/** A game before its first move. `winsToDecide` is 1 to 255. */
export function newRockPaperScissors(winsToDecide = 1): Uint8Array {
  const game = new Uint8Array(GAME_BYTES);
  game[WINS_TO_DECIDE] = winsToDecide;
  return game;
}

/** What a player commits to: the choice and 32 bytes that nobody can guess, in this channel, by this player. */
export function commitmentOf(
  channelId: ChannelId,
  player: number,
  opening: Uint8Array,
): Uint8Array {
  return keccak256(concatBytes(fromHex(channelId), Uint8Array.of(player), opening));
}

/** The rules, as the contract has them. */
export const rockPaperScissorsTwin: Twin = {
  gameBytes: GAME_BYTES,
  isBeginning: (game) => {
    const winsToDecide = at(game, WINS_TO_DECIDE);
    return winsToDecide > 0 && equalBytes(game, newRockPaperScissors(winsToDecide));
  },
  moverOf: (game) => {
    const phase = at(game, PHASE);
    if (phase >= OVER) return undefined;
    return phase === PLAY ? 1 - committerOf(game) : committerOf(game);
  },
  winnerOf: (game) => {
    const mover = rockPaperScissorsTwin.moverOf(game);
    if (mover !== undefined) return isNew(game) ? undefined : 1 - mover;
    const winner = [0, 1].find((player) => at(game, WINS + player) >= at(game, WINS_TO_DECIDE));
    return winner;
  },
  play: (channelId, game, sender, message) => {
    const mover = rockPaperScissorsTwin.moverOf(game);
    if (mover === undefined) return refuse("GameOver");
    if (sender !== mover) return refuse("NotYourTurn");
    return move(channelId, game, message);
  },
};

type Played = Result<Uint8Array, TwinRefusal>;

const refuse = (by: string): Played => reject({ code: "MoveRefused", by });

function move(channelId: ChannelId, game: Uint8Array, message: LogMessage): Played {
  const payload = fromHex(message.payload);
  switch (message.messageType) {
    case "commit":
      return commit(game, payload);
    case "play":
      return answer(game, payload);
    case "reveal":
      return reveal(channelId, game, payload);
    default:
      return refuse("UnknownMessage");
  }
}

function commit(game: Uint8Array, payload: Uint8Array): Played {
  if (at(game, PHASE) !== COMMIT) return refuse("NotNow");
  if (payload.length !== 32) return refuse("MalformedPayload");
  const next = withByte(game, PHASE, PLAY);
  next.set(payload, COMMITMENT);
  return accept(next);
}

function answer(game: Uint8Array, payload: Uint8Array): Played {
  if (at(game, PHASE) !== PLAY) return refuse("NotNow");
  if (payload.length !== 1) return refuse("MalformedPayload");
  if (at(payload, 0) >= CHOICES) return refuse("NoSuchChoice");
  return accept(withByte(withByte(game, PHASE, REVEAL), PLAYED, at(payload, 0)));
}

function reveal(channelId: ChannelId, game: Uint8Array, payload: Uint8Array): Played {
  if (at(game, PHASE) !== REVEAL) return refuse("NotNow");
  if (payload.length !== 33) return refuse("MalformedPayload");
  if (at(payload, 0) >= CHOICES) return refuse("NoSuchChoice");
  const commitment = commitmentOf(channelId, committerOf(game), payload);
  const isCommitted = equalBytes(game.subarray(COMMITMENT, GAME_BYTES), commitment);
  return isCommitted ? accept(decided(game, at(payload, 0))) : refuse("NotWhatWasCommitted");
}

/** Paper beats rock, scissors beat paper, rock beats scissors: each beats the one before it. */
function decided(game: Uint8Array, committed: number): Uint8Array {
  const lead = (CHOICES + committed - at(game, PLAYED)) % CHOICES;
  const round = at(game, ROUND) + 1;
  const next = withByte(game, ROUND, round);
  let isOver = round === ROUNDS_MAX;
  if (lead !== 0) {
    const place = WINS + (lead === 1 ? committerOf(game) : 1 - committerOf(game));
    const wins = at(game, place) + 1;
    next[place] = wins;
    isOver ||= wins >= at(game, WINS_TO_DECIDE);
  }
  next[PHASE] = isOver ? OVER : COMMIT;
  return next;
}

function isNew(game: Uint8Array): boolean {
  return at(game, PHASE) === COMMIT && at(game, ROUND) === 0;
}

function committerOf(game: Uint8Array): number {
  return at(game, ROUND) % 2;
}

function withByte(game: Uint8Array, place: number, value: number): Uint8Array {
  const next = game.slice();
  next[place] = value;
  return next;
}

function at(bytes: Uint8Array, place: number): number {
  return bytes[place] ?? 0;
}
