/** Transactions from their signature until no reorganisation can undo them, on the very contracts. */
import { afterAll, beforeEach, describe, expect } from "bun:test";
import { signCall } from "../../sim/chain/test-wallet.ts";
import { type SimulatedChain, startSimulatedChain } from "../../sim/simulated-chain.ts";
import { depositOf, mineBlocks, Trial, type TrialOptions } from "../../test/chain-trial.ts";
import { crash, unit } from "../../test/kind.ts";
import { ALICE, LoneChannel } from "../../test/lone-channel.ts";
import type { Hash } from "../crypto/signature.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { ChainCall } from "../protocols/effects.ts";
import { callOf } from "./adjudicator-calls.ts";
import { LOCAL } from "./chain-profile.ts";
import { openTransaction } from "./open-transaction.ts";

const chain: SimulatedChain = await startSimulatedChain("evm");
afterAll(() => chain.local.stop());

const LONE = new LoneChannel(chain.deployment.consensusApp);

const GWEI_WEI = 1_000_000_000n;
const BUMP_BLOCKS = 4;
const EAGER = { fees: { ...LOCAL.fees, patientBumpBlocks: BUMP_BLOCKS } };

let trial: Trial;
beforeEach(async () => {
  await chain.local.reset();
  trial = begin();
});

function begin(options?: TrialOptions): Trial {
  return new Trial(chain, options);
}

/** Makes blocks, with a look after each. */
async function pass(on: Trial, blocks: number, baseFeeWei?: bigint): Promise<void> {
  for (let count = 0; count < blocks; count++) {
    await mineBlocks(chain, 1, baseFeeWei === undefined ? {} : { baseFeeWei });
    await on.look();
  }
}

const feesOf = (raw: `0x${string}`) =>
  openTransaction(
    { effectId: "any" as never, call: LONE.deposit() },
    raw,
    `0x${"00".repeat(32)}` as Hash,
    { afterBlock: 0, earlier: [] },
  ).fees;

describe("a transaction that a reorganisation takes back", () => {
  crash("is sent again, and told again where it is then", async () => {
    await trial.look();
    const { raw } = await trial.send(depositOf(0n, 6n));
    await pass(trial, 3);
    const [first] = trial.of("TransactionMined");
    expect(trial.endpoint.sent).toEqual([raw]);

    await trial.reorganise(3, 4);
    await trial.look();
    expect(trial.endpoint.sent).toEqual([raw, raw]);
    await pass(trial, 3);

    const mined = trial.of("TransactionMined");
    expect(mined).toHaveLength(2);
    expect(mined[1]?.block.blockNumber).toBeGreaterThan(first?.block.blockNumber ?? 0);
    expect(trial.of("TransactionSigned")).toHaveLength(1);
  });

  crash("before it was confirmed is sent again", async () => {
    await trial.look();
    const { raw } = await trial.send(depositOf(0n, 6n));
    await pass(trial, 1);
    await trial.reorganise(1, 2);
    await trial.look();

    expect(trial.endpoint.sent).toEqual([raw, raw]);
    await pass(trial, 3);
    expect(trial.of("TransactionMined")).toMatchObject([{ succeeded: true }]);
  });

  unit("is watched until it is final, and not longer", async () => {
    const brief = begin({ profile: { finality: { ...LOCAL.finality, depthBlocks: 5 } } });
    await brief.look();
    await brief.send(depositOf(0n, 6n));
    await pass(brief, 8);

    await brief.reorganise(8, 9);
    await brief.look(2);

    expect(brief.endpoint.sent).toHaveLength(1);
  });
});

describe("a transaction that is over before it is sent", () => {
  unit("is not signed, and leaves its number to the next one", async () => {
    const unsigned = { raw: undefined, transactionHash: undefined, earlier: [] };
    trial.service.submit({ effectId: "late" as never, call: depositOf(0n, 6n), ...unsigned });
    trial.service.drop("late" as never);
    await trial.look();
    await trial.send(depositOf(0n, 5n), "next");

    const signed = trial.of("TransactionSigned");
    expect(signed.map(({ effectId, nonce }) => [effectId as string, nonce])).toEqual([["next", 0]]);
  });

  unit("leaves a number that is filled when it was signed already", async () => {
    await trial.look();
    await trial.ask(depositOf(0n, 6n), "late");
    trial.service.drop("late" as never);
    await trial.look();
    await trial.ask(depositOf(0n, 5n), "next");
    const next = trial.of("TransactionSigned").at(-1);
    trial.service.broadcast("next" as never, next?.raw ?? "0x", next?.transactionHash ?? "0x");
    await trial.rest();
    await pass(trial, 8);

    expect(next?.nonce).toBe(1);
    expect(trial.of("TransactionMined")).toMatchObject([{ effectId: "next", succeeded: true }]);
  });
});

