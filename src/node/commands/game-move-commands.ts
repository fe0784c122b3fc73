/** `channels node game move` and `say`: what a player does, here or on the chain. */
import { type Command, InvalidArgumentError } from "commander";
import type { ObjectiveView } from "../api/api-types.ts";
import type { GameView, MovedView } from "../api/game-types.ts";
import type { NodeClient } from "../client/node-client.ts";
import { type CommandShell, EXIT, failure, wrongUsage } from "./command-shell.ts";
import { readMove, type SaidMessage } from "./game-move-words.ts";
import { GAME_ARGUMENT, gameNamed } from "./game-names.ts";
import { tellGame, untilGame } from "./game-show-command.ts";
import {
  type ConnectionOptions,
  DATA_DIRECTORY,
  readNumber,
  withConnection,
  withNode,
} from "./node-connection.ts";
import { nameOf, namesOf } from "./node-names.ts";

type MoveOptions = ConnectionOptions & {
  readonly patience: number;
  readonly wait: boolean;
};

/** Seconds for the other player's node to sign a move, which it does by itself within a blink. */
const PATIENCE_SEC = 10;

/** Milliseconds between two looks at a move. */
const LOOK_MS = 1_000;

/** Adds the commands. */
export function addGameMoveCommands(game: Command, shell: CommandShell): void {
  moving(game.command("move").description("make a move; in a disputed game, on the chain"))
    .argument(
      "<move...>",
      "rock, paper, scissors, reveal; or <unit> <column>,<row> [strike <unit>]",
    )
    .action((text: string, words: readonly string[], options: MoveOptions) =>
      say(text, options, shell, (view) => readMove(view, words, options.data ?? DATA_DIRECTORY)),
    );
  moving(game.command("say").description("write a message of any type into a game"))
    .argument("<type>", "what the game calls messages of this kind", readType)
    .argument("<payload>", "its bytes in hex, as 0x01", readPayload)
    .action((text: string, type: string, payload: string, options: MoveOptions) =>
      say(text, options, shell, () => ({ type, payload })),
    );
}

function moving(command: Command): Command {
  return withConnection(command)
    .argument("<game>", GAME_ARGUMENT)
    .option("--patience <seconds>", "how long the other player may take", readNumber, PATIENCE_SEC)
    .option("--no-wait", "wait neither for a signature nor for the chain");
}

function say(
  text: string,
  options: MoveOptions,
  shell: CommandShell,
  read: (game: GameView) => SaidMessage,
): Promise<void> {
  return withNode(options, shell, async (client) => {
    const channelId = await gameNamed(client, text);
    const game = await client.call("games_get", { channelId, limit: 0 });
    await checkTurn(client, game);
    const moved = await client.call("games_move", {
      channelId,
      messages: [read(game)],
      baseTurnNum: game.turnNum ?? 0,
    });
    if (options.wait) await untilMoved(client, channelId, moved, options, shell);
    await tellGame(client, channelId, { json: options.json, more: moved }, shell);
  });
}

/** Says what is wrong before a choice is hidden or anything is asked for. */
async function checkTurn(client: NodeClient, game: GameView): Promise<void> {
  const { dispute, isSignedByBoth, mover, myIndex, participants, phase } = game;
  if (phase !== "Running" && phase !== "Disputed") {
    throw wrongUsage(
      phase === "Funding" ? "the game has not begun: both have to pay in" : "the game is over",
    );
  }
  if (mover === null || dispute?.isFinal) throw wrongUsage("the game is over");
  if (mover === myIndex) return;
  const other = nameOf(await namesOf(client), participants[1 - myIndex] ?? "", "Whole");
  throw wrongUsage(
    isSignedByBoth || dispute !== null
      ? `it is the turn of ${other}`
      : `the last move still waits for ${other} to sign it`,
  );
}

/** On the chain a move is made once a confirmed block has it; elsewhere, once the other one has signed it. */
async function untilMoved(
  client: NodeClient,
  channelId: string,
  { baseTurnNum, isOnChain, objectiveId }: MovedView,
  { patience }: MoveOptions,
  shell: CommandShell,
): Promise<void> {
  if (isOnChain) {
    shell.progress("waiting until the chain has the move ...");
    await untilGame(client, channelId, (game) => isShown(game, baseTurnNum + 1));
    return;
  }
  shell.progress("waiting until the other player's node has signed the move ...");
  const endMs = Date.now() + 1_000 * patience;
  let objective = await client.call("objectives_get", { objectiveId });
  while (objective.waitingFor !== "Nothing" && Date.now() < endMs) {
    objective = await client.call("objectives_wait", { objectiveId, timeoutMs: LOOK_MS });
  }
  if (objective.status === "Rejected")
    await untilTaken(client, channelId, baseTurnNum + 1, objective);
}

/** The other player's node signs nothing in a game that the chain decides: a move that came too late for it goes there. */
async function untilTaken(
  client: NodeClient,
  channelId: string,
  turnNum: number,
  { rejectionCode }: ObjectiveView,
): Promise<void> {
  const { dispute } = await client.call("games_get", { channelId, limit: 0 });
  if (dispute !== null) return untilGame(client, channelId, (game) => isShown(game, turnNum));
  const why = rejectionCode ?? "no reason was given";
  throw failure(
    EXIT.checkFailed,
    `the other player's node does not sign the move (${why}); the chain takes it without, once either asks it to decide`,
  );
}

function isShown({ dispute, phase }: GameView, turnNum: number): boolean {
  if (dispute === null) return phase === "Concluded";
  return dispute.isFinal || (dispute.turnNum ?? 0) >= turnNum;
}

function readType(text: string): string {
  if (/^[ -~]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError("It is 1 to 64 plain characters.");
}

function readPayload(text: string): string {
  if (/^0x(?:[0-9a-fA-F]{2}){0,1024}$/.test(text)) return text;
  throw new InvalidArgumentError("It is 0x and up to 1,024 bytes in hex.");
}
