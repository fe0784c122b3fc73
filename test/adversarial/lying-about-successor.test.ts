/** A node in doubt about its log is told lies of the ledger that takes another one's place: it refuses them. */
import { describe, expect } from "bun:test";
import { supportedState } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { withdrawalId } from "../../src/channel/objective-id.ts";
import { stateHash, TURN } from "../../src/channel/state.ts";
import {
  successorIdOf,
  successorOutcome,
  type WithdrawnAmount,
} from "../../src/channel/successor.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { ResyncMessage } from "../../src/messages/message.ts";
import { assert, assertDefined } from "../../src/primitives/assert.ts";
import { adversarial } from "../kind.ts";
import type { PureNetwork } from "../pure-network.ts";
import { repeated } from "../sample-messages.ts";
import { channelAt, comeToRest, openLedger, statusOf } from "../wishful-ledger.ts";
import { hear } from "./pure-scene.ts";

/** The leader lies; the follower may have lost the end of her log. */
const LIAR = 0;
const VICTIM = 1;
const NONCE = 77n;

type Scene = { readonly network: PureNetwork; readonly ledgerId: ChannelId };
type HeldSuccessor = ResyncMessage & { readonly type: "HeldSuccessor" };

const coins = (leader: bigint, follower: bigint): readonly WithdrawnAmount[] => [
  { asset: ZERO_ADDRESS, leader, follower },
];
const AMOUNTS = coins(3n, 4n);

/** The liar says that she has heard more than the other one ever said. */
function doubt({ network }: Scene): void {
  const peer = network.node(LIAR).rules.me;
  const standing = { lastSent: 0, settledUpTo: 0, lastReceived: 10_000 };
  network.decide(VICTIM, { type: "Welcomed", head: undefined, peer, standing, gap: 1_000 });
}

/** What an honest leader would tell, had the follower signed the next ledger with these amounts. */
function held({ ledgerId, network }: Scene, amounts = AMOUNTS): HeldSuccessor {
  const ledger = channelAt(network, VICTIM, ledgerId);
  const { appData, outcome } = supportedState(ledger).variablePart;
  const next = successorOutcome("enforceable", outcome, amounts);
  assert(next.ok, "what is told can be paid");
  const state = { outcome: next.value, appData, turnNum: TURN.postfund, isFinal: false };
  const hash = stateHash(successorIdOf(ledger, NONCE), state);
  return {
    type: "HeldSuccessor",
    channelId: ledgerId,
    nonce: NONCE,
    amounts,
    openedBy: LIAR,
    outcome: next.value,
    passedTurnNum: undefined,
    variablePart: state,
    signature: network.node(VICTIM).rules.context.sign(hash),
  };
}

const LIES: readonly {
  readonly name: string;
  readonly code: string;
  readonly message: (scene: Scene) => HeldSuccessor;
}[] = [
  {
    name: "one that only the liar has signed",
    code: "WrongSignature",
    message: (scene) => {
      const told = held(scene);
      const id = successorIdOf(channelAt(scene.network, VICTIM, scene.ledgerId), NONCE);
      const { sign } = scene.network.node(LIAR).rules.context;
      return { ...told, signature: sign(stateHash(id, told.variablePart)) };
    },
  },
  {
    name: "one whose sums are not what is left",
    code: "FinalOutcomeMismatch",
    message: (scene) => ({ ...held(scene), amounts: coins(4n, 3n) }),
  },
  {
    name: "an opening that is not the one that was signed",
    code: "FinalOutcomeMismatch",
    message: (scene) => ({ ...held(scene), outcome: held(scene, coins(4n, 3n)).outcome }),
  },
  {
    name: "one in the place of a ledger that nobody knows",
    code: "NotALedger",
    message: (scene) => ({ ...held(scene), channelId: repeated("77", 32) as ChannelId }),
  },
  {
    name: "one that nobody asked for",
    code: "NotAParticipant",
    message: (scene) => ({ ...held(scene), openedBy: 2 }),
  },
  {
    name: "turns of it that are used up to the end",
    code: "TurnOutOfOrder",
    message: (scene) => ({ ...held(scene), passedTurnNum: 2 ** 48 - 1 }),
  },
];

describe("a node in doubt about its log, told of the next ledger and", () => {
  for (const { code, message, name } of LIES) {
    adversarial(`${name}, answers ${code} and stores nothing`, () => {
      const scene = openLedger();
      doubt(scene);
      const { length } = scene.network.node(VICTIM).log;

      const verdict = hear(scene.network, LIAR, VICTIM, message(scene));

      expect(verdict).toMatchObject({ ok: false, reason: { code } });
      expect(scene.network.node(VICTIM).log.length).toBe(length);
    });
  }

  adversarial("a truth that it signed, takes that back once", () => {
    const scene = openLedger();
    const { ledgerId, network } = scene;
    const told = held(scene);
    doubt(scene);

    hear(network, LIAR, VICTIM, told);
    const { length } = network.node(VICTIM).log;
    hear(network, LIAR, VICTIM, told);

    const id = successorIdOf(channelAt(network, VICTIM, ledgerId), NONCE);
    expect(channelAt(network, VICTIM, id).fundingOutcome).toEqual(told.outcome);
    expect(statusOf(network, VICTIM, withdrawalId(ledgerId, NONCE))).toBe("Approved");
    expect(network.node(VICTIM).log.length).toBe(length);
  });

  adversarial("other sums than its end has paid, answers FinalOutcomeMismatch", () => {
    const scene = openLedger();
    const { ledgerId, network } = scene;
    network.ask(VICTIM, { type: "Withdraw", channelId: ledgerId, amounts: AMOUNTS });
    comeToRest(network);
    const ledger = channelAt(network, VICTIM, ledgerId);
    const next = channelAt(network, VICTIM, assertDefined(ledger.ledger?.successor, "the next"));
    const { variablePart } = supportedState(next);
    const hash = stateHash(next.id, variablePart);
    const about = { type: "HeldSuccessor", channelId: ledgerId, openedBy: VICTIM } as const;
    const truth: HeldSuccessor = {
      ...about,
      nonce: next.fixedPart.channelNonce,
      amounts: AMOUNTS,
      outcome: next.fundingOutcome,
      passedTurnNum: undefined,
      variablePart,
      signature: network.node(VICTIM).rules.context.sign(hash),
    };
    doubt(scene);

    expect(hear(network, LIAR, VICTIM, truth)).toMatchObject({ ok: true });
    for (const amounts of [coins(4n, 3n), coins(3n, 5n), []]) {
      expect(hear(network, LIAR, VICTIM, { ...truth, amounts })).toMatchObject({
        ok: false,
        reason: { code: "FinalOutcomeMismatch" },
      });
    }
  });
});