describe("a transaction that nobody mines", () => {
  unit("offers at least an eighth more after a while, under the same number", async () => {
    const eager = begin({ profile: EAGER });
    await eager.look();
    eager.endpoint.swallows = true;
    await eager.send(depositOf(0n, 6n));
    await pass(eager, BUMP_BLOCKS);

    const [first, second] = await eager.broadcast();
    expect(second?.nonce).toBe(first?.nonce ?? -1);
    expect(second?.effectId).toBe(first?.effectId ?? ("" as never));
    const [old, fresh] = [feesOf(first?.raw ?? "0x"), feesOf(second?.raw ?? "0x")];
    expect(fresh.maxFeeWei * 1_000n).toBeGreaterThanOrEqual(old.maxFeeWei * 1_125n);
    expect(fresh.tipWei * 1_000n).toBeGreaterThanOrEqual(old.tipWei * 1_125n);

    eager.endpoint.swallows = false;
    await pass(eager, BUMP_BLOCKS);
    await eager.broadcast();
    await pass(eager, 3);
    expect(eager.of("TransactionMined")).toMatchObject([{ succeeded: true }]);
  });

  unit("offers more when another one is in its way that offers as much", async () => {
    const eager = begin({ profile: EAGER });
    await eager.look();
    const refuse = (): never => {
      throw new NodeError("RpcRefused", "replacement transaction underpriced");
    };
    eager.endpoint.faults.set("eth_sendRawTransaction", refuse);
    await eager.send(depositOf(0n, 6n));
    await pass(eager, BUMP_BLOCKS);
    eager.endpoint.faults.clear();
    await eager.broadcast();
    await pass(eager, 3);

    expect(eager.of("TransactionSigned")).toHaveLength(2);
    expect(eager.of("TransactionMined")).toMatchObject([{ succeeded: true }]);
    expect(eager.faults).toEqual([]);
  });

  unit("is over when one of its earlier forms is mined", async () => {
    const eager = begin({ profile: EAGER });
    await eager.look();
    eager.endpoint.swallows = true;
    const { raw } = await eager.send(depositOf(0n, 6n));
    await pass(eager, BUMP_BLOCKS);
    await eager.broadcast();
    expect(eager.endpoint.sent).toHaveLength(2);

    await mineBlocks(chain, 1, { transactions: [raw] });
    await pass(eager, 2 * BUMP_BLOCKS);

    expect(eager.of("TransactionMined")).toMatchObject([{ succeeded: true }]);
    expect(eager.of("TransactionSigned")).toHaveLength(2);
  });

  crash("is over after a restart too when an earlier form is mined", async () => {
    const { raw, transactionHash } = await trial.send(depositOf(0n, 6n));
    trial.service.stop();
    await mineBlocks(chain, 3);
    const second = begin({ nextNonce: 1 });
    const call = depositOf(0n, 6n);
    const asked = {
      effectId: "effect" as never,
      call,
      raw: dearer(raw),
      earlier: [transactionHash],
    };

    second.service.submit({ ...asked, transactionHash: `0x${"dd".repeat(32)}` });
    await second.look();

    expect(second.of("TransactionMined")).toMatchObject([{ succeeded: true }]);
    expect(second.faults).toEqual([]);
  });

  unit("never offers more than the cap, and is sent again as it is", async () => {
    const capped = begin({ profile: { fees: { ...EAGER.fees, patientCapWei: 3n * GWEI_WEI } } });
    await capped.look();
    capped.endpoint.swallows = true;
    const { raw } = await capped.send(depositOf(0n, 6n));
    expect(feesOf(raw).maxFeeWei).toBe(3n * GWEI_WEI);

    await pass(capped, 2 * BUMP_BLOCKS + 1);

    expect(capped.of("TransactionSigned")).toHaveLength(1);
    expect(capped.endpoint.sent.length).toBeGreaterThan(1);
  });

  unit("is pressed as much as what stands behind it in line", async () => {
    await trial.look();
    trial.endpoint.swallows = true;
    await trial.send(LONE.deposit(), "patient");
    await trial.send(LONE.challenge(3), "urgent");
    await pass(trial, LOCAL.fees.urgentBumpBlocks);

    const bumped = trial.of("TransactionSigned").slice(2);
    expect(bumped.map(({ effectId }): string => effectId)).toEqual(["patient", "urgent"]);
  });

  unit("waits for lower fees to be signed, unless it is urgent", async () => {
    await trial.look();
    await pass(trial, 1, 200n * GWEI_WEI);
    await trial.ask(depositOf(0n, 6n), "patient");
    await trial.ask(LONE.challenge(3), "urgent");
    expect(trial.of("TransactionSigned").map(({ effectId }): string => effectId)).toEqual([
      "urgent",
    ]);

    await pass(trial, 1);

    expect(trial.of("TransactionSigned")).toHaveLength(2);
  });

  unit(
    "is left as it is where there is no public mempool, while it pays the base fee",
    async () => {
      const fees = { ...EAGER.fees, bump: "WhenTooLow" } as const;
      const calm = begin({ profile: { fees } });
      await calm.look();
      calm.endpoint.swallows = true;
      await calm.send(depositOf(0n, 6n));
      await pass(calm, BUMP_BLOCKS + 1);
      expect(calm.of("TransactionSigned")).toHaveLength(1);

      await pass(calm, BUMP_BLOCKS, 10n * GWEI_WEI);

      expect(calm.of("TransactionSigned")).toHaveLength(2);
    },
  );

  unit("costs an endpoint one question at a look, however often it was raised", async () => {
    const fees = { ...EAGER.fees, patientCapWei: 10n ** 15n };
    const eager = begin({ profile: { ...EAGER, fees } });
    await eager.look();
    eager.endpoint.swallows = true;
    await eager.send(depositOf(0n, 6n));
    for (let raised = 0; raised < 5; raised += 1) {
      await pass(eager, BUMP_BLOCKS);
      await eager.broadcast();
    }
    expect(eager.of("TransactionSigned")).toHaveLength(6);
    const receipts = (): number =>
      eager.endpoint.asked.filter((method) => method === "eth_getTransactionReceipt").length;
    const before = receipts();

    await pass(eager, BUMP_BLOCKS);

    expect(receipts()).toBe(before);
  });

  unit("is raised there as well once it was sent again in vain", async () => {
    const fees = { ...EAGER.fees, bump: "WhenTooLow" } as const;
    const calm = begin({ profile: { fees } });
    await calm.look();
    calm.endpoint.swallows = true;
    await calm.send(depositOf(0n, 6n));
    await pass(calm, 2 * BUMP_BLOCKS + 2);

    expect(calm.of("TransactionSigned")).toHaveLength(2);
  });
});

