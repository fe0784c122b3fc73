/** Virtual channels open, run and close over a ledger channel while part of its money is withdrawn. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, property } from "../../test/kind.ts";
import { PAYMENT_APP, PureNetwork } from "../../test/pure-network.ts";
import {
  ASSETS,
  assertNobodyDepends,
  channelAt,
  comeToRest,
  currentOf,
  DEPOSIT,
  fundLedger,
  statusOf,
} from "../../test/wishful-ledger.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { externalDestination } from "../channel/destination.ts";
import { coversOpening } from "../channel/holdings.ts";
import { guaranteeCount } from "../channel/ledger-outcome.ts";
import { isWithdrawalId, type ObjectiveId } from "../channel/objective-id.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { encodeMessage } from "../messages/codec.ts";
import { assertDefined } from "../primitives/assert.ts";
import { decideInput } from "./decide-input.ts";
import { decidePayment } from "./decide-payment.ts";
import { Draft } from "./draft.ts";
import { evolveNode } from "./evolve-node.ts";
import { createNodeState } from "./node-state.ts";

const HUB = 1;

type Town = {
  readonly network: PureNetwork;
  readonly left: ChannelId;
  readonly right: ChannelId;
};

function buildTown(leader: number): Town {
  const network = new PureNetwork(3);
  const left = fundLedger(network, leader === 0 ? [0, HUB] : [HUB, 0]);
  return { network, left, right: fundLedger(network, [HUB, 2]) };
}

function openVirtual({ network }: Town, amount: bigint): ObjectiveId {
  return network.ask(0, {
    type: "FundVirtually",
    payee: network.node(2).rules.me,
    route: { intermediaries: [network.node(HUB).rules.me], fees: [0n] },
    ledgerId: undefined,
    shares: [{ asset: ZERO_ADDRESS, left: amount, right: amount }],
    appDefinition: PAYMENT_APP,
    challengeDurationSec: 86_400,
  });
}

function channelOf({ network }: Town, id: ObjectiveId): ChannelId {
  return assertDefined(network.node(0).state.objectives.get(id), "the objective").channelId;
}

/** What the payee would say to a payment that the payer makes now. */
function hearPayment({ network }: Town, channelId: ChannelId): string {
  const payer = network.node(0);
  const draft = new Draft(payer.state);
  const payment = { asset: ZERO_ADDRESS, amount: 1n };
  const paid = decidePayment(
    draft,
    { type: "Payment", channelId, payment, answer: () => {} },
    payer.rules,
  );
  expect(paid.ok).toBe(true);
  const sent = draft.events.find((event) => event.type === "MessageSent");
  const { message } = assertDefined(sent, "the voucher's message");
  const { rules, state } = network.node(2);
  const input = {
    type: "Message",
    from: payer.rules.me,
    sequence: 1_000,
    payload: encodeMessage(message),
  } as const;
  const verdict = decideInput(new Draft(state), state, input, rules);
  return verdict.ok ? "Accepted" : verdict.reason.code;
}

/**
 * A ledger that took another one's place signs nothing before it is paid, and begins with all that was agreed and
 * set aside in the other one. Gives how much that was.
 */
function checkHandingOver(network: PureNetwork): number {
  let handedOver = 0;
  for (const { log } of network.nodes) {
    const state = createNodeState();
    for (const [at, event] of log.entries()) {
      const ledger = "channelId" in event ? state.channels.get(event.channelId) : undefined;
      if (event.type === "ProposalSigned" && ledger) expect(coversOpening(ledger)).toBe(true);
      if (event.type === "LedgerRolledOver" && event.channelId === event.predecessor) {
        const { agreed, reserved } = assertDefined(ledger?.ledger, "a ledger");
        const wants = [
          ...[...reserved.keys()].filter((id) => !isWithdrawalId(id)),
          ...[...agreed.values()].map(({ objectiveId }) => objectiveId),
        ];
        const told = log.slice(at + 2, at + 2 + wants.length);
        const about = told.map((one) => ("objectiveId" in one ? one.objectiveId : undefined));
        expect(about).toEqual(wants);
        handedOver += wants.length;
      }
      evolveNode(state, event);
    }
  }
  return handedOver;
}

