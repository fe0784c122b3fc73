/** An opening that is given up frees what it has taken, and only as long as nothing rests on it. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { LEDGER_APP, PAYMENT_APP, PureNetwork } from "../../test/pure-network.ts";
import { type Channel, ledgerOf, stateAt } from "../channel/channel.ts";
import { externalDestination } from "../channel/destination.ts";
import { type ObjectiveId, virtualDefundId, virtualFundId } from "../channel/objective-id.ts";
import { VIRTUAL_FINAL_TURN } from "../channel/payment-voucher.ts";
import { stateHash, TURN } from "../channel/state.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { encodeMessage } from "../messages/codec.ts";
import type { Message } from "../messages/message.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { mayHold } from "../protocols/guarantees.ts";
import { isIdleLedger } from "../protocols/ledger.ts";
import type { Objective } from "../protocols/objective.ts";

const CHALLENGE_DURATION_SEC = 86_400;

/** Nodes in a line, each with a ledger channel with the next, and a virtual channel asked for by the first. */
function openLine(size: number): { readonly network: PureNetwork; readonly id: ObjectiveId } {
  const network = new PureNetwork(size);
  for (let index = 0; index + 1 < size; index++) {
    const participants = [index, index + 1].map((one) => network.node(one).rules.me);
    network.ask(index, {
      type: "FundDirectly",
      participants,
      outcome: [
        {
          asset: ZERO_ADDRESS,
          assetMetadata: { assetType: 0, metadata: "0x" },
          allocations: participants.map((one) => ({
            destination: externalDestination(one),
            amount: 50n,
            allocationType: 0,
            metadata: "0x",
          })),
        },
      ],
      appDefinition: LEDGER_APP,
      appData: "0x",
      challengeDurationSec: CHALLENGE_DURATION_SEC,
    });
  }
  while (network.act(0));
  const others = network.nodes.slice(1).map(({ rules }) => rules.me);
  const intermediaries = others.slice(0, -1);
  const id = network.ask(0, {
    type: "FundVirtually",
    payee: assertDefined(others.at(-1), "the payee"),
    route: { intermediaries, fees: intermediaries.map(() => 2n) },
    ledgerId: ledgersOf(network, 0)[0]?.id,
    shares: [{ asset: ZERO_ADDRESS, left: 6n, right: 4n }],
    appDefinition: PAYMENT_APP,
    challengeDurationSec: CHALLENGE_DURATION_SEC,
  });
  return { network, id };
}

function ledgersOf(network: PureNetwork, index: number): readonly Channel[] {
  const channels = [...network.node(index).state.channels.values()];
  return channels.filter(({ ledger }) => ledger !== undefined);
}

function virtualOf(network: PureNetwork, index: number): Channel {
  const channels = [...network.node(index).state.channels.values()];
  return assertDefined(
    channels.find(({ use }) => use.type === "Virtual"),
    "the virtual channel",
  );
}

function objectiveOf(network: PureNetwork, index: number, id: ObjectiveId): Objective {
  return assertDefined(network.node(index).state.objectives.get(id), "the objective");
}

/** Lets things happen, the oldest first, until something holds. */
function actUntil(network: PureNetwork, holds: () => boolean): void {
  while (!holds()) assert(network.act(0), "something can happen");
}

function hear(network: PureNetwork, from: number, to: number, message: Message) {
  const input = { type: "Message", from: network.node(from).rules.me, sequence: 1_000 } as const;
  return network.decide(to, { ...input, payload: encodeMessage(message) });
}

/** The final state of the virtual channel, as the first participant signs it. */
function finalOf(network: PureNetwork, amounts: readonly bigint[]): Message {
  const { fundingOutcome, id: channelId } = virtualOf(network, 0);
  const outcome = fundingOutcome.map((exit) => ({
    ...exit,
    allocations: exit.allocations.map((one, index) => ({ ...one, amount: amounts[index] ?? 0n })),
  }));
  const variablePart = {
    outcome,
    appData: "0x",
    turnNum: VIRTUAL_FINAL_TURN,
    isFinal: true,
  } as const;
  return {
    type: "SignedState",
    objectiveId: virtualDefundId(channelId),
    channelId,
    variablePart,
    signature: network.node(0).rules.context.sign(stateHash(channelId, variablePart)),
    baseSignatures: [],
    moverSignature: undefined,
  };
}

