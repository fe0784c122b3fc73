/** Decides what a peer's welcome shows: the same conversation as in this node's log, or a longer one. */

import type { Channel } from "../channel/channel.ts";
import { virtualFundId } from "../channel/objective-id.ts";
import type { Address } from "../crypto/address.ts";
import type { LogHead } from "../events/record-head.ts";
import type { Standing } from "../network/greeter.ts";
import { SEND_WINDOW } from "../network/limits.ts";
import { assert } from "../primitives/assert.ts";
import { marked } from "../primitives/mark.ts";
import { isActive } from "../protocols/objective.ts";
import { isTold } from "./answer-resync.ts";
import { crankChannels } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { dropLateDeposits } from "./drop-deposits.ts";
import { MISSING_UNKNOWN, othersOf } from "./fence.ts";
import { isOverVirtual } from "./held-virtual.ts";
import { askForLedgers, ledgersOf } from "./lacking-ledger.ts";
import { leaveUnsure, mendRollOver } from "./mend-successor.ts";
import { mendLedger, mendVirtual } from "./mend-virtual.ts";
import { EMPTY_DESK, NEW_PEER, type NodeState, type PeerRecord } from "./node-state.ts";
import { finishStep, repeatAfterLoss } from "./repeat-open.ts";
import type { Rules } from "./rules.ts";
import { renewVoucher } from "./turn-passing.ts";

/** A peer's answer to the greeting of this life. */
export type Welcome = {
  readonly peer: Address;
  /** How far the conversation is for the peer. */
  readonly standing: Standing;
  /** The head of this node's log that came with the last acknowledgement which the peer has, as it says. */
  readonly head: LogHead | undefined;
  /** Numbers to leave out before the next message, at least a window, where the log has lost its end. */
  readonly gap: number;
};

/** Goes on with the peer; or takes back the numbers first, and asks what the peer holds. */
export function decideWelcome(
  draft: Draft,
  state: NodeState,
  welcome: Welcome,
  rules: Rules,
): void {
  const { gap, peer, standing } = welcome;
  const record = draft.tables.peers.get(peer) ?? NEW_PEER;
  const missingMax = missingOf(record, welcome, draft.life.isContradicted(peer));
  if (missingMax !== undefined) {
    draft.record({ type: "ResyncStarted", peer, missingMax });
  }
  if (missingMax !== undefined || record.resync.type !== "None") {
    takeBackNumbers(draft, peer, standing, gap);
    askForAll(draft, state, peer);
  }
  reopenChannels(draft, state, peer, rules);
}

/** Goes on in every channel with the peer that nobody else holds up. */
export function reopenChannels(draft: Draft, state: NodeState, peer: Address, rules: Rules): void {
  const open = [...state.channels.values()]
    .filter((one) => othersOf(one).includes(peer) && !draft.isHeld(one))
    .map(({ id }) => id);
  const lost = open.filter((id) => (draft.tables.channels.get(id)?.missingMax ?? 0) > 0);
  for (const id of open) dropLateDeposits(draft, state, id);
  for (const id of lost) finishStep(draft, id, rules);
  for (const id of open) mendRollOver(draft, id);
  for (const id of lost) leaveUnsure(draft, id);
  for (const id of lost) mendLedger(draft, id);
  for (const id of open) mendVirtual(draft, id);
  for (const id of open) askForLedgers(draft, id);
  for (const id of lost) repeatAfterLoss(draft, id);
  // What was mended may change a ledger channel that the peer has no part in. Ledger channels come last: they
  // refuse what no objective has agreed to yet.
  const ledgers = open.flatMap((id) => ledgersOf(draft, id));
  const others = open.filter((id) => draft.tables.channels.get(id)?.ledger === undefined);
  crankChannels(draft, [...others, ...open, ...ledgers], rules.context);
  // Cranked, they know which counters are passed.
  for (const id of open) renewVoucher(draft, id, rules);
}

/** Events that this node may miss; 0 when only the peer's words are missing, undefined when nothing is. */
function missingOf(
  record: PeerRecord,
  { head, standing }: Welcome,
  isContradicted: boolean,
): number | undefined {
  // The peer holds another log of this node, which went on for nobody knows how long after that head.
  if (isContradicted) return marked("resync/head-contradicted", MISSING_UNKNOWN);
  // The peer heard more than was ever said here.
  if (standing.lastReceived > record.lastSent)
    return marked("resync/peer-heard-more", MISSING_UNKNOWN);
  if (standing.settledUpTo <= record.lastReceived) return undefined;
  // Refusals, and messages that taught nothing, are settled and in no log. The log that went with the answer is all here,
  // so nothing else is missing: who asks would wait for ever for a peer that never comes back.
  if (head !== undefined) return marked("resync/nothing-missing", undefined);
  return marked("resync/words-of-peer-missing", 0);
}

/**
 * Goes on behind everything that this node can have sent. Frames of the lost part may still travel: they
 * are below the gap, and the first message behind it makes the peer drop them.
 */
function takeBackNumbers(draft: Draft, peer: Address, standing: Standing, gap: number): void {
  assert(gap >= SEND_WINDOW, "all that may be under way lies below the gap");
  const { lastReceived, lastSent } = draft.tables.peers.get(peer) ?? NEW_PEER;
  draft.record({
    type: "PeerResynced",
    peer,
    lastSent: Math.max(lastSent, standing.lastReceived) + gap,
    lastReceived: Math.max(lastReceived, standing.settledUpTo),
  });
}

/** Asks the peer for all that it holds, in the round that its numbers were taken back for. */
export function askForAll(draft: Draft, state: NodeState, peer: Address): void {
  for (const channel of state.channels.values()) {
    if (!othersOf(channel).includes(peer)) continue;
    if (channel.use.type === "Virtual") askForEnd(draft, channel, peer);
    else askForFates(draft, channel, peer);
  }
  const { resync } = draft.tables.peers.get(peer) ?? NEW_PEER;
  assert(resync.type === "Asked", "numbers are taken back first");
  const message = { type: "ResyncRequest", round: resync.round } as const;
  draft.request({ type: "SendMessage", to: peer, message });
}

/** A virtual channel that is open here may be over: then no answer tells of it. */
function askForEnd(draft: Draft, channel: Channel, to: Address): void {
  if (isOverVirtual(draft.tables, channel)) return;
  const { id: channelId } = channel;
  const objectiveId = virtualFundId(channelId);
  const message = { type: "ObjectiveQuery", objectiveId, channelId } as const;
  draft.request({ type: "SendMessage", to, message });
}

/** Updates and wishes that are open here may be over: states alone do not show how each of them ended. */
function askForFates(draft: Draft, { id: channelId }: Channel, to: Address): void {
  const { open } = draft.tables.desks.get(channelId) ?? EMPTY_DESK;
  for (const objectiveId of open) {
    const objective = draft.tables.objectives.get(objectiveId);
    if (objective === undefined || !isTold(objective) || !isActive(objective)) continue;
    const message = { type: "ObjectiveQuery", objectiveId, channelId } as const;
    draft.request({ type: "SendMessage", to, message });
  }
}
