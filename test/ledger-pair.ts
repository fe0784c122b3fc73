/** Both ends of a running ledger channel, for tests that hand proposals from one to the other by themselves. */
import { standInSignatures } from "../sim/stand-in-signatures.ts";
import { type Channel, createChannel, supportedState } from "../src/channel/channel.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { channelIdOf } from "../src/channel/channel-id.ts";
import type { Profile } from "../src/channel/channel-use.ts";
import { type Destination, externalDestination } from "../src/channel/destination.ts";
import { FOLLOWER, LEADER } from "../src/channel/ledger.ts";
import { includesGuarantee } from "../src/channel/ledger-outcome.ts";
import type {
  GuaranteeShares,
  LedgerChange,
  LedgerProposal,
} from "../src/channel/ledger-proposal.ts";
import { directFundId, virtualFundId } from "../src/channel/objective-id.ts";
import type { Outcome } from "../src/channel/outcome.ts";
import { stateHash, TURN } from "../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { PrivateKey } from "../src/crypto/signature.ts";
import type { LedgerMessage } from "../src/messages/message.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import type { Result } from "../src/primitives/result.ts";
import {
  agreeToNewest,
  decideCountersignature,
  decideProposal,
  proposeNext,
} from "../src/protocols/ledger.ts";
import type { Action, Context } from "../src/protocols/protocol.ts";
import { evolveOneChannel, type ProtocolEvent } from "../src/protocols/subject.ts";

/** A token beside the chain's own coin. */
export const TOKEN: Address = `0x${"70".repeat(20)}` as Address;

const backend = standInSignatures();
const KEYS: readonly PrivateKey[] = ["1a", "2b"].map(
  (byte) => `0x${byte.repeat(32)}` as PrivateKey,
);

/** Leader and follower. */
export const PARTIES: readonly Address[] = KEYS.map((key) => backend.addressOf(key));
const accountAt = (side: number): Destination =>
  externalDestination(assertDefined(PARTIES[side], "a side"));
/** Where each of the two is paid. */
export const LEADERS_ACCOUNT: Destination = accountAt(0);
export const FOLLOWERS_ACCOUNT: Destination = accountAt(1);

/** What each of the two signs with. */
export const CONTEXTS: readonly Context[] = KEYS.map((key) => ({
  sign: (hash) => backend.signHash(hash, key),
  recoverSigner: backend.recoverSigner,
  appOf: () => undefined,
}));

export const contextOf = (side: number): Context => assertDefined(CONTEXTS[side], "a side");

/** The id of a virtual channel by number; a lower number is a lower id. */
export const targetAt = (number: number): ChannelId =>
  `0xc${number.toString(16).padStart(63, "0")}` as ChannelId;

/** Coin first, the token second where there are two assets. */
export function ledgerOutcome(amounts: readonly (readonly [bigint, bigint])[]): Outcome {
  return amounts.map((both, index) => ({
    asset: index === 0 ? ZERO_ADDRESS : TOKEN,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: both.map((amount, side) => ({
      destination: accountAt(side),
      amount,
      allocationType: 0,
      metadata: "0x",
    })),
  }));
}

/** The same channel as the leader and as the follower have it, open and empty. */
export function openPair(
  profile: Profile = "enforceable",
  amounts: readonly (readonly [bigint, bigint])[] = [[60n, 40n]],
): [Channel, Channel] {
  const fixedPart = {
    participants: PARTIES,
    channelNonce: 1n,
    appDefinition: `0x${"1e".repeat(20)}` as Address,
    challengeDurationSec: 86_400,
  };
  const channelId = channelIdOf(fixedPart);
  const created = (myIndex: number): Channel =>
    openingTurns(
      createChannel({
        type: "ChannelCreated",
        channelId,
        fixedPart,
        myIndex,
        outcome: ledgerOutcome(amounts),
        appData: "0x",
        use: { type: "Ledger", profile },
      }),
    );
  return [created(0), created(1)];
}

function openingTurns(channel: Channel): Channel {
  let opened = channel;
  for (const turnNum of [TURN.prefund, TURN.postfund]) {
    const { variablePart } = assertDefined(opened.pending.get(turnNum), "an opening state");
    for (const [by, { sign }] of CONTEXTS.entries()) {
      const signature = sign(stateHash(channel.id, variablePart));
      const about = { channelId: channel.id, objectiveId: directFundId(channel.id) };
      const type = by === channel.myIndex ? "StateSigned" : "StateReceived";
      opened = learn(opened, [{ type, ...about, by, variablePart, signature } as ProtocolEvent]);
    }
    opened = learn(opened, [{ type: "SupportedStateAdvanced", channelId: channel.id, turnNum }]);
  }
  return opened;
}

