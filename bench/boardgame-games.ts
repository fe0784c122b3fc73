/** Random legal games of tactics, each told to our reducer, to our twin and to boardgame.io in their own forms. */
import { newTactics, tacticsTwin } from "../contracts/tactics.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { LogMessage } from "../src/channel/message-log.ts";
import type { ReducerMessage } from "../src/derivation/sandbox/reducer-input.ts";
import { fromHex } from "../src/primitives/hex.ts";
import { tacticsMessage } from "../test/games/drawn-tactics.ts";
import { type BoardgameAction, boardgameAction, type TacticsMove } from "./boardgame-tactics.ts";
import type { Chance } from "./chance.ts";

/** One move, in the form of each. */
export type DrawnMove = {
  readonly sender: number;
  readonly message: LogMessage;
  readonly told: ReducerMessage;
  readonly action: BoardgameAction;
};

/** A game from its first move to its end, and what the twin has in the end. */
export type DrawnGame = { readonly moves: readonly DrawnMove[]; readonly end: Uint8Array };

/** The channel that all games are played in: these rules ask nothing of it. */
export const GAME_CHANNEL: ChannelId = `0x${"11".repeat(32)}` as ChannelId;

/** Plays on until somebody has won, or nobody can any more. What the rules refuse is not told. */
export function drawGame(chance: Chance): DrawnGame {
  const byte = (): number => chance.below(256);
  const moves: DrawnMove[] = [];
  let game = newTactics();
  for (;;) {
    const sender = tacticsTwin.moverOf(game);
    if (sender === undefined) return { moves, end: game };
    const message = tacticsMessage(game, [byte(), byte(), byte(), byte()]);
    const played = tacticsTwin.play(GAME_CHANNEL, game, sender, message);
    if (!played.ok) continue;
    moves.push(drawnMove(sender, message, moves.length + 1));
    game = played.value;
  }
}

function drawnMove(sender: number, message: LogMessage, turn: number): DrawnMove {
  const { messageType: type, payload, timeMs } = message;
  const order = fromHex(payload);
  const told = { turn, sender, type, payload: order, timeMs };
  return { sender, message, told, action: boardgameAction(sender, moveOf(order)) };
}

/** The move that an order of four bytes says; 255 is for nobody. */
export function moveOf([unit = 0, column = 0, row = 0, target = 0]: Uint8Array): TacticsMove {
  return [unit, column, row, target === 255 ? undefined : target];
}
