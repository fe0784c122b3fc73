/** How a node's state is written: a schema for every table, with its number for ever. */
import type { Adjudication } from "../channel/adjudication.ts";
import { type AppMessage, LOG_MESSAGES_MAX } from "../channel/app-message.ts";
import type { Channel } from "../channel/channel.ts";
import { PARTICIPANTS_MAX } from "../channel/fixed-part.ts";
import type { BlockId } from "../channel/holdings.ts";
import type { AgreedChange, Ledger, WaitingStep } from "../channel/ledger.ts";
import type { ReservedAmount } from "../channel/ledger-proposal.ts";
import { ASSETS_MAX } from "../channel/outcome.ts";
import { REORG_DEPTH_MAX } from "../channel/remembered-facts.ts";
import * as channel from "../channel/schema.ts";
import type { SignedState } from "../channel/signed-state.ts";
import { callSchema, goalSchema } from "../events/catalogue.ts";
import { logHeadSchema } from "../events/record-head.ts";
import { messageSchema } from "../messages/codec.ts";
import type { Hex } from "../primitives/hex.ts";
import {
  boolean,
  bytes,
  fixedBytes,
  type Schema,
  text,
  uint,
  uint256,
} from "../primitives/schema.ts";
import { list, optional, record, union } from "../primitives/schema-composite.ts";
import type { EffectId } from "../protocols/effects.ts";
import { isActive, type Objective, type TransactionStatus } from "../protocols/objective.ts";
import type { SnapshotTables } from "../store/snapshot-table.ts";
import type {
  ChannelDesk,
  NodeFacts,
  NodeState,
  OpenMessage,
  OpenTransaction,
  PeerRecord,
  Resync,
} from "./node-state.ts";

const { address, channelId, hash, objectiveId, participantIndex, signature, turnNum } = channel;

/** Items of one map or list inside an entity: far above what a channel or an objective ever holds. */
const ITEMS_MAX = 65_536;

/** Bytes of one signed transaction: 128 KiB, what Ethereum nodes take at most. */
const RAW_TRANSACTION_BYTES_MAX = 131_072;

/** A channel id or an address, in hexadecimal. */
const PROPOSAL_KEY_BYTES_MAX = 66;

const CODE_BYTES_MAX = 512;
const EFFECT_ID_BYTES_MAX = 256;

const count = uint(Number.MAX_SAFE_INTEGER);
const effectId = text<EffectId>(EFFECT_ID_BYTES_MAX);
const transactionStatus = text<TransactionStatus>(16);

const logPlace = record({ blockNumber: count, logIndex: count });

const signedState: Schema<SignedState> = record({
  variablePart: channel.variablePart,
  signatures: list(optional(signature), PARTICIPANTS_MAX),
});

const ledger: Schema<Ledger> = record({
  profile: channel.profile,
  agreed: mapOf(
    text(PROPOSAL_KEY_BYTES_MAX),
    record<AgreedChange>({
      objectiveId,
      proposal: channel.ledgerProposal,
      isAlone: boolean,
      isBlocked: boolean,
    }),
  ),
  reserved: mapOf(
    objectiveId,
    list(record<ReservedAmount>({ asset: address, amount: uint256 }), ASSETS_MAX),
  ),
  waiting: mapOf(
    turnNum,
    record<WaitingStep>({
      turnNum,
      baseTurnNum: turnNum,
      changes: channel.ledgerChanges,
      isRefused: boolean,
    }),
  ),
  settled: list(objectiveId, ITEMS_MAX),
  successor: optional(channelId),
  predecessor: optional(channelId),
});

const adjudication: Schema<Adjudication> = union("type", {
  Open: [1, record({ turnNumRecord: turnNum })],
  Challenged: [
    2,
    record({
      finalizesAtSec: count,
      turnNum,
      stateHash: hash,
      outcome: channel.outcome,
      appData: channel.appData,
    }),
  ],
  Final: [
    3,
    record({
      turnNum: optional(turnNum),
      stateHash: hash,
      outcome: optional(channel.outcome),
    }),
  ],
});

const chainFacts = {
  holdings: mapOf(address, uint256),
  paidOut: setOf(address),
  paidInFull: boolean,
  concluded: boolean,
  adjudication,
  lastLog: optional(logPlace),
};

