/** What the causal rules remember of the part of a log that they have seen. */

import type { ChannelEvent } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { Profile } from "../channel/channel-use.ts";
import type { LedgerChange } from "../channel/ledger-proposal.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { ReceiptedVoucher } from "../channel/redemption.ts";
import type { VariablePart } from "../channel/state.ts";
import type { Voucher } from "../channel/voucher.ts";
import type { Address } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import type { EffectId } from "../protocols/effects.ts";
import type { ObjectiveStatus, TransactionStatus } from "../protocols/objective.ts";
import type { BrokenRule } from "./broken-rule.ts";
import type { SettledUpdates } from "./causal-settled.ts";

/** A state that somebody signed, and who did. */
export type KnownState = {
  readonly variablePart: VariablePart;
  /** What the hash is made of: two states are one when these bytes are equal. */
  readonly encoded: Uint8Array;
  /** A slot for each participant. */
  readonly signatures: (Signature | undefined)[];
};

/** The newest signature of one participant. */
export type LastSigned = { readonly turnNum: number; readonly isFinal: boolean };

/** A ledger state above the supported one. */
export type WaitingProposal = { readonly baseTurnNum: number; readonly isRefused: boolean };

/** What is wanted of a ledger channel. Only what is not settled yet. */
export type LedgerHistory = {
  readonly profile: Profile;
  /** What this node agreed to, by proposal key. */
  readonly agreed: Map<string, LedgerChange>;
  /** Objectives for which money is set aside. */
  readonly reserved: Set<ObjectiveId>;
  /** By turn, from low to high. */
  readonly waiting: Map<number, WaitingProposal>;
  /** The ledger that goes on in its place. */
  successor: ChannelId | undefined;
};

/** A promise, and what was receipted along with it. */
export type KnownVoucher = Voucher & { readonly counted: ReceiptedVoucher | undefined };

/** One channel. Of its states only those are kept that can still be signed, of its updates those that go on. */
export type ChannelHistory = {
  /** As it was created; what funds a virtual one may have been told later. */
  created: ChannelEvent & { readonly type: "ChannelCreated" };
  /** By turn, from the supported one on; of a virtual channel the opening as well, which others may ask for. */
  readonly states: Map<number, KnownState>;
  supportedTurn: number | undefined;
  /** This node begins no state up to this turn; -1 when it passed none. */
  passedTurn: number;
  /** Vouchers of either end count on above it; -1 when none was passed, and outside of virtual channels. */
  passedCounter: number;
  /** By participant. */
  readonly lastSigned: Map<number, LastSigned>;
  /** What is promised in all, by who pays and who is paid. */
  readonly vouchers: Map<`${number} ${number}`, KnownVoucher>;
  readonly settledUpdates: SettledUpdates;
  /** Of a ledger channel; undefined in every other. */
  readonly ledger: LedgerHistory | undefined;
  /** Participants who pay nothing more. */
  readonly stopped: Set<number>;
  /** True once this node disputes the channel. */
  isDisputed: boolean;
  /** What was shown to the chain, as it was behind each block that changed it; the newest last. */
  readonly challenges: ChallengeBehind[];
};

/** Undefined where none is open any more. */
export type ChallengeBehind = {
  readonly blockNumber: number;
  readonly challenge: KnownChallenge | undefined;
};

/** A challenge that no newer state has cleared. */
export type KnownChallenge = {
  readonly shown: VariablePart;
  readonly finalizesAtSec: number;
  /** True once it is final. */
  readonly isOver: boolean;
};

/** One objective. */
export type ObjectiveHistory = {
  readonly channelId: ChannelId;
  status: ObjectiveStatus;
};

/** What passed between this node and one peer. */
export type PeerHistory = {
  lastSent: number;
  lastReceived: number;
  ackedUpTo: number;
  /** Refused by the peer, and not yet covered by an acknowledgement. */
  readonly dropped: Set<number>;
  /** True while the peer has yet to tell what it holds of a log that may have lost its end. */
  isResyncing: boolean;
};

/** A place in the chain. */
export type ChainPlace = { readonly blockNumber: number; readonly logIndex: number };

/**
 * The whole of it. It grows with the channels of the log, by some kilobytes each with its funding and its
 * transactions, and with their updates by two bits each: 5 MB after a million events of 500 channels. A
 * virtual channel takes 6 KB, its opening included, however many vouchers are paid in it; a ledger channel
 * holds besides only what is not settled.
 */
export type History = {
  readonly channels: Map<ChannelId, ChannelHistory>;
  /** Without the updates that are over: their channels know them. */
  readonly objectives: Map<ObjectiveId, ObjectiveHistory>;
  readonly transactions: Map<EffectId, TransactionStatus>;
  readonly peers: Map<Address, PeerHistory>;
  lastNonce: number | undefined;
  /** By effect, the nonce of its transaction. */
  readonly nonces: Map<EffectId, number>;
  /** Of each channel, where its last log stands. Those of two channels may come late, and out of order. */
  readonly places: Map<ChannelId, ChainPlace>;
};

/** What the rules for one family of events give: nothing where all hold. */
export type Broken = readonly BrokenRule[];

/** The history of a log of which nothing was seen. */
export function createHistory(): History {
  return {
    channels: new Map(),
    objectives: new Map(),
    transactions: new Map(),
    peers: new Map(),
    lastNonce: undefined,
    nonces: new Map(),
    places: new Map(),
  };
}
