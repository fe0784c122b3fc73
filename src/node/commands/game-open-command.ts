/** `channels node game open`: begins a game for money. */
import { Argument, type Command, InvalidArgumentError } from "commander";
import { GAME_NAMES, type GameName } from "../../chain/played-games.ts";
import { ZERO_ADDRESS } from "../../crypto/address.ts";
import type { OpenedView } from "../api/api-types.ts";
import type { NodeClient } from "../client/node-client.ts";
import { type CommandShell, wrongUsage } from "./command-shell.ts";
import { tellGame } from "./game-show-command.ts";
import { type ConnectionOptions, readNumber, withConnection, withNode } from "./node-connection.ts";
import { amountOption, namesOf, peerNamed, readAsset } from "./node-names.ts";
import { untilOver, wordsOf } from "./node-progress.ts";

type OpenOptions = ConnectionOptions & {
  readonly stake: bigint;
  readonly theirStake: bigint;
  readonly asset: string;
  readonly wins?: number;
  readonly challenge?: number;
  readonly key?: string;
  readonly wait: boolean;
};

/** Adds the command. */
export function addGameOpenCommand(game: Command, shell: CommandShell): void {
  withConnection(
    game.command("open").description("begin a game with a peer; this node moves first"),
  )
    .argument("<peer>", "the other player: its name, its address, or the first digits of it")
    .addArgument(new Argument("<game>", "what is played").choices(GAME_NAMES))
    .addOption(amountOption("--stake <amount>", "what this node brings in: 1000, 20gwei, 0.5eth"))
    .addOption(amountOption("--their-stake <amount>", "what the other player brings in"))
    .option("--asset <token>", "the address of a token, or eth", readAsset, ZERO_ADDRESS)
    .option("--wins <count>", "of rock-paper-scissors: rounds that win the game; 1", readWins)
    .option("--challenge <seconds>", "how long a move on the chain may take; a day", readNumber)
    .option("--key <text>", "an idempotency key: asked again, it opens nothing more")
    .option("--no-wait", "do not wait until both have paid in")
    .action((peer: string, name: GameName, options: OpenOptions) =>
      withNode(options, shell, async (client) => {
        checkOptions(name, options);
        const opened = await open(client, peer, name, options);
        const { status, waitingFor } = await untilOver(client, opened.objectiveId, options, shell);
        const result = { ...opened, status, waitingFor };
        if (options.json) return shell.out(JSON.stringify(result, undefined, 2));
        const state = status === "Completed" ? "is open" : `waits for ${wordsOf(waitingFor)}`;
        shell.out(`channel ${opened.channelId} ${state}`);
        if (status === "Completed") await tellGame(client, opened.channelId, {}, shell);
      }),
    );
}

function checkOptions(name: GameName, { stake, theirStake, wins }: OpenOptions): void {
  if (stake === 0n && theirStake === 0n) {
    throw wrongUsage("nobody would bring anything in: say --stake, --their-stake or both");
  }
  if (wins !== undefined && name !== "rock-paper-scissors") {
    throw wrongUsage("--wins is for rock-paper-scissors");
  }
}

async function open(
  client: NodeClient,
  peer: string,
  game: GameName,
  { asset, challenge, key, stake, theirStake, wins }: OpenOptions,
): Promise<OpenedView> {
  return client.call("games_open", {
    peer: peerNamed(await namesOf(client), peer),
    game,
    stakes: [{ asset, mine: `${stake}`, theirs: `${theirStake}` }],
    winsToDecide: wins,
    challengeDurationSec: challenge,
    idempotencyKey: key,
  });
}

function readWins(text: string): number {
  const wins = readNumber(text);
  if (wins >= 1 && wins <= 255) return wins;
  throw new InvalidArgumentError("It is a number from 1 to 255.");
}
