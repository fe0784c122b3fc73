/** An opening that nobody goes on with is left by whoever has put nothing into it. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { APP, PureNetwork } from "../../test/pure-network.ts";
import { externalDestination } from "../channel/destination.ts";
import { disputeId, type ObjectiveId } from "../channel/objective-id.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import { assertDefined } from "../primitives/assert.ts";

/** Both have agreed to an opening, and the transaction of the first, who deposits first, is still to be mined. */
function agreed(amounts: readonly bigint[] = [5n, 5n]): {
  readonly network: PureNetwork;
  readonly id: ObjectiveId;
} {
  const network = new PureNetwork(2);
  const participants = network.nodes.map(({ rules }) => rules.me);
  const allocations = participants.map((one, index) => {
    const destination = externalDestination(one);
    const amount = amounts[index] ?? 0n;
    return { destination, amount, allocationType: 0, metadata: "0x" as const };
  });
  const id = network.ask(0, {
    type: "FundDirectly",
    participants,
    outcome: [
      { asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" }, allocations },
    ],
    appDefinition: APP,
    appData: "0x",
    challengeDurationSec: 86_400,
  });
  while (network.actIn((queue) => queue.includes(" to ")));
  return { network, id };
}

/** The only transaction of a node that is open is signed, and not mined. */
function signDeposit(network: PureNetwork, index: number): void {
  const [open] = network.node(index).state.transactions.values();
  const { effectId } = assertDefined(open, "a deposit");
  const transactionHash = `0x${"ab".repeat(32)}` as Hash;
  const signed = { effectId, nonce: 0, transactionHash, raw: "0x01" } as const;
  network.decide(index, { type: "Chain", news: { type: "TransactionSigned", ...signed } });
}

const statusAt = (network: PureNetwork, index: number, id: ObjectiveId): string =>
  assertDefined(network.node(index).state.objectives.get(id), "the opening").status;

describe("an opening whose time is over", () => {
  unit("is left by the one who has put nothing in, and she pays nothing in later", () => {
    const { id, network } = agreed();
    network.decide(1, { type: "Expired", objectiveId: id });
    expect(statusAt(network, 1, id)).toBe("Rejected");
    expect(network.node(1).state.objectives.get(id)?.rejectionCode).toBe("TimedOut");
    while (network.act(0));
    const paid = network.node(1).log.filter(({ type }) => type === "TransactionRequested");
    expect(paid).toEqual([]);
    const channelId = assertDefined(network.channelOf(0), "the channel").id;
    expect(network.heldFor(channelId, ZERO_ADDRESS)).toBe(5n);
  });

  unit("is not left by the one whose deposit is on its way", () => {
    const { id, network } = agreed();
    signDeposit(network, 0);
    network.decide(0, { type: "Expired", objectiveId: id });
    expect(statusAt(network, 0, id)).toBe("Approved");
  });

  unit("is left by the one who has signed that it is funded, where nothing in it is hers", () => {
    const { id, network } = agreed([0n, 5n]);
    const hasPostfund = (): boolean => network.channelOf(0)?.mySignedTurn === 1;
    while (!hasPostfund() && network.actIn((queue) => queue !== "1 to 0"));
    expect(hasPostfund()).toBe(true);
    network.decide(0, { type: "Expired", objectiveId: id });
    expect(network.node(0).state.objectives.get(id)?.rejectionCode).toBe("TimedOut");
  });

  unit("is left to the chain by the one who has signed that it is funded", () => {
    const { id, network } = agreed();
    const hasPostfund = (): boolean => network.channelOf(0)?.mySignedTurn === 1;
    while (!hasPostfund() && network.act(0));
    network.decide(0, { type: "Expired", objectiveId: id });
    const { rejectionCode } = assertDefined(
      network.node(0).state.objectives.get(id),
      "the opening",
    );
    expect(rejectionCode).toBe("ChannelDisputed");
  });

  unit("takes the deposit along that nobody has signed yet", () => {
    const { id, network } = agreed();
    const deposits = () => [...network.node(1).state.transactions.values()];
    while (deposits().length === 0 && network.act(0));
    expect(deposits()).toMatchObject([{ objectiveId: id, raw: undefined }]);
    network.decide(1, { type: "Expired", objectiveId: id });
    expect(network.node(1).state.objectives.get(id)?.rejectionCode).toBe("TimedOut");
    const failed = network.node(1).log.filter(({ type }) => type === "TransactionFailed");
    expect(failed).toMatchObject([{ reason: "the opening is given up" }]);
  });

  unit("takes the deposit along that nobody has signed yet, where it is left to the chain", () => {
    const { id, network } = agreed();
    const deposits = () => [...network.node(1).state.transactions.values()];
    while (deposits().length === 0 && network.act(0));
    expect(deposits()).toMatchObject([{ objectiveId: id, raw: undefined }]);
    const channelId = assertDefined(network.channelOf(1), "the channel").id;
    network.ask(1, { type: "Dispute", channelId });
    expect(network.node(1).state.objectives.get(id)?.rejectionCode).toBe("ChannelDisputed");
    const failed = network.node(1).log.filter(({ type }) => type === "TransactionFailed");
    expect(failed).toMatchObject([{ reason: "the chain decides about the channel" }]);
  });
});

describe("an update that waits in a channel", () => {
  unit(
    "is over once the chain has ended that with nothing for its owner, unseen until then",
    () => {
      const { network } = agreed([0n, 5n]);
      while (network.act(0));
      const { id: channelId, supported } = assertDefined(network.channelOf(0), "the channel");
      const change = { type: "Pay", asset: ZERO_ADDRESS, to: 0, amount: 1n } as const;
      const update = network.ask(1, { type: "UpdateChannel", channelId, change });
      while (network.channelOf(0)?.pending.size === 0 && network.act(0));
      expect(statusAt(network, 0, update)).toBe("Approved");
      const { signatures, variablePart } = assertDefined(supported, "the postfund");
      const block = { blockNumber: 900, blockHash: `0x${"b1".repeat(32)}` as Hash };
      const transactionHash = `0x${"7a".repeat(32)}` as Hash;
      const log = {
        type: "ChallengeRegistered",
        position: { ...block, transactionIndex: 0, logIndex: 0, transactionHash },
        channelId,
        finalizesAtSec: 500,
        candidate: { variablePart, signatures: signatures.flatMap((one) => one ?? []) },
        proof: [],
      } as const;

      const news = { type: "LogsConfirmed", logs: [log], block, blockTimeSec: 600 } as const;
      network.decide(0, { type: "Chain", news });

      expect(statusAt(network, 0, update)).toBe("Rejected");
      expect(network.node(0).state.objectives.has(disputeId(channelId))).toBe(false);
    },
  );
});
