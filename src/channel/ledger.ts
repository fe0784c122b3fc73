/** What a ledger channel is besides its states: what its two participants want of it, and what waits. */

import { accept, type Result } from "../primitives/result.ts";
import type { ChannelId } from "./channel-id.ts";
import type { Profile } from "./channel-use.ts";
import {
  applyProposal,
  guaranteedIn,
  guaranteesFor,
  includesGuarantee,
  type LedgerRejection,
} from "./ledger-outcome.ts";
import {
  isSameProposal,
  type LedgerChange,
  type LedgerEvent,
  type LedgerProposal,
  type LedgerStep,
  proposalKey,
  type ReservedAmount,
} from "./ledger-proposal.ts";
import { type ObjectiveId, virtualFundId } from "./objective-id.ts";
import type { Allocation, Outcome } from "./outcome.ts";
import { remembering } from "./remembered.ts";
import type { SignedState } from "./signed-state.ts";

/** Participants of a ledger channel by what they do: the leader orders the states, the follower agrees. */
export const LEADER = 0;
export const FOLLOWER = 1;

/** A change that I agreed to, and that is not in the supported state yet. */
export type AgreedChange = LedgerChange & {
  /** The follower refused a state with this one among others: it goes alone from now on. */
  readonly isAlone: boolean;
  /** The follower refused it alone: it is not proposed again. Only a dispute can bring it about. */
  readonly isBlocked: boolean;
};

/** How a state that waits above the supported one came to be. */
export type WaitingStep = LedgerStep & {
  /** The follower will not sign it, or it is built on one that she will not sign. */
  readonly isRefused: boolean;
};

/** Only `evolveLedger` makes a new one. */
export type Ledger = {
  readonly profile: Profile;
  /** By proposal key, in the order of the agreements. */
  readonly agreed: ReadonlyMap<string, AgreedChange>;
  /** My own money that is set aside for what an objective will want. */
  readonly reserved: ReadonlyMap<ObjectiveId, readonly ReservedAmount[]>;
  /** By turn, from low to high: the states above the supported one. */
  readonly waiting: ReadonlyMap<number, WaitingStep>;
  /** Whose changes the newest supported state brought about: they can go on. */
  readonly settled: readonly ObjectiveId[];
  /** The channel that goes on with its guarantees once this one is paid out. Source: ADR 0022. */
  readonly successor: ChannelId | undefined;
  /** The channel whose guarantees this one goes on with; undefined for one that deposits funded. */
  readonly predecessor: ChannelId | undefined;
};

/** A ledger channel that was just created. */
export function createLedger(profile: Profile): Ledger {
  return {
    profile,
    agreed: new Map(),
    reserved: new Map(),
    waiting: new Map(),
    settled: [],
    successor: undefined,
    predecessor: undefined,
  };
}

/** Folds one fact about proposals. Never refuses: what is on disk has happened. */
export function evolveLedger(ledger: Ledger, event: LedgerEvent): Ledger {
  switch (event.type) {
    case "CapacityReserved":
      return {
        ...ledger,
        reserved: new Map(ledger.reserved).set(event.objectiveId, event.amounts),
      };
    case "CapacityReleased":
      return { ...ledger, reserved: without(ledger.reserved, event.objectiveId) };
    case "ProposalAgreed": {
      const { objectiveId, proposal } = event;
      const change = { objectiveId, proposal, isAlone: false, isBlocked: false };
      // What is agreed anew stands behind what was agreed before.
      const agreed = without(ledger.agreed, proposalKey(proposal)).set(
        proposalKey(proposal),
        change,
      );
      return { ...ledger, agreed };
    }
    case "ProposalWithdrawn": {
      const kept = [...ledger.agreed].filter(([, one]) => one.objectiveId !== event.objectiveId);
      return { ...ledger, agreed: new Map(kept) };
    }
    case "ProposalSigned":
    case "ProposalReceived":
      return withStep(ledger, event);
    case "ProposalRefused":
      return refuse(ledger, event.turnNum);
    case "LedgerRolledOver": {
      const { channelId, predecessor, successor } = event;
      return channelId === successor
        ? { ...ledger, predecessor }
        : { ...ledger, successor, agreed: new Map(), reserved: new Map() };
    }
  }
}