/** The same call, as if it had been signed once more for a higher fee. */
function dearer(raw: `0x${string}`): `0x${string}` {
  const { contractCall, nonce } = openTransaction(
    { effectId: "any" as never, call: LONE.deposit() },
    raw,
    `0x${"00".repeat(32)}` as Hash,
    { afterBlock: 0, earlier: [] },
  );
  return signCall(ALICE, nonce, contractCall, { maxFeePerGasWei: 9n * GWEI_WEI }).raw;
}

describe("the numbers of transactions", () => {
  crash("that nobody uses any more are filled, so that nothing waits behind them", async () => {
    const gapped = begin({ nextNonce: 2 });
    await gapped.look();
    const { nonce } = await gapped.send(depositOf(0n, 6n));
    expect(nonce).toBe(2);
    await pass(gapped, 8);

    expect(gapped.of("TransactionMined")).toMatchObject([{ succeeded: true }]);
    expect(gapped.endpoint.sent).toHaveLength(3);
  });

  crash("that another transaction of the account has taken are drawn anew", async () => {
    const { raw, transactionHash } = await swallowed(depositOf(0n, 6n));
    const other = callOf(chain.deployment.adjudicator, LONE.deposit());
    await mineBlocks(chain, 1, { transactions: [signCall(ALICE, 0, other).raw] });
    const second = begin({ nextNonce: 1, profile: EAGER });
    const call = depositOf(0n, 6n);

    second.service.submit({
      effectId: "effect" as never,
      call,
      raw,
      transactionHash,
      earlier: [],
    });
    await pass(second, BUMP_BLOCKS + 1);
    expect(second.of("TransactionSigned")).toMatchObject([{ effectId: "effect", nonce: 1 }]);
    await second.broadcast();
    await pass(second, 3);

    expect(second.of("TransactionMined")).toMatchObject([{ succeeded: true }]);
    expect(second.faults).toEqual([]);
  });

  crash("that a lost copy of it has taken have done its work: nothing is paid twice", async () => {
    const call = depositOf(0n, 6n);
    const { raw, transactionHash } = await swallowed(call);
    await mineBlocks(chain, 1, { transactions: [dearer(raw)] });
    const second = begin({ nextNonce: 1, profile: EAGER });

    second.service.submit({ effectId: "effect" as never, call, raw, transactionHash, earlier: [] });
    await pass(second, BUMP_BLOCKS + 4);

    expect(second.of("TransactionSigned")).toEqual([]);
    expect(second.of("TransactionPointless")).toMatchObject([
      { reason: "the adjudicator holds 6, not 0" },
    ]);
  });

  /** A transaction of a life that ended before anybody got it. */
  async function swallowed(call: ChainCall) {
    trial.endpoint.swallows = true;
    const sent = await trial.send(call);
    trial.service.stop();
    return sent;
  }
});

describe("sending", () => {
  crash("whose answer is lost has happened all the same, and happens once", async () => {
    await trial.look();
    trial.endpoint.faults.set("eth_sendRawTransaction", async (_, ask) => {
      await ask();
      throw new NodeError("RpcUnreachable", "the answer is lost");
    });
    await trial.send(depositOf(0n, 6n));
    await pass(trial, 4);

    expect(trial.of("TransactionMined")).toMatchObject([{ succeeded: true }]);
    expect(trial.of("TransactionSigned")).toHaveLength(1);
    expect(trial.logs).toHaveLength(1);
    expect(trial.faults).toEqual([]);
  });
});
