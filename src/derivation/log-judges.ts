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
import { openReducer, type Reducer } from "./sandbox/reducer.ts";
import type { ReducerMessage } from "./sandbox/reducer-input.ts";
import type { ReducerRejection } from "./sandbox/reducer-rejection.ts";

/**
 * Games that are kept where they stand: 64, with a memory of a few pages each. One that was dropped is played again
 * from its first message when it is asked about, a million messages a second.
 */
const KEPT_GAMES_MAX = 64;

/** A reducer, and how far it has heard the log of its channel. */
type Game = { readonly reducer: Reducer; count: number; runningHash: Hash; verdict: Verdict };

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
    const { channelId, runningHash, said } = played;
    const known = games.get(channelId);
    // Whoever moves asks twice, and so does whoever answers.
    if (known?.runningHash === runningHash && known.count >= said.length) return known.verdict;
    games.delete(channelId);
    const game = known !== undefined && isWithin(known, said) ? known : begin(module, played);
    if ("code" in game) return refused(game);
    const verdict = judge(game, played);
    if (verdict.ok) keep(games, channelId, game);
    return verdict;
  };
}

function isWithin({ count, runningHash }: Game, said: readonly AppMessage[]): boolean {
  const at = count === 0 ? EMPTY_LOG_HASH : said[count - 1]?.runningHash;
  return at === runningHash;
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
  return { reducer, count: 0, runningHash: EMPTY_LOG_HASH, verdict: accept(standingOf(reducer)) };
}

/** What the reducer has not heard yet, and what it is asked about. After a refusal it may have gone too far. */
function judge(game: Game, { added, runningHash, said }: PlayedLog): Verdict {
  for (const message of [...said.slice(game.count), ...added]) {
    const reduced = game.reducer.reduce(messageOf(message));
    if (!reduced.ok) return refused(reduced.reason);
    game.count += 1;
  }
  game.runningHash = runningHash;
  game.verdict = accept(standingOf(game.reducer));
  return game.verdict;
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
