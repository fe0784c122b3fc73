/** A clock that is set back does not keep a node from looking at the chain. */
import { afterAll, beforeEach, describe, expect } from "bun:test";
import { type SimulatedChain, startSimulatedChain } from "../../sim/simulated-chain.ts";
import { TRIAL_POLL_MS, Trial, TrialEndpoint } from "../../test/chain-trial.ts";
import { crash } from "../../test/kind.ts";

/** Milliseconds by which clocks are set back: three hours. */
const STEP_MS = 10_800_000;

const chain: SimulatedChain = await startSimulatedChain("model");
afterAll(() => chain.local.stop());
beforeEach(() => chain.local.reset());

describe("a clock that is set back", () => {
  crash("while a node looks at the chain does not put off the next look", async () => {
    const trial = new Trial(chain);
    trial.endpoint.faults.set("eth_getBlockByNumber", (_, ask) => {
      trial.skewMs = -STEP_MS;
      return ask();
    });
    await trial.look();
    const beforeMs = trial.timeline.nowMs;

    await trial.look();

    expect(trial.timeline.nowMs - beforeMs).toBe(TRIAL_POLL_MS);
  });

  crash("does not have an endpoint left alone that has failed before", async () => {
    const [first, second] = [
      new TrialEndpoint(chain.local.rpc),
      new TrialEndpoint(chain.local.rpc),
    ];
    const trial = new Trial(chain, { endpoints: [first, second], profile: { patienceLooks: 9 } });
    await trial.look();
    const { told } = trial;
    second.isDown = true;
    await trial.mine(1);
    await trial.look();
    expect(trial.told).toEqual(told);

    second.isDown = false;
    trial.skewMs = -STEP_MS;
    await trial.look();

    expect(trial.told.blockNumber).toBe(told.blockNumber + 1);
  });
});
