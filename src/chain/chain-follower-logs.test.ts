/** What the service makes of logs that come late, twice, or not at all. */
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
import { adversarial, crash } from "../../test/kind.ts";
import { ALICE } from "../../test/lone-channel.ts";
import { callOf } from "./adjudicator-calls.ts";
import type { AdjudicatorEvent, RpcLog } from "./adjudicator-logs.ts";
import { LATE_BLOCKS_MAX } from "./suspect-blocks.ts";

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

  for (const [place, blocks] of [
    ["with", CONFIRMATIONS],
    ["above", CONFIRMATIONS + 1],
  ] as const) {
    crash(
      `without those of an own transaction are read once more in a life that begins ${place} their block`,
      async () => {
        await trial.look();
        const deposit = depositOf(0n, 6n);
        const signed = await trial.send(deposit);
        await trial.mine(blocks);
        const below = trial.told;
        const second = begin({ from: { scannedTo: below.blockNumber, known: [below] } });
        let hides = true;
        tamper(second, (logs) => (hides ? [] : logs));
        second.service.submit(second.logged(deposit, signed));
        for (let count = 0; count < 6; count++) {
          await second.mine(1);
          await second.look();
        }
        expect([second.logs, second.of("TransactionMined")]).toEqual([[], []]);
        expect(second.faults).toEqual(["ChainContradicted"]);

        hides = false;
        await second.look(2);

        expect(second.logs).toMatchObject([{ type: "Deposited" }]);
        expect(second.of("TransactionMined")).toHaveLength(1);
        expect(second.service.isTrusted).toBe(true);
      },
    );
  }

  describe("too late for the life that read their block", () => {
    /** A life that begins behind a block with two deposits, of which the first was told to the one before. */
    async function reborn(isLate: () => boolean, isMine?: () => boolean): Promise<Trial> {
      await twoDeposits(trial);
      await trial.look();
      const [first, second] = trial.logs;
      if (first === undefined || second === undefined) throw new Error("two deposits");
      const { told } = trial;
      const { blockHash, blockNumber, logIndex } = first.position;
      const next = begin({
        from: {
          scannedTo: told.blockNumber,
          known: [told],
          told: {
            from: 0,
            to: told.blockNumber,
            places: [{ blockHash, blockNumber, logIndex }],
          },
        },
        ...(isMine === undefined ? {} : { isMine }),
      });
      tamper(next, (logs) =>
        isLate() ? logs.filter(({ logIndex: place }) => Number(place) === logIndex) : logs,
      );
      return next;
    }

    crash("are told in their place, with what was told from there on", async () => {
      let isLate = true;
      const next = await reborn(() => isLate);
      await next.look();
      expect([next.logs, next.of("ChainReorged")]).toEqual([[], []]);

      isLate = false;
      for (let count = 0; count < 4; count++) {
        await next.mine(1);
        await next.look();
      }

      expect(places(next.logs)).toEqual([0, 1]);
      expect(next.of("ChainReorged")).toHaveLength(1);
      expect(next.faults).toEqual([]);
    });

    crash(
      "are told in their place as well where this life has read many blocks at once",
      async () => {
        await twoDeposits(trial);
        await trial.mine(12);
        await trial.look();
        const [first] = places(trial.logs);
        const next = begin({ from: { scannedTo: 0, known: [] } });
        let isLate = true;
        tamper(next, (logs) =>
          isLate ? logs.filter(({ logIndex }) => Number(logIndex) === first) : logs,
        );
        await next.look();
        expect(places(next.logs)).toEqual([0]);

        isLate = false;
        for (let count = 0; count < 4; count++) {
          await next.mine(1);
          await next.look();
        }

        expect(places(next.logs)).toEqual([0, 0, 1]);
        expect(next.faults).toEqual([]);
      },
    );

    crash("are of no interest in channels that are not this node's", async () => {
      const next = await reborn(
        () => false,
        () => false,
      );
      await next.look();
      expect(next.of("ChainReorged")).toEqual([]);
    });

    crash("are looked for no more once they are too late for any endpoint", async () => {
      const next = await reborn(() => true);
      let ranges = 0;
      tamper(next, (logs) => logs);
      const answer = next.endpoint.faults.get("eth_getLogs");
      next.endpoint.faults.set("eth_getLogs", async (params, ask) => {
        const [filter] = params as readonly [{ readonly fromBlock?: string }];
        if (filter.fromBlock === "0x0") {
          ranges += 1;
          return [];
        }
        return await answer?.(params, ask);
      });
      for (let count = 0; count < LATE_BLOCKS_MAX + 8; count++) {
        await next.mine(1);
        await next.look();
      }
      expect(ranges).toBe(6);
    });
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
