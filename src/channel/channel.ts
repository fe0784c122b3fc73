/** A channel as one participant knows it: the states that were signed, and what the chain holds. */
import type { Address } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import type { Hex } from "../primitives/hex.ts";
import type { AppMessage } from "./app-message.ts";
import type { ChannelId } from "./channel-id.ts";
import { type ChannelUse, isInTurns, withLedger } from "./channel-use.ts";
import type { FixedPart } from "./fixed-part.ts";
import {
  applyChanges,
  createLedger,
  evolveLedger,
  FOLLOWER,
  type Ledger,
  refuseUpTo,
  settledLedger,
  takeBackStep,
  type WaitingStep,
} from "./ledger.ts";
import type { LedgerEvent, LedgerStep } from "./ledger-proposal.ts";
import type { ObjectiveId } from "./objective-id.ts";
import {
  type OpeningStates,
  pendingAfter,
  withLateOpening,
  withOpeningState,
} from "./opening-states.ts";
import type { Outcome } from "./outcome.ts";
import {
  type ChainFacts,
  NOTHING_MISSED,
  type RememberedFacts,
  UNTOLD,
} from "./remembered-facts.ts";
import { isSupported, type SignedState, withSignature } from "./signed-state.ts";
import { isSameState, TURN, type VariablePart } from "./state.ts";
import type { TakingBackEvent } from "./taking-back.ts";
import { type ChannelVouchers, evolveVouchers, NO_VOUCHERS, type VoucherEvent } from "./voucher.ts";

/** How far a channel is, as far as states and the chain tell. */
export type ChannelPhase =
  | "Funding"
  | "Running"
  | "Closing"
  | "Finalized"
  /** Somebody asked the chain to decide: nothing more is signed. */
  | "Disputed"
  | "Concluded";

/** Only `evolveChannel` makes a new one. */
export type Channel = {
  readonly id: ChannelId;
  readonly fixedPart: FixedPart;
  readonly myIndex: number;
  readonly use: ChannelUse;
  /** What prefund and postfund pay: the outcome that the deposits must cover. */
  readonly fundingOutcome: Outcome;
  /** The newest state that everybody signed; undefined before the prefund is complete. */
  readonly supported: SignedState | undefined;
  /** States above the supported one, by turn. One per turn: a second one is refused on entry. */
  readonly pending: ReadonlyMap<number, SignedState>;
  /** The state that waits for signatures in a running channel, and the objective that it serves. */
  readonly proposal: { readonly turnNum: number; readonly objectiveId: ObjectiveId } | undefined;
  /** The highest turn that I signed: nothing else is ever signed for it, nor below it. */
  readonly mySignedTurn: number | undefined;
  /**
   * The highest turn that a participant passed: nobody begins a state there or below any more. One that
   * its mover had begun can still be signed by the others. In a virtual channel a counter. Source: ADR 0019.
   */
  readonly passedTurn: number | undefined;
  /**
   * Events that my log may miss since I last knew what I had signed here: as many turns may bear a
   * signature of mine that nobody showed me. 0 when there is no doubt. Source: ADR 0019.
   */
  readonly missingMax: number;
  /** Once true, nothing but the final state itself is signed. Source: ADR 0006. */
  readonly finalSignedByMe: boolean;
  /** Of a ledger channel; undefined in every other. */
  readonly ledger: Ledger | undefined;
  /** The newest vouchers of a virtual channel, as far as I pay or am paid. */
  readonly vouchers: ChannelVouchers;
  /** True once everybody had signed the postfund: whatever was promised before counts. */
  readonly wasOpen: boolean;
  /** True once somebody has said that she never signs the postfund of a virtual channel: see ADR 0014. */
  readonly isGivenUp: boolean;
  readonly openingStates: OpeningStates;
  /** What was said in a channel of a message log, in order, as far as it is in force and this log has it. */
  readonly appMessages: readonly AppMessage[];
  /** True once this node disputes the channel: nothing more is signed in it but what the chain asks for. */
  readonly isDisputed: boolean;
  /** The facts of the newest blocks as they were before, so that a reorganisation can take them back. */
  readonly remembered: readonly RememberedFacts[];
  /** Per asset, what was held before such a reorganisation: see `isShaken`. */
  readonly missed: ReadonlyMap<Address, bigint>;
} & ChainFacts;

