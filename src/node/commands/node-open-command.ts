/** `channels node open`: opens a channel of any kind from a running node. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { ZERO_ADDRESS } from "../../crypto/address.ts";
import type { OpenedView } from "../api/api-types.ts";
import type { NodeClient } from "../client/node-client.ts";
import type { CommandShell } from "./command-shell.ts";
import { wrongUsage } from "./command-shell.ts";
import { type ConnectionOptions, readNumber, withConnection, withNode } from "./node-connection.ts";
import {
  amountOption,
  type Names,
  namesOf,
  peerNamed,
  readAmount,
  readAsset,
} from "./node-names.ts";
import { untilOver, wordsOf } from "./node-progress.ts";

const KINDS = ["ledger", "virtual", "direct"] as const;

type Kind = (typeof KINDS)[number];

type OpenOptions = ConnectionOptions & {
  readonly mine: bigint;
  readonly theirs: bigint;
  readonly asset: string;
  readonly over?: readonly string[];
  readonly fees?: readonly bigint[];
  readonly challenge?: number;
  readonly profile?: "enforceable" | "go-nitro";
  readonly key?: string;
  readonly wait: boolean;
};

/** Adds the command. */
export function addNodeOpenCommand(node: Command, shell: CommandShell): void {
  withConnection(node.command("open").description("open a channel with a peer"))
    .argument("<kind>", `${KINDS.join(", ")}: what the channel is for`, readKind)
    .argument("<peer>", "the other end: its name, its address, or the first digits of it")
    .addOption(amountOption("--mine <amount>", "what this node puts in: 1000, 20gwei, 0.5eth"))
    .addOption(amountOption("--theirs <amount>", "what the other end puts in"))
    .option("--asset <token>", "the address of a token, or eth", readAsset, ZERO_ADDRESS)
    .option("--over <peers>", "of a virtual channel: its intermediaries, with commas", readList)
    .option("--fees <amounts>", "what each of them gets, with commas", readFees)
    .option("--challenge <seconds>", "how long a challenge lasts; a day", readNumber)
    .addOption(
      new Option("--profile <name>", "the rules to follow").choices(["enforceable", "go-nitro"]),
    )
    .option("--key <text>", "an idempotency key: asked again, it opens nothing more")
    .option("--no-wait", "do not wait until the channel runs")
    .action((kind: Kind, peer: string, options: OpenOptions) =>
      withNode(options, shell, async (client) => {
        checkOptions(kind, options);
        const names = await namesOf(client);
        const opened = await open(client, kind, peerNamed(names, peer), options, names);
        const objective = await untilOver(client, opened.objectiveId, options, shell);
        const result = { ...opened, status: objective.status, waitingFor: objective.waitingFor };
        if (options.json) return shell.out(JSON.stringify(result, undefined, 2));
        const state =
          objective.status === "Completed"
            ? "is open"
            : `waits for ${wordsOf(objective.waitingFor)}`;
        shell.out(`channel ${opened.channelId} ${state}`);
      }),
    );
}

function checkOptions(kind: Kind, { fees, mine, over, profile, theirs }: OpenOptions): void {
  if (mine === 0n && theirs === 0n) {
    throw wrongUsage("nobody would put anything in: say --mine, --theirs or both");
  }
  if (kind !== "virtual" && over !== undefined) {
    throw wrongUsage("--over is for virtual channels; the others lead to the peer itself");
  }
  if (fees !== undefined && fees.length !== over?.length) {
    throw wrongUsage("--fees has one amount for each peer of --over");
  }
  if (kind === "direct" && profile !== undefined) {
    throw wrongUsage("--profile is for ledger and virtual channels");
  }
}

function open(
  client: NodeClient,
  kind: Kind,
  peer: string,
  options: OpenOptions,
  names: Names,
): Promise<OpenedView> {
  const { asset, challenge, fees, key, mine, over, profile, theirs } = options;
  const common = {
    shares: [{ asset, mine: `${mine}`, theirs: `${theirs}` }],
    challengeDurationSec: challenge,
    idempotencyKey: key,
  };
  switch (kind) {
    case "direct":
      return client.call("channels_open_direct", { ...common, peer });
    case "ledger":
      return client.call("channels_open_ledger", { ...common, peer, profile });
    case "virtual":
      return client.call("channels_open_virtual", {
        ...common,
        payee: peer,
        profile,
        intermediaries: over?.map((one) => peerNamed(names, one)),
        fees: fees?.map(String),
      });
  }
}

function readKind(text: string): Kind {
  const kind = KINDS.find((one) => one === text);
  if (kind !== undefined) return kind;
  throw new InvalidArgumentError(`It is ${KINDS.join(", ")}.`);
}

const readList = (text: string): readonly string[] =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");

const readFees = (text: string): readonly bigint[] => readList(text).map(readAmount);