/** The channel after some facts. */
export function learn(channel: Channel, events: readonly ProtocolEvent[]): Channel {
  return events.reduce((one, event) => evolveOneChannel(one, event) ?? one, channel);
}

/** The channel after an action, and the messages that it sends. */
export function act(
  channel: Channel,
  action: Action,
): readonly [Channel, readonly LedgerMessage[]] {
  const messages = action.effects.flatMap((effect) =>
    effect.type === "SendMessage" ? [effect.message as LedgerMessage] : [],
  );
  return [learn(channel, action.events), messages];
}

/** The channel after what a message taught; throws when it was refused. */
export function taught(
  channel: Channel,
  decided: Result<ProtocolEvent[], { code: string }>,
): Channel {
  if (!decided.ok) throw new Error(decided.reason.code);
  return learn(channel, decided.value);
}

/** The only message of an action, of the type that it must have. */
export function messageOf<Type extends LedgerMessage["type"]>(
  messages: readonly LedgerMessage[],
  type: Type,
): LedgerMessage & { readonly type: Type } {
  const [message] = messages;
  assert(messages.length === 1 && message?.type === type, `one message, a ${type}`);
  return message as LedgerMessage & { readonly type: Type };
}

/** Some coin of both sides. */
export const shares = (left: bigint, right: bigint): readonly GuaranteeShares[] => [
  { asset: ZERO_ADDRESS, left, right },
];

/** A guarantee for a virtual channel in which the leader is on the left. */
export function addition(
  number: number,
  [left, right]: readonly [bigint, bigint] = [5n, 3n],
  fee = 0n,
): LedgerProposal & { readonly type: "Add" } {
  const guarantee = { left: LEADERS_ACCOUNT, right: FOLLOWERS_ACCOUNT };
  return { type: "Add", target: targetAt(number), guarantee, shares: shares(left, right), fee };
}

/** Takes it out again. */
export function removal(
  number: number,
  [left, right]: readonly [bigint, bigint] = [5n, 3n],
  refund = 0n,
): LedgerProposal & { readonly type: "Remove" } {
  return { type: "Remove", target: targetAt(number), shares: shares(left, right), refund };
}

/** A proposal with the objective that wants it. */
export function changeOf(proposal: LedgerProposal): LedgerChange {
  const objectiveId =
    "target" in proposal ? virtualFundId(proposal.target) : (`TopUp-${proposal.by}` as never);
  return { objectiveId, proposal };
}

/** The channel once its owner has agreed to some proposals. */
export function agree(channel: Channel, ...proposals: readonly LedgerProposal[]): Channel {
  return learn(
    channel,
    proposals.map((proposal) => ({
      type: "ProposalAgreed",
      channelId: channel.id,
      ...changeOf(proposal),
    })),
  );
}

/** What a leader proposes. */
export type Proposed = LedgerMessage & { readonly type: "LedgerProposal" };

/** The leader after she proposed, and what she sent. */
export function propose(leader: Channel): readonly [Channel, Proposed] {
  const [after, messages] = act(
    leader,
    proposeNext(leader, () => [], contextOf(LEADER)),
  );
  return [after, messageOf(messages, "LedgerProposal")];
}

/** The follower once she has heard a proposal. */
export const hear = (follower: Channel, message: Proposed): Channel =>
  taught(follower, decideProposal(follower, message, contextOf(FOLLOWER)));

/** The follower after she agreed, and the leader who heard of it. */
export function countersign(leader: Channel, follower: Channel): readonly [Channel, Channel] {
  const [after, messages] = act(follower, agreeToNewest(follower, contextOf(FOLLOWER)));
  const message = messageOf(messages, "LedgerCountersignature");
  return [taught(leader, decideCountersignature(leader, message, contextOf(LEADER))), after];
}

/** The channel after the follower refused a state. */
export const refused = (channel: Channel, turnNum: number): Channel =>
  learn(channel, [
    { type: "ProposalRefused", channelId: channel.id, by: FOLLOWER, turnNum, code: "No" },
  ]);

/** The turn of the supported state. */
export const turnOf = (channel: Channel): number => supportedState(channel).variablePart.turnNum;

/** True when the supported state has the guarantee. */
export const isFunded = (channel: Channel, number: number): boolean =>
  includesGuarantee(supportedState(channel).variablePart.outcome, targetAt(number));

/** Both ends once both agreed. */
export const agreed = (...proposals: readonly LedgerProposal[]): [Channel, Channel] => {
  const [leader, follower] = openPair();
  return [agree(leader, ...proposals), agree(follower, ...proposals)];
};
