/** Oracle: nothing that others do lets an honest node's memory or log grow without bound. Asked at each block. */
import type { Address } from "../../src/crypto/address.ts";
import { REQUESTS_WAITING_MAX } from "../../src/engine/inbox.ts";
import type { NodeView } from "../../src/engine/node-state.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { EARLY_BYTES_MAX, RECEIVE_WINDOW } from "../../src/network/limits.ts";
import type { SimulatedNode } from "../simulated-node.ts";

/**
 * Inputs that wait at a block: a receive window of each peer, and as much again for timers, acknowledgements and
 * news of the chain. A node that works finishes all of an instant in that instant.
 */
export const INPUTS_PER_PEER_MAX: number = 2 * RECEIVE_WINDOW;

/**
 * Messages to one peer that it has not settled: 2,048. A channel asks for some twenty in its life, and a run opens
 * at most a hundred with one peer; more are owed to nobody.
 */
export const MESSAGES_PER_PEER_MAX = 2_048;

/**
 * Answers to one peer who asks what is held of hers, and has not settled them: 16. Each holds all channels with her;
 * who has lost her log asks once in a life, and takes the answer before anything else.
 */
export const ANSWERS_PER_PEER_MAX = 16;

/**
 * Objectives that are open at once with one peer: 512. A user asks for tens, and what a peer asks for and leaves
 * unfinished ends by its deadline.
 */
export const OBJECTIVES_PER_PEER_MAX = 512;

/**
 * Channels that are known and were never funded, per peer: 1,024. Opening one costs a peer two messages, so a
 * flood shows within a run.
 */
export const UNFUNDED_PER_PEER_MAX = 1_024;

/** Transactions that are not settled, per channel: a deposit of each asset, an approval, a challenge, its answer, payouts. */
export const TRANSACTIONS_PER_CHANNEL_MAX = 16;

/** Events that stand for something from outside: a user, a peer, the chain, or a start. */
const CAUSES: ReadonlySet<NodeEvent["type"]> = new Set([
  "ObjectiveCreated",
  "ObjectiveApproved",
  "ChannelCreated",
  "VoucherIssued",
  "AppMessageAppended",
  "MessageReceived",
  "MessageAcked",
  "MessageDropped",
  "ResyncStarted",
  "BlocksRead",
  "DepositDetected",
  "AllocationUpdated",
  "ChannelConcluded",
  "ChallengeRegistered",
  "ChallengeCleared",
  "ChallengeExpired",
  "ChainReorged",
  "TransactionSubmitted",
  "SnapshotCreated",
] as const);

/** True for an event that came from outside: what a log may grow by is counted in them. */
export function isCause({ type }: NodeEvent): boolean {
  return CAUSES.has(type);
}

/** Records that one cause leaves in a log: 64. A step of 32 ledger changes signs, sends and notes each of them. */
export const RECORDS_PER_CAUSE_MAX = 64;

/** Records that a log has without a cause: starting, greeting peers, and blocks that pass. */
export const RECORDS_FREE = 1_024;

/** What has grown too far at one node. */
export type Overgrown = { readonly resource: string; readonly message: string };

/** Looks at everything that others can fill. `causes` counts what came from outside and stands in the node's log. */
export function overgrown(node: SimulatedNode, causes: number): readonly Overgrown[] {
  const { engine, parts, store } = node;
  const { kept, inputs, wishes } = engine.load();
  const { channels, messages, objectives, transactions } = engine.view();
  const peers = Math.max(1, engine.view().peers.size);
  const open = [...objectives.values()].filter(({ status }) => isOpen(status)).length;
  const unfunded = [...channels.values()].filter(isUnfunded).length;
  const sizes: readonly (readonly [string, number, number])[] = [
    ["inputs that wait", inputs, INPUTS_PER_PEER_MAX * peers],
    ["wishes that wait", wishes, REQUESTS_WAITING_MAX],
    ["bytes of early frames", kept.bytes, EARLY_BYTES_MAX * peers],
    ["messages without a verdict", kept.unsettled, RECEIVE_WINDOW * peers],
    ["unsettled messages", messages.size, MESSAGES_PER_PEER_MAX * peers],
    ["answers to one peer", mostAnswers(messages.values()), ANSWERS_PER_PEER_MAX],
    ["open objectives", open, OBJECTIVES_PER_PEER_MAX * peers],
    ["channels without money", unfunded, UNFUNDED_PER_PEER_MAX * peers],
    ["open transactions", transactions.size, TRANSACTIONS_PER_CHANNEL_MAX * (channels.size + 1)],
    ["records", store.length, RECORDS_FREE + RECORDS_PER_CAUSE_MAX * causes],
  ];
  return sizes.flatMap(([resource, size, most]) =>
    size <= most
      ? []
      : [{ resource, message: `${parts.name} has ${size} ${resource}, above ${most}` }],
  );
}

type OpenMessage = NonNullable<ReturnType<NodeView["messages"]["get"]>>;

/** How many answers wait with the one who has most of them to come. */
function mostAnswers(messages: Iterable<OpenMessage>): number {
  const counts = new Map<Address, number>();
  for (const { message, to } of messages) {
    if (message.type === "ResyncAnswer") counts.set(to, (counts.get(to) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

function isOpen(status: string): boolean {
  return status === "Approved" || status === "Unapproved";
}

type KnownChannel = ReturnType<SimulatedNode["engine"]["channels"]>[number];

/** Never funded, as far as the node knows, and not by guarantees either. */
function isUnfunded({ fundingOutcome, holdings, use, wasOpen }: KnownChannel): boolean {
  if (use.type === "Virtual") return !wasOpen;
  return fundingOutcome.length > 0 && holdings.size === 0;
}
