/** The filter of a block's header, as a real chain fills it. */
import { afterAll, describe, expect } from "bun:test";
import { type SimulatedChain, startSimulatedChain } from "../../sim/simulated-chain.ts";
import { depositOf, mineBlocks, TRIAL_CHANNEL, Trial } from "../../test/chain-trial.ts";
import { golden } from "../../test/kind.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { Hex } from "../primitives/hex.ts";
import { readHeader } from "./block-header.ts";
import { mayHold } from "./logs-bloom.ts";

const chain: SimulatedChain = await startSimulatedChain("evm");
afterAll(() => chain.local.stop());

describe("mayHold", () => {
  golden("finds the contract and the channel of a log, and excludes others", async () => {
    const trial = new Trial(chain);
    await trial.send(depositOf(0n, 6n));
    await mineBlocks(chain, 1);
    const header = assertDefined(await readHeader(chain.local.rpc, "latest"), "a block");
    const bloom = assertDefined(header.logsBloom, "its filter");

    const absent = Array.from(
      { length: 50 },
      (_, index): Hex => `0x${String(index).padStart(40, "0")}`,
    );
    expect(mayHold(bloom, chain.deployment.adjudicator)).toBe(true);
    expect(mayHold(bloom, TRIAL_CHANNEL)).toBe(true);
    expect(absent.filter((entry) => mayHold(bloom, entry))).toEqual([]);
  });
});
