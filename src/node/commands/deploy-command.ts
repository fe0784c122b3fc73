/** `channels contracts deploy`: puts the contracts on a chain and prints where they are. */
import { type Command, InvalidArgumentError } from "commander";
import { connectEthereumHttp } from "../../adapters/ethereum-http.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import {
  type Deployer,
  type Deployment,
  deployAll,
  LOCAL_CHAIN_IDS,
  untilMined,
} from "../../chain/deployment.ts";
import { CONTRACT_NAMES } from "../../chain/deployment-plan.ts";
import type { PrivateKey } from "../../crypto/signature.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import type { EthereumRpc } from "../../ports/ethereum-rpc.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { addCheckTokenCommand } from "./check-token-command.ts";
import { type CommandShell, EXIT, failure } from "./command-shell.ts";
import { parseEndpoint } from "./endpoint-argument.ts";

/** What the command uses of the terminal. */
type Terminal = Pick<CommandShell, "out" | "progress" | "paint" | "finish">;

type DeployCommandOptions = {
  readonly rpc: string;
  readonly keyEnv: string;
  readonly token: boolean;
  readonly hardened: boolean;
  readonly json: boolean;
  /** Seconds. */
  readonly timeout: number;
};

/** Where the key of the paying account is, unless the user names another variable. */
const KEY_VARIABLE = "CHANNELS_DEPLOYER_KEY";

/** Wait for a block: 5 minutes, twenty-five blocks of the main chain. */
const MINING_TIMEOUT_SEC = 300;

/** Milliseconds between two looks for a receipt. */
const POLL_MS = 500;

/** Milliseconds until a call without an answer fails: public endpoints answer within two seconds. */
const CALL_TIMEOUT_MS = 15_000;

/** Adds `contracts` and what is below it. */
export function addContractsCommands(program: Command, output: Terminal): void {
  const contracts = program.command("contracts").description("the contracts on a chain");
  addCheckTokenCommand(contracts, output);
  contracts
    .command("deploy")
    .description("deploy at deterministic addresses, check code hashes, print a configuration")
    .requiredOption("--rpc <url>", "the chain's JSON-RPC endpoint, http or https", parseEndpoint)
    .option("--key-env <name>", "environment variable with the key of who pays", KEY_VARIABLE)
    .option("--token", "deploy the test token too, on a local chain", false)
    .option("--hardened", "take the adjudicator that undoes a refused token payout", false)
    .option("--timeout <seconds>", "wait for a block", parseSeconds, MINING_TIMEOUT_SEC)
    .option("--json", "print one JSON document and nothing else", false)
    .action((options: DeployCommandOptions) => deploy(options, output));
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds >= 1 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError("It is a whole number from 1 to 86400.");
}

async function deploy(
  options: DeployCommandOptions,
  output: Pick<Terminal, "out" | "progress">,
): Promise<void> {
  const { hardened, json, keyEnv, rpc: url, timeout, token } = options;
  const deployer = deployerFrom(process.env[keyEnv], keyEnv);
  const rpc = connectEthereumHttp(url, { timeoutMs: CALL_TIMEOUT_MS });
  output.progress(`asking ${new URL(url).host} ...`);
  const chainId = await chainIdOf(rpc, url);
  if (token && !LOCAL_CHAIN_IDS.includes(chainId)) {
    const known = LOCAL_CHAIN_IDS.join(" or ");
    throw failure(
      EXIT.wrongUsage,
      `--token is for local chains (${known}), and this is chain ${chainId}`,
    );
  }
  const mined = untilMined(rpc, systemClock, { pollMs: POLL_MS, timeoutMs: timeout * 1_000 });
  const settle: typeof mined = (transactions) => {
    output.progress(`waiting for ${transactions.length} transaction(s) to be in a block ...`);
    return mined(transactions);
  };
  const adjudicator = hardened ? "hardened" : "published";
  const deployment = await deployAll(rpc, deployer, { adjudicator, settle, token }).catch(
    async (error) => {
      throw await explained(error, rpc, deployer);
    },
  );
  output.out(json ? jsonText(deployment) : readableText(deployment));
}

/** Never shows the key, not even a wrong one: it may be a right one with a slip in it. */
function deployerFrom(text: string | undefined, variable: string): Deployer {
  if (text === undefined || text.trim() === "") {
    const advice = `put the private key of the account that pays into the environment variable ${variable}`;
    throw failure(EXIT.wrongUsage, `there is no key: ${advice}`);
  }
  const digits = text.trim().replace(/^0x/i, "").toLowerCase();
  const key = `0x${digits}` as PrivateKey;
  const address = /^[0-9a-f]{64}$/.test(digits) ? addressOf(key) : undefined;
  if (address === undefined) {
    const message = `the environment variable ${variable} holds no private key: that is 64 hexadecimal digits, not zero`;
    throw failure(EXIT.wrongUsage, message);
  }
  return { address, signDigest: (digest) => signatureBackend.signDigest(digest, key) };
}

function addressOf(key: PrivateKey): Deployer["address"] | undefined {
  try {
    return signatureBackend.addressOf(key);
  } catch {
    // Zero, or not below the order of the curve: no key, and the caller says so.
    return undefined;
  }
}

async function chainIdOf(rpc: EthereumRpc, url: string): Promise<bigint> {
  const answer = await rpc.request("eth_chainId", []);
  if (typeof answer === "string" && /^0x[0-9a-f]+$/i.test(answer)) return BigInt(answer);
  const message = `${new URL(url).host} gives no chain id: it is no Ethereum endpoint; correct the address`;
  throw failure(EXIT.outsideFailed, message);
}

/** An endpoint refuses a poor account in words of its own; the balance says it plainly. */
async function explained(
  error: unknown,
  rpc: EthereumRpc,
  { address }: Deployer,
): Promise<unknown> {
  if (!(error instanceof NodeError) || error.code !== "RpcRefused") return error;
  const balance = await rpc.request("eth_getBalance", [address, "latest"]).catch(() => undefined);
  if (typeof balance !== "string") return error;
  const owned = `the paying account ${address} owns ${BigInt(balance)} wei`;
  return new NodeError("RpcRefused", `${error.message} (${owned})`, {
    data: error.data,
    cause: error,
  });
}

function jsonText({ chainId, ...deployment }: Deployment): string {
  return JSON.stringify({ chainId: String(chainId), ...deployment }, undefined, 2);
}

function readableText(deployment: Deployment): string {
  const contracts = CONTRACT_NAMES.flatMap((name) => {
    const address = deployment[name];
    if (address === undefined) return [];
    return [
      `  ${name.padEnd(18)} ${address}`,
      `  ${"".padEnd(18)} code ${deployment.codeHashes[name]}`,
    ];
  });
  const head = `chain ${deployment.chainId}: every contract is in place and has the code it must have`;
  return [head, ...contracts].join("\n");
}
