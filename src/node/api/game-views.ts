/** Games in the words of the API. */
import {
  type RockPaperScissorsGame,
  readRockPaperScissors,
} from "../../../contracts/rock-paper-scissors.ts";
import { readTactics } from "../../../contracts/tactics.ts";
import { type GameName, gameOfApp, PLAYED_GAMES } from "../../chain/played-games.ts";
import { type Channel, phaseOf, stateAt } from "../../channel/channel.ts";
import { isPaidOut } from "../../channel/holdings.ts";
import { decodeMessageLog, type MessageLog } from "../../channel/message-log.ts";
import type { Outcome } from "../../channel/outcome.ts";
import { isSupported, type SignedState } from "../../channel/signed-state.ts";
import { TURN } from "../../channel/state.ts";
import { assert, assertDefined } from "../../primitives/assert.ts";
import { fromHex, toHex } from "../../primitives/hex.ts";
import { newestMove } from "../../protocols/best-move.ts";
import { senderOf } from "../../protocols/message-log-rule.ts";
import type { RunningNode } from "../daemon/running-node.ts";
import type { AssetShares } from "./api-types.ts";
import type {
  GameDisputeView,
  GameMessageView,
  GameView,
  RockPaperScissorsView,
  TacticsView,
} from "./game-types.ts";

/** Which messages are wanted: from one on, or the newest. */
export type WantedMessages = { readonly from?: number | undefined; readonly limit: number };

/** One game. The channel is one of a message log. */
export function gameView(
  channel: Channel,
  { deployment }: Pick<RunningNode, "deployment">,
  wanted: WantedMessages,
): GameView {
  const { appMessages, fixedPart, fundingOutcome, id, myIndex } = channel;
  const game = gameOfApp(deployment, fixedPart.appDefinition);
  const state = shownState(channel);
  const log = decodeMessageLog(state.variablePart.appData);
  assert(log.ok, "a state of a message log has one");
  const isSigned = state.signatures.some((one) => one !== undefined);
  return {
    channelId: id,
    game: game ?? null,
    phase: phaseOf(channel),
    participants: fixedPart.participants,
    myIndex,
    stakes: sharesOf(fundingOutcome, myIndex),
    turnNum: isSigned ? state.variablePart.turnNum : null,
    isSignedByBoth: isSupported(state),
    mover: moverOf(channel, game, state, log.value),
    ifSilent: sharesOf(state.variablePart.outcome, myIndex),
    state: game === undefined ? null : STATES[game](fromHex(log.value.twinState)),
    dispute: disputeOf(channel),
    messageCount: appMessages.length,
    messages: messagesOf(channel, wanted),
  };
}

/** What was shown to the chain last, once that counts alone; else the newest state that anybody has signed. */
function shownState(channel: Channel): SignedState {
  const { adjudication, pending } = channel;
  const decided =
    adjudication.type === "Final" && adjudication.turnNum !== undefined
      ? stateAt(channel, adjudication.turnNum)
      : undefined;
  const newest = decided ?? newestMove(channel) ?? pending.get(TURN.prefund);
  return assertDefined(newest, "a state of a channel");
}

/** Nobody has to move in a channel that has ended, whatever the game would say. */
function moverOf(
  channel: Channel,
  game: GameName | undefined,
  { variablePart }: SignedState,
  log: MessageLog,
): number | null {
  if (channel.adjudication.type === "Final" || variablePart.isFinal) return null;
  const twin = game === undefined ? undefined : PLAYED_GAMES[game].twin;
  return senderOf(log, variablePart.turnNum + 1, twin) ?? null;
}

/** What each of the two has, asset by asset. */
function sharesOf(outcome: Outcome, myIndex: number): readonly AssetShares[] {
  return outcome.map(({ allocations, asset }) => ({
    asset,
    mine: `${allocations[myIndex]?.amount ?? 0n}`,
    theirs: `${allocations[1 - myIndex]?.amount ?? 0n}`,
  }));
}

/** A channel that both have closed is no dispute, though the chain has it on record as well. */
function disputeOf(channel: Channel): GameDisputeView | null {
  const { adjudication, isDisputed } = channel;
  const open = { dueAtMs: null, isFinal: false, isPaidOut: false };
  switch (adjudication.type) {
    case "Open":
      return isDisputed ? { ...open, turnNum: null } : null;
    case "Challenged": {
      const { finalizesAtSec, turnNum } = adjudication;
      return { ...open, turnNum, dueAtMs: 1_000 * finalizesAtSec };
    }
    case "Final": {
      const { turnNum } = adjudication;
      if (turnNum === undefined) return null;
      return { turnNum, dueAtMs: null, isFinal: true, isPaidOut: isPaidOut(channel) };
    }
  }
}

function messagesOf(
  { appMessages }: Channel,
  { from, limit }: WantedMessages,
): readonly GameMessageView[] {
  const first = from ?? Math.max(0, appMessages.length - limit);
  return appMessages
    .slice(first, first + limit)
    .map(({ by, messageTimeMs, messageType, payload, turnNum }) => {
      return { turnNum, by, type: messageType, payload, timeMs: messageTimeMs };
    });
}

const STATES: Readonly<
  Record<GameName, (game: Uint8Array) => RockPaperScissorsView | TacticsView>
> = {
  "rock-paper-scissors": (game) => rockPaperScissorsView(readRockPaperScissors(game)),
  tactics: (game) => ({ type: "tactics", ...readTactics(game) }),
};

function rockPaperScissorsView({
  commitment,
  played,
  rounds,
  ...game
}: RockPaperScissorsGame): RockPaperScissorsView {
  return {
    type: "rock-paper-scissors",
    ...game,
    round: game.phase === "over" ? rounds : rounds + 1,
    played: played ?? null,
    commitment: commitment === undefined ? null : toHex(commitment),
  };
}
