/** Who withholds her signature and shows it to the contract alone has told it to everybody. */
import { describe, expect } from "bun:test";
import { adversarial } from "../../test/kind.ts";
import { APP, LEDGER_APP, PAYMENT_APP, PureNetwork } from "../../test/pure-network.ts";
import type { AdjudicatorEvent, ShownClaim } from "../chain/adjudicator-logs.ts";
import type { Channel } from "../channel/channel.ts";
import { externalDestination } from "../channel/destination.ts";
import { finalStateOf } from "../channel/final-state.ts";
import { directDefundId, disputeId } from "../channel/objective-id.ts";
import { ALLOCATION_TYPE } from "../channel/outcome.ts";
import { voucherReceiptHash } from "../channel/payment-voucher.ts";
import { redemptionState } from "../channel/redemption.ts";
import { stateHash, TURN } from "../channel/state.ts";
import { promiseHash } from "../channel/voucher.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash, Signature } from "../crypto/signature.ts";
import { encodeMessage } from "../messages/codec.ts";
import { assertDefined } from "../primitives/assert.ts";

const ALICE = 0;
const IRENE = 1;
const BOB = 2;

function rest(net: PureNetwork): void {
  while (net.act(0)) {
    // Each call does one thing.
  }
}

function fund(net: PureNetwork, pair: readonly number[], appDefinition: Address): void {
  ask(net, pair, appDefinition);
  rest(net);
}

function ask(net: PureNetwork, pair: readonly number[], appDefinition: Address): void {
  const participants = pair.map((index) => net.node(index).rules.me);
  const allocations = participants.map((participant) => ({
    destination: externalDestination(participant),
    amount: 50n,
    allocationType: ALLOCATION_TYPE.simple,
    metadata: "0x" as const,
  }));
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  net.ask(assertDefined(pair[0], "who opens"), {
    type: "FundDirectly",
    participants,
    outcome: [{ asset: ZERO_ADDRESS, assetMetadata, allocations }],
    appDefinition,
    appData: "0x",
    challengeDurationSec: 86_400,
  });
}

const channelOf = (net: PureNetwork, use: Channel["use"]["type"]): Channel =>
  assertDefined(
    [...net.node(ALICE).state.channels.values()].find((one) => one.use.type === use),
    "her channel",
  );

const BLOCK = { blockNumber: 900, blockHash: `0x${"b1".repeat(32)}` as Hash } as const;
const POSITION = {
  ...BLOCK,
  transactionIndex: 0,
  logIndex: 0,
  transactionHash: `0x${"7a".repeat(32)}` as Hash,
} as const;

/** The contract has taken the claim, and its log is confirmed. */
function checkpoint(net: PureNetwork, { id: channelId }: Channel, shown: ShownClaim): void {
  const newTurnNumRecord = shown.candidate.variablePart.turnNum;
  confirm(net, { type: "Checkpointed", position: POSITION, channelId, newTurnNumRecord, shown });
}

function challenge(net: PureNetwork, { id: channelId }: Channel, shown: ShownClaim): void {
  const about = { position: POSITION, channelId, finalizesAtSec: 86_400 };
  confirm(net, { type: "ChallengeRegistered", ...about, ...shown });
}

function confirm(net: PureNetwork, log: AdjudicatorEvent): void {
  const block = BLOCK;
  const news = { type: "LogsConfirmed", logs: [log], block, blockTimeSec: 98 } as const;
  net.decide(ALICE, { type: "Chain", news });
}

const signed = (net: PureNetwork, index: number, hash: Hash): Signature =>
  net.node(index).rules.context.sign(hash);

