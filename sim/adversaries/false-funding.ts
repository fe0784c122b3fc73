/** Strategies against funding: deposits that never come, channels that are never funded, money that nobody gets back. */
import { depositCall } from "../../src/chain/adjudicator.ts";
import { holdingsAt } from "../../src/chain/adjudicator-calls.ts";
import type { Channel } from "../../src/channel/channel.ts";
import { type ChannelId, channelIdOf } from "../../src/channel/channel-id.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import { directFundId } from "../../src/channel/objective-id.ts";
import { ALLOCATION_TYPE, type Outcome } from "../../src/channel/outcome.ts";
import { TURN } from "../../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Message } from "../../src/messages/message.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { toHex } from "../../src/primitives/hex.ts";
import type { ActorName } from "../actors.ts";
import { CHALLENGE_DURATION_SEC } from "../scenario.ts";
import type { Adversary } from "./adversary.ts";
import { isEnding } from "./altering.ts";
import { keepDeposit } from "./kept-transactions.ts";
import type { Strategy } from "./strategy.ts";

export const WITHHELD_DEPOSIT: Strategy = {
  summary: "signs prefunds and never deposits, whatever others have put in by then",
  attack: "C2",
  role: "Any",
  settings: {},
  play: (adversary) => ({ spots: (sent) => keepDeposit(adversary, sent) }),
};

export const CLAIMED_DEPOSIT: Strategy = {
  summary: "never deposits, and signs the postfund all the same, as if the chain held her money",
  attack: "C3",
  role: "Any",
  settings: {},
  play: (adversary) => ({
    spots: (sent) => keepDeposit(adversary, sent),
    records: (event) => {
      if (event.type !== "SupportedStateAdvanced" || event.turnNum !== TURN.prefund) return;
      const channel = adversary.evidence.channel(event.channelId);
      if (channel === undefined || channel.use.type === "Virtual") return;
      for (const peer of othersIn(adversary, channel)) {
        adversary.did("claims a deposit");
        adversary.tell(peer, postfundOf(adversary, channel));
      }
    },
  }),
};

export const FAKE_CHANNELS: Strategy = {
  summary: "opens channel after channel that she never funds",
  attack: "N4",
  role: "Any",
  settings: { count: [1, 12], everyMs: [0, 5_000] },
  play: (adversary) => {
    const open = (left: number): void => {
      const { challengeDurationSec = CHALLENGE_DURATION_SEC } = adversary.world.options;
      for (const peer of adversary.peers) {
        adversary.tell(peer, fakePrefund(adversary, peer, challengeDurationSec));
      }
      adversary.did("opens a fake channel");
      if (left > 1) adversary.after(adversary.setting("everyMs"), () => open(left - 1));
    };
    return {
      begins: () => open(adversary.setting("count")),
      spots: (sent) => keepDeposit(adversary, sent),
    };
  },
};

export const GRIEFING_DEPOSIT: Strategy = {
  summary:
    "puts a few wei into channels before anybody else does, so that they hold what nobody expects",
  attack: "C2",
  role: "Any",
  settings: { wei: [1, 5], times: [1, 5] },
  play: (adversary) => {
    let times = 0;
    return {
      records: (event) => {
        if (event.type !== "ChannelCreated" || event.use.type === "Virtual") return;
        if (times >= adversary.setting("times")) return;
        times += 1;
        void depositWei(adversary, event.channelId);
      },
    };
  },
};

export const LIQUIDITY_GRIEF: Strategy = {
  summary: "opens virtual channels through others' ledgers again and again, and never lets one end",
  attack: "L8",
  role: "End",
  settings: { times: [1, 20], everyMs: [0, 10_000], amount: [1, 10] },
  play: (adversary) => {
    const open = (left: number): void => {
      for (const payee of adversary.peers) void openVirtual(adversary, payee);
      if (left > 1) adversary.after(adversary.setting("everyMs"), () => open(left - 1));
    };
    return {
      begins: () => open(adversary.setting("times")),
      says: (_, message) => (keepsOpen(adversary, message) ? [] : [message]),
    };
  },
};

function othersIn(adversary: Adversary, { fixedPart }: Channel): readonly ActorName[] {
  return adversary.peers.filter((peer) =>
    fixedPart.participants.includes(adversary.world.node(peer).address),
  );
}

function postfundOf(adversary: Adversary, { id, supported }: Channel): Message {
  const prefund = assertDefined(supported, "the prefund").variablePart;
  const variablePart = { ...prefund, turnNum: TURN.postfund };
  return {
    type: "SignedState",
    objectiveId: directFundId(id),
    channelId: id,
    variablePart,
    signature: adversary.signState(id, variablePart),
    baseSignatures: [],
    moverSignature: undefined,
  };
}

/** Opens a channel that her node knows nothing of. She is first, and would have to put something in. */
export function fakePrefund(
  adversary: Adversary,
  peer: ActorName,
  challengeDurationSec: number,
): Message {
  const { chain } = adversary.world.options;
  const fixedPart: FixedPart = {
    participants: [adversary.address, adversary.world.node(peer).address],
    channelNonce: BigInt(toHex(adversary.drawBytes("fake nonce").slice(0, 8))),
    appDefinition: chain.deployment.consensusApp,
    challengeDurationSec,
  };
  const outcome = fakeOutcome(fixedPart.participants);
  const prefund = { outcome, appData: "0x", turnNum: TURN.prefund, isFinal: false } as const;
  const signature = adversary.signState(channelIdOf(fixedPart), prefund);
  return { type: "Prefund", fixedPart, outcome, appData: "0x", signature };
}

function fakeOutcome(participants: readonly Address[]): Outcome {
  const allocations = participants.map((participant, index) => ({
    destination: externalDestination(participant),
    amount: index === 0 ? 10n : 0n,
    allocationType: ALLOCATION_TYPE.simple,
    metadata: "0x" as const,
  }));
  return [{ asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" }, allocations }];
}

async function depositWei(adversary: Adversary, channelId: ChannelId): Promise<void> {
  const { adjudicator, name, world } = adversary;
  const rpc = world.door.truthOf(name);
  const expectedHeld = await holdingsAt(rpc, adjudicator, ZERO_ADDRESS, channelId);
  const amount = BigInt(adversary.setting("wei"));
  const deposit = { asset: ZERO_ADDRESS, channelId, expectedHeld, amount };
  if (adversary.isPlaying) {
    await adversary.send(depositCall(adjudicator, deposit), "deposits a few wei", true);
  }
}

async function openVirtual(adversary: Adversary, payee: ActorName): Promise<void> {
  const { node, world } = adversary;
  if (!node.isRunning) return;
  const left = BigInt(adversary.setting("amount"));
  const answer = await node.engine.submit({
    type: "FundVirtually",
    payee: world.node(payee).address,
    route: undefined,
    ledgerId: undefined,
    shares: [{ asset: ZERO_ADDRESS, left, right: 0n }],
    appDefinition: world.options.chain.deployment.paymentApp,
    challengeDurationSec: world.options.challengeDurationSec ?? CHALLENGE_DURATION_SEC,
  });
  if (answer.ok) adversary.did("ties money up");
}

function keepsOpen(adversary: Adversary, message: Message): boolean {
  if (!isEnding(message)) return false;
  adversary.did("keeps a channel open");
  return true;
}
