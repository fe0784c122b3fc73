/** What the service tells of a chain whose blocks are replaced, and of endpoints that lag or lie. */
import { afterAll, beforeEach, describe, expect } from "bun:test";
import { type SimulatedChain, startSimulatedChain } from "../../sim/simulated-chain.ts";
import { depositOf, lostBlock, Trial, type TrialOptions } from "../../test/chain-trial.ts";
import { adversarial, crash, unit } from "../../test/kind.ts";

const chain: SimulatedChain = await startSimulatedChain("evm");
afterAll(() => chain.local.stop());

const CONFIRMATIONS = 2;

let trial: Trial;
beforeEach(async () => {
  await chain.local.reset();
  trial = begin();
});

function begin(options?: TrialOptions): Trial {
  return new Trial(chain, options);
}

/** A deposit in a confirmed block that was told. */
async function toldDeposit(on: Trial): Promise<`0x${string}`> {
  const { raw } = await on.send(depositOf(0n, 6n));
  await on.mine(1 + CONFIRMATIONS);
  await on.look();
  expect(on.logs).toMatchObject([{ type: "Deposited", holdings: 6n }]);
  return raw;
}

const order = (on: Trial): readonly string[] => on.news.map(({ type }) => type);

describe("blocks that were told and are replaced", () => {
  crash("are taken back, and what came instead is told", async () => {
    await trial.look();
    const before = trial.told;
    const raw = await toldDeposit(trial);
    const { told } = trial;

    await trial.reorganise(3, 4, [raw]);
    trial.news.length = 0;
    await trial.look();

    expect(trial.of("ChainReorged")).toMatchObject([{ from: told }]);
    expect(trial.of("ChainReorged")[0]?.fork.blockNumber).toBe(told.blockNumber - 1);
    expect(before.blockNumber).toBeLessThan(told.blockNumber);
    expect(trial.logs.map(({ position }) => position.blockNumber)).toEqual([told.blockNumber]);
    expect(trial.logs[0]?.position.blockHash).not.toBe(told.blockHash);
    expect(order(trial)[0]).toBe("ChainReorged");
    expect(trial.faults).toEqual([]);
  });

  crash("are taken back however deep the new chain begins", async () => {
    await trial.look();
    await trial.mine(40);
    for (let count = 0; count < 3; count++) await trial.look();
    const { told } = trial;

    await trial.reorganise(38, 39);
    await trial.look();

    const [reorg] = trial.of("ChainReorged");
    expect(reorg?.from).toEqual(told);
    expect(reorg?.fork.blockNumber).toBeLessThanOrEqual(told.blockNumber - 36);
    expect(trial.told.blockNumber).toBe(told.blockNumber + 1);
  });

  crash("are no news while they were not confirmed", async () => {
    await trial.look();
    await trial.mine(CONFIRMATIONS);
    await trial.look();
    const told = trial.of("LogsConfirmed").length;

    await trial.reorganise(CONFIRMATIONS, CONFIRMATIONS + 1);
    await trial.look();

    expect(trial.of("ChainReorged")).toEqual([]);
    expect(trial.of("LogsConfirmed")).toHaveLength(told + 1);
  });
});

describe("a restart", () => {
  crash("takes back first what was replaced meanwhile", async () => {
    for (let count = 0; count < 6; count++) {
      await trial.look();
      await trial.mine(1);
    }
    await trial.look();
    const known = trial.of("LogsConfirmed").map(({ block }) => block);
    const { told } = trial;
    trial.service.stop();

    await trial.reorganise(5, 6);
    const second = begin({ from: { scannedTo: told.blockNumber, known } });
    await second.look();

    expect(second.of("ChainReorged")).toMatchObject([{ fork: known.at(-4), from: told }]);
    expect(order(second)[0]).toBe("ChainReorged");
    expect(second.told.blockNumber).toBe(told.blockNumber + 1);
  });

  unit("goes on after the block that the log names", async () => {
    await trial.mine(5);
    await trial.look();
    const { told } = trial;
    trial.service.stop();
    await trial.mine(2);

    const second = begin({ from: { scannedTo: told.blockNumber, known: [told] } });
    await second.look();

    expect(second.of("ChainReorged")).toEqual([]);
    expect(second.of("LogsConfirmed").map(({ block }) => block.blockNumber)).toEqual([
      told.blockNumber + 1,
      told.blockNumber + 2,
    ]);
  });

  crash("on another chain takes back all that is known, and says so", async () => {
    await trial.mine(6);
    const known = [lostBlock(3), lostBlock(4)];
    const second = begin({ from: { scannedTo: 4, known } });
    await second.look();

    expect(second.faults).toEqual(["ReorgTooDeep"]);
    expect(second.of("ChainReorged")).toMatchObject([
      { fork: { blockNumber: 2 }, from: known.at(-1) },
    ]);
    expect(second.of("LogsConfirmed")[0]?.block.blockNumber).toBeGreaterThanOrEqual(3);
  });
});

