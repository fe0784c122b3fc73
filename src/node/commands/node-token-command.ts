/** `channels node token`: makes a token for a program that is to use the API of a node. */
import { type Command, InvalidArgumentError } from "commander";
import { makeToken, SCOPES, type Scope } from "../api/access-token.ts";
import { type CommandShell, wrongUsage } from "./command-shell.ts";
import { DATA_DIRECTORY, dataOption, secretOf } from "./node-connection.ts";

type TokenOptions = {
  readonly data?: string;
  readonly scope: readonly Scope[];
  readonly days: number;
  readonly name: string;
  readonly json: boolean;
};

const DAY_SEC = 86_400;

/** Days that a token can be valid: ten years. */
const DAYS_MAX = 3_650;

/** Adds the command. */
export function addNodeTokenCommand(node: Command, shell: CommandShell): void {
  node
    .command("token")
    .description("make a token for a program that is to use the API")
    .addOption(dataOption())
    .option("--scope <scopes>", "read, pay or manage, with commas", readScopes, ["read"])
    .option("--days <number>", "how long it is valid", readDays, 30)
    .option("--name <text>", "whose it is: limits are counted by it", "a program")
    .option("--json", "print one JSON document and nothing else", false)
    .action((options: TokenOptions) => {
      const { days, json, name, scope: scopes } = options;
      if (name.length === 0 || name.length > 64) throw wrongUsage("--name has 1 to 64 characters");
      const expiresAtSec = Math.floor(Date.now() / 1_000) + days * DAY_SEC;
      const secret = secretOf(options.data ?? DATA_DIRECTORY);
      const token = makeToken(secret, { scopes, expiresAtSec, name });
      if (!json) return shell.out(token);
      const expiresAt = new Date(expiresAtSec * 1_000).toISOString();
      shell.out(JSON.stringify({ token, scopes, expiresAt, name }, undefined, 2));
    });
}

function readScopes(text: string): readonly Scope[] {
  const named = text.split(",").map((one) => one.trim());
  const scopes = SCOPES.filter((scope) => named.includes(scope));
  if (scopes.length === new Set(named).size) return scopes;
  throw new InvalidArgumentError(`Write one or more of ${SCOPES.join(", ")}, with commas.`);
}

function readDays(text: string): number {
  const days = Number(text);
  if (/^\d{1,4}$/.test(text) && days >= 1 && days <= DAYS_MAX) return days;
  throw new InvalidArgumentError(`It is a whole number of days from 1 to ${DAYS_MAX}.`);
}
