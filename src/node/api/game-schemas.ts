/** The forms of games, as the documents and the checks have them. */
import { z } from "zod";
import { GAME_NAMES } from "../../chain/played-games.ts";
import { address, bytes, count, hash, sharesList } from "./api-schemas.ts";
import type { GameView } from "./game-types.ts";

const rockPaperScissors = z.strictObject({
  type: z.literal("rock-paper-scissors"),
  winsToDecide: count,
  wins: z.array(count),
  round: count,
  phase: z.enum(["commit", "play", "reveal", "over"]),
  committer: count,
  played: z.union([z.enum(["rock", "paper", "scissors"]), z.null()]),
  commitment: z.union([hash, z.null()]),
});

const tactics = z.strictObject({
  type: z.literal("tactics"),
  turn: count,
  turnsMax: count,
  fields: count,
  units: z.array(
    z.strictObject({
      unit: count,
      player: count,
      kind: z.enum(["knight", "archer", "scout"]),
      column: count,
      row: count,
      hitPoints: count,
      hitPointsMax: count,
      movement: count,
      range: count,
      damage: count,
    }),
  ),
});

/** A game. */
export const gameViewSchema: z.ZodType<GameView> = z.strictObject({
  channelId: hash,
  game: z.union([z.enum(GAME_NAMES), z.null()]),
  phase: z.enum(["Funding", "Running", "Closing", "Finalized", "Disputed", "Concluded"]),
  participants: z.array(address),
  myIndex: count,
  stakes: sharesList,
  turnNum: z.union([count, z.null()]),
  isSignedByBoth: z.boolean(),
  mover: z.union([count, z.null()]),
  ifSilent: sharesList,
  state: z.union([rockPaperScissors, tactics, z.null()]),
  dispute: z.union([
    z.strictObject({
      turnNum: z.union([count, z.null()]),
      dueAtMs: z.union([count, z.null()]),
      isFinal: z.boolean(),
      isPaidOut: z.boolean(),
    }),
    z.null(),
  ]),
  messageCount: count,
  messages: z.array(
    z.strictObject({
      turnNum: count,
      by: count,
      type: z.string(),
      payload: bytes,
      timeMs: count,
    }),
  ),
});
