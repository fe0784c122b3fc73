/** What the ladder of a withdrawal waits for before it signs anything that is for ever. */
import { describe, expect } from "bun:test";
import { invariant, unit } from "../../test/kind.ts";
import type { PureNetwork } from "../../test/pure-network.ts";
import { channelAt, comeToRest, openLedger, subjectAt } from "../../test/wishful-ledger.ts";
import { ledgerOf } from "../channel/channel.ts";
import { isWithdrawalId, type ObjectiveId } from "../channel/objective-id.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import { proposeNext } from "./ledger.ts";
import type { ProtocolEvent } from "./subject.ts";
import { crank } from "./withdrawal.ts";

const AMOUNTS = [{ asset: ZERO_ADDRESS, leader: 30n, follower: 20n }];

/** The follower has asked, and nothing has reached the leader yet. */
function asked(): { readonly network: PureNetwork; readonly id: ObjectiveId } {
  const { ledgerId, network } = openLedger();
  const id = network.ask(1, { type: "Withdraw", channelId: ledgerId, amounts: AMOUNTS });
  return { network, id };
}

const typesOf = (events: readonly ProtocolEvent[]): readonly string[] =>
  events.map(({ type }) => type);

describe("the leader", () => {
  unit("signs no next ledger while a state waits for an answer", () => {
    const { id, network } = asked();
    const { ledgerId, network: other } = openLedger();
    while (network.node(0).state.objectives.get(id) === undefined) network.act(0);
    const { state } = network.node(0);
    const ledger = assertDefined(state.channels.get(ledgerId), "the ledger");
    // As if it had just arrived, behind a state that the follower has not answered.
    const step = { turnNum: 2, baseTurnNum: 1, changes: [], isRefused: false };
    const channel = {
      ...channelAt(other, 0, ledgerId),
      ledger: { ...ledgerOf(ledger), waiting: new Map([[2, step]]) },
    };
    const { objective } = subjectAt(network, 0, id);

    const { events, waitingFor } = crank({ objective, channel }, network.node(0).rules.context);

    expect(waitingFor).toBe("LedgerAtRest");
    expect(events.some(({ type }) => type === "StateSigned")).toBe(false);
  });

  unit("proposes nothing while the ledger comes to rest", () => {
    const { id, network } = asked();
    while (network.node(0).state.objectives.get(id) === undefined) network.act(0);
    const { channel } = subjectAt(network, 0, id);
    const proposal = { type: "TopUp", by: 0, asset: ZERO_ADDRESS, amount: 1n } as const;
    const change = { objectiveId: id, proposal, isAlone: false, isBlocked: false };
    const agreed = new Map([[ZERO_ADDRESS as string, change]]);
    const { context } = network.node(0).rules;
    const ledger = { ...ledgerOf(channel), agreed };
    const atRest = { ...channel, finalSignedByMe: false, pending: new Map() };

    const held = proposeNext({ ...atRest, ledger }, () => [], context);
    const free = { ...ledger, reserved: new Map() };
    const open = proposeNext({ ...atRest, ledger: free }, () => [], context);

    expect([...ledger.reserved.keys()].some(isWithdrawalId)).toBe(true);
    expect([held.events.length, open.events.length]).toEqual([0, 1]);
  });
});

describe("both", () => {
  unit("sign the next ledger before the end of the old one, and go over with it", () => {
    const { id, network } = asked();
    comeToRest(network);

    for (const { log } of network.nodes) {
      const own = log.filter((event) => "objectiveId" in event && event.objectiveId === id);
      const turns = own.flatMap((event) =>
        event.type === "StateSigned"
          ? [[event.variablePart.turnNum, event.variablePart.isFinal]]
          : [],
      );
      expect(turns).toEqual([
        [0, false],
        [1, false],
        [2, true],
      ]);
      const finalized = log.findIndex(({ type }) => type === "ChannelFinalized");
      expect(log[finalized + 1]?.type).toBe("LedgerRolledOver");
    }
  });

  invariant("ask for nothing at a second crank, wherever they are", () => {
    const { id, network } = asked();
    let steps = 0;
    do {
      for (const [node, { rules, state }] of network.nodes.entries()) {
        const objective = state.objectives.get(id);
        if (objective?.status !== "Approved") continue;
        const step = crank(subjectAt(network, node, id), rules.context);
        expect([typesOf(step.events), step.effects]).toEqual([[], []]);
      }
      steps += 1;
    } while (network.act(steps));
    expect(steps).toBeGreaterThan(15);
  });
});
