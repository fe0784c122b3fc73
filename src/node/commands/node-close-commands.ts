/** `channels node close`, `dispute`, `top-up` and `withdraw`: what is asked of a channel that is open. */
import type { Command } from "commander";
import { ZERO_ADDRESS } from "../../crypto/address.ts";
import type { AskedView } from "../api/api-types.ts";
import type { NodeClient } from "../client/node-client.ts";
import { type CommandShell, wrongUsage } from "./command-shell.ts";
import { type ConnectionOptions, withConnection, withNode } from "./node-connection.ts";
import { amountOption, channelNamed, readAmount, readAsset } from "./node-names.ts";
import { untilOver, wordsOf } from "./node-progress.ts";

type AskOptions = ConnectionOptions & { readonly key?: string; readonly wait: boolean };

type MoneyOptions = AskOptions & {
  readonly asset: string;
  readonly mine: bigint;
  readonly theirs: bigint;
};

/** Adds the commands. */
export function addNodeCloseCommands(node: Command, shell: CommandShell): void {
  asking(node.command("close").description("close a channel and pay it out")).action(
    (text: string, options: AskOptions) =>
      ask(text, options, shell, (client, wish) => client.call("channels_close", wish)),
  );
  asking(
    node.command("dispute").description("let the chain decide, when the other end does not answer"),
  ).action((text: string, options: AskOptions) =>
    ask(text, options, shell, (client, wish) => client.call("channels_dispute", wish)),
  );
  asking(node.command("top-up").description("deposit more into a running ledger channel"))
    .argument("<amount>", "how much: 1000, 20gwei, 0.5eth", readAmount)
    .option("--asset <token>", "the address of a token, or eth", readAsset, ZERO_ADDRESS)
    .action((text: string, amount: bigint, options: MoneyOptions) =>
      ask(text, options, shell, (client, wish) =>
        client.call("channels_top_up", { ...wish, asset: options.asset, amount: `${amount}` }),
      ),
    );
  asking(node.command("withdraw").description("pay part of a running ledger channel out"))
    .addOption(amountOption("--mine <amount>", "what this node gets"))
    .addOption(amountOption("--theirs <amount>", "what the other one gets"))
    .option("--asset <token>", "the address of a token, or eth", readAsset, ZERO_ADDRESS)
    .action((text: string, options: MoneyOptions) => {
      const { asset, mine, theirs } = options;
      if (mine === 0n && theirs === 0n) {
        throw wrongUsage("nobody would get anything: say --mine, --theirs or both");
      }
      const amounts = [{ asset, mine: `${mine}`, theirs: `${theirs}` }];
      return ask(text, options, shell, (client, wish) =>
        client.call("channels_withdraw", { ...wish, amounts }),
      );
    });
}

function asking(command: Command): Command {
  return withConnection(command)
    .argument("<channel>", "the id of a channel; its first digits will do")
    .option("--key <text>", "an idempotency key: asked again, nothing more is done")
    .option("--no-wait", "do not wait until it is done");
}

type Wish = { readonly channelId: string; readonly idempotencyKey: string | undefined };

function ask(
  text: string,
  options: AskOptions,
  shell: CommandShell,
  call: (client: NodeClient, wish: Wish) => Promise<AskedView>,
): Promise<void> {
  return withNode(options, shell, async (client) => {
    const { channelId } = await channelNamed(client, text);
    const { objectiveId } = await call(client, { channelId, idempotencyKey: options.key });
    const objective = await untilOver(client, objectiveId, options, shell);
    if (options.json) return shell.out(JSON.stringify(objective, undefined, 2));
    const state =
      objective.status === "Completed"
        ? "is completed"
        : `waits for ${wordsOf(objective.waitingFor)}`;
    shell.out(`${objectiveId} ${state}`);
  });
}
