/** Twins: games whose rules a contract knows, as this program plays them. Source: MessageLogApp.sol. */
import { concatBytes } from "../primitives/bytes.ts";
import type { Result } from "../primitives/result.ts";
import type { ChannelId } from "./channel-id.ts";
import type { LogMessage } from "./message-log.ts";
import type { Outcome } from "./outcome.ts";

/** A game whose rules a contract knows, as this program plays it. Games are bytes: see the twin's contract. */
export type Twin = {
  /** Bytes of a game, stakes apart. */
  readonly gameBytes: number;
  /** True for a game before its first move. */
  readonly isBeginning: (game: Uint8Array) => boolean;
  /** The participant who has to move; undefined when it is over. */
  readonly moverOf: (game: Uint8Array) => number | undefined;
  /** The participant who gets all if nobody moves any more; undefined when all get back what they brought. */
  readonly winnerOf: (game: Uint8Array) => number | undefined;
  /** The game after one message, or a word that says why it is no move. */
  readonly play: (
    channelId: ChannelId,
    game: Uint8Array,
    sender: number,
    message: LogMessage,
  ) => Result<Uint8Array, TwinRefusal>;
};

/** Why a message is no move, in the word of the reducer and of the contract. Its sender is at fault. */
export type TwinRefusal = { readonly code: "MoveRefused"; readonly by: string };

/** Bytes of one stake behind the game: what the first participant brought in, of one asset. */
export const STAKE_BYTES = 32;

/** What the twin keeps at the beginning: the game, and what the first participant brings in. */
export function twinStateOf(game: Uint8Array, funding: Outcome): Uint8Array {
  const stakes = funding.map(({ allocations }) => {
    const stake = allocations[0]?.amount ?? 0n;
    return Uint8Array.fromHex(stake.toString(16).padStart(2 * STAKE_BYTES, "0"));
  });
  return concatBytes(game, ...stakes);
}
