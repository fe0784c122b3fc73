/** Which block is the first whose logs a node reads. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { type SimulatedChain, startSimulatedChain } from "../../sim/simulated-chain.ts";
import {
  depositOf,
  mineBlocks,
  Trial,
  TrialEndpoint,
  type TrialOptions,
} from "../../test/chain-trial.ts";
import { adversarial, unit } from "../../test/kind.ts";
import type { ChainStart } from "./chain-news.ts";

const chain: SimulatedChain = await startSimulatedChain("evm");
afterAll(() => chain.local.stop());

/** Blocks of the chain, with a deposit in one of the first. */
const BLOCKS = 120;

/** A local chain: confirmed 2 deep, final 64 deep. */
const [CONFIRMATIONS, FINALITY] = [2, 64];

let head = 0;
beforeAll(async () => {
  await chain.local.reset();
  const first = new Trial(chain);
  await first.look();
  await first.send(depositOf(0n, 6n));
  await first.mine(BLOCKS);
  first.service.stop();
  head = Number(await chain.local.rpc.request("eth_blockNumber", []));
});

/** Looks, and gives the block from which logs were asked for. */
async function begin(
  options: Pick<TrialOptions, "settings" | "from">,
): Promise<{ readonly trial: Trial; readonly first: number; readonly asked: readonly number[] }> {
  const endpoint = new TrialEndpoint(chain.local.rpc);
  const asked: number[] = [];
  endpoint.faults.set("eth_getLogs", (params, ask) => {
    const [{ fromBlock }] = params as readonly [{ readonly fromBlock?: string }];
    if (fromBlock !== undefined) asked.push(Number(fromBlock));
    return ask();
  });
  const trial = new Trial(chain, { ...options, endpoints: [endpoint] });
  await trial.look(3);
  return { trial, first: asked[0] ?? -1, asked };
}

const fresh = (isNew: boolean): ChainStart => ({
  scannedTo: -1,
  known: [],
  isNew: () => isNew,
});

describe("the first look of a log that names no block", () => {
  unit("reads from the newest final block while the log knows no channel", async () => {
    const { first, trial } = await begin({ settings: { beginsAtHead: true }, from: fresh(true) });

    expect(first).toBe(head - CONFIRMATIONS - FINALITY);
    expect(trial.logs).toEqual([]);
    expect(trial.told.blockNumber).toBe(head - CONFIRMATIONS);
    expect(trial.faults).toEqual([]);
  });

  adversarial("reads everything once the log knows a channel, whenever that began", async () => {
    const { first, trial } = await begin({ settings: { beginsAtHead: true }, from: fresh(false) });

    expect(first).toBe(0);
    expect(trial.logs).toMatchObject([{ type: "Deposited" }]);
  });

  unit("reads from the block that the settings name, and no later than the newest", async () => {
    expect((await begin({ settings: { firstBlock: 40 }, from: fresh(true) })).first).toBe(40);
    const { trial } = await begin({ settings: { firstBlock: 10 * BLOCKS }, from: fresh(true) });
    expect(trial.told.blockNumber).toBe(head - CONFIRMATIONS);

    await mineBlocks(chain, 1);
    head += 1;
    await trial.look();
    expect(trial.told.blockNumber).toBe(head - CONFIRMATIONS);
  });

  adversarial("is read again from the first block for a channel that comes back", async () => {
    const { asked, trial } = await begin({ settings: { beginsAtHead: true }, from: fresh(true) });
    expect(trial.logs).toEqual([]);

    trial.service.readAgain();
    await trial.look();
    expect(asked.at(-1)).toBe(0);
    expect(trial.logs).toMatchObject([{ type: "Deposited" }]);
  });
});
