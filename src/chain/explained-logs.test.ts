/** What calldata adds to logs: on the very contracts, and from endpoints that tell something else. */
import { afterAll, beforeEach, describe, expect } from "bun:test";
import { type SimulatedChain, startSimulatedChain } from "../../sim/simulated-chain.ts";
import { Trial } from "../../test/chain-trial.ts";
import { adversarial, unit } from "../../test/kind.ts";
import { LoneChannel } from "../../test/lone-channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { Outcome } from "../channel/outcome.ts";
import { encodeOutcome } from "../channel/outcome-encoding.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import type { ChainCall } from "../protocols/effects.ts";
import { checkpointCall, reclaimCall, transferCall } from "./adjudicator.ts";
import { explainLog, type TerseLog } from "./explained-logs.ts";

const chain: SimulatedChain = await startSimulatedChain("evm");
afterAll(() => chain.local.stop());

const LONE = new LoneChannel(chain.deployment.consensusApp);

let trial: Trial;
beforeEach(async () => {
  await chain.local.reset();
});

/** Deposits, concludes, and then pays by that call. Gives the payouts that were told. */
async function paidBy(payment: ChainCall, isMine = true): Promise<readonly unknown[]> {
  trial = new Trial(chain, { isMine: () => isMine });
  await trial.look();
  const calls = payment.type === "ConcludeAndTransferAllAssets" ? [] : [LONE.conclude(4)];
  for (const [index, call] of [LONE.deposit(), ...calls, payment].entries()) {
    await trial.send(call, `${index}`);
    await trial.mine(4);
    await trial.look();
  }
  return trial.logs.filter(({ type }) => type === "AllocationUpdated");
}

const { deadlineSec: _, ...concluded } = LONE.conclude(4);
const OUTCOME = concluded.variablePart.outcome;
const NO_STATE = `0x${"00".repeat(32)}` as Hash;

describe("a payout", () => {
  unit("is told with the places that were paid: all, or those of the call", async () => {
    const both: ChainCall = { ...concluded, type: "ConcludeAndTransferAllAssets" };
    const one: ChainCall = {
      type: "Transfer",
      channelId: LONE.id,
      assetIndex: 0,
      outcome: OUTCOME,
      stateHash: NO_STATE,
      indices: [0],
    };

    expect(await paidBy(both)).toMatchObject([{ indices: [] }]);
    await chain.local.reset();
    expect(await paidBy(LONE.payOut())).toMatchObject([{ indices: [] }]);
    await chain.local.reset();
    expect(await paidBy(one)).toMatchObject([{ indices: [0] }]);
  });

  unit("of a stranger's channel is not looked up", async () => {
    expect(await paidBy(LONE.payOut(), false)).toMatchObject([{ indices: undefined }]);
    expect(trial.endpoint.asked).not.toContain("eth_getTransactionByHash");
  });
});

describe("a checkpoint", () => {
  const { candidate, fixedPart } = LONE.challenge(4) as ChainCall & { readonly type: "Challenge" };
  const adjudicator = `0x${"ad".repeat(20)}` as Address;
  const position = { transactionHash: NO_STATE } as never;
  const cleared = { type: "ChallengeCleared", channelId: LONE.id, position } as const;
  const told = (log: TerseLog) => {
    const { data } = checkpointCall(adjudicator, { fixedPart, proof: [candidate], candidate });
    const rpc = { request: async () => ({ to: adjudicator, input: data }) };
    return explainLog(rpc, adjudicator, log, 0);
  };

  unit("is told with the states that were shown, and their signatures", async () => {
    const shown = { candidate, proof: [candidate] };
    const log = { ...cleared, newTurnNumRecord: 4, shown: undefined };
    expect(await told(log)).toEqual({ ...log, shown });
  });

  adversarial("stays as it is when the call is of another turn or channel", async () => {
    for (const change of [{ newTurnNumRecord: 5 }, { channelId: NO_STATE as Hex as ChannelId }]) {
      const log = { ...cleared, newTurnNumRecord: 4, shown: undefined, ...change };
      expect(await told(log)).toEqual(log);
    }
  });
});

