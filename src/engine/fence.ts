/** The fence around signing: a node signs in a channel only while it knows all that it has signed there. */
import type { Channel } from "../channel/channel.ts";
import { TURN_NUM_MAX, type VariablePart } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import { marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Rejection } from "../protocols/rejection.ts";
import type { Subject } from "../protocols/subject.ts";
import { NEW_PEER, type NodeTables } from "./node-state.ts";

/**
 * Events that a log may miss when nothing says how many: 2^20, a million turns in one channel. It only
 * counts where the peers have lost theirs as well, and turn numbers last for 2^28 such losses.
 */
export const MISSING_UNKNOWN: number = 2 ** 20;

/** What peers have said in this life of the node. */
export type Agreements = {
  /** True once the peer has answered the greeting of this life. */
  readonly isAgreed: (peer: Address) => boolean;
  /** True when the end of the log was put in doubt towards this peer, in this life. */
  readonly wasDoubted: (peer: Address) => boolean;
  /** True when the peer holds a head of this node's log, as it says, that is not in the log. */
  readonly isContradicted: (peer: Address) => boolean;
};

/** What is true of this life of the node only, and is therefore in no log. */
export type Life = Agreements & {
  /** Seconds since the newest block that this node has seen in this life; Infinity before the first. */
  readonly chainLagSec: () => number;
  /** False while the endpoints of the chain contradict each other: nothing is signed then. */
  readonly isChainTrusted: () => boolean;
};

/** For decisions without a network and a chain: everybody has answered, and agrees, and every block was seen. */
export const ALL_AGREED: Life = {
  isAgreed: () => true,
  wasDoubted: () => false,
  isContradicted: () => false,
  chainLagSec: () => 0,
  isChainTrusted: () => true,
};

/**
 * True while a participant has not answered this life's greeting, or has not yet told what it holds of a
 * log that may have lost its end. Nothing is signed in such a channel. Source: ADR 0019.
 */
export function isHeld(
  channel: Channel,
  tables: NodeTables,
  { isAgreed }: Pick<Agreements, "isAgreed">,
): boolean {
  return othersOf(channel).some(
    (peer) => !isAgreed(peer) || (tables.peers.get(peer) ?? NEW_PEER).resync.type !== "None",
  );
}

/** True while a participant has yet to tell what it holds of a log that may have lost its end. */
export function isDoubted(channel: Channel, { peers }: Pick<NodeTables, "peers">): boolean {
  return othersOf(channel).some((peer) => (peers.get(peer) ?? NEW_PEER).resync.type !== "None");
}

/**
 * Refuses an update that my only peer begins at a turn which was passed over, because I may have signed it there: who
 * withholds what I signed could have another state of that turn from me, pay me with it, and enforce the first. An
 * honest peer begins it anew as soon as she hears that the turn is passed.
 */
export function checkRemembered(
  { channel, objective: { goal } }: Subject,
  { turnNum }: VariablePart,
): Result<undefined, Rejection> {
  const { fixedPart, passedTurn = -1 } = channel;
  const isPassed = fixedPart.participants.length === 2 && turnNum <= passedTurn;
  if (goal.type !== "Update" || !isPassed) return accept(undefined);
  return marked("resync/passed-turn-refused", reject({ code: "TurnPassedOver", turnNum }));
}

/** Everybody in the channel but this node, in participant order. */
export function othersOf({ fixedPart, myIndex }: Channel): readonly Address[] {
  return fixedPart.participants.filter((_, index) => index !== myIndex);
}

/** True for a turn that leaves room for others after it. */
export function isPassable(turnNum: number): boolean {
  return turnNum < TURN_NUM_MAX / 2;
}
