/** What is looked at before a transaction is signed, and what is told of one that is refused. */
import { afterAll, beforeEach, describe, expect } from "bun:test";
import { type SimulatedChain, startSimulatedChain } from "../../sim/simulated-chain.ts";
import { depositOf, Trial } from "../../test/chain-trial.ts";
import { adversarial, unit } from "../../test/kind.ts";
import { LoneChannel } from "../../test/lone-channel.ts";
import type { ChainCall } from "../protocols/effects.ts";

const chain: SimulatedChain = await startSimulatedChain("evm");
afterAll(() => chain.local.stop());

const LONE = new LoneChannel(chain.deployment.consensusApp);

let trial: Trial;
beforeEach(async () => {
  await chain.local.reset();
  trial = new Trial(chain);
});

/** Makes blocks, with a look after each. */
async function pass(blocks: number): Promise<void> {
  for (let count = 0; count < blocks; count++) {
    await trial.mine(1);
    await trial.look();
  }
}

describe("a transaction that the contract refuses", () => {
  adversarial("is told with the contract's reason", async () => {
    await trial.ask(depositOf(0n, 1n), "first");
    await trial.ask(depositOf(0n, 6n), "second");
    await trial.broadcast();
    await trial.mine(3);
    await trial.look();

    expect(trial.of("TransactionMined")).toMatchObject([
      { succeeded: true },
      { succeeded: false, reason: "held != expectedHeld" },
    ]);
  });

  unit("is not sent when the contract would refuse it now", async () => {
    await trial.look();
    await trial.ask(LONE.conclude(4, false));
    await pass(3);

    expect(trial.of("TransactionPointless")).toMatchObject([{ reason: "State must be final" }]);
    expect(trial.of("TransactionSigned")).toEqual([]);
  });

  unit("is sent all the same when it is urgent: the next block may be another one", async () => {
    await trial.look();
    await trial.ask(LONE.challenge(3, undefined, 4));

    expect(trial.of("TransactionSigned")).toHaveLength(1);
  });

  unit("waits while another one on its way may change that", async () => {
    await trial.look();
    await trial.send(LONE.deposit(), "deposit");
    await trial.send(LONE.conclude(4), "conclude");
    await trial.ask(LONE.payOut(), "payout");
    expect(trial.of("TransactionPointless")).toEqual([]);
    expect(trial.of("TransactionSigned")).toHaveLength(2);

    await pass(3);
    await trial.broadcast();
    await pass(3);

    const mined = trial.of("TransactionMined").map(({ succeeded }) => succeeded);
    expect(mined).toEqual([true, true, true]);
  });
});

describe("a look before signing", () => {
  const reasons = (): readonly string[] =>
    trial.of("TransactionPointless").map(({ reason }) => reason);

  /** Has a call done and confirmed. */
  async function done(call: ChainCall, effectId: string): Promise<void> {
    await trial.send(call, effectId);
    await pass(4);
    expect(trial.of("TransactionMined").at(-1)).toMatchObject({ effectId, succeeded: true });
  }

  unit("passes over a challenge that a newer state is on record against", async () => {
    await trial.look();
    await done(LONE.challenge(5), "five");
    await trial.ask(LONE.challenge(5), "again");
    await trial.ask(LONE.challenge(4), "older");
    await pass(3);
    expect(reasons()).toEqual(["a state of turn 5 is on record", "a state of turn 5 is on record"]);

    await trial.ask(LONE.challenge(6), "newer");

    expect(trial.of("TransactionSigned")).toHaveLength(2);
  });

  unit("keeps a payout back until the challenge before it is over", async () => {
    await trial.look();
    await done(LONE.deposit(), "deposit");
    await done(LONE.challenge(5), "five");
    await trial.ask(LONE.payOut(LONE.hashOf(5)), "payout");
    await pass(10);
    expect([reasons(), trial.of("TransactionSigned").length]).toEqual([[], 2]);

    await pass(40);
    await trial.broadcast();
    await pass(4);

    const paid = { effectId: "payout", succeeded: true };
    expect(trial.of("TransactionMined").at(-1)).toMatchObject(paid);
  });

  adversarial("keeps a deposit back while the chain decides, and passes over it then", async () => {
    await trial.look();
    await done(LONE.challenge(5), "five");
    await trial.ask(LONE.deposit(), "deposit");
    await pass(10);
    expect([reasons(), trial.of("TransactionSigned").length]).toEqual([[], 1]);

    await pass(40);

    expect(reasons()).toEqual(["the channel is final already"]);
    expect(trial.of("TransactionSigned")).toHaveLength(1);
  });

  unit("passes over what comes after the end", async () => {
    await trial.look();
    await done(LONE.deposit(), "deposit");
    await done(LONE.challenge(5), "five");
    await pass(50);

    await trial.ask(LONE.challenge(6), "challenge");
    await trial.ask(LONE.conclude(7), "conclude");
    const { deadlineSec: _, ...parts } = LONE.conclude(7);
    await trial.ask({ ...parts, type: "ConcludeAndTransferAllAssets" }, "both");
    await pass(3);

    expect(reasons()).toEqual(Array(3).fill("the channel is final already"));
  });

  unit("passes over nothing for what blocks say that may yet be replaced", async () => {
    await trial.look();
    await done(LONE.deposit(), "deposit");
    await trial.ask(LONE.payOut(), "payout");
    await pass(1);
    expect(reasons()).toEqual([]);

    await trial.send(LONE.conclude(4), "conclude");
    await pass(3);
    await trial.broadcast();
    await pass(3);

    expect(reasons()).toEqual([]);
    const paid = { effectId: "payout", succeeded: true };
    expect(trial.of("TransactionMined").at(-1)).toMatchObject(paid);
  });

  unit("passes over a payout that is not on record", async () => {
    await trial.look();
    await done(LONE.deposit(), "deposit");
    await trial.ask(LONE.payOut(), "early");
    await pass(3);
    await done(LONE.conclude(7), "conclude");

    await trial.ask(LONE.payOut(LONE.hashOf(7)), "wrong");
    await pass(3);

    expect(reasons()).toEqual([
      "the channel is not final",
      "the adjudicator has another outcome on record",
    ]);
  });
});
