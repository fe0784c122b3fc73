/** One life of the chain service against the real contracts, with time, blocks and faults in a test's hands. */
import { keyOf } from "../sim/actors.ts";
import type { SimulatedChain } from "../sim/simulated-chain.ts";
import { Timeline } from "../sim/timeline.ts";
import { settleMicrotasks } from "../sim/world.ts";
import type { AdjudicatorEvent } from "../src/chain/adjudicator-logs.ts";
import type { AskedTransaction, ChainNews, ChainStart } from "../src/chain/chain-news.ts";
import { type ChainProfile, LOCAL } from "../src/chain/chain-profile.ts";
import { ChainService } from "../src/chain/chain-service.ts";
import type { ChainSettings } from "../src/chain/chain-settings.ts";
import { signTransaction } from "../src/chain/transaction.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { BlockId } from "../src/channel/holdings.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import type { EthereumRpc } from "../src/ports/ethereum-rpc.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { NodeError } from "../src/primitives/node-error.ts";
import type { ChainCall, EffectId } from "../src/protocols/effects.ts";

/** Milliseconds between two looks of a trial. */
export const TRIAL_POLL_MS = 1_000;

/** The channel that trials pay into. */
export const TRIAL_CHANNEL = `0x${"c1".repeat(32)}` as ChannelId;

/** Seconds between two blocks of a trial. */
const BLOCK_TIME_SEC = 12;

/** Gives another answer than the chain's, or throws. `ask` asks the chain. */
export type Fault = (
  params: readonly unknown[],
  ask: () => Promise<unknown>,
) => Promise<unknown> | unknown;

/** An endpoint that answers as the chain does, unless the test says otherwise. */
export class TrialEndpoint implements EthereumRpc {
  readonly #rpc: EthereumRpc;
  isDown: boolean = false;
  /** True for an endpoint that takes transactions and shows them to nobody. */
  swallows: boolean = false;
  inFlight: number = 0;
  /** Raw transactions, as they came. */
  readonly sent: string[] = [];
  /** Methods, as they were asked. */
  readonly asked: string[] = [];
  readonly faults: Map<string, Fault> = new Map<string, Fault>();

  constructor(rpc: EthereumRpc) {
    this.#rpc = rpc;
  }

  readonly request: EthereumRpc["request"] = async (method, params) => {
    if (this.isDown) throw new NodeError("RpcUnreachable", "nobody answers");
    this.asked.push(method);
    if (method === "eth_sendRawTransaction") this.sent.push(String(params[0]));
    this.inFlight++;
    try {
      return await this.#answer(method, params);
    } finally {
      this.inFlight--;
    }
  };

  async #answer(method: string, params: readonly unknown[]): Promise<unknown> {
    if (this.swallows && method === "eth_sendRawTransaction") return "0x";
    const ask = (): Promise<unknown> => this.#rpc.request(method, params);
    const fault = this.faults.get(method);
    return fault === undefined ? await ask() : await fault(params, ask);
  }
}

/** What a trial begins with, where it is not as usual. */
export type TrialOptions = {
  readonly endpoints?: readonly TrialEndpoint[];
  readonly from?: ChainStart;
  readonly nextNonce?: number;
  readonly profile?: Partial<ChainProfile>;
  readonly settings?: Partial<ChainSettings>;
  readonly isMine?: (channelId: ChannelId) => boolean;
  /** Virtual milliseconds since 1970-01-01 UTC at the start; 0 when absent. */
  readonly nowMs?: number;
};

/** A service with its news, its endpoints and its clock. */
export class Trial {
  readonly endpoints: readonly TrialEndpoint[];
  readonly timeline: Timeline;
  /** How far the service's clock is off, in milliseconds. */
  skewMs: number = 0;
  readonly news: ChainNews[] = [];
  readonly faults: string[] = [];
  readonly trust: boolean[] = [];
  readonly service: ChainService;
  readonly #chain: SimulatedChain;

  constructor(chain: SimulatedChain, options: TrialOptions = {}) {
    const key = keyOf("alice");
    this.#chain = chain;
    this.endpoints = options.endpoints ?? [new TrialEndpoint(chain.local.rpc)];
    this.timeline = new Timeline(options.nowMs ?? 0);
    this.service = new ChainService(
      {
        rpcs: this.endpoints,
        clock: {
          nowMs: () => this.timeline.nowMs + this.skewMs,
          after: (delayMs, run) => this.timeline.after(delayMs, run),
        },
        random: { bytes: (sizeBytes) => new Uint8Array(sizeBytes) },
        settings: {
          chainId: 31_337n,
          adjudicator: chain.deployment.adjudicator,
          profile: { ...LOCAL, ...options.profile },
          pollMs: TRIAL_POLL_MS,
          ...options.settings,
        },
        account: {
          address: this.address,
          sign: (transaction) =>
            signTransaction(transaction, (digest) => signatureBackend.signDigest(digest, key)),
        },
        isMine: options.isMine ?? (() => true),
        onNews: (news) => this.news.push(news),
        onFault: ({ code }) => this.faults.push(code),
        onTrust: (isTrusted) => this.trust.push(isTrusted),
      },
      options.from ?? { scannedTo: -1, known: [] },
      options.nextNonce,
    );
    this.service.start();
  }