describe("a checkpoint", () => {
  adversarial("tells the signature that was missing on a state of mine", () => {
    for (const app of [APP, LEDGER_APP]) {
      const net = new PureNetwork(3);
      fund(net, [ALICE, IRENE], app);
      const { id: channelId } = channelOf(net, app === APP ? "Direct" : "Ledger");
      if (app === APP) {
        const change = { type: "Pay", asset: ZERO_ADDRESS, to: 1, amount: 7n } as const;
        net.ask(ALICE, { type: "UpdateChannel", channelId, change });
      } else net.ask(ALICE, { type: "TopUp", channelId, asset: ZERO_ADDRESS, amount: 7n });
      while (latest(net, channelId).pending.size === 0 && net.act(0)) {
        // Irene agrees, and has not signed.
      }
      const channel = latest(net, channelId);
      const { variablePart } = assertDefined([...channel.pending.values()][0], "hers alone");
      const hash = stateHash(channelId, variablePart);
      const signatures = [ALICE, IRENE].map((index) => signed(net, index, hash));

      checkpoint(net, channel, { candidate: { variablePart, signatures }, proof: [] });

      expect(latest(net, channelId).supported?.variablePart).toEqual(variablePart);
    }
  });

  adversarial("tells the signature on the end of a ledger that took another one's place", () => {
    const net = new PureNetwork(2);
    fund(net, [ALICE, IRENE], LEDGER_APP);
    const amounts = [{ asset: ZERO_ADDRESS, leader: 7n, follower: 0n }];
    const { id: first } = channelOf(net, "Ledger");
    net.ask(ALICE, { type: "Withdraw", channelId: first, amounts });
    rest(net);
    const channelId = assertDefined(latest(net, first).ledger?.successor, "the next ledger");
    net.ask(ALICE, { type: "DefundDirectly", channelId });
    // Irene signs as well, says that she does not, and shows it to the chain.
    const about = { objectiveId: directDefundId(channelId), channelId, code: "NotToday" };
    const payload = encodeMessage({ type: "ObjectiveRejection", ...about });
    const from = net.node(IRENE).rules.me;
    net.decide(ALICE, { type: "Message", from, sequence: 1_000, payload });
    const end = assertDefined(finalStateOf(latest(net, channelId)), "the end, signed by Alice");
    const signatures = [ALICE, IRENE].map((one) => signed(net, one, stateHash(channelId, end)));

    const candidate = { variablePart: end, signatures };
    checkpoint(net, latest(net, channelId), { candidate, proof: [] });

    expect(latest(net, channelId).supported?.variablePart).toEqual(end);
  });

  adversarial("tells the receipt of a voucher, when the one who was paid has signed it", () => {
    for (const receiver of [BOB, IRENE]) {
      const net = paid();
      const channel = channelOf(net, "Virtual");
      const { fundingOutcome, id: channelId, supported, vouchers } = channel;
      const voucher = assertDefined(vouchers.issued, "her voucher");
      const receipt = signed(
        net,
        receiver,
        voucherReceiptHash(promiseHash("enforceable", channelId, voucher)),
      );
      const left = { ...voucher, receipt };
      const redeemed = redemptionState(fundingOutcome, { left, right: undefined });
      if (!redeemed.ok || supported === undefined) throw new Error("a redemption");
      const signatures = [signed(net, BOB, stateHash(channelId, redeemed.value))];
      const opening = { variablePart: supported.variablePart, signatures: [] };
      expect(supported.variablePart.turnNum).toBe(TURN.postfund);

      const candidate = { variablePart: redeemed.value, signatures };
      checkpoint(net, channel, { candidate, proof: [opening] });

      const known = latest(net, channelId).vouchers.issuedReceipted;
      expect(known?.counter).toBe(receiver === BOB ? 1 : undefined);
    }
  });
});

describe("a challenge", () => {
  adversarial("tells the signature that was withheld on the opening of a channel", () => {
    const net = new PureNetwork(2);
    ask(net, [ALICE, IRENE], APP);
    // Irene has signed the prefund, and nobody hears of it.
    while (net.actIn((queue) => queue !== `${IRENE} to ${ALICE}`));
    const channel = channelOf(net, "Direct");
    const variablePart = assertDefined(channel.pending.get(TURN.prefund), "hers").variablePart;
    expect([channel.supported, variablePart.turnNum]).toEqual([undefined, TURN.prefund]);
    const signatures = [ALICE, IRENE].map((index) =>
      signed(net, index, stateHash(channel.id, variablePart)),
    );

    net.depositAsStranger(channel.id, ZERO_ADDRESS, 100n);
    while (net.actIn((queue) => queue === `chain to ${ALICE}`));
    challenge(net, channel, { candidate: { variablePart, signatures }, proof: [] });

    expect(latest(net, channel.id).supported?.variablePart).toEqual(variablePart);
    const dispute = net.node(ALICE).state.objectives.get(disputeId(channel.id));
    expect(dispute?.status).toBe("Approved");
    const calls = net.node(ALICE).log.filter(({ type }) => type === "TransactionRequested");
    expect(calls).toEqual([]);
  });
});

const latest = (net: PureNetwork, channelId: Channel["id"]): Channel =>
  assertDefined(net.node(ALICE).state.channels.get(channelId), "the channel");

/** Alice has paid Bob once over Irene. */
function paid(): PureNetwork {
  const net = new PureNetwork(3);
  fund(net, [ALICE, IRENE], LEDGER_APP);
  fund(net, [IRENE, BOB], LEDGER_APP);
  net.ask(ALICE, {
    type: "FundVirtually",
    payee: net.node(BOB).rules.me,
    route: { intermediaries: [net.node(IRENE).rules.me], fees: [0n] },
    ledgerId: undefined,
    shares: [{ asset: ZERO_ADDRESS, left: 9n, right: 4n }],
    appDefinition: PAYMENT_APP,
    challengeDurationSec: 86_400,
  });
  rest(net);
  const { id: channelId } = channelOf(net, "Virtual");
  const payment = { asset: ZERO_ADDRESS, amount: 3n };
  net.decide(ALICE, { type: "Payment", channelId, payment, answer: () => {} });
  return net;
}
