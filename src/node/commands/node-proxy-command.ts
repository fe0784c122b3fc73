/** `channels node proxy`: serves what costs money to whoever brings vouchers for a node. */
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { ZERO_ADDRESS } from "../../crypto/address.ts";
import { describeAmount } from "../amount-text.ts";
import { startPaymentProxy } from "../proxy/payment-proxy.ts";
import { type CommandShell, wrongUsage } from "./command-shell.ts";
import { parseEndpoint } from "./endpoint-argument.ts";
import { type ConnectionOptions, withConnection, withNode } from "./node-connection.ts";
import { amountOption, channelNamed } from "./node-names.ts";

type Listen = { readonly host: string; readonly port: number };

type ProxyOptions = ConnectionOptions & {
  readonly listen: Listen;
  readonly upstream: string;
  readonly pricePerRequest: bigint;
  readonly pricePerByte: bigint;
  readonly channel?: readonly string[];
};

/** go-nitro's port for its payment proxy. */
const LISTEN: Listen = { host: "127.0.0.1", port: 5_511 };

/** Adds the command. */
export function addNodeProxyCommand(node: Command, shell: CommandShell): void {
  withConnection(
    node.command("proxy").description("serve over HTTP to whoever brings vouchers for this node"),
  )
    .requiredOption("--upstream <url>", "what is served", parseEndpoint)
    .option("--listen <place>", "host:port", readListen, LISTEN)
    .addOption(amountOption("--price-per-request <amount>", "what each request costs: 5, 20gwei"))
    .addOption(amountOption("--price-per-byte <amount>", "what each byte of an answer costs"))
    .option("--channel <ids...>", "channels that may pay; any of the node's where absent")
    .action((options: ProxyOptions) =>
      withNode(options, shell, async (client) => {
        const { listen, pricePerByte: perByte, pricePerRequest: perRequest, upstream } = options;
        if (perByte === 0n && perRequest === 0n) {
          throw wrongUsage(
            "nothing would cost anything: say --price-per-request or --price-per-byte",
          );
        }
        const named = (options.channel ?? []).map((text) => channelNamed(client, text));
        const channels = (await Promise.all(named)).map(({ channelId }) => channelId);
        const price = { perRequest, perByte };
        const proxy = startPaymentProxy({
          ...listen,
          upstream: new URL(upstream),
          price,
          client,
          channels,
        });
        const ended = new Promise<void>((resolve) => {
          shell.onEnd(async () => {
            await proxy.close();
            resolve();
          });
        });
        if (options.json) shell.out(JSON.stringify({ url: proxy.url, upstream }));
        else shell.out(`${proxy.url} serves ${upstream} for ${priceText(perRequest, perByte)}`);
        await ended;
      }),
    );
}

function priceText(perRequest: bigint, perByte: bigint): string {
  const parts = [
    ...(perRequest === 0n ? [] : [`${describeAmount(perRequest, ZERO_ADDRESS)} a request`]),
    ...(perByte === 0n ? [] : [`${describeAmount(perByte, ZERO_ADDRESS)} a byte`]),
  ];
  return parts.join(" and ");
}

function readListen(text: string): Listen {
  const [, host = "", port = ""] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host !== "" && Number(port) <= 65_535) {
    return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
  }
  throw new InvalidArgumentError("Write it as host:port, for example 127.0.0.1:5511.");
}
