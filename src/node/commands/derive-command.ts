/** `channels derive`: what the messages of a channel come to, from the log of a node and the module of a reducer. */
import { dirname, join, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ChannelId } from "../../channel/channel-id.ts";
import { type DeriveRejection, deriveTables } from "../../derivation/derive-tables.ts";
import type { NodeEvent } from "../../events/event.ts";
import type { EventStore } from "../../store/event-store.ts";
import { DATA_NAMES } from "../daemon/data-directory.ts";
import { derivationText, storedText } from "../derivation/derivation-text.ts";
import { findModule, isOf, type KnownModule, nameOf } from "../derivation/known-modules.ts";
import { messageChannels } from "../derivation/message-channels.ts";
import {
  type MessagesBeginning,
  StoredMessages,
  type StoredRejection,
} from "../derivation/stored-messages.ts";
import { END, offsetIn, parseOffset, type WrittenOffset } from "../log-offsets.ts";
import { idOf, type SubjectLog } from "../log-subject.ts";
import { withLog } from "../opened-log.ts";
import { type CommandShell, EXIT, failure, wrongUsage } from "./command-shell.ts";
import { checkedQuestion, readDatabase, withDatabase } from "./derive-database.ts";
import { answerText, type Derivation, tablesText } from "./derive-output.ts";
import { ARCHIVES_OPTION, placesAmong, readCount, readDirectory, tagIn } from "./log-arguments.ts";
import { readAdmitted } from "./reducer-files.ts";

type DeriveOptions = {
  readonly channel?: string;
  readonly module?: string;
  readonly at: WrittenOffset;
  readonly query?: string;
  readonly database?: URL;
  readonly rows?: number;
  readonly json: boolean;
  readonly archives?: string;
};

type OpenLog = SubjectLog & {
  readonly store: EventStore<NodeEvent>;
  /** A folder with modules of reducers, or none. */
  readonly reducers: string;
};

/** Adds the command. */
export function addDeriveCommand(program: Command, shell: CommandShell): void {
  program
    .command("derive")
    .description("derive the tables of a channel from its messages, and ask them in SQL")
    .argument("<dir>", "the directory of a log", readDirectory)
    .option(...ARCHIVES_OPTION)
    .option("--channel <id>", "the channel; left out where the log has one with messages")
    .option("--module <file>", "its reducer, unless that came with this program")
    .addOption(
      new Option("--at <messages>", 'after so many messages: 12, -3 (before the last three), "end"')
        .argParser(readPlace)
        .default(END, "end"),
    )
    .option("--query <sql>", "print only the answer to this question")
    .option(
      "--database <url>",
      "keep the tables in this PostgreSQL database: postgres://...",
      readDatabase,
    )
    .option("--rows <number>", "rows of each table, at most (default: 20)", readCount)
    .option("--json", "print one JSON document and nothing else", false)
    .action((directory: string, options: DeriveOptions) =>
      withLog({ directory, archives: options.archives }, shell, (store, { keyValue }) =>
        derive({ store, keyValue, reducers: reducersBeside(directory) }, options, shell),
      ),
    );
}

function readPlace(text: string): WrittenOffset {
  const place = parseOffset(text);
  if (place !== undefined) return place;
  throw new InvalidArgumentError(
    'It is a number of messages from the first, as 12; from the last, as -3; or "end".',
  );
}

async function derive(log: OpenLog, options: DeriveOptions, shell: CommandShell): Promise<void> {
  const { database, query } = options;
  if (query !== undefined) checkedQuestion(query);
  const derivation = await derivationOf(log, options, shell);
  if (query === undefined && database === undefined) {
    return shell.out(tablesText(derivation, options, shell));
  }
  await withDatabase(derivation, database, shell, async (tables) => {
    if (query === undefined) {
      return shell.out(tablesText(derivation, { ...options, kept: tables.kept }, shell));
    }
    shell.progress("asking ...");
    const answer = await tables.ask(query);
    shell.progress("");
    shell.out(answerText(derivation, answer, options, shell));
  });
}

