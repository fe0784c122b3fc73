/** Holdings as the adjudicator tells them at one block, and when the chain service asks for them. */
import { afterAll, beforeEach, describe, expect } from "bun:test";
import { keyOf } from "../../sim/actors.ts";
import { type SimulatedChain, startSimulatedChain } from "../../sim/simulated-chain.ts";
import { Timeline } from "../../sim/timeline.ts";
import { settleMicrotasks } from "../../sim/world.ts";
import { crash, unit } from "../../test/kind.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { signatureBackend } from "../crypto/signatures.ts";
import { assert } from "../primitives/assert.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { EffectId } from "../protocols/effects.ts";
import type { ChainNews } from "./chain-news.ts";
import { LOCAL } from "./chain-profile.ts";
import { ChainService } from "./chain-service.ts";
import { readHoldings } from "./holdings-reading.ts";
import { signTransaction } from "./transaction.ts";

const CHANNEL = `0x${"c1".repeat(32)}` as ChannelId;
const CONFIRMATIONS = 2;

const chain: SimulatedChain = await startSimulatedChain("evm");
afterAll(() => chain.local.stop());

let news: ChainNews[] = [];
let isDown = false;
let inFlight = 0;
let blockSec = chain.startSec;
let timeline = new Timeline(0);
let service: ChainService;

async function request(method: string, params: readonly unknown[]): Promise<unknown> {
  if (isDown) throw new NodeError("RpcUnreachable", "nobody answers");
  inFlight += 1;
  try {
    return await chain.local.rpc.request(method, params);
  } finally {
    inFlight -= 1;
  }
}

async function rest(): Promise<void> {
  do await settleMicrotasks();
  while (inFlight > 0);
  await settleMicrotasks();
}

async function look(): Promise<void> {
  timeline.step();
  await rest();
}

async function mine(blocks: number): Promise<void> {
  for (let count = 0; count < blocks; count++) {
    blockSec += 12;
    await chain.local.mine(blockSec);
  }
}

/** Deposits six coins in the next block. */
async function deposit(): Promise<void> {
  const call = { channelId: CHANNEL, asset: ZERO_ADDRESS, expectedHeld: 0n, amount: 6n };
  service.submit({
    effectId: "deposit" as EffectId,
    call: { type: "Deposit", ...call },
    raw: undefined,
    transactionHash: undefined,
    earlier: [],
  });
  await rest();
  for (const one of [...news]) {
    if (one.type === "TransactionSigned") {
      service.broadcast(one.effectId, one.raw, one.transactionHash);
    }
  }
  await rest();
  await mine(1);
}

const answers = (): readonly (ChainNews & { type: "HoldingsAnswered" })[] =>
  news.filter((one) => one.type === "HoldingsAnswered");

beforeEach(async () => {
  await chain.local.reset();
  const key = keyOf("alice");
  [news, isDown, blockSec, timeline] = [[], false, chain.startSec, new Timeline(0)];
  const { nowMs } = timeline;
  service = new ChainService(
    {
      rpcs: [{ request }],
      clock: { nowMs: () => nowMs, after: (delayMs, run) => timeline.after(delayMs, run) },
      settings: {
        chainId: 31_337n,
        adjudicator: chain.deployment.adjudicator,
        profile: LOCAL,
        pollMs: 1_000,
      },
      account: {
        address: signatureBackend.addressOf(key),
        sign: (transaction) =>
          signTransaction(transaction, (digest) => signatureBackend.signDigest(digest, key)),
      },
      isMine: () => true,
      random: { bytes: (sizeBytes) => new Uint8Array(sizeBytes) },
      onTrust: () => {},
      onNews: (one) => news.push(one),
      onFault: () => {},
    },
    { scannedTo: -1, known: [] },
    undefined,
  );
  service.start();
});

describe("readHoldings", () => {
  unit("gives what was held at the end of that block, asset by asset", async () => {
    await deposit();
    const head = Number(await request("eth_blockNumber", []));
    const question = { channelId: CHANNEL, assets: [ZERO_ADDRESS, chain.token.address] };
    const { adjudicator } = chain.deployment;

    const before = await readHoldings({ request }, adjudicator, question, head - 1);
    const after = await readHoldings({ request }, adjudicator, question, head);

    assert(before !== undefined && after !== undefined, "both blocks are known");
    expect(before.amounts.map(({ holdings }) => holdings)).toEqual([0n, 0n]);
    expect(after.amounts).toEqual([
      { asset: ZERO_ADDRESS, holdings: 6n },
      { asset: chain.token.address, holdings: 0n },
    ]);
    expect([after.block.blockNumber, before.block.blockNumber]).toEqual([head, head - 1]);
    expect(after.block.blockHash).not.toBe(before.block.blockHash);
  });

  unit("gives nothing for a block that the endpoint does not know", async () => {
    const question = { channelId: CHANNEL, assets: [] };
    const { adjudicator } = chain.deployment;

    expect(await readHoldings({ request }, adjudicator, question, 1_000_000)).toBeUndefined();
  });
});

describe("a question to the chain service", () => {
  unit("is answered as of the confirmed block, behind all logs up to it, and once", async () => {
    await deposit();
    await mine(CONFIRMATIONS);
    service.ask({ channelId: CHANNEL, assets: [ZERO_ADDRESS] });

    await look();
    await look();

    expect(answers().map(({ amounts }) => amounts)).toEqual([
      [{ asset: ZERO_ADDRESS, holdings: 6n }],
    ]);
    const order = news.map(({ type }) => type);
    expect(order.indexOf("LogsConfirmed")).toBeGreaterThanOrEqual(0);
    expect(order.indexOf("LogsConfirmed")).toBeLessThan(order.indexOf("HoldingsAnswered"));
  });

  unit("gets no answer from blocks that are not confirmed", async () => {
    await deposit();
    await mine(CONFIRMATIONS - 1);
    service.ask({ channelId: CHANNEL, assets: [ZERO_ADDRESS] });

    await look();

    expect(answers().map(({ amounts }) => amounts)).toEqual([
      [{ asset: ZERO_ADDRESS, holdings: 0n }],
    ]);
  });

  crash("is put again at the next look when the chain fails", async () => {
    await mine(CONFIRMATIONS + 1);
    service.ask({ channelId: CHANNEL, assets: [ZERO_ADDRESS] });
    isDown = true;
    await look();
    expect(answers()).toEqual([]);

    isDown = false;
    await look();

    expect(answers()).toHaveLength(1);
  });
});