  /** Whose transactions they are. */
  get address(): Address {
    return signatureBackend.addressOf(keyOf("alice"));
  }

  /** The endpoint that is followed. */
  get endpoint(): TrialEndpoint {
    return assertDefined(this.endpoints[0], "an endpoint");
  }

  /** Lets the service look at the chain so many times, and finish what it then does. */
  async look(times: number = 1): Promise<void> {
    for (let count = 0; count < times; count++) {
      this.timeline.step();
      await this.rest();
    }
  }

  async rest(): Promise<void> {
    do await settleMicrotasks();
    while (this.endpoints.some(({ inFlight }) => inFlight > 0));
    await settleMicrotasks();
  }

  /** Asks for a transaction. */
  async ask(call: ChainCall, effectId: string = "effect"): Promise<void> {
    const unsigned = { raw: undefined, transactionHash: undefined, earlier: [] };
    this.service.submit({ effectId: effectId as EffectId, call, ...unsigned });
    await this.rest();
  }

  /** Sends everything that was signed, as the engine does once it is durable. */
  async broadcast(): Promise<readonly SignedNews[]> {
    const signed = this.of("TransactionSigned");
    for (const { effectId, raw, transactionHash } of signed.slice(this.#broadcasted)) {
      this.service.broadcast(effectId, raw, transactionHash);
    }
    this.#broadcasted = signed.length;
    await this.rest();
    return signed;
  }

  #broadcasted = 0;

  /** Asks for a transaction and sends it. */
  async send(call: ChainCall, effectId: string = "effect"): Promise<SignedNews> {
    await this.ask(call, effectId);
    return assertDefined((await this.broadcast()).at(-1), "a signed transaction");
  }

  /** Hands on to another life what the log holds of a transaction. */
  logged(call: ChainCall, { effectId, raw, transactionHash }: SignedNews): AskedTransaction {
    return { effectId, call, raw, transactionHash, earlier: [] };
  }

  of<Type extends ChainNews["type"]>(type: Type): readonly (ChainNews & { type: Type })[] {
    return this.news.filter((news): news is ChainNews & { type: Type } => news.type === type);
  }

  /** The logs that were told. */
  get logs(): readonly AdjudicatorEvent[] {
    return this.of("LogsConfirmed").flatMap(({ logs }) => logs);
  }

  /** The newest block that was told. */
  get told(): BlockId {
    return assertDefined(this.of("LogsConfirmed").at(-1), "a told block").block;
  }

  /** Makes blocks of what is pending, one every 12 seconds. */
  mine(blocks: number): Promise<void> {
    return mineBlocks(this.#chain, blocks);
  }

  /** Replaces the newest blocks by so many others, which hold nothing but these transactions in the first. */
  async reorganise(
    depth: number,
    blocks: number = depth,
    transactions: readonly `0x${string}`[] = [],
  ): Promise<void> {
    await this.#chain.local.rollback(depth);
    await mineBlocks(this.#chain, 1, { coinbase: OTHER_MINER, transactions });
    await mineBlocks(this.#chain, blocks - 1, { coinbase: OTHER_MINER });
  }
}

type SignedNews = ChainNews & { readonly type: "TransactionSigned" };

/** Earns the tips of blocks that take the place of others, so that their hashes differ. */
const OTHER_MINER = `0x${"77".repeat(20)}` as Address;

/** Makes blocks, 12 seconds after one another. */
export async function mineBlocks(
  { local }: SimulatedChain,
  blocks: number,
  making: Parameters<SimulatedChain["local"]["mine"]>[1] = {},
): Promise<void> {
  for (let count = 0; count < blocks; count++) {
    const newest = (await local.rpc.request("eth_getBlockByNumber", ["latest", false])) as {
      readonly timestamp: string;
    };
    await local.mine(Number(newest.timestamp) + BLOCK_TIME_SEC, making);
  }
}

/** A payment of coins into the channel of the trials. */
export function depositOf(expectedHeld: bigint, amount: bigint): ChainCall {
  const channelId = TRIAL_CHANNEL;
  return { type: "Deposit", channelId, asset: ZERO_ADDRESS, expectedHeld, amount };
}

/** A name of a block that is on no chain. */
export function lostBlock(blockNumber: number): BlockId {
  return { blockNumber, blockHash: `0x${"0b".repeat(32)}` as Hash };
}
