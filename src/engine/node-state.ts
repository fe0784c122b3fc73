/** The state of a node: the fold of its events, held in tables. */
import type { ToldLog } from "../chain/chain-news.ts";
import type { Channel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { BlockId } from "../channel/holdings.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { Address } from "../crypto/address.ts";
import type { LogHead } from "../events/record-head.ts";
import type { Message } from "../messages/message.ts";
import type { Hex } from "../primitives/hex.ts";
import type { ChainCall, EffectId } from "../protocols/effects.ts";
import type { Objective } from "../protocols/objective.ts";
import { TrackedTable } from "../store/snapshot-table.ts";

/** A map whose values are immutable. `Map` is one; `Layer` in `draft.ts` is another. */
export type Table<Key, Value> = {
  readonly get: (key: Key) => Value | undefined;
  readonly set: (key: Key, value: Value) => unknown;
  readonly delete: (key: Key) => unknown;
};

/**
 * How far this node is in taking back, from one peer, what its log may have lost. Nothing is signed in a
 * channel while a participant's is not `None`. Source: ADR 0019.
 */
export type Resync =
  | { readonly type: "None" }
  /** The two have yet to agree on the numbers of their messages. */
  | { readonly type: "Owed"; readonly missingMax: number }
  /** The peer was asked; its answer will name `round`. */
  | { readonly type: "Asked"; readonly missingMax: number; readonly round: number };

/** What passed between this node and one peer. */
export type PeerRecord = {
  /** Sequence of the last message sent; the first is 1. */
  readonly lastSent: number;
  /** Sequence of the last message received and stored. */
  readonly lastReceived: number;
  /** Everything up to this sequence was acknowledged by the peer. */
  readonly ackedUpTo: number;
  readonly resync: Resync;
  /** Events of this node that both may have lost: 0, unless both lost the end of their logs. */
  readonly lostMax: number;
  /** The newest head that the peer has told of its own log; undefined when it has told none. */
  readonly head: LogHead | undefined;
  /** The ledger channels that the two share, in the order of their creation. */
  readonly ledgers: readonly ChannelId[];
};

/** A message that its peer has not settled yet: the outbox towards the peers. */
export type OpenMessage = {
  readonly to: Address;
  readonly sequence: number;
  readonly message: Message;
};

/** Names a message in its table. */
export type MessageKey = `${Address}/${number}`;

/** The key of the message to `to` with this sequence. */
export const messageKey = (to: Address, sequence: number): MessageKey => `${to}/${sequence}`;

/** A transaction that is not settled yet: the outbox towards the chain. */
export type OpenTransaction = {
  readonly effectId: EffectId;
  readonly objectiveId: ObjectiveId;
  readonly channelId: ChannelId;
  readonly call: ChainCall;
  /** The signed bytes, once they exist. */
  readonly raw: Hex | undefined;
  readonly transactionHash: Hex | undefined;
  /** Hashes of the same call under the same nonce that a dearer one took the place of: each may still be mined. */
  readonly earlier: readonly Hex[];
};

/** Objectives of one channel that are not over, in the order of their creation. */
export type ChannelDesk = {
  readonly open: readonly ObjectiveId[];
  /** Per participant, how many updates she asked for: makes the next one's name. Missing counts as 0. */
  readonly updatesAsked: readonly number[];
};

/** Facts of the node as a whole. */
export type NodeFacts = {
  /** Nonce of the next transaction; undefined before the first one. */
  readonly nextNonce: number | undefined;
  /** The last log of the chain that became an event; undefined when all must be read again. */
  readonly cursor: { readonly blockNumber: number; readonly logIndex: number } | undefined;
  /** Recent confirmed blocks that the log names, the oldest first: a reorganisation is found by them. */
  readonly blocks: readonly BlockId[];
  /** The logs of the newest blocks that became events, in the order of the chain; the oldest are left out where there are many. */
  readonly toldLogs: readonly ToldLog[];
};

/** Every table, as `evolveNode` reads and writes them. */
export type NodeTables = {
  readonly objectives: Table<ObjectiveId, Objective>;
  readonly channels: Table<ChannelId, Channel>;
  readonly desks: Table<ChannelId, ChannelDesk>;
  readonly peers: Table<Address, PeerRecord>;
  readonly messages: Table<MessageKey, OpenMessage>;
  readonly transactions: Table<EffectId, OpenTransaction>;
  readonly facts: Table<"node", NodeFacts>;
};

/** The tables of a whole node, which can also be listed. */
export type NodeState = {
  readonly objectives: Map<ObjectiveId, Objective>;
  readonly channels: Map<ChannelId, Channel>;
  readonly desks: Map<ChannelId, ChannelDesk>;
  readonly peers: Map<Address, PeerRecord>;
  readonly messages: Map<MessageKey, OpenMessage>;
  readonly transactions: Map<EffectId, OpenTransaction>;
  readonly facts: Map<"node", NodeFacts>;
};

/** The same tables for whoever may only look. */
export type NodeView = {
  readonly [Name in keyof NodeState]: NodeState[Name] extends Map<infer Key, infer Value>
    ? ReadonlyMap<Key, Value>
    : never;
};

/** The tables of a whole node, which remember what was touched since the last snapshot. */
export type TrackedNodeState = {
  readonly [Name in keyof NodeState]: NodeState[Name] extends Map<
    infer Key extends string,
    infer Value
  >
    ? TrackedTable<Key, Value>
    : never;
};

/** A node to which nothing has happened yet. */
export function createNodeState(): NodeState {
  return {
    objectives: new Map(),
    channels: new Map(),
    desks: new Map(),
    peers: new Map(),
    messages: new Map(),
    transactions: new Map(),
    facts: new Map(),
  };
}

/** The same, for a node that writes snapshots. */
export function createTrackedState(): TrackedNodeState {
  return {
    objectives: new TrackedTable(),
    channels: new TrackedTable(),
    desks: new TrackedTable(),
    peers: new TrackedTable(),
    messages: new TrackedTable(),
    transactions: new TrackedTable(),
    facts: new TrackedTable(),
  };
}

/** What is known of a peer that nothing was ever exchanged with. */
export const NEW_PEER: PeerRecord = {
  lastSent: 0,
  lastReceived: 0,
  ackedUpTo: 0,
  resync: { type: "None" },
  lostMax: 0,
  head: undefined,
  ledgers: [],
};

/** The desk of a channel that has no objectives yet. */
export const EMPTY_DESK: ChannelDesk = { open: [], updatesAsked: [] };

/** The facts of a node that has neither sent a transaction nor seen a log. */
export const NO_FACTS: NodeFacts = {
  nextNonce: undefined,
  cursor: undefined,
  blocks: [],
  toldLogs: [],
};
