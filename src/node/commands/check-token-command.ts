/** `channels contracts check-token`: tries a token on a chain as it is, and says whether channels can hold it. */
import { type Command, InvalidArgumentError } from "commander";
import { connectEthereumHttp } from "../../adapters/ethereum-http.ts";
import { checkToken, type TokenReport } from "../../chain/token-check.ts";
import type { TokenCheck } from "../../chain/token-check-verdicts.ts";
import { type Address, parseAddress, ZERO_ADDRESS } from "../../crypto/address.ts";
import { type CommandShell, EXIT, failure } from "./command-shell.ts";
import { parseEndpoint } from "./endpoint-argument.ts";

/** What the command uses of the terminal. */
type Terminal = Pick<CommandShell, "out" | "progress" | "paint" | "finish">;

type CheckTokenOptions = {
  readonly rpc: string;
  readonly holder?: Address;
  readonly hardened: boolean;
  readonly json: boolean;
};

/** Milliseconds until a call without an answer fails. A trial is a call of some hundred kilobytes. */
const CALL_TIMEOUT_MS = 30_000;

/** Adds `check-token` below `contracts`. */
export function addCheckTokenCommand(contracts: Command, output: Terminal): void {
  contracts
    .command("check-token")
    .argument("<address>", "the token", parseToken)
    .description("try a token by calls that change nothing, and say whether channels can hold it")
    .requiredOption("--rpc <url>", "the chain's JSON-RPC endpoint, http or https", parseEndpoint)
    .option("--holder <address>", "an account that owns some, if no balance is found", parseToken)
    .option("--hardened", "check for the adjudicator that undoes a refused token payout", false)
    .option("--json", "print one JSON document and nothing else", false)
    .action((token: Address, options: CheckTokenOptions) => check(token, options, output));
}

function parseToken(text: string): Address {
  const address = parseAddress(text);
  if (address.ok && address.value !== ZERO_ADDRESS) return address.value;
  throw new InvalidArgumentError("An address is 0x and 40 hexadecimal digits, not all zero.");
}

async function check(
  token: Address,
  { hardened, holder, json, rpc: url }: CheckTokenOptions,
  output: Terminal,
): Promise<void> {
  const rpc = connectEthereumHttp(url, { timeoutMs: CALL_TIMEOUT_MS });
  output.progress(`trying the token by calls to ${new URL(url).host} ...`);
  const adjudicator = hardened ? "hardened" : "published";
  const named = holder === undefined ? {} : { holder };
  const report = await checkToken(rpc, token, { adjudicator, ...named });
  output.progress("");
  if (!report.ok) throw failure(EXIT.wrongUsage, nothingToTry(holder));
  output.out(json ? jsonText(report.value) : readableText(report.value, output));
  if (!report.value.passed) output.finish(EXIT.checkFailed);
}

function nothingToTry(holder: Address | undefined): string {
  return holder === undefined
    ? "no balance of this token can be found, so nothing can be tried; name an account that owns some: --holder <address>"
    : `${holder} owns too little of this token, and no balance of it can be found; name an account that owns at least 3 of its smallest units`;
}

function jsonText({ chainId, ...report }: TokenReport): string {
  return JSON.stringify({ chainId: String(chainId), ...report }, undefined, 2);
}

/** Widths of the two columns: the longest word of each, and a space. */
const OUTCOME_WIDTH = 8;
const CODE_WIDTH = 15;

function readableText(report: TokenReport, { paint }: Terminal): string {
  const { adjudicator, blockNumber, chainId, checks, token } = report;
  const head = `${token} on chain ${chainId} at block ${blockNumber}, for the ${adjudicator} adjudicator`;
  const colour = { passed: paint.green, warned: paint.yellow, failed: paint.red };
  const lines = checks.flatMap(({ code, follows, found, outcome }) => {
    const word = colour[outcome](outcome.padEnd(OUTCOME_WIDTH));
    const what = `  ${word}${code.padEnd(CODE_WIDTH)}${found}`;
    const indent = " ".repeat(2 + OUTCOME_WIDTH + CODE_WIDTH);
    return follows === "" ? [what] : [what, `${indent}-> ${follows}`];
  });
  return [head, ...lines, conclusionOf(checks)].join("\n");
}

function conclusionOf(checks: readonly TokenCheck[]): string {
  const count = (wanted: TokenCheck["outcome"]): number =>
    checks.filter(({ outcome }) => outcome === wanted).length;
  const counts = `${count("passed")} passed, ${count("warned")} warned, ${count("failed")} failed`;
  return count("failed") > 0
    ? `${counts}: do not allow this token`
    : `${counts}: channels can hold this token`;
}