/** The ledger with a step that a peer showed: the one that was known gives way. */
export function takeBackStep(
  ledger: Ledger,
  { baseTurnNum, changes, isRefused, turnNum }: WaitingStep,
): Ledger {
  const step: WaitingStep = { turnNum, baseTurnNum, changes, isRefused };
  const steps = [...new Map(ledger.waiting).set(turnNum, step)];
  return { ...ledger, waiting: new Map(steps.sort(([a], [b]) => a - b)) };
}

/** The ledger once the follower signs nothing any more up to a turn. No change is to blame for it. */
export function refuseUpTo(ledger: Ledger, turnNum: number): Ledger {
  const waiting = new Map<number, WaitingStep>();
  for (const [turn, step] of ledger.waiting) {
    const isVoid = turn <= turnNum || waiting.get(step.baseTurnNum)?.isRefused === true;
    waiting.set(turn, isVoid ? { ...step, isRefused: true } : step);
  }
  return { ...ledger, waiting };
}

/** The ledger after a state became the supported one. What that state brought about is settled. */
export function advanceLedger(
  ledger: Ledger,
  turnNum: number,
  supported: Outcome,
  above: readonly Outcome[],
): Ledger {
  const waiting = new Map([...ledger.waiting].filter(([turn]) => turn > turnNum));
  const done = [...ledger.agreed].filter(([, { proposal }]) =>
    isSettled(proposal, supported, above),
  );
  const isDone = new Set(done.map(([key]) => key));
  const settled = done.map(([, { objectiveId }]) => objectiveId);
  const reserved = new Map(ledger.reserved);
  for (const [, { objectiveId, proposal }] of done) {
    if (proposal.type === "Add") reserved.delete(objectiveId);
  }
  const agreed = new Map([...ledger.agreed].filter(([key]) => !isDone.has(key)));
  return { ...ledger, waiting, agreed, reserved, settled };
}

/**
 * The same for any state of the channel `before`. An end brings about no change that anybody wanted: what is
 * open goes over to another ledger. While turns were passed above the supported state, what it funds was not
 * relied on: it is settled now.
 */
export function settledLedger(
  ledger: Ledger,
  { passedTurn = -1, supported: before }: Passing,
  { variablePart: { isFinal, outcome, turnNum } }: SignedState,
  pending: ReadonlyMap<number, SignedState>,
): Ledger {
  if (isFinal) return { ...ledger, settled: [] };
  const above = [...pending.values()].map(({ variablePart }) => variablePart.outcome);
  const settled = advanceLedger(ledger, turnNum, outcome, above);
  const wasStale = (before?.variablePart.turnNum ?? -1) <= passedTurn;
  return wasStale ? withFunded(settled, outcome) : settled;
}

/** How far a channel is, and up to which turn nothing is begun any more. */
type Passing = {
  readonly supported: SignedState | undefined;
  readonly passedTurn: number | undefined;
};

/** The ledger with the openings settled as well whose guarantees the outcome has, whenever they came into it. */
function withFunded(ledger: Ledger, outcome: Outcome): Ledger {
  const funded = guaranteedIn(outcome).map(virtualFundId);
  return { ...ledger, settled: [...new Set([...ledger.settled, ...funded])] };
}

/**
 * True once a change is made for good: in the supported state, and in each that could still take its place.
 * A follower may countersign a state that she refused, and then the one that stands in for it: what is made in
 * the first and not in the second must not be relied on.
 */
export function isSettled(
  proposal: LedgerProposal,
  supported: Outcome,
  above: readonly Outcome[],
): boolean {
  return isMadeIn(supported, proposal) && above.every((outcome) => isMadeIn(outcome, proposal));
}

/**
 * The outcome after some changes, one behind the other; or why one of them does not fit. Changes are chosen,
 * checked, signed and folded upon one state: each is made once, and all get the same object.
 */
