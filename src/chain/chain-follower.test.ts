/** What the service tells of a chain whose blocks are replaced, and of endpoints that lag or lie. */
import { afterAll, beforeEach, describe, expect } from "bun:test";
import { signCall } from "../../sim/chain/test-wallet.ts";
import { type SimulatedChain, startSimulatedChain } from "../../sim/simulated-chain.ts";
import {
  depositOf,
  lostBlock,
  mineBlocks,
  Trial,
  type TrialOptions,
} from "../../test/chain-trial.ts";
import { adversarial, crash, unit } from "../../test/kind.ts";
import { ALICE } from "../../test/lone-channel.ts";
import { callOf } from "./adjudicator-calls.ts";
import type { AdjudicatorEvent, RpcLog } from "./adjudicator-logs.ts";

const chain: SimulatedChain = await startSimulatedChain("evm");
afterAll(() => chain.local.stop());

const CONFIRMATIONS = 2;

const STRANGER = `0x${"ee".repeat(20)}` as const;

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

describe("logs that an endpoint gives", () => {
  const tamper = (on: Trial, change: (logs: readonly RpcLog[]) => readonly RpcLog[]): void => {
    on.endpoint.faults.set("eth_getLogs", async (_, ask) =>
      change((await ask()) as readonly RpcLog[]),
    );
  };

  /** Two deposits in one block. */
  async function twoDeposits(on: Trial): Promise<void> {
    await on.look();
    await on.send(depositOf(0n, 6n), "one");
    await on.ask({ ...depositOf(0n, 1n), channelId: `0x${"c2".repeat(32)}` } as never, "two");
    await on.broadcast();
    await on.mine(1 + CONFIRMATIONS);
  }

  /** A deposit that the service knows nothing of. */
  const strangersDeposit = () =>
    signCall(ALICE, 0, callOf(chain.deployment.adjudicator, depositOf(0n, 6n)));

  const places = (logs: readonly AdjudicatorEvent[]): readonly number[] =>
    logs.map(({ position }) => position.logIndex);

  adversarial("twice, in any order, or of strangers, are told once and in order", async () => {
    await twoDeposits(trial);
    tamper(trial, (logs) => [
      ...logs.toReversed(),
      ...logs,
      ...logs.map((log) => ({ ...log, address: STRANGER, logIndex: "0x9" as const })),
      ...logs.map((log) => ({ ...log, removed: true })),
    ]);

    await trial.look();

    expect(places(trial.logs)).toEqual([0, 1]);
    expect(trial.faults).toEqual([]);
  });

  adversarial("too late are waited for: the block's header says that there are some", async () => {
    await trial.look();
    const { raw } = strangersDeposit();
    await mineBlocks(chain, 1, { transactions: [raw] });
    await trial.mine(CONFIRMATIONS);
    let isLate = true;
    tamper(trial, (logs) => (isLate ? [] : logs));
    await trial.look();
    expect(trial.logs).toEqual([]);

    isLate = false;
    await trial.look();

    expect(places(trial.logs)).toEqual([0]);
    expect(trial.faults).toEqual([]);
  });

  adversarial("later still are told in their place, with what came after them", async () => {
    await trial.look();
    const { raw } = strangersDeposit();
    await mineBlocks(chain, 1, { transactions: [raw] });
    let isLate = true;
    tamper(trial, (logs) => (isLate ? [] : logs));
    for (let count = 0; count < 6; count++) {
      await trial.mine(1);
      await trial.look(2);
    }
    expect(trial.logs).toEqual([]);
    const { told } = trial;

    isLate = false;
    trial.news.length = 0;
    for (let count = 0; count < 4; count++) {
      await trial.mine(1);
      await trial.look();
    }

    expect(trial.of("ChainReorged")).toHaveLength(1);
    expect(trial.logs).toHaveLength(1);
    const place = trial.logs[0]?.position.blockNumber;
    expect(trial.of("ChainReorged")[0]?.fork.blockNumber).toBe((place ?? 0) - 1);
    expect(trial.told.blockNumber).toBe(told.blockNumber + 4);
    expect(trial.faults).toEqual([]);
  });

  adversarial("of another block, or two for one place, are believed by nobody", async () => {
    const changes: readonly ((log: RpcLog) => RpcLog)[] = [
      (log) => ({ ...log, blockHash: lostBlock(1).blockHash }),
      (log) => ({ ...log, logIndex: "0x0" }),
    ];
    for (const change of changes) {
      await chain.local.reset();
      const lied = begin();
      await twoDeposits(lied);
      tamper(lied, (logs) => logs.map(change));
      await lied.look();
      expect([lied.logs, lied.service.isTrusted]).toEqual([[], true]);
      await lied.look(2);
      expect([lied.logs, lied.service.isTrusted]).toEqual([[], false]);
      expect(lied.faults).toEqual(["ChainContradicted"]);

      lied.endpoint.faults.clear();
      await lied.look();

      expect(places(lied.logs)).toEqual([0, 1]);
      expect(lied.trust).toEqual([false, true]);
    }
  });

  adversarial("that a block's header excludes are believed by nobody", async () => {
    await twoDeposits(trial);
    trial.endpoint.faults.set("eth_getBlockByNumber", async (_, ask) => {
      const block = (await ask()) as Record<string, unknown>;
      return { ...block, logsBloom: `0x${"00".repeat(255)}01` };
    });

    trial.endpoint.faults.set("eth_getBlockByHash", async (_, ask) => {
      const block = (await ask()) as Record<string, unknown>;
      return { ...block, logsBloom: `0x${"00".repeat(255)}01` };
    });
    await trial.look(2);

    expect([trial.logs, trial.service.isTrusted]).toEqual([[], false]);
  });

  adversarial("without those of an own transaction are read once more", async () => {
    await trial.look();
    await trial.send(depositOf(0n, 6n));
    await trial.mine(1 + CONFIRMATIONS);
    let hides = true;
    tamper(trial, (logs) => (hides ? [] : logs));
    await trial.look(4);
    expect([trial.logs, trial.of("TransactionMined")]).toEqual([[], []]);
    expect([trial.service.isTrusted, trial.faults]).toEqual([false, ["ChainContradicted"]]);

    hides = false;
    await trial.look();

    expect(trial.logs).toMatchObject([{ type: "Deposited" }]);
    expect(trial.of("TransactionMined")).toHaveLength(1);
    expect(trial.service.isTrusted).toBe(true);
  });

  crash("of a range that two chains share are read anew", async () => {
    await trial.send(depositOf(0n, 6n));
    await trial.mine(20);
    let isChanged = false;
    trial.endpoint.faults.set("eth_getLogs", async (_, ask) => {
      const logs = await ask();
      if (!isChanged) await trial.reorganise(19, 21);
      isChanged = true;
      return logs;
    });

    await trial.look();
    expect(trial.logs).toEqual([]);
    await trial.look(2);

    expect(trial.faults).toEqual([]);
    expect(trial.told.blockNumber).toBeGreaterThan(20);
  });
});
