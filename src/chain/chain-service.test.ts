/** The chain service against the real contracts, with an endpoint that can be made to fail. */
import { afterAll, beforeEach, describe, expect } from "bun:test";
import { keyOf } from "../../sim/actors.ts";
import { type SimulatedChain, startSimulatedChain } from "../../sim/simulated-chain.ts";
import { Timeline } from "../../sim/timeline.ts";
import { settleMicrotasks } from "../../sim/world.ts";
import { adversarial, crash, unit } from "../../test/kind.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { signatureBackend } from "../crypto/signatures.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { assertDefined } from "../primitives/assert.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { ChainCall, EffectId } from "../protocols/effects.ts";
import type { AdjudicatorEvent } from "./adjudicator-logs.ts";
import type { ChainNews } from "./chain-news.ts";
import { LOCAL } from "./chain-profile.ts";
import { ChainService } from "./chain-service.ts";
import { signTransaction } from "./transaction.ts";

const CHANNEL = `0x${"c1".repeat(32)}` as ChannelId;
const EFFECT = "deposit" as EffectId;
const CONFIRMATIONS = 2;
const POLL_MS = 1_000;

const chain: SimulatedChain = await startSimulatedChain("evm");
afterAll(() => chain.local.stop());

/** An endpoint that answers as the chain does, unless the test says that it is down. */
class Endpoint implements EthereumRpc {
  isDown = false;
  inFlight = 0;
  readonly sent: string[] = [];

  request = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    if (this.isDown) throw new NodeError("RpcUnreachable", "nobody answers");
    if (method === "eth_sendRawTransaction") this.sent.push(String(params[0]));
    this.inFlight++;
    try {
      return await chain.local.rpc.request(method, params);
    } finally {
      this.inFlight--;
    }
  };
}

/** One life of a service, with the time and the endpoint in the hands of the test. */
class Trial {
  readonly endpoint = new Endpoint();
  readonly timeline = new Timeline(0);
  /** How far the service's clock is off, in milliseconds. */
  skewMs = 0;
  readonly news: ChainNews[] = [];
  readonly faults: string[] = [];
  readonly service: ChainService;
  #blockSec = chain.startSec;

  constructor(nextNonce?: number) {
    const key = keyOf("alice");
    this.service = new ChainService(
      {
        rpcs: [this.endpoint],
        clock: {
          nowMs: () => this.timeline.nowMs + this.skewMs,
          after: (delayMs, run) => this.timeline.after(delayMs, run),
        },
        settings: {
          chainId: 31_337n,
          adjudicator: chain.deployment.adjudicator,
          profile: LOCAL,
          pollMs: POLL_MS,
        },
        account: {
          address: signatureBackend.addressOf(key),
          sign: (transaction) =>
            signTransaction(transaction, (digest) => signatureBackend.signDigest(digest, key)),
        },
        isMine: () => true,
        random: { bytes: (sizeBytes) => new Uint8Array(sizeBytes) },
        onTrust: () => {},
        onNews: (news) => this.news.push(news),
        onFault: ({ code }) => this.faults.push(code),
      },
      { scannedTo: -1, known: [] },
      nextNonce,
    );
    this.service.start();
  }

  /** Lets the service look at the chain once, and finish what it then does. */
  async look(): Promise<void> {
    this.timeline.step();
    await this.rest();
  }

  async rest(): Promise<void> {
    do await settleMicrotasks();
    while (this.endpoint.inFlight > 0);
    await settleMicrotasks();
  }

