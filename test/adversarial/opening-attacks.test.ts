/** Attacks by one participant of a virtual channel on two others, who are honest and share a ledger channel. */
import { describe, expect } from "bun:test";
import { stateAt, supportedState } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { includesGuarantee } from "../../src/channel/ledger-outcome.ts";
import { type ObjectiveId, virtualDefundId } from "../../src/channel/objective-id.ts";
import { VIRTUAL_FINAL_TURN } from "../../src/channel/payment-voucher.ts";
import { TURN, type VariablePart } from "../../src/channel/state.ts";
import { subjectOf } from "../../src/engine/crank-channel.ts";
import type { Message } from "../../src/messages/message.ts";
import { assert, assertDefined } from "../../src/primitives/assert.ts";
import { isIdleLedger } from "../../src/protocols/ledger.ts";
import type { Subject } from "../../src/protocols/subject.ts";
import { crank } from "../../src/protocols/virtual-fund.ts";
import { adversarial } from "../kind.ts";
import { PureNetwork } from "../pure-network.ts";
import { channelAt, hear, openLedger, signed, wishVirtual } from "./pure-scene.ts";

/** Places on the way: Eve is the payee, and the only one who lies. */
const ALICE = 0;
const IRENE = 1;
const EVE = 2;

type Scene = {
  readonly network: PureNetwork;
  readonly ledgerId: ChannelId;
  readonly channelId: ChannelId;
  readonly objectiveId: ObjectiveId;
};

/** Everybody has signed the postfund of a virtual channel, and Eve keeps her own signature to herself. */
function almostOpen(leader: number): Scene {
  const network = new PureNetwork(3);
  const ledgerId = openLedger(network, leader, leader === ALICE ? IRENE : ALICE);
  const onward = openLedger(network, IRENE, EVE);
  const wished = wishVirtual(network, [ALICE, IRENE, EVE], ledgerId);
  const { channelId } = wished;
  const turnAt = (one: number) => network.node(one).state.channels.get(channelId)?.mySignedTurn;
  while (turnAt(ALICE) !== TURN.postfund || turnAt(IRENE) !== TURN.postfund) {
    const isPrefunded = network.node(ALICE).state.channels.get(channelId)?.supported !== undefined;
    const { outcome } = supportedState(channelAt(network, IRENE, onward)).variablePart;
    const isGuaranteed = includesGuarantee(outcome, channelId);
    const isOpen = (queue: string) =>
      !(isPrefunded && queue === "2 to 0") && !(isGuaranteed && queue === "2 to 1");
    assert(network.actIn(isOpen), "something can happen");
  }
  return { network, ledgerId, ...wished };
}

/** Lets Alice and Irene hear each other until both are silent. */
function talk({ network }: Scene): void {
  const names = ["0 to 1", "1 to 0", "answers of 0 to 1", "answers of 1 to 0"];
  while (network.actIn((queue) => names.includes(queue)));
}

const saidByEve = ({ network }: Scene, to: number, message: Message): boolean =>
  hear(network, EVE, to, message).ok;

/** Eve's signature on a state, as a message to one of the others. */
function signs(scene: Scene, to: number, variablePart: VariablePart): boolean {
  const { channelId, network, objectiveId } = scene;
  return saidByEve(scene, to, {
    type: "SignedState",
    objectiveId: variablePart.isFinal ? virtualDefundId(channelId) : objectiveId,
    channelId,
    variablePart,
    signature: signed(network, EVE, channelId, variablePart),
    baseSignatures: [],
    moverSignature: undefined,
  });
}

/** Eve leaves, and both others sign that the channel ends as it began. */
function closeUnopened(scene: Scene): void {
  const { channelId, network, objectiveId } = scene;
  for (const to of [ALICE, IRENE]) {
    const about = { objectiveId, channelId, code: "PolicyRefused" };
    expect(saidByEve(scene, to, { type: "ObjectiveRejection", ...about })).toBe(true);
    const request = { type: "DefundRequest", objectiveId: virtualDefundId(channelId) } as const;
    saidByEve(scene, to, { ...request, channelId });
  }
  talk(scene);
  for (const one of [ALICE, IRENE]) {
    expect(channelAt(network, one, channelId).finalSignedByMe).toBe(true);
  }
}

