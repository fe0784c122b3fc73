/** `channels node query`: asks the tables of a channel of a running node. */
import type { Command } from "commander";
import { rowLines } from "../derivation/cell-text.ts";
import { cutLine } from "../event-text.ts";
import type { CommandShell } from "./command-shell.ts";
import { type ConnectionOptions, readNumber, withConnection, withNode } from "./node-connection.ts";
import { channelNamed } from "./node-names.ts";

type QueryOptions = ConnectionOptions & { readonly at?: number };

/** Adds the command. */
export function addNodeQueryCommand(node: Command, shell: CommandShell): void {
  withConnection(node.command("query").description("ask the tables of a channel in SQL"))
    .argument("<channel>", "the channel; the first digits of its id will do")
    .argument("<sql>", 'the question, such as "select * from players"')
    .option("--at <messages>", "as they were after so many messages", readNumber)
    .action((text: string, query: string, { at, ...options }: QueryOptions) =>
      withNode(options, shell, async (client) => {
        const { channelId } = await channelNamed(client, text);
        const moment = at === undefined ? {} : { at };
        const answer = await client.call("channels_query", { channelId, query, ...moment });
        if (options.json) {
          return shell.out(JSON.stringify({ channelId, ...answer }, undefined, 2));
        }
        const ids = shell.columns === undefined ? "Whole" : "Short";
        const [head = "", ...lines] = rowLines(answer.columns, answer.rows, ids);
        const cut = [head, ...lines].map((line) => cutLine(line, shell.columns));
        shell.out(cut.with(0, shell.paint.bold(cut[0] ?? "")).join("\n"));
      }),
    );
}
