/** Methods that open games, make moves in them, and look at them. */
import { z } from "zod";
import { systemClock } from "../../adapters/system-clock.ts";
import { GAME_NAMES, gameOpening } from "../../chain/played-games.ts";
import { LOG_MESSAGES_MAX } from "../../channel/app-message.ts";
import type { Channel } from "../../channel/channel.ts";
import { LOG_MESSAGES_PER_TURN_MAX, LOG_PAYLOAD_BYTES_MAX } from "../../channel/message-log.ts";
import { disputeId } from "../../channel/objective-id.ts";
import { isPlayedOnChain } from "../../engine/play-on-chain.ts";
import type { Hex } from "../../primitives/hex.ts";
import { accept } from "../../primitives/result.ts";
import { newestMove } from "../../protocols/best-move.ts";
import { type ApiFault, type ApiResult, fault } from "./api-error.ts";
import {
  address,
  bytes,
  count,
  durationSec,
  hash,
  once,
  openedView,
  PAGE_DEFAULT,
  sharesList,
} from "./api-schemas.ts";
import type { OpenedView } from "./api-types.ts";
import {
  addressIn,
  ask,
  askToOpen,
  CHALLENGE_DURATION_SEC,
  channelIdIn,
  onceOf,
  outcomeOf,
} from "./asking.ts";
import { EXAMPLE } from "./examples.ts";
import { gameViewSchema } from "./game-schemas.ts";
import type { GameMethods, MovedView, MoveParams, OpenGameParams } from "./game-types.ts";
import { gameView } from "./game-views.ts";
import type { ApiContext, MethodsOf } from "./method.ts";

/** Messages in one answer: each may have a kilobyte. */
const MESSAGES_MAX = 500;

/** A game counts its rounds in one byte. */
const WINS_MAX = 255;

const message = z.strictObject({
  type: z.string().regex(/^[ -~]{1,64}$/),
  payload: bytes.refine((hex) => hex.length <= 2 + 2 * LOG_PAYLOAD_BYTES_MAX, "above 1,024 bytes"),
});

/** The methods by name. */
export const gameMethods: MethodsOf<GameMethods> = {
  games_open: {
    scope: "manage",
    summary: "opens a game for money with a peer, and funds it on the chain",
    description:
      "This node is the first player. `mine` is what it brings in, `theirs` what the peer does, as far as that one's policy allows. A move that is late loses by a challenge of `challengeDurationSec`, a day where absent.",
    params: z.strictObject({
      ...once,
      peer: address,
      game: z.enum(GAME_NAMES),
      stakes: sharesList,
      winsToDecide: z.number().int().min(1).max(WINS_MAX).optional(),
      challengeDurationSec: durationSec.optional(),
    }),
    result: openedView,
    errors: ["Refused", "KeyReused"],
    example: {
      peer: EXAMPLE.peer,
      game: "rock-paper-scissors",
      stakes: [{ asset: EXAMPLE.coin, mine: "60", theirs: "40" }],
    },
    run: open,
  },
  games_move: {
    scope: "pay",
    summary: "makes a move in a game, or writes into a channel of messages",
    description:
      "In a channel that the chain decides the move goes there, and nobody has to sign it. A refusal of the game itself is `MoveRefused`, with the word of its contract in `data.by`.",
    params: z.strictObject({
      ...once,
      channelId: hash,
      messages: z.array(message).min(1).max(LOG_MESSAGES_PER_TURN_MAX),
      baseTurnNum: count.optional(),
    }),
    result: z.strictObject({
      objectiveId: z.string(),
      baseTurnNum: count,
      isOnChain: z.boolean(),
    }),
    errors: ["Refused", "NotFound", "KeyReused"],
    example: { channelId: EXAMPLE.channelId, messages: [{ type: "play", payload: "0x01" }] },
    run: move,
  },
  games_get: {
    scope: "read",
    summary: "tells how a game stands, whose move it is, and what was said in it",
    params: z.strictObject({
      channelId: hash,
      from: z.number().int().min(0).max(LOG_MESSAGES_MAX).optional(),
      limit: z.number().int().min(0).max(MESSAGES_MAX).optional(),
    }),
    result: gameViewSchema,
    errors: ["NotFound", "Refused"],
    example: { channelId: EXAMPLE.channelId },
    run: ({ channelId, from, limit = PAGE_DEFAULT }, { node }) => {
      const found = findGame(node.engine.channel(channelIdIn(channelId)), channelId);
      return found.ok ? accept(gameView(found.value, node, { from, limit })) : found;
    },
  },
};

function open(
  params: OpenGameParams,
  context: ApiContext,
): Promise<ApiResult<OpenedView>> | ApiResult<OpenedView> {
  const { challengeDurationSec = CHALLENGE_DURATION_SEC, game, stakes, winsToDecide } = params;
  if (winsToDecide !== undefined && game !== "rock-paper-scissors") {
    return fault("InvalidParams", { problems: ["winsToDecide is of rock-paper-scissors alone"] });
  }
  const { address: me, deployment } = context.node;
  const participants = [me, addressIn(params.peer)] as const;
  const outcome = outcomeOf(stakes, participants);
  const opening = gameOpening(game, deployment, outcome, winsToDecide);
  const request = { type: "FundDirectly", participants, outcome, ...opening } as const;
  return askToOpen(context, { ...request, challengeDurationSec }, onceOf("games_open", params));
}

async function move(params: MoveParams, context: ApiContext): Promise<ApiResult<MovedView>> {
  const found = findGame(
    context.node.engine.channel(channelIdIn(params.channelId)),
    params.channelId,
  );
  if (!found.ok) return found;
  const channel = found.value;
  const baseTurnNum = params.baseTurnNum ?? newestTurn(channel);
  const timeMs = systemClock.nowMs();
  const messages = params.messages.map(({ payload, type }) => {
    return { messageType: type, payload: payload.toLowerCase() as Hex, timeMs };
  });
  const change = { type: "Play", baseTurnNum, messages } as const;
  const request = { type: "UpdateChannel", channelId: channel.id, change } as const;
  const asked = await ask(context, request, onceOf("games_move", params));
  if (!asked.ok) return isOwnMoveOpen(channel, params, asked.reason) ? ownMoveWaits() : asked;
  const { objectiveId } = asked.value;
  return accept({ objectiveId, baseTurnNum, isOnChain: objectiveId === disputeId(channel.id) });
}

/** Where one's own last move waits for a signature, a further one fits no state: it is refused as stale. */
const newestTurn = (channel: Channel): number => newestMove(channel)?.variablePart.turnNum ?? 0;

function isOwnMoveOpen(channel: Channel, { baseTurnNum }: MoveParams, { data }: ApiFault): boolean {
  return baseTurnNum === undefined && data?.["code"] === "StaleChange" && !isPlayedOnChain(channel);
}

function ownMoveWaits(): ReturnType<typeof fault> {
  const text =
    "Refused: the last move still waits for the other player's signature; where none comes, let the chain decide";
  return fault("Refused", { code: "MoveWaits" }, text);
}

function findGame(channel: Channel | undefined, channelId: string): ApiResult<Channel> {
  if (channel === undefined) return fault("NotFound", { channelId });
  const text = "Refused: this is no channel of a game";
  return channel.use.type === "MessageLog"
    ? accept(channel)
    : fault("Refused", { code: "NotAGame" }, text);
}