/** Facts about the states of a channel. */
export type ChannelEvent =
  | {
      /** The channel is known here from now on, with the outcome that it opens with. */
      readonly type: "ChannelCreated";
      readonly channelId: ChannelId;
      readonly fixedPart: FixedPart;
      readonly myIndex: number;
      readonly outcome: Outcome;
      readonly appData: Hex;
      readonly use: ChannelUse;
    }
  | {
      /** I signed. Durable before the signature leaves the node. */
      readonly type: "StateSigned";
      readonly channelId: ChannelId;
      readonly objectiveId: ObjectiveId;
      readonly variablePart: VariablePart;
      readonly signature: Signature;
    }
  | {
      /** Somebody else signed; the signature was checked before this was stored. */
      readonly type: "StateReceived";
      readonly channelId: ChannelId;
      readonly objectiveId: ObjectiveId;
      readonly by: number;
      readonly variablePart: VariablePart;
      readonly signature: Signature;
    }
  | {
      /** Everybody signed this turn, and it is the newest such. */
      readonly type: "SupportedStateAdvanced";
      readonly channelId: ChannelId;
      readonly turnNum: number;
    }
  | {
      /** The supported state is final: the channel can be concluded, and nothing else. */
      readonly type: "ChannelFinalized";
      readonly channelId: ChannelId;
      readonly turnNum: number;
    }
  | TakingBackEvent;

/** Makes the channel of a `ChannelCreated`: prefund and postfund are known, and nobody signed yet. */
export function createChannel(created: ChannelEvent & { type: "ChannelCreated" }): Channel {
  const { channelId, fixedPart, myIndex, outcome, appData, use } = created;
  const opening = (turnNum: number): [number, SignedState] => [
    turnNum,
    unsigned(fixedPart, { outcome, appData, turnNum, isFinal: false }),
  ];
  return {
    id: channelId,
    fixedPart,
    myIndex,
    use,
    fundingOutcome: outcome,
    supported: undefined,
    pending: new Map([opening(TURN.prefund), opening(TURN.postfund)]),
    proposal: undefined,
    mySignedTurn: undefined,
    passedTurn: undefined,
    missingMax: 0,
    finalSignedByMe: false,
    ...UNTOLD,
    ledger: use.type === "Ledger" ? createLedger(use.profile) : undefined,
    vouchers: NO_VOUCHERS,
    wasOpen: false,
    isGivenUp: false,
    openingStates: [],
    appMessages: [],
    isDisputed: false,
    remembered: [],
    missed: NOTHING_MISSED,
  };
}

/** Folds one fact about proposals into a ledger channel, or about vouchers into a virtual one. */
export function evolveUse(channel: Channel, event: LedgerEvent | VoucherEvent): Channel {
  switch (event.type) {
    case "VoucherIssued":
    case "VoucherReceived":
      return { ...channel, vouchers: evolveVouchers(channel.vouchers, event) };
    case "ProposalSigned":
      return { ...withProposal(channel, event, channel.myIndex), mySignedTurn: event.turnNum };
    case "ProposalReceived":
      return withProposal(channel, event, event.by);
    default:
      return { ...channel, ledger: evolveLedger(ledgerOf(channel), event) };
  }
}

/** The ledger of a channel that the caller knows to be one. */
export function ledgerOf({ ledger }: Channel): Ledger {
  return assertDefined(ledger, "a ledger channel");
}