const channelSchema: Schema<Channel> = record({
  id: channelId,
  fixedPart: channel.fixedPart,
  myIndex: participantIndex,
  use: channel.channelUse,
  fundingOutcome: channel.outcome,
  supported: optional(signedState),
  pending: mapOf(turnNum, signedState),
  proposal: optional(record({ turnNum, objectiveId })),
  mySignedTurn: optional(turnNum),
  passedTurn: optional(turnNum),
  missingMax: count,
  finalSignedByMe: boolean,
  ...chainFacts,
  ledger: optional(ledger),
  vouchers: record(channel.channelVouchers),
  wasOpen: boolean,
  isGivenUp: boolean,
  openingStates: list(signedState, 2),
  appMessages: list(record<AppMessage>(channel.appMessage), LOG_MESSAGES_MAX),
  isDisputed: boolean,
  remembered: list(record({ blockNumber: count, before: record(chainFacts) }), REORG_DEPTH_MAX),
  missed: mapOf(address, uint256),
});

const objective: Schema<Objective> = record({
  id: objectiveId,
  channelId,
  goal: goalSchema,
  openedBy: participantIndex,
  status: text<Objective["status"]>(16),
  rejectionCode: optional(text(CODE_BYTES_MAX)),
  turnNum: optional(turnNum),
  askedTurnNum: optional(turnNum),
  transactions: mapOf(effectId, transactionStatus),
  stopped: list(participantIndex, PARTICIPANTS_MAX),
});

const desk: Schema<ChannelDesk> = record({
  open: list(objectiveId, ITEMS_MAX),
  updatesAsked: list(count, PARTICIPANTS_MAX),
});

const resync: Schema<Resync> = union("type", {
  None: [1, record({})],
  Owed: [2, record({ missingMax: count })],
  Asked: [3, record({ missingMax: count, round: count })],
});

const peer: Schema<PeerRecord> = record({
  lastSent: count,
  lastReceived: count,
  ackedUpTo: count,
  resync,
  lostMax: count,
  head: optional(logHeadSchema),
  ledgers: list(channelId, ITEMS_MAX),
});

const openMessage: Schema<OpenMessage> = record({
  to: address,
  sequence: count,
  message: messageSchema,
});

const openTransaction: Schema<OpenTransaction> = record({
  effectId,
  objectiveId,
  channelId,
  call: callSchema,
  raw: optional(bytes<Hex>({ max: RAW_TRANSACTION_BYTES_MAX })),
  transactionHash: optional(fixedBytes<Hex>(32)),
  earlier: list(fixedBytes<Hex>(32), ITEMS_MAX),
});

const block: Schema<BlockId> = record({ blockNumber: count, blockHash: hash });

const facts: Schema<NodeFacts> = record({
  nextNonce: optional(count),
  cursor: optional(logPlace),
  blocks: list(block, ITEMS_MAX),
  toldLogs: list(record({ blockNumber: count, blockHash: hash, logIndex: count }), ITEMS_MAX),
});

/**
 * Every table of a node. Numbers are for ever. Updates that are over are settled: a busy node has many
 * more of them than of all else, and hardly ever looks at one.
 */
export const nodeTables: SnapshotTables<NodeState> = {
  channels: { number: 1, schema: channelSchema },
  objectives: { number: 2, schema: objective, isSettled: isSettledUpdate },
  desks: { number: 3, schema: desk },
  peers: { number: 4, schema: peer },
  messages: { number: 5, schema: openMessage },
  transactions: { number: 6, schema: openTransaction },
  facts: { number: 7, schema: facts },
};

function isSettledUpdate(value: Objective): boolean {
  return value.goal.type === "Update" && !isActive(value);
}

/** A map as the list of its entries, in its own order. */
function mapOf<Key, Value>(
  keySchema: Schema<Key>,
  valueSchema: Schema<Value>,
): Schema<ReadonlyMap<Key, Value>> {
  type Entry = { readonly key: Key; readonly value: Value };
  const entry = record<Entry>({ key: keySchema, value: valueSchema });
  const entries: Schema<readonly Entry[]> = list(entry, ITEMS_MAX);
  return {
    shape: `map(${entries.shape})`,
    write: (writer, map) => {
      const pairs = [...map].map(([key, value]): Entry => ({ key, value }));
      entries.write(writer, pairs);
    },
    read: (reader) => new Map(entries.read(reader).map(({ key, value }) => [key, value])),
  };
}

/** A set as the list of its items, in its own order. */
function setOf<Item>(item: Schema<Item>): Schema<ReadonlySet<Item>> {
  const items = list(item, ITEMS_MAX);
  return {
    shape: `set(${items.shape})`,
    write: (writer, set) => items.write(writer, [...set]),
    read: (reader) => new Set(items.read(reader)),
  };
}