const isFree = (network: PureNetwork, index: number): boolean =>
  ledgersOf(network, index).every(isIdleLedger);

const hasSigned = (network: PureNetwork, index: number, by: number, turnNum: number): boolean =>
  stateAt(virtualOf(network, index), turnNum)?.signatures[by] !== undefined;

describe("an opening that takes too long", () => {
  unit("is given up by the payer, and everybody's money is free", () => {
    const { id, network } = openLine(4);
    actUntil(network, () => network.node(2).state.objectives.has(id));

    network.decide(0, { type: "Expired", objectiveId: id });
    expect(isFree(network, 0)).toBe(true);
    while (network.act(0));

    for (const index of network.nodes.keys()) {
      expect(isFree(network, index)).toBe(true);
      const known = network.node(index).state.objectives.get(id);
      expect([undefined, "Rejected"]).toContain(known?.status);
      expect(network.eventsOfSecondCrank(index)).toEqual([]);
    }
    expect(objectiveOf(network, 0, id).rejectionCode).toBe("TimedOut");
  });

  unit("is left to the chain by whoever has signed the postfund", () => {
    const { id, network } = openLine(3);
    actUntil(network, () => network.node(2).state.objectives.has(id));
    actUntil(network, () => virtualOf(network, 2).mySignedTurn === TURN.postfund);

    network.decide(2, { type: "Expired", objectiveId: id });
    expect(objectiveOf(network, 2, id).rejectionCode).toBe("ChannelDisputed");
  });

  unit("is left by whoever has the chain decide about the ledger on its other side", () => {
    const { id, network } = openLine(3);
    const ledgerWith = (peer: number): Channel => {
      const { me } = network.node(peer).rules;
      const found = ledgersOf(network, 1).find(({ fixedPart }) =>
        fixedPart.participants.includes(me),
      );
      return assertDefined(found, "a ledger of the hub");
    };
    actUntil(network, () => network.node(1).state.objectives.has(id));
    // The payer is slow to propose her guarantee, and the other one is there.
    while (network.actIn((queue) => queue !== "0 to 1"));
    const { channelId } = objectiveOf(network, 1, id);
    expect(mayHold(ledgerWith(2), virtualOf(network, 1))).toBe(true);
    expect([...ledgerOf(ledgerWith(0)).agreed.keys()]).toEqual([channelId]);

    network.ask(1, { type: "Dispute", channelId: ledgerWith(2).id });

    expect(objectiveOf(network, 1, id).rejectionCode).toBe("ChannelDisputed");
    expect(isIdleLedger(ledgerWith(0))).toBe(true);
    expect(ledgerOf(ledgerWith(2)).agreed.size).toBe(0);
  });

  unit("is waited for by whoever has it open", () => {
    const { id, network } = openLine(3);
    while (network.act(0));

    network.decide(0, { type: "Expired", objectiveId: id });
    expect(objectiveOf(network, 0, id).status).toBe("Completed");
  });

  unit("keeps both states that it began with, signed by all, when it is closed again", () => {
    const { id, network } = openLine(4);
    while (network.act(0));
    const { channelId } = objectiveOf(network, 0, id);
    network.ask(3, { type: "DefundVirtually", channelId });
    while (network.act(0));

    for (const index of network.nodes.keys()) {
      const { openingStates, supported } = virtualOf(network, index);
      expect(supported?.variablePart.isFinal).toBe(true);
      expect(openingStates.map(({ variablePart }) => variablePart.turnNum)).toEqual([0, 1]);
      expect(openingStates.flatMap(({ signatures }) => signatures)).not.toContain(undefined);
      expect(isFree(network, index)).toBe(true);
    }
  });
});

describe("the end of a channel", () => {
  // Where it was given up, see test/capsules/end-that-nobody-needs.
  unit("is waited for where the channel may still come to be", () => {
    const { id, network } = openLine(3);
    actUntil(network, () => network.node(2).state.objectives.has(id));
    actUntil(network, () => virtualOf(network, 1).supported !== undefined);
    const { id: channelId } = virtualOf(network, 1);
    const objectiveId = virtualDefundId(channelId);
    hear(network, 0, 1, { type: "DefundRequest", objectiveId, channelId });
    network.decide(1, { type: "Expired", objectiveId });
    expect(objectiveOf(network, 1, objectiveId).status).toBe("Approved");
  });
});

