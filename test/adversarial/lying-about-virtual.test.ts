/** A node in doubt about its log is told lies of ledger and virtual channels: it refuses them, and stores nothing. */
import { describe, expect } from "bun:test";
import { type ChannelId, channelIdOf } from "../../src/channel/channel-id.ts";
import { virtualFundId } from "../../src/channel/objective-id.ts";
import { stateHash } from "../../src/channel/state.ts";
import { promiseHash } from "../../src/channel/voucher.ts";
import type { Message, ResyncMessage } from "../../src/messages/message.ts";
import { adversarial } from "../kind.ts";
import { PureNetwork } from "../pure-network.ts";
import { repeated } from "../sample-messages.ts";
import { channelAt, hear, openLedger, wishVirtual } from "./pure-scene.ts";

const ALICE = 0;
const IRENE = 1;
const BOB = 2;

type Scene = {
  readonly network: PureNetwork;
  readonly left: ChannelId;
  readonly right: ChannelId;
  readonly channelId: ChannelId;
};

/** An open virtual channel over Irene. */
function open(): Scene {
  const network = new PureNetwork(3);
  const left = openLedger(network, ALICE, IRENE);
  const right = openLedger(network, IRENE, BOB);
  const { channelId } = wishVirtual(network, [ALICE, IRENE, BOB], left);
  while (network.act(0));
  return { network, left, right, channelId };
}

/** Alice says that she has heard more than the other one ever said. */
function doubt({ network }: Scene, victim: number): void {
  network.decide(victim, {
    type: "Welcomed",
    head: undefined,
    peer: network.node(ALICE).rules.me,
    standing: { lastSent: 0, settledUpTo: 0, lastReceived: 10_000 },
    gap: 1_000,
  });
}

type HeldVirtual = ResyncMessage & { readonly type: "HeldVirtual" };

function heldVirtual(
  { channelId, left, network }: Scene,
  changes: Partial<HeldVirtual> = {},
): Message {
  const { fixedPart, fundingOutcome: outcome } = channelAt(network, ALICE, channelId);
  const about = { fixedPart, outcome, appData: "0x", fees: [2n], ledgerId: left } as const;
  return { type: "HeldVirtual", ...about, code: undefined, ...changes };
}

/** Vouchers of Alice over `amount`, signed by the node `by`. */
function heldVouchers(
  { channelId, network }: Scene,
  by: number,
  amount: bigint,
  counter = 1,
): Message {
  const promise = { counter, amounts: [amount] };
  const hash = promiseHash("enforceable", channelId, promise);
  const issued = { ...promise, signature: network.node(by).rules.context.sign(hash) };
  const none = { received: undefined, issuedReceipted: undefined, receivedReceipted: undefined };
  return { type: "HeldVouchers", channelId, issued, ...none };
}

const LIES: readonly {
  readonly name: string;
  readonly victim: number;
  readonly code: string;
  readonly message: (scene: Scene) => Message;
}[] = [
  {
    name: "other fees",
    victim: IRENE,
    code: "RouteMalformed",
    message: (scene) => heldVirtual(scene, { fees: [3n] }),
  },
  {
    name: "a ledger of somebody else for her hop",
    victim: IRENE,
    code: "NotALedger",
    message: (scene) => heldVirtual(scene, { ledgerId: scene.right }),
  },
  {
    name: "a ledger though she is no neighbour",
    victim: BOB,
    code: "NotALedger",
    message: (scene) => heldVirtual(scene, { ledgerId: scene.right }),
  },
  {
    name: "a channel that the other one is not in",
    victim: IRENE,
    code: "NotAParticipant",
    message: (scene) => {
      const { fixedPart } = channelAt(scene.network, ALICE, scene.channelId);
      const [alice, , bob] = fixedPart.participants;
      const participants = [alice, bob, alice].filter((one) => one !== undefined);
      const channelNonce = fixedPart.channelNonce + 1n;
      return heldVirtual(scene, {
        fixedPart: { ...fixedPart, participants: participants.slice(0, 2), channelNonce },
      });
    },
  },
  {
    name: "a final state that nobody has signed",
    victim: IRENE,
    code: "TurnOutOfOrder",
    message: ({ channelId, network }) => {
      const { fundingOutcome: outcome } = channelAt(network, ALICE, channelId);
      const variablePart = { outcome, appData: "0x", turnNum: 2 ** 33, isFinal: true } as const;
      const about = { channelId, objectiveId: undefined, updatesAsked: 0 };
      const signatures = [undefined, undefined, undefined];
      return { type: "HeldState", ...about, variablePart, signatures };
    },
  },
  {
    name: "changes of a channel that is no ledger",
    victim: IRENE,
    code: "NotALedger",
    message: ({ channelId }) => ({
      type: "HeldStep",
      channelId,
      turnNum: 3,
      baseTurnNum: 2,
      changes: [],
      isRefused: false,
    }),
  },
  {
    name: "vouchers to one who is between the ends",
    victim: IRENE,
    code: "NotAParticipant",
    message: (scene) => heldVouchers(scene, ALICE, 1n),
  },
  {
    name: "vouchers that the payer did not sign",
    victim: BOB,
    code: "WrongSignature",
    message: (scene) => heldVouchers(scene, IRENE, 1n),
  },
  {
    name: "vouchers over more than she has",
    victim: BOB,
    code: "WrongSignature",
    message: (scene) => heldVouchers(scene, ALICE, 7n),
  },
  {
    name: "vouchers of a channel that nobody knows",
    victim: BOB,
    code: "UnknownChannel",
    message: (scene) =>
      heldVouchers({ ...scene, channelId: repeated("77", 32) as ChannelId }, ALICE, 1n),
  },
];