/** Folds one fact about states into the channel. Never refuses: what is on disk has happened. */
export function evolveChannel(
  channel: Channel,
  event: Exclude<ChannelEvent, { type: "ChannelCreated" }>,
): Channel {
  switch (event.type) {
    case "StateSigned":
      return {
        ...channel,
        pending: withPending(channel, event, channel.myIndex),
        proposal: proposalAfter(channel, event),
        mySignedTurn: event.variablePart.turnNum,
        finalSignedByMe: channel.finalSignedByMe || event.variablePart.isFinal,
      };
    case "StateReceived":
      return withLateOpening({
        ...channel,
        pending: withPending(channel, event, event.by),
        proposal: proposalAfter(channel, event),
      });
    case "SupportedStateAdvanced":
      return advance(channel, event.turnNum);
    case "ChannelFinalized":
      return channel;
    case "ChannelResynced":
      return takeBack(channel, event);
    case "ChannelDoubted":
      return { ...channel, missingMax: Math.max(channel.missingMax, event.missingMax) };
    case "DoubtSettled":
      return { ...passed(channel, event.passedTurnNum, channel.myIndex), missingMax: 0 };
    case "TurnPassed":
      return passed(channel, event.turnNum, event.by);
    case "StepResynced":
      return { ...channel, ledger: takeBackStep(ledgerOf(channel), event) };
    case "LedgerNamed":
      return { ...channel, use: withLedger(channel.use, event.side, event.ledgerId) };
    case "VouchersResynced": {
      const { issued, issuedReceipted, received, receivedReceipted } = event;
      return { ...channel, vouchers: { issued, received, issuedReceipted, receivedReceipted } };
    }
  }
}

/** The state at a turn, with the signatures known for it. */
export function stateAt(channel: Channel, turnNum: number): SignedState | undefined {
  if (channel.supported?.variablePart.turnNum === turnNum) return channel.supported;
  return channel.pending.get(turnNum);
}

/** True once everybody signed this turn or a later one. */
export function supportsTurn(channel: Channel, turnNum: number): boolean {
  return channel.supported !== undefined && channel.supported.variablePart.turnNum >= turnNum;
}

/** The first turn that nobody has signed anything for, as far as this participant knows. */
export function nextTurn(channel: Channel): number {
  const supported = channel.supported?.variablePart.turnNum ?? -1;
  return Math.max(supported, channel.passedTurn ?? -1, ...channel.pending.keys()) + 1;
}

/** The participant who signs a turn first, so that two states never compete for one. Source: ADR 0006, ADR 0013. */
export function moverOf({ fixedPart, use }: Channel, turnNum: number): number {
  return isInTurns(use) ? turnNum % fixedPart.participants.length : 0;
}

/** The newest supported state of a channel that has one. */
export function supportedState(channel: Channel): SignedState {
  return assertDefined(channel.supported, "a supported state");
}

/** True once this node, or anybody else, has asked the chain to decide. */
export function isInDispute({ adjudication, isDisputed }: Channel): boolean {
  return isDisputed || adjudication.type !== "Open";
}

/** How far the channel is. */
export function phaseOf(channel: Channel): ChannelPhase {
  if (channel.concluded) return "Concluded";
  if (channel.supported?.variablePart.isFinal) return "Finalized";
  if (isInDispute(channel)) return "Disputed";
  const finalIsKnown = [...channel.pending.values()].some((one) => one.variablePart.isFinal);
  if (finalIsKnown) return "Closing";
  return supportsTurn(channel, TURN.postfund) ? "Running" : "Funding";
}

function unsigned({ participants }: FixedPart, variablePart: VariablePart): SignedState {
  return { variablePart, signatures: participants.map(() => undefined) };
}

type SignatureEvent = ChannelEvent & { type: "StateSigned" | "StateReceived" };

function withPending(
  { fixedPart, pending }: Channel,
  { signature, variablePart }: SignatureEvent,
  by: number,
): Channel["pending"] {
  const { turnNum } = variablePart;
  const state = pending.get(turnNum) ?? unsigned(fixedPart, variablePart);
  return new Map(pending).set(turnNum, withSignature(state, by, signature));
}

/** A signature on a ledger state, which is told by what it changes in another one. */
function withProposal(
  channel: Channel,
  step: LedgerStep & { readonly signature: Signature },
  by: number,
): Channel {
  const { signature, turnNum } = step;
  const known =
    channel.pending.get(turnNum) ?? unsigned(channel.fixedPart, stateOfStep(channel, step));
  const pending = new Map(channel.pending).set(turnNum, withSignature(known, by, signature));
  return {
    ...channel,
    pending,
    ledger: evolveLedger(ledgerOf(channel), {
      ...step,
      type: "ProposalReceived",
      channelId: channel.id,
      by,
    }),
  };
}

