/** Anvil, a real Ethereum node, as a local chain: the reference tier. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectEthereumIpc, type EthereumIpc } from "../../src/adapters/ethereum-ipc.ts";
import { assert } from "../../src/primitives/assert.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import { anvilBinary } from "./anvil-binary.ts";
import { type Guarded, type GuardedEnd, startGuarded } from "./anvil-guard.ts";
import {
  BASE_FEE_WEI,
  BLOCK_GAS_LIMIT,
  GENESIS_TIMESTAMP_SEC,
  HARDFORK,
  LOCAL_CHAIN_ID,
  type LocalChain,
  type LocalChainOptions,
  ROLLBACK_BLOCKS_MAX,
  steer,
} from "./local-chain.ts";

/** An Anvil, which can be reached over HTTP as well. */
export type AnvilChain = LocalChain & {
  readonly died: Promise<NodeError>;
  readonly pid: number;
  /** Where it listens, for programs that speak HTTP only. Undefined unless asked for. */
  readonly url: string | undefined;
};

/** What Anvil begins with. */
export type AnvilOptions = LocalChainOptions & {
  /** Tells the HTTP address, at the price of a log of every call. False when not given. */
  readonly tellUrl?: boolean;
  /** Path of another Anvil than the one that is installed with this program. */
  readonly binary?: string;
};

/** Longest path of a Unix socket on any system is 103 bytes; ours adds 25 to the directory. */
const TEMPORARY_DIRECTORY_CHARS_MAX = 75;

/** Pause between two looks for the socket, in milliseconds. Anvil takes about 20 to open it. */
const LOOK_INTERVAL_MS = 1;

/** Looks before we give up: at least ten seconds, for a machine under heavy load. */
const LOOKS_MAX = 10_000;

/**
 * States of old blocks that Anvil keeps: nothing older can be asked for or taken back. 100: a reorg of 64 and
 * some. More would cost memory in each block.
 */
const BLOCKS_KEPT = 100;
assert(BLOCKS_KEPT > ROLLBACK_BLOCKS_MAX, "what can be taken back is kept");

/** Taken now: a simulation may forbid the global while it runs. */
const { sleep } = Bun;

/**
 * Starts Anvil and connects to it over a Unix socket. It ends with this process, whatever happens.
 *
 * Throws `NodeError` with `ChainMissing` when Anvil is not installed or does not run on this system.
 */
export async function startAnvil(options: AnvilOptions): Promise<AnvilChain> {
  const { binary = anvilBinary() } = options;
  const parent = tmpdir().length <= TEMPORARY_DIRECTORY_CHARS_MAX ? tmpdir() : "/tmp";
  const directory = mkdtempSync(join(parent, "channels-anvil-"));
  const socketPath = join(directory, "ipc");
  const listening = Promise.withResolvers<string>();
  const guarded = startGuarded(directory, [binary, ...anvilFlags(socketPath, options)], (line) => {
    const address = /^Listening on (\S+)$/.exec(line)?.[1];
    if (address !== undefined) listening.resolve(`http://${address}`);
  });
  const life = new Life(guarded);
  const ipc = await life.connect(socketPath);
  try {
    const prepared = await prepare(ipc, options);
    const pid = await life.orDeath(guarded.pid);
    const url = options.tellUrl === true ? await life.orDeath(listening.promise) : undefined;
    return { ...prepared, died: life.died, pid, url, stop: () => life.stop() };
  } catch (error) {
    await life.stop();
    throw error;
  }
}