describe("a node in doubt about its log, told by a peer of", () => {
  for (const { code, message, name, victim } of LIES) {
    adversarial(`${name}, answers ${code} and stores nothing`, () => {
      const scene = open();
      doubt(scene, victim);
      const { length } = scene.network.node(victim).log;

      const verdict = hear(scene.network, ALICE, victim, message(scene));

      expect(verdict).toMatchObject({ ok: false, reason: { code } });
      expect(scene.network.node(victim).log.length).toBe(length);
    });
  }

  adversarial("vouchers that are signed and covered, takes them once", () => {
    const scene = open();
    doubt(scene, BOB);
    const told = heldVouchers(scene, ALICE, 6n);

    hear(scene.network, ALICE, BOB, told);
    const { length } = scene.network.node(BOB).log;
    hear(scene.network, ALICE, BOB, told);

    const { vouchers } = channelAt(scene.network, BOB, scene.channelId);
    expect(vouchers.received?.amounts).toEqual([6n]);
    expect(scene.network.node(BOB).log.length).toBe(length);
  });
});

/** One says that she has heard more than Alice ever said, who asks for all that she holds. Nothing, is the answer. */
function askedBy(network: PureNetwork, by: number): Message {
  const peer = network.node(by).rules.me;
  const standing = { lastSent: 0, settledUpTo: 0, lastReceived: 10_000 };
  network.decide(ALICE, { type: "Welcomed", head: undefined, peer, standing, gap: 1_000 });
  const asked = network.node(ALICE).log.findLast(({ type }) => type === "PeerResynced");
  const round = asked?.type === "PeerResynced" ? asked.lastSent : 0;
  return { type: "ResyncAnswer", round, isCertain: true };
}

describe("a node in doubt that is told of an opening of its own", () => {
  /** Irene tells Alice of a channel that Alice's log does not know, with this fee. What became of its opening. */
  function told(fee: bigint, isSigned: boolean) {
    const scene = open();
    const { left, network } = scene;
    const irenes = askedBy(network, IRENE);
    const held = heldVirtual(scene, { ledgerId: left, fees: [fee] }) as HeldVirtual;
    const fixedPart = { ...held.fixedPart, channelNonce: held.fixedPart.channelNonce + 1n };
    const channelId = channelIdOf(fixedPart);
    const variablePart = {
      outcome: held.outcome,
      appData: "0x",
      turnNum: 0,
      isFinal: false,
    } as const;
    const signature = network.node(ALICE).rules.context.sign(stateHash(channelId, variablePart));
    const objectiveId = virtualFundId(channelId);
    const state = { type: "HeldState", channelId, objectiveId, variablePart } as const;

    hear(network, IRENE, ALICE, { ...held, fixedPart });
    if (isSigned) {
      const signatures = [signature, undefined, undefined];
      hear(network, IRENE, ALICE, { ...state, signatures, updatesAsked: 0 });
    }
    hear(network, IRENE, ALICE, irenes);
    // What she has signed, and does not know, makes her ask Bob as well.
    if (isSigned) hear(network, BOB, ALICE, askedBy(network, BOB));
    return {
      fund: network.node(ALICE).state.objectives.get(objectiveId),
      signedTurn: channelAt(network, ALICE, channelId).mySignedTurn,
    };
  }

  adversarial("which it never asked for, gives it up and signs nothing", () => {
    const { fund, signedTurn } = told(0n, false);

    expect(signedTurn).toBeUndefined();
    expect(fund).toMatchObject({ status: "Rejected", rejectionCode: "Resyncing" });
  });

  adversarial(
    "which it has signed, goes on with it where nobody takes a fee, and gives it up elsewhere",
    () => {
      expect(told(0n, true).fund).toMatchObject({ status: "Approved" });
      expect(told(40n, true).fund).toMatchObject({
        status: "Rejected",
        rejectionCode: "Resyncing",
      });
    },
  );
});

describe("a node in doubt that knows a voucher", () => {
  adversarial("takes one that promises the same above passed counters, and none below", () => {
    const scene = open();
    doubt(scene, BOB);
    const known = (): unknown =>
      channelAt(scene.network, BOB, scene.channelId).vouchers.received?.counter;

    hear(scene.network, ALICE, BOB, heldVouchers(scene, ALICE, 5n, 7));
    hear(scene.network, ALICE, BOB, heldVouchers(scene, ALICE, 5n, 900));
    expect(known()).toBe(900);
    hear(scene.network, ALICE, BOB, heldVouchers(scene, ALICE, 5n, 8));
    hear(scene.network, ALICE, BOB, heldVouchers(scene, ALICE, 4n, 901));
    expect(known()).toBe(900);
  });
});

describe("a node that is in no doubt", () => {
  adversarial("learns nothing of a virtual channel whose ledgers it knows", () => {
    const scene = open();
    const { length } = scene.network.node(IRENE).log;

    expect(hear(scene.network, ALICE, IRENE, heldVirtual(scene))).toMatchObject({ ok: true });
    const given = heldVirtual(scene, { code: "TimedOut" });
    expect(hear(scene.network, ALICE, IRENE, given)).toMatchObject({ ok: true });
    expect(scene.network.node(IRENE).log.length).toBe(length);
  });
});
