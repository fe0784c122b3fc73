/**
 * Oracle: nobody moves in a game but as its rules and its player have it. Whatever an honest node signs in a game is a
 * step of the rules on a state that it knows, pays what the rules pay, and says nothing in its player's name that she
 * has not asked for; it ends a game only when that is over, has not begun, or is ended by who loses by it. What was
 * said is one log, of which each player has a part from the beginning on. Nothing of the engine judges here.
 */
import type { Deployment } from "../../src/chain/deployment.ts";
import { gameOfApp, PLAYED_GAMES } from "../../src/chain/played-games.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import {
  EMPTY_LOG_HASH,
  type LogMessage,
  messageId,
  nextRunningHash,
} from "../../src/channel/message-log.ts";
import type { ObjectiveId } from "../../src/channel/objective-id.ts";
import { TURN } from "../../src/channel/state.ts";
import type { Hash } from "../../src/crypto/signature.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import type { ActorName } from "../actors.ts";
import { checkPayout, type GameBook, openBook, standingOf, takeStep } from "./game-book.ts";

type Appended = NodeEvent & { readonly type: "AppMessageAppended" };
type Signed = NodeEvent & { readonly type: "StateSigned" };

/** One game at one node. */
type Game = {
  readonly book: GameBook;
  readonly me: number;
  /** Who began what, of the objectives of its channel. */
  readonly openedBy: Map<ObjectiveId, number>;
  readonly said: Appended[];
};

/** The games of everybody who is judged. */
export class Games {
  readonly #deployment: Deployment;
  readonly #games = new Map<string, Game>();
  /** By channel, the running hash behind each message that anybody has in her log, and whose log it is. */
  readonly #logs = new Map<ChannelId, { readonly hash: Hash; readonly node: ActorName }[]>();
  /** By node, the moves that its user has asked for; undefined where nobody tells. */
  #asked: Map<ActorName, Set<string>> | undefined;

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  /** A user asks for a move. From the first call on, all moves must have been asked for. */
  sawWish(node: ActorName, channelId: ChannelId, messages: readonly LogMessage[]): void {
    this.#asked ??= new Map();
    const asked = this.#asked.get(node) ?? new Set();
    this.#asked.set(node, asked.add(keyOf(channelId, messages)));
  }

  /** Takes the next event of a log, and says what is wrong with it. */
  sawEvent(node: ActorName, event: NodeEvent): readonly string[] {
    if (event.type === "ChannelCreated") this.#open(node, event);
    if (!("channelId" in event) || event.channelId === undefined) return [];
    const game = this.#games.get(`${node} ${event.channelId}`);
    if (game === undefined) return [];
    switch (event.type) {
      case "ObjectiveCreated":
        game.openedBy.set(event.objectiveId, event.openedBy);
        return [];
      case "StateSigned":
        return found(event.channelId, this.#sign(node, game, event));
      case "StateReceived":
      case "ChannelResynced":
        // What a peer signs is known where it is a step, and else her own affair.
        takeStep(game.book, event.variablePart);
        return [];
      case "AppMessageAppended":
        return found(event.channelId, this.#append(node, game, event));
      default:
        return [];
    }
  }

  #open(node: ActorName, event: NodeEvent & { readonly type: "ChannelCreated" }): void {
    const { channelId, fixedPart, myIndex: me } = event;
    const name = gameOfApp(this.#deployment, fixedPart.appDefinition);
    const book = name && openBook(channelId, PLAYED_GAMES[name].twin, event);
    if (book === undefined) return;
    this.#games.set(`${node} ${channelId}`, { book, me, openedBy: new Map(), said: [] });
  }

  #sign(node: ActorName, game: Game, event: Signed): string | undefined {
    const { channelId, variablePart } = event;
    const { isFinal, turnNum } = variablePart;
    const about = `${node} signs turn ${turnNum}`;
    if (turnNum <= TURN.postfund) {
      const standing = standingOf(game.book, variablePart);
      return standing?.hasBegun === false ? undefined : `${about}, which is not the beginning`;
    }
    if (isFinal) return prefixed(about, checkEnd(game, event));
    const step = takeStep(game.book, variablePart);
    if (typeof step === "string") return `${about}, but ${step}`;
    if (step.by !== game.me || this.#asked === undefined) return undefined;
    const isAsked = this.#asked.get(node)?.has(keyOf(channelId, step.messages)) ?? false;
    return isAsked ? undefined : `${about}, a move that its user never asked for`;
  }

  #append(node: ActorName, game: Game, event: Appended): string | undefined {
    const { channelId, runningHash } = event;
    const { said } = game;
    const before = said.at(-1);
    const index = said.filter(({ turnNum }) => turnNum === event.turnNum).length;
    const message = {
      messageType: event.messageType,
      payload: event.payload,
      timeMs: event.messageTimeMs,
    };
    const id = messageId(channelId, event.turnNum, index, message);
    const hash = nextRunningHash(
      before?.runningHash ?? EMPTY_LOG_HASH,
      id,
      event.by,
      message.timeMs,
    );
    const place = said.push(event);
    if (hash !== runningHash)
      return `message ${place} of ${node}'s log is not chained to the one before`;
    const log = this.#logs.get(channelId) ?? [];
    this.#logs.set(channelId, log);
    const other = log[place - 1];
    if (other === undefined) log.push({ hash, node });
    if (other === undefined || other.hash === hash) return undefined;
    return `message ${place} of ${node}'s log is another one than in ${other.node}'s log`;
  }
}

function checkEnd(
  { book, openedBy }: Game,
  { objectiveId, variablePart }: Signed,
): string | undefined {
  const standing = standingOf(book, variablePart);
  if (standing === undefined) return "the end of a game that is not known";
  const { hasBegun, mover } = standing;
  const isLost = mover !== undefined && openedBy.get(objectiveId) === mover;
  if (mover !== undefined && hasBegun && !isLost) return "the end of a game that goes on";
  return checkPayout(book, variablePart);
}

/** What its state says of the log, and not of the turn: a move that was refused may be made again. */
function keyOf(channelId: ChannelId, messages: readonly LogMessage[]): string {
  const parts = messages.map(({ messageType, payload, timeMs }) => [messageType, payload, timeMs]);
  return JSON.stringify([channelId, parts]);
}

function prefixed(about: string, problem: string | undefined): string | undefined {
  return problem && `${about}: ${problem}`;
}

function found(channelId: ChannelId, problem: string | undefined): readonly string[] {
  return problem === undefined ? [] : [`${channelId}: ${problem}`];
}