describe("a payout by a call of another payout", () => {
  adversarial("stays as it is", async () => {
    const adjudicator = `0x${"ad".repeat(20)}` as Address;
    const position = { transactionHash: NO_STATE };
    const log = { type: "AllocationUpdated", channelId: LONE.id, assetIndex: 0, position };
    const call = {
      assetIndex: 0,
      channelId: LONE.id,
      outcomeBytes: "0x",
      stateHash: NO_STATE,
    } as const;
    const explained = (assetIndex: number, channelId: ChannelId) => {
      const input = transferCall(adjudicator, {
        ...call,
        assetIndex,
        channelId,
        indices: [2],
      }).data;
      const rpc = { request: async () => ({ to: adjudicator, input }) };
      return explainLog(rpc, adjudicator, log as unknown as TerseLog, 0);
    };

    expect(await explained(0, LONE.id)).toMatchObject({ indices: [2] });
    expect(await explained(1, LONE.id)).not.toHaveProperty("indices");
    expect(await explained(0, `0x${"99".repeat(32)}` as ChannelId)).not.toHaveProperty("indices");
  });
});

describe("a reclaim", () => {
  const LEDGER = `0x${"1e".repeat(32)}` as ChannelId;
  const VIRTUAL = `0x${"5e".repeat(32)}` as ChannelId;
  const claim = (destination: Hex, amount: bigint) =>
    ({ destination, amount, allocationType: 0, metadata: "0x" }) as const;
  const exit = (...allocations: readonly ReturnType<typeof claim>[]): Hex => {
    const parts = { asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" } } as const;
    return toHex(encodeOutcome([{ ...parts, allocations }] as unknown as Outcome));
  };
  const [LEFT, RIGHT] = [`0x${"a1".repeat(32)}`, `0x${"b2".repeat(32)}`] as const;
  const call = {
    sourceChannelId: LEDGER,
    sourceStateHash: NO_STATE,
    sourceOutcomeBytes: exit(claim(VIRTUAL, 10n), claim(LEFT, 1n), claim(RIGHT, 2n)),
    sourceAssetIndex: 0,
    indexOfTargetInSource: 0,
    targetStateHash: NO_STATE,
    targetOutcomeBytes: exit(claim(LEFT, 7n), claim(RIGHT, 3n)),
    targetAssetIndex: 0,
  };
  const adjudicator = `0x${"ad".repeat(20)}` as Address;
  const log = {
    type: "Reclaimed",
    channelId: LEDGER,
    assetIndex: 0,
    reclaim: undefined,
    position: { transactionHash: NO_STATE },
  } as unknown as TerseLog;
  const answering = (answer: unknown) => ({ request: async () => answer });

  unit("is told with its guarantee, and with what goes to each side", async () => {
    const { data } = reclaimCall(adjudicator, call);

    expect(
      await explainLog(answering({ to: adjudicator, input: data }), adjudicator, log, 0),
    ).toEqual({
      ...log,
      reclaim: { indexOfTargetInSource: 0, targetChannelId: VIRTUAL, left: 7n, right: 3n },
    } as never);
  });

  adversarial(
    "stays as it is when the calldata is of another call, or cannot be read",
    async () => {
      const of = (changes: Partial<typeof call>): Hex =>
        reclaimCall(adjudicator, { ...call, ...changes }).data;
      const answers = [
        null,
        { to: null, input: of({}) },
        { to: `0x${"99".repeat(20)}`, input: of({}) },
        { to: adjudicator, input: "0x12345678" },
        { to: adjudicator, input: "no hex" },
        { to: adjudicator, input: of({ sourceChannelId: VIRTUAL }) },
        { to: adjudicator, input: of({ sourceAssetIndex: 1 }) },
        { to: adjudicator, input: of({ indexOfTargetInSource: 9 }) },
        { to: adjudicator, input: of({ targetOutcomeBytes: "0x1234" }) },
        { to: adjudicator, input: of({ targetAssetIndex: 4 }) },
      ];

      for (const answer of answers) {
        expect(await explainLog(answering(answer), adjudicator, log, 0)).toEqual(log as never);
      }
    },
  );
});
