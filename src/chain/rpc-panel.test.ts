/** Several endpoints of one chain: what they must agree on, and what happens while one is silent. */
import { afterAll, beforeEach, describe, expect } from "bun:test";
import { type SimulatedChain, startSimulatedChain } from "../../sim/simulated-chain.ts";
import {
  depositOf,
  lostBlock,
  TRIAL_CHANNEL,
  Trial,
  TrialEndpoint,
  type TrialOptions,
} from "../../test/chain-trial.ts";
import { adversarial, crash, unit } from "../../test/kind.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { NodeError } from "../primitives/node-error.ts";
import { RPC_TIMEOUT_MS } from "./rpc-patience.ts";

const chain: SimulatedChain = await startSimulatedChain("evm");
afterAll(() => chain.local.stop());

let trial: Trial;
beforeEach(async () => {
  await chain.local.reset();
  trial = begin();
});

function begin(options?: TrialOptions): Trial {
  return new Trial(chain, options);
}

describe("two endpoints", () => {
  let [first, second] = [new TrialEndpoint(chain.local.rpc), new TrialEndpoint(chain.local.rpc)];
  let pair: Trial;
  beforeEach(() => {
    [first, second] = [new TrialEndpoint(chain.local.rpc), new TrialEndpoint(chain.local.rpc)];
    pair = begin({ endpoints: [first, second], profile: { patienceLooks: 3 } });
  });

  /** Another history from this block on. */
  const lies = (from: number) => async (_: unknown, ask: () => Promise<unknown>) => {
    const block = (await ask()) as { readonly number: string };
    return Number(block.number) < from ? block : { ...block, hash: lostBlock(0).blockHash };
  };

  adversarial("that disagree are not trusted, and confirm nothing, until they agree", async () => {
    await pair.look();
    const { told } = pair;
    second.faults.set("eth_getBlockByNumber", lies(told.blockNumber + 1));
    await pair.mine(1);
    await pair.look(2);
    expect([pair.service.isTrusted, pair.trust, pair.faults]).toEqual([
      false,
      [false],
      ["ChainContradicted"],
    ]);
    expect(pair.told).toEqual(told);
    await pair.ask(depositOf(0n, 6n));
    expect(pair.of("TransactionSigned")).toEqual([]);

    second.faults.clear();
    await pair.look(2);

    expect([pair.service.isTrusted, pair.trust]).toEqual([true, [false, true]]);
    expect(pair.told.blockNumber).toBe(told.blockNumber + 1);
    expect(pair.of("TransactionSigned")).toHaveLength(1);
  });

  adversarial("find each other's missing logs", async () => {
    await pair.look();
    await pair.send(depositOf(0n, 6n));
    await pair.mine(3);
    first.faults.set("eth_getLogs", () => []);

    await pair.look(3);

    expect([pair.logs, pair.service.isTrusted]).toEqual([[], false]);
    first.faults.clear();
    await pair.look();
    expect([pair.logs.length, pair.service.isTrusted]).toEqual([1, true]);
  });

  adversarial("both have to have lost a block before it is taken back", async () => {
    await pair.look();
    await pair.mine(3);
    await pair.look();
    const { told } = pair;
    const old = await chain.local.rpc.request("eth_getBlockByNumber", [
      `0x${told.blockNumber.toString(16)}`,
      false,
    ]);
    second.faults.set("eth_getBlockByNumber", (params, ask) =>
      Number(params[0]) === told.blockNumber ? old : ask(),
    );
    await pair.reorganise(3, 4);
    await pair.look(2);
    expect([pair.of("ChainReorged"), pair.service.isTrusted]).toEqual([[], false]);

    second.faults.clear();
    await pair.look();

    expect(pair.of("ChainReorged")).toHaveLength(1);
  });

  crash("go on with the one that answers, after a while, if the profile allows it", async () => {
    const strict = begin({
      endpoints: [new TrialEndpoint(chain.local.rpc), new TrialEndpoint(chain.local.rpc)],
      profile: { patienceLooks: 3, answersMin: 2 },
    });
    for (const on of [pair, strict]) {
      await on.look();
      (on.endpoints[1] as TrialEndpoint).isDown = true;
    }
    const { told } = pair;
    await pair.mine(1);
    await pair.look(2);
    expect(pair.told).toEqual(told);
    expect(pair.faults).toEqual(["RpcUnreachable"]);

    await pair.look(2);
    await strict.look(6);

    expect(pair.told.blockNumber).toBe(told.blockNumber + 1);
    expect(strict.told).toEqual(told);
    expect(pair.service.isTrusted).toBe(true);
  });

  crash("go on with the second when the first one falls silent", async () => {
    await pair.look();
    const { told } = pair;
    first.isDown = true;
    await pair.mine(1);
    await pair.look(2);
    expect(pair.told).toEqual(told);

    await pair.look(4);

    expect(pair.told.blockNumber).toBe(told.blockNumber + 1);
    expect(pair.faults[0]).toBe("RpcUnreachable");
  });

  crash("send a transaction though the first one refuses it", async () => {
    await pair.look();
    first.faults.set("eth_sendRawTransaction", () => {
      throw new NodeError("RpcRefused", "the pool is full");
    });
    await pair.send(depositOf(0n, 6n));
    await pair.mine(3);
    await pair.look();

    expect(pair.of("TransactionMined")).toMatchObject([{ succeeded: true }]);
    expect(pair.faults).toEqual([]);
  });

  crash("tell what both have, though one is always a block behind", async () => {
    await pair.look();
    let behind = pair.told.blockNumber;
    second.faults.set("eth_getBlockByNumber", (params, ask) =>
      Number(params[0]) > behind ? null : ask(),
    );
    await pair.send(depositOf(0n, 6n));
    for (let count = 0; count < 5; count++) {
      await pair.mine(1);
      await pair.look();
      behind += 1;
    }

    expect(pair.logs).toHaveLength(1);
    expect(pair.of("TransactionMined")).toHaveLength(1);
    expect(pair.told.blockNumber).toBe(behind - 1);
    expect(pair.service.lagSec).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  adversarial("are trusted again as soon as both have the same next block", async () => {
    await pair.look();
    const { told } = pair;
    second.faults.set("eth_getBlockByNumber", lies(told.blockNumber + 1));
    await pair.mine(2);
    await pair.look();
    expect(pair.service.isTrusted).toBe(false);

    second.faults.set("eth_getBlockByNumber", (params, ask) =>
      Number(params[0]) > told.blockNumber + 1 ? null : ask(),
    );
    await pair.look(2);

    expect(pair.service.isTrusted).toBe(true);
  });

  adversarial("must tell the same holdings", async () => {
    await pair.mine(3);
    await pair.look();
    second.faults.set("eth_call", () => `0x${"07".padStart(64, "0")}`);
    pair.service.ask({ channelId: TRIAL_CHANNEL, assets: [ZERO_ADDRESS] });
    await pair.look(2);
    expect([pair.of("HoldingsAnswered"), pair.service.isTrusted]).toEqual([[], false]);

    second.faults.clear();
    await pair.look(2);

    expect(pair.of("HoldingsAnswered")).toHaveLength(1);
    expect(pair.trust).toEqual([false, true]);
  });

  unit("both get every transaction", async () => {
    await pair.look();
    const { raw } = await pair.send(depositOf(0n, 6n));

    expect([first.sent, second.sent]).toEqual([[raw], [raw]]);
  });
});

describe("an endpoint that hangs", () => {
  crash("is given up after a while, and asked again", async () => {
    await trial.look();
    const { told } = trial;
    trial.endpoint.faults.set("eth_getBlockByNumber", () => new Promise(() => {}));
    await trial.mine(1);
    trial.timeline.step();
    const askedMs = trial.timeline.nowMs;
    trial.timeline.step();
    expect(trial.timeline.nowMs - askedMs).toBe(RPC_TIMEOUT_MS);
    trial.endpoint.inFlight = 0;
    await trial.rest();
    expect(trial.faults).toEqual(["RpcUnreachable"]);

    trial.endpoint.faults.clear();
    await trial.look();

    expect(trial.told.blockNumber).toBe(told.blockNumber + 1);
  });

  crash("is asked more and more rarely, and as often as before once it answers", async () => {
    await trial.look();
    trial.endpoint.isDown = true;
    const pauses: number[] = [];
    for (let count = 0; count < 6; count++) {
      const before = trial.timeline.nowMs;
      await trial.look();
      pauses.push(trial.timeline.nowMs - before);
    }
    expect(pauses).toEqual([1_000, 1_000, 2_000, 4_000, 4_000, 4_000]);

    trial.endpoint.isDown = false;
    await trial.look();
    const before = trial.timeline.nowMs;
    await trial.look();

    expect(trial.timeline.nowMs - before).toBe(1_000);
  });
});