export function applyChanges(
  profile: Profile,
  ledgerId: ChannelId,
  outcome: Outcome,
  changes: readonly LedgerChange[],
): Result<Outcome, LedgerRejection> {
  let changed = outcome;
  for (const { proposal } of changes) {
    const next = applied(proposal, { profile, ledgerId, outcome: changed });
    if (!next.ok) return next;
    changed = next.value;
  }
  return accept(changed);
}

/** What a proposal is applied to. */
type Base = { readonly profile: Profile; readonly ledgerId: ChannelId; readonly outcome: Outcome };

const applied: (proposal: LedgerProposal, base: Base) => Result<Outcome, LedgerRejection> =
  remembering(
    (proposal, { ledgerId, outcome, profile }) =>
      applyProposal(profile, ledgerId, outcome, proposal),
    (one, other) =>
      one.outcome === other.outcome &&
      one.ledgerId === other.ledgerId &&
      one.profile === other.profile,
  );

/** True when an outcome already is as the proposal would make it. */
export function isMadeIn(outcome: Outcome, proposal: LedgerProposal): boolean {
  switch (proposal.type) {
    case "Add":
      return guaranteesFor(outcome, proposal.target).length === proposal.shares.length;
    case "Remove":
      return !includesGuarantee(outcome, proposal.target);
    case "TopUp":
      return isTopUpBy(outcome, proposal) && topUpOf(outcome, proposal) === proposal.amount;
    case "Merge":
      return !isTopUpBy(outcome, proposal);
  }
}

type TopUpOrMerge = LedgerProposal & { readonly type: "TopUp" | "Merge" };

/** The allocation of a top-up: the one that stands behind both balances. */
export function topUpOf(
  outcome: Outcome,
  { asset }: Pick<TopUpOrMerge, "asset">,
): bigint | undefined {
  return simpleAllocations(outcome, asset)[2]?.amount;
}

/** True while the top-up that runs is this participant's: it is paid where her balance is. */
function isTopUpBy(outcome: Outcome, { asset, by }: TopUpOrMerge): boolean {
  const simple = simpleAllocations(outcome, asset);
  return simple[2] !== undefined && simple[2].destination === simple[by]?.destination;
}

function simpleAllocations(outcome: Outcome, asset: TopUpOrMerge["asset"]): readonly Allocation[] {
  const exit = outcome.find((candidate) => candidate.asset === asset);
  return exit?.allocations.filter(({ allocationType }) => allocationType === 0) ?? [];
}

function withStep(ledger: Ledger, step: LedgerStep): Ledger {
  const { baseTurnNum, changes, turnNum } = step;
  if (ledger.waiting.has(turnNum)) return ledger;
  const isRefused = ledger.waiting.get(baseTurnNum)?.isRefused ?? false;
  const known: WaitingStep = { turnNum, baseTurnNum, changes, isRefused };
  return { ...ledger, waiting: new Map(ledger.waiting).set(turnNum, known) };
}

/** A state that is built on a refused one is refused with it. */
function refuse(ledger: Ledger, turnNum: number): Ledger {
  const refused = new Set([turnNum]);
  const waiting = new Map<number, WaitingStep>();
  for (const [turn, step] of ledger.waiting) {
    if (refused.has(step.baseTurnNum)) refused.add(turn);
    waiting.set(turn, refused.has(turn) ? { ...step, isRefused: true } : step);
  }
  return { ...ledger, waiting, agreed: withRefusal(ledger, turnNum) };
}

/** One that was refused among others is tried alone; one that was refused alone is not tried again. */
function withRefusal({ agreed, waiting }: Ledger, turnNum: number): Ledger["agreed"] {
  const changes = waiting.get(turnNum)?.changes ?? [];
  const changed = new Map(agreed);
  for (const { proposal } of changes) {
    const key = proposalKey(proposal);
    const known = agreed.get(key);
    if (known === undefined || !isSameProposal(known.proposal, proposal)) continue;
    const isBlocked = changes.length === 1;
    changed.set(key, { ...known, isAlone: true, isBlocked: known.isBlocked || isBlocked });
  }
  return changed;
}

function without<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Map<Key, Value> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
