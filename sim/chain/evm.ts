/** The EVM in this process: the tier for many runs. Milliseconds to start, no other program. */
import type * as Edr from "@nomicfoundation/edr";
import { refusal, resultOfAnswer } from "../../src/adapters/ethereum-answer.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import { fromHex } from "../../src/primitives/hex.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import { evmFaultAsAnvil } from "./evm-faults.ts";
import { dropPending, EvmPast } from "./evm-past.ts";
import {
  BASE_FEE_WEI,
  BLOCK_GAS_LIMIT,
  blockMaker,
  GENESIS_TIMESTAMP_SEC,
  HARDFORK,
  LOCAL_CHAIN_ID,
  type LocalChain,
  type LocalChainCommands,
  type LocalChainOptions,
  steer,
} from "./local-chain.ts";
import { rememberReads } from "./remembered-reads.ts";

/**
 * Starts a chain in this process.
 *
 * Throws `NodeError` with `ChainMissing` when the native library is not installed for this system.
 */
export async function startEvm(options: LocalChainOptions): Promise<LocalChain> {
  const { edr, context } = await loadEdr();
  const provider = await context.createProvider(
    edr.L1_CHAIN_TYPE,
    providerConfig(edr, options),
    { enable: false, decodeConsoleLogInputsCallback: () => [], printLineCallback: () => {} },
    { subscriptionCallback: () => {} },
    new edr.ContractDecoder(),
  );
  const chain = new EvmChain(provider);
  const rpc = rememberReads({ request: (method, params) => chain.request(method, params) });
  const steering = await steer(rpc, evmCommands(rpc));
  return { tier: "evm", rpc, ...steering, stop: async () => chain.stop() };
}

function evmCommands(rpc: EthereumRpc): LocalChainCommands {
  const making = {
    setNextBlockBaseFee: "hardhat_setNextBlockBaseFeePerGas",
    setCoinbase: "hardhat_setCoinbase",
  };
  const past = new EvmPast(rpc, blockMaker(rpc, making));
  return {
    ...making,
    dropPending: () => dropPending(rpc),
    rollback: (blocks) => past.takeBack(blocks),
    beforeBlock: () => past.beforeBlock(),
    forgetBlocks: () => past.forget(),
  };
}

/** A provider until it is stopped. */
class EvmChain {
  #provider: Edr.Provider | undefined;
  #lastId = 0;

  constructor(provider: Edr.Provider) {
    this.#provider = provider;
  }

  async request(method: string, params: readonly unknown[]): Promise<unknown> {
    if (this.#provider === undefined) throw stopped();
    const text = JSON.stringify({ jsonrpc: "2.0", id: ++this.#lastId, method, params });
    const { data } = await this.#provider.handleRequest(text);
    const answer: unknown = typeof data === "string" ? JSON.parse(data) : data;
    const fault = evmFaultAsAnvil(answer);
    if (fault !== undefined) throw refusal(method, fault);
    return resultOfAnswer(method, answer);
  }

  stop(): void {
    this.#provider = undefined;
  }
}

type LoadedEdr = { readonly edr: typeof Edr; readonly context: Edr.EdrContext };

/** The library allows one context in a process. */
let loaded: Promise<LoadedEdr> | undefined;

function loadEdr(): Promise<LoadedEdr> {
  loaded ??= importEdr();
  return loaded;
}

async function importEdr(): Promise<LoadedEdr> {
  try {
    const edr = await import("@nomicfoundation/edr");
    const context = new edr.EdrContext();
    await context.registerProviderFactory(edr.L1_CHAIN_TYPE, edr.l1ProviderFactory());
    return { edr, context };
  } catch (cause) {
    const system = `${process.platform} ${process.arch}`;
    throw new NodeError(
      "ChainMissing",
      `the chain "evm" is not installed for ${system}; run "bun install", or use another chain`,
      { data: { package: "@nomicfoundation/edr", system }, cause },
    );
  }
}

function providerConfig(edr: typeof Edr, { accounts }: LocalChainOptions): Edr.ProviderConfig {
  const genesisState = edr.l1GenesisState(edr.l1HardforkFromString(HARDFORK));
  for (const { address, balanceWei } of accounts) {
    genesisState.push({ address: fromHex(address), balance: balanceWei });
  }
  return {
    allowBlocksWithSameTimestamp: true,
    allowUnlimitedContractSize: false,
    bailOnCallFailure: true,
    bailOnTransactionFailure: false,
    chainId: BigInt(LOCAL_CHAIN_ID),
    coinbase: new Uint8Array(20),
    defaultTransactionGasLimit: BLOCK_GAS_LIMIT,
    genesisState,
    hardfork: HARDFORK,
    initialBaseFeePerGas: BASE_FEE_WEI,
    initialParentBeaconBlockRoot: new Uint8Array(32),
    minGasPrice: 0n,
    mining: {
      autoMine: false,
      blockGasLimit: BLOCK_GAS_LIMIT,
      memPool: { order: edr.MineOrdering.Fifo },
    },
    network: {
      genesisBlobGas: { gasUsed: 0n, excessGas: 0n },
      genesisBlockGasLimit: BLOCK_GAS_LIMIT,
      genesisBlockTime: BigInt(GENESIS_TIMESTAMP_SEC),
    },
    networkId: BigInt(LOCAL_CHAIN_ID),
    observability: {},
    ownedAccounts: [],
    precompileOverrides: [],
  };
}

function stopped(): NodeError {
  return new NodeError("ChainDied", "the local chain was stopped before this call");
}
