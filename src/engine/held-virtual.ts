/** Tells a peer whose log has lost its end what this node holds of ledger and virtual channels. */
import { type Channel, phaseOf } from "../channel/channel.ts";
import { FOLLOWER } from "../channel/ledger.ts";
import { type ObjectiveId, virtualDefundId, virtualFundId } from "../channel/objective-id.ts";
import type { SignedState } from "../channel/signed-state.ts";
import { TURN } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Message } from "../messages/message.ts";
import { mayHold, virtualUseOf } from "../protocols/guarantees.ts";
import { isActive } from "../protocols/objective.ts";
import type { Draft } from "./draft.ts";
import { EMPTY_DESK, type NodeTables } from "./node-state.ts";
import { ownLedgers } from "./own-ledgers.ts";

/**
 * A virtual channel with every state that the peer signed. Nothing where it has signed none: then it can learn
 * of the channel as if for the first time.
 */
export function heldVirtual(draft: Draft, channel: Channel, to: Address): readonly Message[] {
  const by = channel.fixedPart.participants.indexOf(to);
  const states = knownStates(channel).filter(({ signatures }) => signatures[by] !== undefined);
  if (states.length === 0) return [];
  return [
    ...heldLedger(draft, channel, to),
    ...states.map((one) => heldState(draft, channel, one)),
    ...heldVouchers(channel, by),
  ];
}

/** A virtual channel without its states: which ledger funds it, and whether its opening was given up. */
export function heldLedger(draft: Draft, channel: Channel, to: Address): readonly Message[] {
  const { fixedPart, fundingOutcome: outcome, id: channelId } = channel;
  const [first] = knownStates(channel);
  if (first === undefined) return [];
  const { appData } = first.variablePart;
  const { fees } = virtualUseOf(channel);
  const ledgerId = ledgerWith(draft.tables, channel, fixedPart.participants.indexOf(to));
  const code = draft.tables.objectives.get(virtualFundId(channelId))?.rejectionCode;
  return [{ type: "HeldVirtual", fixedPart, outcome, appData, fees, ledgerId, code }];
}

/**
 * How the states came to be that wait in a ledger channel, to the leader who signed them. The follower is told
 * of none: what she has yet to sign is proposed to her anew.
 */
export function heldSteps({ id: channelId, ledger, myIndex }: Channel): readonly Message[] {
  if (myIndex !== FOLLOWER) return [];
  const steps = [...(ledger?.waiting.values() ?? [])];
  return steps.map((step) => ({ type: "HeldStep", channelId, ...step }));
}

/** True for a virtual channel that wants nothing more, and that no ledger channel of mine funds any more. */
export function isOverVirtual(tables: NodeTables, channel: Channel): boolean {
  const { open } = tables.desks.get(channel.id) ?? EMPTY_DESK;
  const isFree = ownLedgers(tables, channel).every(([, ledger]) => !mayHold(ledger, channel));
  return open.length === 0 && isFree;
}

/** From the first to the last; those that all signed at the opening are proof of it for as long as it lasts. */
function knownStates({ openingStates, pending, supported }: Channel): readonly SignedState[] {
  const later = [...(supported === undefined ? [] : [supported]), ...pending.values()];
  const known = new Map([...openingStates, ...later].map((one) => [one.variablePart.turnNum, one]));
  return [...known.values()];
}

function heldState(
  { tables }: Draft,
  { id: channelId }: Channel,
  { signatures, variablePart }: SignedState,
): Message {
  const { turnNum } = variablePart;
  const name = turnNum <= TURN.postfund ? virtualFundId(channelId) : virtualDefundId(channelId);
  const objective = tables.objectives.get(name);
  const objectiveId: ObjectiveId | undefined =
    objective !== undefined && isActive(objective) ? name : undefined;
  return { type: "HeldState", channelId, objectiveId, variablePart, signatures, updatesAsked: 0 };
}

function ledgerWith(tables: NodeTables, channel: Channel, by: number): Channel["id"] | undefined {
  const side = by === channel.myIndex - 1 ? "left" : "right";
  if (Math.abs(by - channel.myIndex) !== 1) return undefined;
  return ownLedgers(tables, channel).find(([one]) => one === side)?.[1].id;
}

/** Only the two ends see vouchers. */
function heldVouchers(channel: Channel, by: number): readonly Message[] {
  const { fixedPart, id: channelId, myIndex, vouchers } = channel;
  const last = fixedPart.participants.length - 1;
  const areEnds = Math.abs(by - myIndex) === last && phaseOf(channel) !== "Funding";
  const isEmpty = vouchers.issued === undefined && vouchers.received === undefined;
  return areEnds && !isEmpty ? [{ type: "HeldVouchers", channelId, ...vouchers }] : [];
}
