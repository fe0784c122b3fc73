/** Which moves there are in a game as it stands, and what is never one: what a wish to play chooses from. */
import { NO_TARGET } from "../../contracts/tactics.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import { type GameName, gameOfApp, PLAYED_GAMES } from "../../src/chain/played-games.ts";
import type { Channel } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import { decodeMessageLog } from "../../src/channel/message-log.ts";
import type { Twin } from "../../src/channel/message-log-twin.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import { fromHex, toHex } from "../../src/primitives/hex.ts";
import { newestMove } from "../../src/protocols/best-move.ts";
import { rockPaperScissors, type Said, tacticsAct } from "../games.ts";

/** A game as it stands in a channel. */
export type StandingGame = {
  readonly channelId: ChannelId;
  readonly name: GameName;
  readonly twin: Twin;
  /** The game's bytes, stakes behind them. */
  readonly game: Uint8Array;
};

/** The game in a state of a channel; undefined where there is none that a contract knows. */
export function gameIn(
  deployment: Deployment,
  channelId: ChannelId,
  { appDefinition }: FixedPart,
  { appData }: VariablePart,
): StandingGame | undefined {
  const name = gameOfApp(deployment, appDefinition);
  const log = decodeMessageLog(appData);
  if (name === undefined || !log.ok) return undefined;
  const { twin } = PLAYED_GAMES[name];
  return { channelId, name, twin, game: fromHex(log.value.twinState) };
}

/** The state that its node would move on: the newest one in a dispute, else what both signed. */
export function baseOf(channel: Channel): VariablePart | undefined {
  return (channel.isDisputed ? newestMove(channel) : channel.supported)?.variablePart;
}

/** Who has to move once all that is known here counts; undefined where the game is over. */
export function nextMover(deployment: Deployment, channel: Channel): number | undefined {
  const newest = newestMove(channel)?.variablePart;
  const standing = newest && gameIn(deployment, channel.id, channel.fixedPart, newest);
  return standing?.twin.moverOf(standing.game);
}

/** All moves of who has to move, in an order that is always the same; those that hurt are there twice. */
export function legalMoves(standing: StandingGame): readonly Said[] {
  const mover = standing.twin.moverOf(standing.game);
  if (mover === undefined) return [];
  const candidates =
    standing.name === "tactics" ? TACTICS_ORDERS : handsOf(standing.channelId, mover);
  const legal = candidates.filter((said) => isLegal(standing, mover, said));
  // Else the units walk about, and no game comes to its end.
  const strikes = legal.filter(({ payload, type }) => type === "act" && payload[3] !== NO_TARGET);
  return strikes.length === 0 ? legal : [...strikes, ...strikes, ...strikes, ...legal.slice(0, 9)];
}

function isLegal(
  { channelId, game, twin }: StandingGame,
  mover: number,
  { payload, type }: Said,
): boolean {
  const message = { messageType: type, payload: toHex(payload), timeMs: 0 };
  return twin.play(channelId, game, mover, message).ok;
}

const HANDS = ["rock", "paper", "scissors"] as const;

function handsOf(channelId: ChannelId, player: number): readonly Said[] {
  const { commit, play, reveal } = rockPaperScissors;
  return HANDS.flatMap((hand) => [commit(channelId, player, hand), play(hand), reveal(hand)]);
}

const UNITS = [0, 1, 2, 3, 4, 5] as const;
const FIELDS = UNITS.flatMap((column) => UNITS.map((row) => [column, row] as const));

const TACTICS_ORDERS: readonly Said[] = UNITS.flatMap((unit) =>
  FIELDS.flatMap((field) => [NO_TARGET, ...UNITS].map((target) => tacticsAct(unit, field, target))),
);

/** What is no move on any state: each list of messages is refused, whatever the game has come to. */
export function illegalMoves(standing: StandingGame): readonly (readonly Said[])[] {
  const { channelId, game, name, twin } = standing;
  const player = twin.moverOf(game) ?? 0;
  const [legal] = legalMoves(standing);
  const type = name === "tactics" ? "act" : "play";
  const strange: readonly Said[] = [
    { type: "cheat", payload: new Uint8Array() },
    { type, payload: new Uint8Array() },
    // There is no fourth hand, and no such unit, nor field.
    { type, payload: Uint8Array.of(3) },
    { type, payload: Uint8Array.of(9, 9, 9, 9) },
    { type: "reveal", payload: new Uint8Array(33).fill(player + 1) },
    { type, payload: new Uint8Array(TOO_MANY_BYTES) },
    { type: "", payload: Uint8Array.of(1) },
    { type: "a\u0000b", payload: fromHex(channelId) },
  ];
  const single = strange.map((said) => [said]);
  const first = legal === undefined ? [] : [legal];
  // After a move it is the other one's turn: there is no second one to be made.
  const twice = first.map((said) => [said, said]);
  const many = Array.from({ length: TOO_MANY_MESSAGES }, () => strange[0] as Said);
  return [...single, [], many, ...twice];
}

/** More than a message may have. */
const TOO_MANY_BYTES = 1_025;

/** More than a turn may have. */
const TOO_MANY_MESSAGES = 9;