/** The state that a step leads to. What is on disk was checked before it got there. */
function stateOfStep(
  channel: Channel,
  { baseTurnNum, changes, turnNum }: LedgerStep,
): VariablePart {
  const base = assertDefined(stateAt(channel, baseTurnNum), "the state below").variablePart;
  const { profile } = ledgerOf(channel);
  const outcome = applyChanges(profile, channel.id, base.outcome, changes);
  assert(outcome.ok, "a stored proposal fits the state below");
  return { ...base, outcome: outcome.value, turnNum };
}

/** A late signature on a state whose objective was rejected must not make it the proposal again. */
function proposalAfter(
  { pending, proposal }: Channel,
  { objectiveId, variablePart: { turnNum } }: SignatureEvent,
): Channel["proposal"] {
  return pending.has(turnNum) ? proposal : { turnNum, objectiveId };
}

/** Takes over what a peer showed. A state that I signed comes back with what follows from that. */
function takeBack(channel: Channel, event: ChannelEvent & { type: "ChannelResynced" }): Channel {
  const { objectiveId, signatures, variablePart } = event;
  const { isFinal, turnNum } = variablePart;
  const before = channel.pending.get(turnNum);
  const isKnown =
    before !== undefined && isSameState(channel.id, before.variablePart, variablePart);
  const known = isKnown ? before : unsigned(channel.fixedPart, variablePart);
  const state = { ...known, signatures: known.signatures.map((one, by) => one ?? signatures[by]) };
  const isMine = state.signatures[channel.myIndex] !== undefined;
  // The supported state can only come back for what is told beside it.
  const isAbove = !supportsTurn(channel, turnNum);
  const isNews = isAbove && before === undefined && objectiveId !== undefined;
  const pending = [...channel.pending, ...(isAbove ? [[turnNum, state] as const] : [])];
  return {
    ...channel,
    pending: new Map(pending.sort(([a], [b]) => a - b)),
    proposal: isNews ? { turnNum, objectiveId } : channel.proposal,
    mySignedTurn: isMine ? highest(channel.mySignedTurn, turnNum) : channel.mySignedTurn,
    finalSignedByMe: channel.finalSignedByMe || (isMine && isFinal),
    ledger: isAbove && !isFinal ? withShownStep(channel, turnNum) : channel.ledger,
  };
}

/** A ledger state that a peer showed waits like any other; by which changes it came to be may follow. */
function withShownStep({ ledger, supported }: Channel, turnNum: number): Ledger | undefined {
  if (ledger === undefined || turnNum <= TURN.postfund) return ledger;
  const baseTurnNum = supported?.variablePart.turnNum ?? TURN.postfund;
  const step: WaitingStep = { turnNum, baseTurnNum, changes: [], isRefused: false };
  return ledger.waiting.has(turnNum) ? ledger : takeBackStep(ledger, step);
}

/** Where the follower of a ledger passes, or the only peer, nothing that waits for her is signed any more. */
function passed(channel: Channel, turnNum: number | undefined, by: number): Channel {
  const { fixedPart, ledger, myIndex, proposal } = channel;
  const passedTurn = highest(channel.passedTurn, turnNum);
  if (ledger !== undefined) {
    const isVoid = turnNum !== undefined && by === FOLLOWER;
    return { ...channel, passedTurn, ledger: isVoid ? refuseUpTo(ledger, turnNum) : ledger };
  }
  const isVoid = by !== myIndex && fixedPart.participants.length === 2;
  const waits = isVoid && (proposal?.turnNum ?? 0) <= (turnNum ?? -1) ? undefined : proposal;
  return { ...channel, passedTurn, proposal: waits };
}

function highest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

function advance(channel: Channel, turnNum: number): Channel {
  const supported = assertDefined(channel.pending.get(turnNum), `a state for turn ${turnNum}`);
  assert(isSupported(supported), "a supported state carries all signatures");
  const { proposal } = channel;
  const pending = pendingAfter(channel, turnNum);
  return {
    ...channel,
    supported,
    pending,
    ledger: channel.ledger && settledLedger(channel.ledger, channel, supported, pending),
    wasOpen: channel.wasOpen || (turnNum >= TURN.postfund && !supported.variablePart.isFinal),
    openingStates: withOpeningState(channel.openingStates, channel.use, supported),
    proposal: proposal !== undefined && proposal.turnNum <= turnNum ? undefined : proposal,
  };
}