/** Where a node has the modules of other games, if the log is that of a node's data directory. */
function reducersBeside(directory: string): string {
  return join(dirname(resolve(directory)), DATA_NAMES.reducers);
}

/** Reads the channel and its module, and derives in memory what everything else is compared with. */
async function derivationOf(
  log: OpenLog,
  options: DeriveOptions,
  shell: CommandShell,
): Promise<Derivation> {
  const channelId = await channelIn(log, options.channel);
  const messages = new StoredMessages(log.store, channelId);
  const read = await messages.catchUp();
  if (!read.ok) throw refusedLog(channelId, read.reason);
  const known = moduleFor(channelId, read.value, options.module, log.reducers);
  const place = placeAmong(messages.count, options.at);
  shell.progress(`deriving ${place} messages ...`);
  const derived = await deriveTables(known.module, read.value.init, messages.log, place);
  shell.progress("");
  if (!derived.ok) throw notDerived(channelId, derived.reason);
  const { reducerId } = read.value;
  return {
    ...{ channelId, reducerId, known, beginning: read.value.init },
    ...{ log: messages.log, ofMessages: messages.count, derived: derived.value },
  };
}

async function channelIn(log: OpenLog, text: string | undefined): Promise<ChannelId> {
  if (text !== undefined) return idOf(await tagIn(log, "channel", text)) as ChannelId;
  const all = await messageChannels(log.store);
  const spoken = all.filter(({ messages }) => messages > 0);
  const [only, ...others] = spoken.length === 0 ? all : spoken;
  if (only === undefined) {
    throw wrongUsage("no channel of this log is one of messages: there is nothing to derive from");
  }
  if (others.length === 0) return only.channelId;
  const listed = [only, ...others].map(
    ({ channelId, messages }) => `\n  ${channelId}, ${messages} messages`,
  );
  throw wrongUsage(
    `the log has ${listed.length} channels of messages; name one with --channel:${listed.slice(0, CHANNELS_NAMED).join("")}`,
  );
}

/** Channels that are named to somebody who named none. */
const CHANNELS_NAMED = 10;

/** Who names a channel that is none of messages has mistyped it; what a log says wrongly is the log's fault. */
function refusedLog(channelId: ChannelId, reason: StoredRejection): Error {
  const isDamage = reason.code === "ChainBroken" || reason.code === "LogIncomplete";
  const text = `channel ${channelId} cannot be derived: ${storedText(reason)} (${reason.code})`;
  return isDamage ? failure(EXIT.checkFailed, text) : wrongUsage(text);
}

function notDerived(channelId: ChannelId, reason: DeriveRejection): Error {
  const text = `channel ${channelId} cannot be derived: ${derivationText(reason)}`;
  return failure(EXIT.checkFailed, text);
}

function moduleFor(
  channelId: ChannelId,
  { reducerId }: MessagesBeginning,
  path: string | undefined,
  reducers: string,
): KnownModule {
  if (path === undefined) {
    const known = findModule(reducerId, reducers);
    if (known !== undefined) return known;
    throw wrongUsage(
      `the reducer of channel ${channelId} did not come with this program; name its file with --module. It is ${reducerId}`,
    );
  }
  const module = readAdmitted(path);
  if (isOf(module, reducerId)) return { name: nameOf(path), module };
  throw wrongUsage(
    `${path} is reducer ${module.id}, and channel ${channelId} is of reducer ${reducerId}; name the file of that one`,
  );
}

function placeAmong(count: number, at: WrittenOffset): number {
  const place = offsetIn(count, at);
  if (place !== undefined) return place;
  const places = placesAmong(count);
  throw wrongUsage(
    `the channel has ${count} messages, so there is nothing at ${at.text}; ${places}`,
  );
}
