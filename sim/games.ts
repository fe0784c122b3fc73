/** The games that scripts play: how they begin, what is said in them, and how somebody would cheat. */
import {
  commitmentOf,
  newRockPaperScissors,
  ROCK_PAPER_SCISSORS_REDUCER,
} from "../contracts/rock-paper-scissors.ts";
import { newTactics, TACTICS_REDUCER, tacticsOrder } from "../contracts/tactics.ts";
import { appsOf } from "../src/chain/deployed-apps.ts";
import type { Deployment } from "../src/chain/deployment.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { emptyMessageLog, encodeMessageLog } from "../src/channel/message-log.ts";
import { type Twin, twinStateOf } from "../src/channel/message-log-twin.ts";
import type { Outcome } from "../src/channel/outcome.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { type Hex, toHex } from "../src/primitives/hex.ts";
import { accept } from "../src/primitives/result.ts";
import type { App } from "../src/protocols/protocol.ts";

/** A game by its name. */
export type GameName = "rock-paper-scissors" | "tactics";

/** What somebody says in a game. */
export type Said = { readonly type: string; readonly payload: Uint8Array };

type Game = {
  readonly app: "rockPaperScissorsApp" | "tacticsApp";
  readonly reducer: Hash;
  readonly beginning: () => Uint8Array;
  /** The game as a cheater wants it to be: over, and won by `player`. */
  readonly forged: (game: Uint8Array, player: number) => Uint8Array;
};

const GAMES: Readonly<Record<GameName, Game>> = {
  "rock-paper-scissors": {
    app: "rockPaperScissorsApp",
    reducer: ROCK_PAPER_SCISSORS_REDUCER,
    beginning: () => newRockPaperScissors(1),
    // Bytes 1 and 2 count the wins, byte 4 says that it is over.
    forged: (game, player) => withBytes(game, [1 + player, game[0] ?? 1], [4, 3]),
  },
  tactics: {
    app: "tacticsApp",
    reducer: TACTICS_REDUCER,
    beginning: newTactics,
    // The third byte of each of the other one's three units has its hit points.
    forged: (game, player) => {
      const first = 1 + 9 * (1 - player);
      return withBytes(game, [first + 2, 0], [first + 5, 0], [first + 8, 0]);
    },
  },
};

function withBytes(
  game: Uint8Array,
  ...bytes: readonly (readonly [place: number, value: number])[]
): Uint8Array {
  const next = game.slice();
  for (const [place, value] of bytes) next[place] = value;
  return next;
}

/** The app of a game on a chain, and the app data that a channel of it begins with. */
export function gameOpening(
  name: GameName,
  deployment: Deployment,
  outcome: Outcome,
): { readonly appDefinition: Address; readonly appData: Hex } {
  const { app, beginning, reducer } = GAMES[name];
  const log = emptyMessageLog(reducer, toHex(twinStateOf(beginning(), outcome)));
  return { appDefinition: deployment[app], appData: encodeMessageLog(log) };
}

/** Rock, paper, scissors, as the game counts them. */
const CHOICES = { rock: 0, paper: 1, scissors: 2 } as const;

/** What is said in rock, paper, scissors. Who commits keeps the choice secret by 32 bytes that nobody can guess. */
export const rockPaperScissors = {
  commit: (channelId: ChannelId, player: number, choice: keyof typeof CHOICES): Said => {
    return { type: "commit", payload: commitmentOf(channelId, player, opened(choice)) };
  },
  play: (choice: keyof typeof CHOICES): Said => {
    return { type: "play", payload: Uint8Array.of(CHOICES[choice]) };
  },
  reveal: (choice: keyof typeof CHOICES): Said => ({ type: "reveal", payload: opened(choice) }),
};

/** In a story anybody may know the salt. */
function opened(choice: keyof typeof CHOICES): Uint8Array {
  return concatBytes(Uint8Array.of(CHOICES[choice]), new Uint8Array(32).fill(0x5a));
}

/** In tactics: a unit goes to a field, which may be its own, and strikes a target where there is one. */
export function tacticsAct(
  unit: number,
  [column, row]: readonly [number, number],
  target?: number,
): Said {
  const payload = tacticsOrder(unit, column, row, target ?? 255);
  return { type: "act", payload };
}

/** The apps that an actor's node signs for. A cheater's takes what is no move for a victory. */
export function appsOfActor(deployment: Deployment, isCheating = false): ReadonlyMap<Address, App> {
  const apps = appsOf(deployment);
  const cheating = new Map(apps);
  if (!isCheating) return apps;
  for (const { app, forged } of Object.values(GAMES)) {
    const honest = apps.get(deployment[app]);
    if (honest?.type !== "MessageLog" || honest.twin === undefined) continue;
    cheating.set(deployment[app], { ...honest, twin: cheatingTwin(honest.twin, forged) });
  }
  return cheating;
}

function cheatingTwin(twin: Twin, forged: Game["forged"]): Twin {
  return {
    ...twin,
    play: (channelId, game, sender, message) => {
      const played = twin.play(channelId, game, sender, message);
      return played.ok ? played : accept(forged(game, sender));
    },
  };
}
