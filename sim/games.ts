/** What is said in the games that scripts play, and how somebody would cheat. */
import { commitmentOf } from "../contracts/rock-paper-scissors.ts";
import { tacticsOrder } from "../contracts/tactics.ts";
import { appsOf } from "../src/chain/deployed-apps.ts";
import type { Deployment } from "../src/chain/deployment.ts";
import { GAME_NAMES, type GameName, PLAYED_GAMES } from "../src/chain/played-games.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { Twin } from "../src/channel/message-log-twin.ts";
import type { Address } from "../src/crypto/address.ts";
import { createLogJudges } from "../src/derivation/log-judges.ts";
import type { AdmittedModule } from "../src/derivation/sandbox/admission.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { accept } from "../src/primitives/result.ts";
import type { App } from "../src/protocols/protocol.ts";
import type { ActorName } from "./actors.ts";

/** What somebody says in a game. */
export type Said = { readonly type: string; readonly payload: Uint8Array };

/** The game as a cheater wants it to be: over, and won by `player`. */
export type Forgery = (game: Uint8Array, player: number) => Uint8Array;

/** By game, what a cheater says that it has come to. */
export const FORGERIES: Readonly<Record<GameName, Forgery>> = {
  // Bytes 1 and 2 count the wins, byte 4 says that it is over.
  "rock-paper-scissors": (game, player) => withBytes(game, [1 + player, game[0] ?? 1], [4, 3]),
  // The third byte of each of the other one's three units has its hit points.
  tactics: (game, player) => {
    const first = 1 + 9 * (1 - player);
    return withBytes(game, [first + 2, 0], [first + 5, 0], [first + 8, 0]);
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

/** What decides the apps of an actor. */
export type ActorApps = {
  readonly chain: { readonly deployment: Deployment };
  /** Whose node takes what is no move for a victory. */
  readonly cheating?: readonly ActorName[];
  /** The reducers of games that no contract knows. */
  readonly modules?: readonly AdmittedModule[];
};

/** The apps that an actor's node signs for. */
export function appsOfActor(
  name: ActorName,
  { chain: { deployment }, cheating: cheaters = [], modules = [] }: ActorApps,
): ReadonlyMap<Address, App> {
  const apps = appsOf(deployment, createLogJudges(modules));
  const cheating = new Map(apps);
  if (!cheaters.includes(name)) return apps;
  for (const game of GAME_NAMES) {
    const app = deployment[PLAYED_GAMES[game].app];
    const honest = apps.get(app);
    if (honest?.type !== "MessageLog" || honest.twin === undefined) continue;
    cheating.set(app, { ...honest, twin: cheatingTwin(honest.twin, FORGERIES[game]) });
  }
  return cheating;
}

function cheatingTwin(twin: Twin, forged: Forgery): Twin {
  return {
    ...twin,
    play: (channelId, game, sender, message) => {
      const played = twin.play(channelId, game, sender, message);
      return played.ok ? played : accept(forged(game, sender));
    },
  };
}
