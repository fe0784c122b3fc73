/** `channels node game show`: how a game stands, with its board, and whose move it is. */
import type { Command } from "commander";
import type { GameView } from "../api/game-types.ts";
import type { NodeClient } from "../client/node-client.ts";
import { type CommandShell, wrongUsage } from "./command-shell.ts";
import { GAME_ARGUMENT, gameNamed } from "./game-names.ts";
import { gameLines } from "./game-text.ts";
import { type ConnectionOptions, readNumber, withConnection, withNode } from "./node-connection.ts";
import { namesOf } from "./node-names.ts";

/** Messages that are shown where nobody asks for more. */
const MESSAGES_SHOWN = 6;

/** Messages that one answer of a node has at most. */
const MESSAGES_MAX = 500;

/** Milliseconds between two looks at a game. */
const LOOK_MS = 200;

type ShowOptions = ConnectionOptions & { readonly messages: number; readonly wait: boolean };

/** Adds the command. */
export function addGameShowCommand(game: Command, shell: CommandShell): void {
  withConnection(game.command("show").description("show how a game stands, and whose move it is"))
    .argument("<game>", GAME_ARGUMENT)
    .option("--messages <count>", "show the last so many messages", readNumber, MESSAGES_SHOWN)
    .option("--wait", "first wait until it is my turn, or nothing more comes", false)
    .action((text: string, options: ShowOptions) =>
      withNode(options, shell, async (client) => {
        const { json, messages, wait } = options;
        if (messages > MESSAGES_MAX) throw wrongUsage(`--messages goes up to ${MESSAGES_MAX}`);
        const channelId = await gameNamed(client, text);
        if (wait) await untilMyTurn(client, channelId, shell);
        await tellGame(client, channelId, { json, messages }, shell);
      }),
    );
}

/** How a game is told. */
export type TellOptions = {
  readonly json?: boolean;
  readonly messages?: number;
  /** Told beside the game in JSON. */
  readonly more?: object;
};

/** Looks at a game, and tells how it stands. */
export async function tellGame(
  client: NodeClient,
  channelId: string,
  { json = false, messages = MESSAGES_SHOWN, more = {} }: TellOptions,
  shell: CommandShell,
): Promise<void> {
  const game = await client.call("games_get", { channelId, limit: messages });
  if (json) return shell.out(JSON.stringify({ ...more, ...game }, undefined, 2));
  const ids = shell.columns === undefined ? "Whole" : "Short";
  const names = await namesOf(client);
  const telling = { names, ids, nowMs: Date.now(), program: shell.name } as const;
  shell.out(gameLines(game, telling).join("\n"));
}

/** Looks at a game again and again, until it is as wanted. */
export async function untilGame(
  client: NodeClient,
  channelId: string,
  isSo: (game: GameView) => boolean,
): Promise<void> {
  while (!isSo(await client.call("games_get", { channelId, limit: 0 }))) await Bun.sleep(LOOK_MS);
}

async function untilMyTurn(
  client: NodeClient,
  channelId: string,
  shell: CommandShell,
): Promise<void> {
  shell.progress("waiting for the other player ...");
  await untilGame(client, channelId, isDue);
  shell.progress("");
}

/** A game is waited for until it is paid, unless somebody has to close it first. */
function isDue({ dispute, mover, myIndex, phase }: GameView): boolean {
  if (phase === "Concluded") return true;
  if (phase !== "Running" && phase !== "Disputed") return false;
  if (dispute?.isFinal) return dispute.isPaidOut;
  return mover === myIndex || (mover === null && dispute === null);
}