function anvilFlags(socketPath: string, { tellUrl = false }: AnvilOptions): readonly string[] {
  return [
    ...["--ipc", socketPath, "--host", "127.0.0.1", "--port", "0", "--accounts", "0"],
    ...["--chain-id", `${LOCAL_CHAIN_ID}`, "--hardfork", HARDFORK],
    ...["--timestamp", `${GENESIS_TIMESTAMP_SEC}`, "--gas-limit", `${BLOCK_GAS_LIMIT}`],
    ...["--block-base-fee-per-gas", `${BASE_FEE_WEI}`, "--no-mining", "--order", "fifo"],
    // Without this it writes every state to the home directory.
    ...["--prune-history", `${BLOCKS_KEPT}`],
    // A real chain may lack this contract; deployment brings its own.
    ...["--disable-default-create2-deployer", "--no-request-size-limit"],
    ...(tellUrl ? [] : ["--silent"]),
  ];
}

async function prepare(
  ipc: EthereumIpc,
  { accounts }: AnvilOptions,
): Promise<Omit<LocalChain, "stop" | "died">> {
  for (const { address, balanceWei } of accounts) {
    await ipc.request("anvil_setBalance", [address, `0x${balanceWei.toString(16)}`]);
  }
  const rpc = { request: ipc.request };
  const steering = await steer(rpc, {
    setNextBlockBaseFee: "anvil_setNextBlockBaseFeePerGas",
    setCoinbase: "anvil_setCoinbase",
    rollback: async (blocks) => {
      await rpc.request("anvil_rollback", [blocks]);
    },
    dropPending: async () => {
      await rpc.request("anvil_dropAllTransactions", []);
    },
  });
  return { tier: "anvil", rpc, ...steering };
}

/** The time of one Anvil: starting, serving, and ended by us or by itself. */
class Life {
  readonly died: Promise<NodeError>;
  readonly #guarded: Guarded;
  #stopping = false;
  #end: GuardedEnd | undefined;
  #ipc: EthereumIpc | undefined;

  constructor(guarded: Guarded) {
    this.#guarded = guarded;
    const death = Promise.withResolvers<NodeError>();
    this.died = death.promise;
    void this.#watch(death.resolve);
  }

  async connect(socketPath: string): Promise<EthereumIpc> {
    for (let look = 0; look < LOOKS_MAX && this.#end === undefined; look++) {
      try {
        this.#ipc = await connectEthereumIpc(socketPath, { lostError: () => this.#lostError() });
        return this.#ipc;
      } catch {
        // Not open yet, or never: the loop's end tells which.
        await sleep(LOOK_INTERVAL_MS);
      }
    }
    const wasKilled = KILLED.includes(this.#end?.exitCode ?? 0);
    // Before it is stopped here, which is another end.
    const killed = this.#lostError();
    await this.stop();
    throw wasKilled ? killed : doesNotRun(this.#end);
  }

  /** Waits for something that only a living Anvil brings. */
  orDeath<Value>(awaited: Promise<Value>): Promise<Value> {
    const death = this.died.then((error) => Promise.reject(error));
    return Promise.race([awaited, death]);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#ipc?.close();
    this.#guarded.release();
    await this.#guarded.ended;
  }

  async #watch(tellDeath: (error: NodeError) => void): Promise<void> {
    this.#end = await this.#guarded.ended;
    this.#ipc?.close();
    if (!this.#stopping) tellDeath(this.#lostError());
  }

  #lostError(): NodeError {
    const why = this.#stopping ? "was stopped before this call was answered" : "ended unexpectedly";
    const { exitCode, complaint } = this.#end ?? {};
    return new NodeError("ChainDied", `the local chain (Anvil) ${why}; start the run again`, {
      data: { exitCode, complaint },
    });
  }
}

/** How a shell tells that a program was ended from outside, by SIGKILL or SIGTERM: 128 and the signal's number. */
const KILLED: readonly number[] = [137, 143];

function doesNotRun(end: GuardedEnd | undefined): NodeError {
  const { exitCode, complaint } = end ?? {};
  const said =
    complaint === undefined || complaint === "" ? "" : ` ("${complaint.split("\n")[0]}")`;
  return new NodeError(
    "ChainMissing",
    `Anvil is installed but does not run here${said}; it needs a system with glibc or macOS, so use one, or another chain`,
    { data: { exitCode, complaint } },
  );
}