describe("a payer who gives up after her neighbour has signed the postfund", () => {
  unit("asks for no guarantee back because the neighbour's word is heard again", () => {
    const { id, network } = openLine(3);
    actUntil(network, () => network.node(0).log.at(-1)?.type === "MessageSent");
    actUntil(network, () => ledgersOf(network, 0).some(({ pending }) => pending.size > 0));
    // What the neighbour says from here on is on its way for long.
    while (network.actIn((queue) => queue !== "1 to 0"));
    expect(virtualOf(network, 1).mySignedTurn).toBe(TURN.postfund);
    network.decide(0, { type: "Expired", objectiveId: id });
    const { channelId } = objectiveOf(network, 0, id);
    const isBlocked = (): boolean =>
      ledgersOf(network, 0).some((one) => ledgerOf(one).agreed.get(channelId)?.isBlocked);
    actUntil(network, isBlocked);
    const { length } = network.node(0).log;

    const word = { type: "ObjectiveRejection", objectiveId: id, channelId } as const;
    expect(hear(network, 1, 0, { ...word, code: "Withdrawn" }).ok).toBe(true);

    expect(network.node(0).log).toHaveLength(length);
    while (network.act(0));
    for (const index of network.nodes.keys()) expect(isFree(network, index)).toBe(true);
  });
});

describe("a participant", () => {
  unit("cannot leave an opening whose postfund she has signed", () => {
    const { id, network } = openLine(4);
    actUntil(network, () => network.node(3).state.objectives.has(id));
    actUntil(network, () => hasSigned(network, 0, 3, TURN.postfund));
    const { channelId } = objectiveOf(network, 0, id);
    expect(objectiveOf(network, 0, id).status).toBe("Approved");
    const { length } = network.node(0).log;

    const message = { type: "ObjectiveRejection", objectiveId: id, channelId } as const;
    const verdict = hear(network, 3, 0, { ...message, code: "PolicyRefused" });

    expect(verdict).toEqual({ ok: false, reason: { code: "TooLateToReject" } });
    expect(network.node(0).log).toHaveLength(length);
  });

  unit("signs no end before she knows whether the channel was ever open", () => {
    const { network } = openLine(3);
    actUntil(network, () => network.node(1).state.channels.size > 2);
    actUntil(network, () => virtualOf(network, 1).mySignedTurn === TURN.postfund);
    expect(virtualOf(network, 1).wasOpen).toBe(false);

    expect(hear(network, 0, 1, finalOf(network, [5n, 5n])).ok).toBe(true);
    expect(virtualOf(network, 1).finalSignedByMe).toBe(false);
    while (network.act(0));

    expect(virtualOf(network, 1).wasOpen).toBe(true);
    expect(virtualOf(network, 1).finalSignedByMe).toBe(true);
  });

  unit("takes no end that pays out more than there is, be the channel open or not", () => {
    const { network } = openLine(3);
    actUntil(network, () => network.node(1).state.channels.size > 2);
    actUntil(network, () => virtualOf(network, 1).mySignedTurn === TURN.postfund);
    const { length } = network.node(1).log;

    const verdict = hear(network, 0, 1, finalOf(network, [6n, 5n]));

    expect(verdict).toEqual({ ok: false, reason: { code: "FinalOutcomeMismatch" } });
    expect(network.node(1).log).toHaveLength(length);
  });

  unit(
    "who hears of the end before she has signed the postfund never will, and leaves her ledgers",
    () => {
      const { id, network } = openLine(3);
      actUntil(network, () => network.node(1).state.objectives.has(id));
      actUntil(network, () => ledgersOf(network, 1).some((one) => ledgerOf(one).agreed.size > 0));
      const { channelId } = objectiveOf(network, 1, id);

      const verdict = hear(network, 0, 1, finalOf(network, [6n, 4n]));

      expect(verdict.ok).toBe(true);
      expect(objectiveOf(network, 1, virtualFundId(channelId)).rejectionCode).toBe("Overtaken");
      expect(virtualOf(network, 1).isGivenUp).toBe(true);
      expect(virtualOf(network, 1).finalSignedByMe).toBe(true);
      for (const ledger of ledgersOf(network, 1)) {
        expect([...ledgerOf(ledger).reserved.keys()]).toEqual([]);
        const wanted = [...ledgerOf(ledger).agreed.values()].map(({ proposal }) => proposal.type);
        expect(wanted).not.toContain("Add");
      }
    },
  );
});