  async mine(blocks: number): Promise<void> {
    for (let count = 0; count < blocks; count++) {
      this.#blockSec += 12;
      await chain.local.mine(this.#blockSec);
    }
  }

  async ask(call: ChainCall, effectId = EFFECT): Promise<void> {
    this.service.submit({
      effectId,
      call,
      raw: undefined,
      transactionHash: undefined,
      earlier: [],
    });
    await this.rest();
  }

  of<Type extends ChainNews["type"]>(type: Type): readonly (ChainNews & { type: Type })[] {
    return this.news.filter((news): news is ChainNews & { type: Type } => news.type === type);
  }

  /** The logs that were told. */
  logs(): readonly AdjudicatorEvent[] {
    return this.of("LogsConfirmed").flatMap(({ logs }) => logs);
  }

  /** Sends what was signed last, as the engine does once it is durable. */
  async broadcast(): Promise<ChainNews & { type: "TransactionSigned" }> {
    const signed = assertDefined(this.of("TransactionSigned").at(-1), "a signed transaction");
    this.service.broadcast(signed.effectId, signed.raw, signed.transactionHash);
    await this.rest();
    return signed;
  }
}

function deposit(expectedHeld: bigint, amount: bigint): ChainCall {
  return { type: "Deposit", channelId: CHANNEL, asset: ZERO_ADDRESS, expectedHeld, amount };
}

let trial: Trial;
beforeEach(async () => {
  await chain.local.reset();
  trial = new Trial();
});

describe("submit and broadcast", () => {
  unit("sign first, send only when told to, and tell when it is confirmed", async () => {
    await trial.ask(deposit(0n, 6n));
    expect(trial.endpoint.sent).toEqual([]);
    const { raw } = await trial.broadcast();
    expect(trial.endpoint.sent).toEqual([raw]);

    await trial.mine(CONFIRMATIONS);
    await trial.look();
    expect(trial.of("TransactionMined")).toEqual([]);
    await trial.mine(1);
    await trial.look();

    expect(trial.of("TransactionMined")).toMatchObject([{ effectId: EFFECT, succeeded: true }]);
    const [logs] = trial.of("LogsConfirmed").flatMap((news) => news.logs);
    expect(logs).toMatchObject({ type: "Deposited", channelId: CHANNEL, holdings: 6n });
    expect(trial.faults).toEqual([]);
  });

  unit("number transactions one after the other, from where the log left off", async () => {
    const later = new Trial(7);

    await later.ask(deposit(0n, 1n), "one" as EffectId);
    await later.ask(deposit(0n, 1n), "two" as EffectId);

    expect(later.of("TransactionSigned").map(({ nonce }) => nonce)).toEqual([7, 8]);
  });

  unit("do not send a deposit that the contract would refuse", async () => {
    await trial.look();
    await trial.ask(deposit(5n, 1n));
    await trial.mine(3);
    await trial.look();

    const told = { effectId: EFFECT, reason: "the adjudicator holds 0, not 5" };
    expect(trial.of("TransactionPointless")).toMatchObject([told]);
  });

  adversarial("tell that a transaction failed when a stranger was faster", async () => {
    await trial.ask(deposit(0n, 1n), "stranger" as EffectId);
    await trial.broadcast();
    await trial.ask(deposit(0n, 6n));
    await trial.broadcast();
    await trial.mine(CONFIRMATIONS + 1);
    await trial.look();

    expect(trial.of("TransactionMined")).toMatchObject([
      { effectId: "stranger" as EffectId, succeeded: true },
      { effectId: EFFECT, succeeded: false },
    ]);
  });
});

describe("an endpoint that fails", () => {
  crash("loses no transaction: it is sent again until the chain has it", async () => {
    await trial.ask(deposit(0n, 6n));
    trial.endpoint.isDown = true;
    const { raw } = await trial.broadcast();
    expect(trial.faults).toEqual(["RpcUnreachable"]);
    await trial.look();
    expect(trial.endpoint.sent).toEqual([]);

    trial.endpoint.isDown = false;
    await trial.look();
    await trial.mine(CONFIRMATIONS + 1);
    await trial.look();

    expect(trial.endpoint.sent).toEqual([raw]);
    expect(trial.of("TransactionMined")).toHaveLength(1);
  });

  crash("delays a signature, and does not skip it", async () => {
    trial.endpoint.isDown = true;
    await trial.ask(deposit(0n, 6n));
    expect(trial.of("TransactionSigned")).toEqual([]);

    trial.endpoint.isDown = false;
    await trial.look();

    expect(trial.of("TransactionSigned")).toHaveLength(1);
  });

  crash("delays logs, and tells each once", async () => {
    await trial.ask(deposit(0n, 6n));
    await trial.broadcast();
    await trial.mine(CONFIRMATIONS + 1);
    trial.endpoint.isDown = true;
    await trial.look();
    expect(trial.of("LogsConfirmed")).toEqual([]);

    trial.endpoint.isDown = false;
    await trial.look();
    await trial.look();

    expect(trial.of("LogsConfirmed").flatMap(({ logs }) => logs)).toHaveLength(1);
  });
});

describe("a restart", () => {
  crash("sends again what the chain has already, and hears that it is mined", async () => {
    await trial.ask(deposit(0n, 6n));
    const { raw, transactionHash } = await trial.broadcast();
    trial.service.stop();
    await trial.mine(CONFIRMATIONS + 1);
    const second = new Trial(1);

    second.service.submit({
      effectId: EFFECT,
      call: deposit(0n, 6n),
      raw,
      transactionHash,
      earlier: [],
    });
    await second.rest();
    await second.look();

    expect(second.faults).toEqual([]);
    expect(second.of("TransactionSigned")).toEqual([]);
    expect(second.of("TransactionMined")).toMatchObject([{ succeeded: true }]);
  });
});

describe("a log that has lost its end", () => {
  const signedCount = (of: Trial): readonly number[] =>
    of.of("TransactionSigned").map(({ nonce }) => nonce);

  crash("knows an old nonce, and the chain a newer one", async () => {
    await trial.ask(deposit(0n, 6n));
    await trial.broadcast();
    await trial.mine(1);
    const second = new Trial(0);

    await second.ask(deposit(6n, 1n), "one" as EffectId);
    await second.ask(deposit(6n, 1n), "two" as EffectId);

    expect(signedCount(second)).toEqual([1, 2]);
  });

  crash("reads all blocks again for a channel that came back", async () => {
    await trial.ask(deposit(0n, 6n));
    await trial.broadcast();
    await trial.mine(CONFIRMATIONS + 1);
    await trial.look();
    await trial.look();
    expect(trial.logs()).toHaveLength(1);

    trial.service.readAgain();
    await trial.look();
    await trial.look();

    expect(trial.logs()).toHaveLength(2);
  });

  crash("asks for a payout that was made long ago, and sends nothing", async () => {
    const { consensusApp } = chain.deployment;
    const participants = [signatureBackend.addressOf(keyOf("alice"))];
    const exit = { asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" } } as const;
    await trial.ask({
      type: "ConcludeAndTransferAllAssets",
      channelId: CHANNEL,
      fixedPart: {
        participants,
        channelNonce: 1n,
        appDefinition: consensusApp,
        challengeDurationSec: 86_400,
      },
      variablePart: {
        outcome: [{ ...exit, allocations: [] }],
        appData: "0x",
        turnNum: 4,
        isFinal: true,
      },
      signatures: [],
    });
    await trial.mine(3);
    await trial.look();

    const told = { effectId: EFFECT, reason: "the adjudicator holds nothing any more" };
    expect(trial.of("TransactionPointless")).toMatchObject([told]);
  });
});

describe("what is known of the chain's time", () => {
  unit(
    "is that of the newest block whose logs were told, and nothing before the first look",
    async () => {
      trial.skewMs = (chain.startSec + 60) * 1_000;
      const blockSec = (): number =>
        (trial.timeline.nowMs + trial.skewMs) / 1_000 - trial.service.lagSec;
      expect(trial.service.lagSec).toBe(Number.POSITIVE_INFINITY);

      await trial.look();
      expect(blockSec()).toBe(chain.startSec);
      await trial.mine(2);
      expect(blockSec()).toBe(chain.startSec);
      await trial.look();

      expect(blockSec()).toBe(chain.startSec + 24);
    },
  );

  unit("is as old as a clock has measured, and unknown behind its step", async () => {
    await trial.look();
    await trial.look();
    expect(trial.service.lagSec).toBe(POLL_MS / 1_000);
    await trial.mine(1);
    await trial.look();
    expect(trial.service.lagSec).toBe(0);
    trial.skewMs = -POLL_MS;
    expect(trial.service.lagSec).toBe(Number.POSITIVE_INFINITY);
  });

  crash(
    "grows older while the endpoint is down, and the first look is over all the same",
    async () => {
      let isOver = false;
      void trial.service.firstLook.then(() => {
        isOver = true;
      });
      trial.endpoint.isDown = true;
      await trial.rest();
      expect(isOver).toBe(false);

      await trial.look();
      expect([isOver, trial.service.lagSec]).toEqual([true, Number.POSITIVE_INFINITY]);
      trial.endpoint.isDown = false;
      await trial.look();
      const { lagSec } = trial.service;
      trial.endpoint.isDown = true;
      await trial.look();

      expect(trial.service.lagSec).toBe(lagSec + POLL_MS / 1_000);
    },
  );
});

describe("stop", () => {
  unit("ends the looking: nothing is told any more", async () => {
    trial.service.stop();
    await trial.ask(deposit(0n, 6n));
    await trial.look();

    expect(trial.news).toEqual([]);
    expect(trial.timeline.nextMs).toBeUndefined();
  });
});