function act({ network }: Town, steps: readonly number[]): void {
  for (const step of steps) {
    network.act(step);
    assertNobodyDepends(network);
  }
}

function expectAllOver(town: Town, asked: readonly ObjectiveId[]): void {
  const { left, network } = town;
  for (const id of asked) {
    const ends = network.nodes.map((_, node) => statusOf(network, node, id));
    expect(ends.filter((end) => end !== "Completed" && end !== "Unknown")).toEqual([]);
  }
  for (const node of [0, HUB]) {
    const { ledger, supported } = currentOf(network, node, left);
    const { agreed, reserved, waiting } = assertDefined(ledger, "a ledger");
    expect([agreed.size, reserved.size, waiting.size]).toEqual([0, 0, 0]);
    expect(guaranteeCount(assertDefined(supported, "it").variablePart.outcome)).toBe(0);
    expect(network.eventsOfSecondCrank(node)).toEqual([]);
  }
}

describe("a ledger that rolls over", () => {
  adversarial("counts as disputed while the one before it is, until it is paid", () => {
    const town = buildTown(0);
    const { network, right } = town;
    const running = openVirtual(town, 10n);
    comeToRest(network);
    const amounts = [{ asset: ZERO_ADDRESS, leader: 30n, follower: 0n }];
    network.ask(HUB, { type: "Withdraw", channelId: right, amounts });
    while (channelAt(network, 2, right).ledger?.successor === undefined) network.act(0);
    const { channels } = network.node(2).state;

    const codeOfPayment = (disputed: boolean): string => {
      const ledger = channelAt(network, 2, right);
      channels.set(right, { ...ledger, isDisputed: disputed });
      return hearPayment(town, channelOf(town, running));
    };

    expect(codeOfPayment(true)).toBe("ChannelDisputed");
    expect(codeOfPayment(false)).toBe("Accepted");
  });

  property(
    "carries every guarantee and every wish along, in any order, and all money comes back",
    () => {
      let handedOver = 0;
      const steps = fc.array(fc.nat(20), { maxLength: 40 });
      fc.assert(
        fc.property(fc.nat(1), fc.nat(1), steps, steps, steps, (leader, asker, one, two, three) => {
          const town = buildTown(leader === 0 ? 0 : HUB);
          const { left, network, right } = town;
          const running = openVirtual(town, 10n);
          comeToRest(network);
          const amounts = [{ asset: ZERO_ADDRESS, leader: 30n, follower: 20n }];

          const withdrawn = network.ask(asker, { type: "Withdraw", channelId: left, amounts });
          act(town, one);
          const channelId = channelOf(town, running);
          const closed = network.ask(2, { type: "DefundVirtually", channelId });
          act(town, two);
          const opened = openVirtual(town, 7n);
          act(town, three);
          comeToRest(network);
          const last = network.ask(0, {
            type: "DefundVirtually",
            channelId: channelOf(town, opened),
          });
          comeToRest(network);

          expectAllOver(town, [running, withdrawn, closed, opened, last]);
          handedOver += checkHandingOver(network);
          const next = currentOf(network, 0, left);
          network.ask(0, { type: "DefundDirectly", channelId: next.id });
          network.ask(2, { type: "DefundDirectly", channelId: right });
          comeToRest(network);
          for (const [node, { rules }] of network.nodes.entries()) {
            for (const asset of ASSETS) {
              const due = node === HUB ? 2n * DEPOSIT : DEPOSIT;
              expect(network.paidTo(externalDestination(rules.me), asset)).toBe(due);
            }
          }
        }),
        { numRuns: 60 },
      );
      expect(handedOver).toBeGreaterThan(30);
    },
    120_000,
  );
});
