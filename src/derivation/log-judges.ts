/** The judges of games that no contract knows: their reducers, asked about the next messages. Source: ADR 0040. */
import type { AppMessage } from "../channel/app-message.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { EMPTY_LOG_HASH } from "../channel/message-log.ts";
import type { Hash } from "../crypto/signature.ts";
import { fromHex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Judge, NewMessage, PlayedLog, Standing } from "../protocols/message-log-app.ts";
import type { Rejection } from "../protocols/rejection.ts";
import type { AdmittedModule } from "./sandbox/admission.ts";
import { openReducer, type Reducer, restoreReducer } from "./sandbox/reducer.ts";
import type { ReducerMessage } from "./sandbox/reducer-input.ts";
import type { ReducerRejection } from "./sandbox/reducer-rejection.ts";

/**
 * Games that are kept where they stand: 64, with a memory of a few pages each, twice. One that was dropped is played
 * again from its first message when it is asked about, a million messages a second.
 */
const KEPT_GAMES_MAX = 64;

/** How far a log was heard. */
type Place = { readonly count: number; readonly runningHash: Hash };

/**
 * A reducer, and how far it has heard the log of its channel. What a peer wants to say may be refused, or never signed:
 * then the reducer goes back to what was in force, and does not hear the whole log once more.
 */
type Game = Place & {
  readonly reducer: Reducer;
  readonly verdict: Verdict;
  /** Before what was tried last; undefined before anything was. */
  readonly agreed: (Place & { readonly snapshot: Uint8Array }) | undefined;
};

type Verdict = Result<Standing, Rejection>;

/** The judge of each of these modules, by its id. What they remember changes no verdict, only how long it takes. */
export function createLogJudges(
  modules: Iterable<AdmittedModule>,
): (reducerId: Hash) => Judge | undefined {
  const judges = new Map<string, Judge>();
  for (const module of modules) judges.set(module.id, createJudge(module));
  return (reducerId) => judges.get(reducerId);
}

function createJudge(module: AdmittedModule): Judge {
  const games = new Map<ChannelId, Game>();
  return (played) => {
    const { added, channelId, runningHash, said } = played;
    const known = games.get(channelId);
    // Whoever moves asks twice, and so does whoever answers.
    const isAgain = known?.runningHash === runningHash && known.count >= said.length;
    if (isAgain && known.verdict.ok) return known.verdict;
    games.delete(channelId);
    const from = known === undefined ? undefined : goBack(module, known, said);
    const begun = from ?? begin(module, played);
    if ("code" in begun) return refused(begun);
    const agreed = hear(begun, said.slice(begun.count));
    if (!agreed.verdict.ok) return agreed.verdict;
    const game = added.length === 0 ? agreed : tryOut(agreed, played);
    keep(games, channelId, game);
    return game.verdict;
  };
}

/** The game where it stands, or as it was before somebody tried something; undefined where it has to begin anew. */
function goBack(module: AdmittedModule, game: Game, said: readonly AppMessage[]): Game | undefined {
  if (game.verdict.ok && isWithin(game, said)) return game;
  const { agreed } = game;
  if (agreed === undefined || !isWithin(agreed, said)) return undefined;
  // What refuses its first message is as before.
  const isThere = !game.verdict.ok && game.count === agreed.count;
  const restored = isThere ? accept(game.reducer) : restoreReducer(module, agreed.snapshot);
  if (!restored.ok) return undefined;
  const reducer = restored.value;
  const { count, runningHash } = agreed;
  return { reducer, count, runningHash, verdict: accept(standingOf(reducer)), agreed };
}

function isWithin({ count, runningHash }: Place, said: readonly AppMessage[]): boolean {
  return (count === 0 ? EMPTY_LOG_HASH : said[count - 1]?.runningHash) === runningHash;
}

function begin(
  module: AdmittedModule,
  { channelId, fixedPart, funding, parameters }: PlayedLog,
): Game | ReducerRejection {
  const assets = funding.map(({ allocations, asset }) => {
    return { asset, amounts: allocations.map(({ amount }) => amount) };
  });
  const { challengeDurationSec, participants } = fixedPart;
  const init = { channelId, participants, assets, challengeDurationSec, parameters };
  const opened = openReducer(module, init);
  if (!opened.ok) return opened.reason;
  const reducer = opened.value;
  const verdict = accept(standingOf(reducer));
  return { reducer, count: 0, runningHash: EMPTY_LOG_HASH, verdict, agreed: undefined };
}

/** Judges what is new, and remembers how it was before. */
function tryOut(game: Game, { added, runningHash }: PlayedLog): Game {
  const { agreed, count, reducer } = game;
  const isKept = agreed?.count === count && agreed.runningHash === game.runningHash;
  const before = { count, runningHash: game.runningHash };
  const back = isKept ? agreed : { ...before, snapshot: reducer.snapshot() };
  return { ...hear(game, added), runningHash, agreed: back };
}

/** The game with these messages, or with those before the first that is refused. */
function hear(game: Game, messages: readonly (NewMessage | AppMessage)[]): Game {
  const { reducer } = game;
  let { count, runningHash } = game;
  for (const message of messages) {
    const reduced = reducer.reduce(messageOf(message));
    if (!reduced.ok) return { ...game, count, runningHash, verdict: refused(reduced.reason) };
    count += 1;
    if ("runningHash" in message) runningHash = message.runningHash;
  }
  return { ...game, count, runningHash, verdict: accept(standingOf(reducer)) };
}

function messageOf({
  by,
  messageTimeMs,
  messageType,
  payload,
  turnNum,
}: NewMessage): ReducerMessage {
  return {
    turn: turnNum,
    sender: by,
    type: messageType,
    payload: fromHex(payload),
    timeMs: messageTimeMs,
  };
}

function refused(reason: ReducerRejection): Verdict {
  return reject({
    code: "ReducerRefused",
    by: reason.code === "Refused" ? reason.by : reason.code,
  });
}

function standingOf(reducer: Reducer): Standing {
  const { amounts, nextMover } = reducer.outcome();
  return { amounts, mover: nextMover };
}

/** The one that was asked about longest ago gives way. */
function keep(games: Map<ChannelId, Game>, channelId: ChannelId, game: Game): void {
  games.set(channelId, game);
  const [oldest] = games.keys();
  if (games.size > KEPT_GAMES_MAX && oldest !== undefined) games.delete(oldest);
}