/** Eve shows her signature on the postfund to one alone, and signs the final state, in either order. */
function showLate(scene: Scene, late: number, isFinalFirst: boolean): void {
  const { channelId, network } = scene;
  const state = stateAt(channelAt(network, IRENE, channelId), TURN.postfund);
  const { variablePart: postfund } = assertDefined(state, "the postfund");
  const final = { ...postfund, turnNum: VIRTUAL_FINAL_TURN, isFinal: true };
  closeUnopened(scene);
  if (!isFinalFirst) signs(scene, late, postfund);
  for (const to of [ALICE, IRENE]) signs(scene, to, final);
  if (isFinalFirst) signs(scene, late, postfund);
  talk(scene);
}

const PEOPLE = [
  ["the payer", ALICE],
  ["the intermediary", IRENE],
] as const;

describe("two honest neighbours", () => {
  for (const [name, late] of PEOPLE) {
    for (const [leads, leader] of PEOPLE) {
      adversarial(
        `agree that a channel was open when ${name} alone hears it and ${leads} leads`,
        () => {
          for (const isFinalFirst of [false, true]) {
            const scene = almostOpen(leader);
            const { channelId, ledgerId, network } = scene;
            showLate(scene, late, isFinalFirst);

            for (const one of [ALICE, IRENE]) {
              expect(isIdleLedger(channelAt(network, one, ledgerId))).toBe(true);
              expect(channelAt(network, one, channelId).wasOpen).toBe(true);
            }
          }
        },
      );
    }
  }
});

describe("an intermediary whose opening is overtaken by a final state", () => {
  adversarial("tells whoever has signed the postfund, and both free their ledger", () => {
    const [eve, irene, bob] = [0, 1, 2];
    const network = new PureNetwork(3);
    const withEve = openLedger(network, irene, eve);
    const withBob = openLedger(network, bob, irene);
    const { channelId } = wishVirtual(network, [eve, irene, bob], withEve);
    const turnAt = () => network.node(bob).state.channels.get(channelId)?.mySignedTurn;
    const isHonest = (queue: string) =>
      queue !== "1 to 0" && !queue.startsWith("answers of 1 to 0");
    while (turnAt() !== TURN.postfund) {
      assert(network.actIn(isHonest), "something can happen");
    }
    expect(channelAt(network, irene, channelId).mySignedTurn).toBe(TURN.prefund);

    const { appData, outcome } = supportedState(channelAt(network, irene, channelId)).variablePart;
    const final = { outcome, appData, turnNum: VIRTUAL_FINAL_TURN, isFinal: true };
    hear(network, eve, irene, {
      type: "SignedState",
      objectiveId: virtualDefundId(channelId),
      channelId,
      variablePart: final,
      signature: signed(network, eve, channelId, final),
      baseSignatures: [],
      moverSignature: undefined,
    });
    while (network.actIn(isHonest));

    for (const one of [irene, bob]) {
      expect(isIdleLedger(channelAt(network, one, withBob))).toBe(true);
    }
  });
});

describe("an opening that is still under way when its channel is closed", () => {
  const closed = (wasOpen: boolean): Subject => {
    const network = new PureNetwork(3);
    const ledgerId = openLedger(network, ALICE, IRENE);
    openLedger(network, IRENE, EVE);
    const { channelId, objectiveId } = wishVirtual(network, [ALICE, IRENE, EVE], ledgerId);
    while (network.act(0));
    network.ask(ALICE, { type: "DefundVirtually", channelId });
    while (network.act(0));
    const subject = subjectOf(network.node(IRENE).state, objectiveId);
    const { channel, objective } = subject;
    return {
      ...subject,
      channel: { ...channel, wasOpen },
      objective: { ...objective, status: "Approved" },
    };
  };
  const { context } = new PureNetwork(1).node(0).rules;

  adversarial("wants no guarantee back, and is done, where it was open", () => {
    expect(crank(closed(true), context)).toEqual({
      events: [],
      effects: [],
      waitingFor: "Nothing",
    });
  });

  adversarial("wants no guarantee back, and is over, where it was not", () => {
    const { events, waitingFor } = crank(closed(false), context);
    expect(events.map(({ type }) => type)).toEqual(["ObjectiveRejected"]);
    expect(waitingFor).toBe("Nothing");
  });
});
