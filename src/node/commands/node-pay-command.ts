/** `channels node pay`: pays the other end of a channel. */
import type { Command } from "commander";
import { describeAmount } from "../amount-text.ts";
import type { ChannelView, PaymentView } from "../api/api-types.ts";
import type { NodeClient } from "../client/node-client.ts";
import { type CommandShell, wrongUsage } from "./command-shell.ts";
import { type ConnectionOptions, withConnection, withNode } from "./node-connection.ts";
import { channelNamed, readAmount, readAsset } from "./node-names.ts";
import { untilOver } from "./node-progress.ts";

type PayOptions = ConnectionOptions & {
  readonly asset?: string;
  readonly key?: string;
  readonly wait: boolean;
};

/** Adds the command. */
export function addNodePayCommand(node: Command, shell: CommandShell): void {
  withConnection(node.command("pay").description("pay the other end of a channel"))
    .argument("<channel>", "the id of a virtual or direct channel; its first digits will do")
    .argument("<amount>", "how much: 5, 20gwei, 0.01eth", readAmount)
    .option("--asset <token>", "the address of a token, or eth; the channel's first one", readAsset)
    .option("--key <text>", "an idempotency key: asked again, it pays nothing more")
    .option("--no-wait", "do not wait until a direct channel's update is signed by both")
    .action((text: string, amount: bigint, options: PayOptions) =>
      withNode(options, shell, async (client) => {
        const channel = await channelNamed(client, text);
        checkUse(channel);
        const asset = options.asset ?? channel.balances[0]?.asset ?? "";
        const pay = channel.use === "Virtual" ? payByVoucher : payByUpdate;
        const paid = await pay(client, channel, { asset, amount }, options, shell);
        const { result, left } = paid;
        if (options.json) return shell.out(JSON.stringify(result, undefined, 2));
        const told = describeAmount(amount, asset);
        shell.out(
          `paid ${told}${left === undefined ? "" : `, ${describeAmount(left, asset)} left`}`,
        );
      }),
    );
}

function checkUse({ use }: ChannelView): void {
  if (use === "Ledger") {
    throw wrongUsage("a ledger channel funds others: open a virtual one over it, and pay there");
  }
  if (use === "MessageLog") {
    throw wrongUsage("a game pays by its moves: `channels node game move` makes one");
  }
}

type Sum = { readonly asset: string; readonly amount: bigint };

type Paid = { readonly result: unknown; readonly left: bigint | undefined };

async function payByVoucher(
  client: NodeClient,
  { channelId }: ChannelView,
  { amount, asset }: Sum,
  { key }: PayOptions,
): Promise<Paid> {
  const result = await client.call("payments_pay", {
    channelId,
    amount: `${amount}`,
    asset,
    idempotencyKey: key,
  });
  const account = result.payments.find((one: PaymentView) => one.asset === asset);
  return { result, left: account === undefined ? undefined : BigInt(account.remaining) };
}

async function payByUpdate(
  client: NodeClient,
  { channelId }: ChannelView,
  { amount, asset }: Sum,
  options: PayOptions,
  shell: CommandShell,
): Promise<Paid> {
  const change = { type: "Pay", asset, amount: `${amount}` } as const;
  const asked = await client.call("channels_update", {
    channelId,
    change,
    idempotencyKey: options.key,
  });
  const objective = await untilOver(client, asked.objectiveId, options, shell);
  const { balances } = await client.call("channels_get", { channelId });
  const left = balances.find((one) => one.asset === asset)?.mine;
  return { result: objective, left: left === undefined ? undefined : BigInt(left) };
}
