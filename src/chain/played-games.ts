/** The games whose contracts this program knows, by name: where they are on a chain, and how they begin. */
import {
  newRockPaperScissors,
  ROCK_PAPER_SCISSORS_REDUCER,
  rockPaperScissorsTwin,
} from "../../contracts/rock-paper-scissors.ts";
import { newTactics, TACTICS_REDUCER, tacticsTwin } from "../../contracts/tactics.ts";
import { emptyMessageLog, encodeMessageLog } from "../channel/message-log.ts";
import { type Twin, twinStateOf } from "../channel/message-log-twin.ts";
import type { Outcome } from "../channel/outcome.ts";
import type { Address } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import type { Deployment } from "./deployment.ts";

/** The names. */
export const GAME_NAMES = ["rock-paper-scissors", "tactics"] as const;

/** A game by its name. */
export type GameName = (typeof GAME_NAMES)[number];

/** A game that its contract knows. */
export type PlayedGame = {
  /** Which contract of a deployment it is. */
  readonly app: "rockPaperScissorsApp" | "tacticsApp";
  readonly reducer: Hash;
  readonly twin: Twin;
  /** The game before its first move. `winsToDecide` is 1 to 255, and of rock, paper, scissors alone. */
  readonly beginning: (winsToDecide?: number) => Uint8Array;
};

/** Each of them. */
export const PLAYED_GAMES: Readonly<Record<GameName, PlayedGame>> = {
  "rock-paper-scissors": {
    app: "rockPaperScissorsApp",
    reducer: ROCK_PAPER_SCISSORS_REDUCER,
    twin: rockPaperScissorsTwin,
    beginning: newRockPaperScissors,
  },
  tactics: {
    app: "tacticsApp",
    reducer: TACTICS_REDUCER,
    twin: tacticsTwin,
    beginning: newTactics,
  },
};

/** The app of a game on a chain, and the app data that a channel of it begins with. */
export function gameOpening(
  name: GameName,
  deployment: Deployment,
  outcome: Outcome,
  winsToDecide?: number,
): { readonly appDefinition: Address; readonly appData: Hex } {
  const { app, beginning, reducer } = PLAYED_GAMES[name];
  const log = emptyMessageLog(reducer, toHex(twinStateOf(beginning(winsToDecide), outcome)));
  return { appDefinition: deployment[app], appData: encodeMessageLog(log) };
}

/** The game whose app this is; undefined for an app of anything else. */
export function gameOfApp(deployment: Deployment, app: Address): GameName | undefined {
  return GAME_NAMES.find((name) => deployment[PLAYED_GAMES[name].app] === app);
}
