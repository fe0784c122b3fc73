/** Asks nodes for moves of games: for legal ones once it is their turn, for others at once. */
import type { Change } from "../../src/channel/change.ts";
import type { Channel } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { toHex } from "../../src/primitives/hex.ts";
import type { Said } from "../games.ts";
import type { World } from "../world.ts";
import { baseOf, gameIn, illegalMoves, legalMoves, nextMover } from "./game-moves.ts";
import type { ChannelWish, Wish } from "./wish.ts";

/** A wish to move. */
export type PlayWish = Wish & ChannelWish & { readonly type: "Play" };

/** A wish to move, as its node is asked. */
export type MoveRequest = {
  readonly type: "UpdateChannel";
  readonly channelId: ChannelId;
  readonly change: Change & { readonly type: "Play" };
};

/** Virtual milliseconds between two looks whose turn it is. */
const LOOK_MS = 400;

/** Virtual milliseconds that a player waits for the other one, where nothing is in dispute. */
const PATIENCE_MS = 30_000;

/** Waits until the one who wishes has to move, or nobody has to, or she has no patience left. */
export async function awaitTurn(world: World, channelId: ChannelId, wish: PlayWish): Promise<void> {
  const sinceMs = world.virtualMs;
  for (;;) {
    const channel = channelOf(world, channelId, wish);
    if (channel === undefined || !isOthersTurn(world, channel)) return;
    const challengeMs = channel.fixedPart.challengeDurationSec * 1_000;
    const patienceMs = channel.isDisputed ? challengeMs : PATIENCE_MS;
    if (world.virtualMs - sinceMs > patienceMs) return;
    await world.pause(LOOK_MS);
  }
}

function channelOf(world: World, channelId: ChannelId, { by }: PlayWish): Channel | undefined {
  const node = world.node(by);
  return node.isRunning ? node.engine.channel(channelId) : undefined;
}

function isOthersTurn({ options }: World, channel: Channel): boolean {
  const mover = nextMover(options.chain.deployment, channel);
  return mover !== undefined && mover !== channel.myIndex;
}

/** What the node of who wishes is asked for; undefined where it knows no such game. */
export function moveRequest(
  world: World,
  channelId: ChannelId,
  wish: PlayWish,
): MoveRequest | undefined {
  const channel = channelOf(world, channelId, wish);
  const base = channel && baseOf(channel);
  const { deployment } = world.options.chain;
  const standing = base && gameIn(deployment, channelId, channel.fixedPart, base);
  if (standing === undefined || base === undefined) return undefined;
  const moves: readonly (readonly Said[])[] =
    wish.move === "Legal" ? legalMoves(standing).map((one) => [one]) : illegalMoves(standing);
  // When the game is over, any move is one too many.
  const said = moves[wish.choice % Math.max(1, moves.length)] ?? AFTER_THE_END;
  const timeMs = Math.floor(world.virtualMs);
  const messages = said.map(({ payload, type }) => {
    return { messageType: type, payload: toHex(payload), timeMs };
  });
  const change = { type: "Play", baseTurnNum: base.turnNum, messages } as const;
  return { type: "UpdateChannel", channelId, change };
}

const AFTER_THE_END: readonly Said[] = [{ type: "play", payload: Uint8Array.of(0) }];