describe("a chain that says itself what is safe", () => {
  const TAGGED = { confirmation: { type: "Tag", tag: "safe", lagSec: 60 } } as const;
  const callSafe = (on: Trial, number: number): void => {
    on.endpoint.faults.set("eth_getBlockByNumber", (params, ask) =>
      params[0] === "safe"
        ? chain.local.rpc.request("eth_getBlockByNumber", [`0x${number.toString(16)}`, false])
        : ask(),
    );
  };

  unit("is believed up to there, in steps of any length", async () => {
    const tagged = begin({ profile: TAGGED });
    await tagged.mine(30);
    callSafe(tagged, 3);
    await tagged.look();
    expect(tagged.told.blockNumber).toBe(3);

    callSafe(tagged, 21);
    await tagged.look();
    await tagged.look();

    expect(tagged.told.blockNumber).toBe(21);
    expect(tagged.of("ChainReorged")).toEqual([]);
  });

  adversarial("is not believed when that is no block of the chain", async () => {
    const tagged = begin({ profile: TAGGED });
    await tagged.mine(5);
    tagged.endpoint.faults.set("eth_getBlockByNumber", async (params, ask) => {
      const block = (await ask()) as Record<string, unknown>;
      return params[0] === "safe" ? { ...block, hash: lostBlock(0).blockHash } : block;
    });
    await tagged.look(2);
    expect([tagged.news, tagged.service.isTrusted]).toEqual([[], false]);

    tagged.endpoint.faults.set("eth_getBlockByNumber", async (params, ask) => {
      const block = (await ask()) as Record<string, unknown>;
      return params[0] === "safe" ? { ...block, number: "0x99" } : block;
    });
    await tagged.look(2);

    expect([tagged.news, tagged.service.isTrusted]).toEqual([[], true]);
  });
});

describe("a stale head", () => {
  adversarial("that goes back is told once and not acted on", async () => {
    await trial.mine(3);
    await trial.look();
    const head = Number(await chain.local.rpc.request("eth_blockNumber", []));
    const before = `0x${(head - 1).toString(16)}`;
    const old: unknown = await chain.local.rpc.request("eth_getBlockByNumber", [before, false]);
    const told = trial.of("LogsConfirmed").length;
    trial.endpoint.faults.set("eth_getBlockByNumber", (params, ask) =>
      params[0] === "latest" ? old : ask(),
    );

    await trial.mine(1);
    await trial.look(3);
    expect(trial.faults).toEqual(["ChainStale"]);
    expect(trial.of("LogsConfirmed")).toHaveLength(told);

    trial.endpoint.faults.clear();
    await trial.look();
    expect(trial.of("LogsConfirmed")).toHaveLength(told + 1);
    expect(trial.faults).toHaveLength(1);
  });

  adversarial("that ends below what the log knows is no reorganisation", async () => {
    await trial.mine(2);
    const ahead = begin({ from: { scannedTo: 90, known: [lostBlock(90)] } });

    await ahead.look(2);

    expect(ahead.news).toEqual([]);
    expect(ahead.faults).toEqual(["ChainStale"]);
  });

  adversarial("that is too old keeps money out of channels until it moves again", async () => {
    const nowMs = (chain.startSec + 1_000) * 1_000;
    const late = begin({ profile: { staleAfterSec: 600 }, nowMs });
    await late.look();
    expect(late.faults).toEqual(["ChainStale"]);

    await late.ask(depositOf(0n, 6n));
    expect(late.of("TransactionSigned")).toEqual([]);
    await late.mine(50);
    await late.look(2);

    expect(late.of("TransactionSigned")).toHaveLength(1);
    expect(late.faults).toHaveLength(1);
  });
});
