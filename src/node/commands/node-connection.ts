/** How the commands for a running node find it, call it, and say what went wrong. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, type CommanderError, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { makeToken } from "../api/access-token.ts";
import { API_ERRORS, type ApiErrorName } from "../api/api-error.ts";
import { openApiSecret } from "../api/api-secret.ts";
import { NodeCallError } from "../client/node-call-error.ts";
import { connectNode, type NodeClient } from "../client/node-client.ts";
import { DATA_NAMES } from "../daemon/data-directory.ts";
import { type CommandShell, EXIT, failure, wrongUsage } from "./command-shell.ts";
import { parseEndpoint } from "./endpoint-argument.ts";
import { readDirectory } from "./log-arguments.ts";

/** Options of every command that asks a running node. */
export type ConnectionOptions = {
  readonly data?: string;
  readonly url?: string;
  readonly json: boolean;
};

/** The environment variables that say the same as the options. */
const DATA_VARIABLE = "CHANNELS_DATA";
const TOKEN_VARIABLE = "CHANNELS_TOKEN";

/** Seconds that the token of one command is valid: a day, for those that follow events. */
const TOKEN_SEC = 86_400;

/** Where a node lies that nobody names, as the configuration has it. */
export const DATA_DIRECTORY = "channels-data";

/** Adds the options that say which node is asked. */
export function withConnection(command: Command): Command {
  return command
    .addOption(dataOption())
    .option(
      "--url <url>",
      `the node's API elsewhere; its token in ${TOKEN_VARIABLE}`,
      parseEndpoint,
    )
    .option("--json", "print one JSON document and nothing else", false);
}

/** The option that names the directory of a node. */
export function dataOption(): Option {
  return new Option("--data <directory>", "the data directory of a node on this machine")
    .argParser(readDirectory)
    .env(DATA_VARIABLE);
}

/** Runs `work` with a client of the node that the options name. What the node refuses becomes one clear line. */
export async function withNode(
  options: ConnectionOptions,
  shell: CommandShell,
  work: (client: NodeClient) => Promise<void>,
): Promise<void> {
  try {
    await work(connectNode(placeOf(options, shell)));
  } catch (error) {
    throw error instanceof NodeCallError ? explained(error, shell) : error;
  } finally {
    shell.progress("");
  }
}

type Place = { readonly url: string; readonly token?: string; readonly isOwn?: boolean };

function placeOf({ data, url }: ConnectionOptions, shell: CommandShell): Place {
  const token = process.env[TOKEN_VARIABLE];
  const given = token === undefined || token === "" ? {} : { token };
  if (url !== undefined) return { url, ...given };
  const directory = data ?? DATA_DIRECTORY;
  const place = runningAt(directory);
  if (place === undefined) {
    const advice = `start it with \`${shell.name} node start\`, or name its directory with --data`;
    throw failure(EXIT.outsideFailed, `no node runs in ${directory}: ${advice}`);
  }
  if (place.api === undefined) {
    throw failure(EXIT.outsideFailed, `the node in ${directory} runs without an API`);
  }
  return { url: place.api, isOwn: true, token: given.token ?? ownToken(directory, "a command") };
}

const placeSchema = z.object({ api: z.string().url().optional() });

function runningAt(directory: string): z.infer<typeof placeSchema> | undefined {
  try {
    return placeSchema.parse(JSON.parse(readFileSync(join(directory, DATA_NAMES.running), "utf8")));
  } catch {
    // Missing, or cut off by the end of the machine: either way nobody can be asked.
    return undefined;
  }
}

/** A token of all scopes, from the secret that lies in the directory: whoever can read it may do everything. */
function ownToken(directory: string, name: string): string {
  const expiresAtSec = Math.floor(Date.now() / 1_000) + TOKEN_SEC;
  return makeToken(secretOf(directory), { scopes: ["manage"], expiresAtSec, name });
}

/** The secret of the node in a directory. Throws one clear line where it cannot be used. */
export function secretOf(directory: string): Uint8Array {
  const secret = openApiSecret(join(directory, DATA_NAMES.tokens));
  if (secret.ok) return secret.value;
  const { advice, code, path } = secret.reason;
  throw wrongUsage(`${path} cannot be used (${code}): ${advice}`);
}

/** Errors that something outside is to blame for, and not the one who asked. */
const OUTSIDE: readonly ApiErrorName[] = ["InternalError", "TooManyRequests", "DatabaseFailed"];

function explained(error: NodeCallError, shell: CommandShell): CommanderError {
  const { code, data, message } = error;
  if (code === "Unreachable" || code === "NotANode") {
    const advice = `is it running? Start it with \`${shell.name} node start\``;
    return failure(EXIT.outsideFailed, `${message}; ${advice}`);
  }
  const name = (Object.keys(API_ERRORS) as ApiErrorName[]).find(
    (one) => API_ERRORS[one].code === code,
  );
  const isOutside = name !== undefined && OUTSIDE.includes(name);
  const text = [message, ...detailsOf(data)].join("; ");
  const help = name === "InvalidToken" || name === "ScopeMissing" ? API_ERRORS[name].help : "";
  return failure(
    isOutside ? EXIT.outsideFailed : EXIT.wrongUsage,
    help === "" ? text : `${text}. ${help}`,
  );
}

function detailsOf({ code, problems, ...rest }: NodeCallError["data"]): readonly string[] {
  const told = Array.isArray(problems) ? problems.map(String) : [];
  const fields = Object.entries(rest).filter(([, value]) => typeof value !== "object");
  return [...told, ...fields.map(([key, value]) => `${key}: ${value}`)];
}

/** Reads a whole number from 0. */
export function readNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a whole number.");
}
