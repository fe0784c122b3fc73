/**
 * What one party has promised in each of her channels, and what was promised to her, read from the events of her
 * log. None of the product's folding is used: this is what judges it.
 */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { ChannelUse } from "../../src/channel/channel-use.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import type { LedgerProposal, LedgerStep } from "../../src/channel/ledger-proposal.ts";
import { virtualFundId } from "../../src/channel/objective-id.ts";
import type { Allocation, Outcome, SingleAssetExit } from "../../src/channel/outcome.ts";
import type { ReceiptedVoucher } from "../../src/channel/redemption.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { assertDefined } from "../../src/primitives/assert.ts";

/** A state with whoever has signed it, as far as the party knows. */
export type PromisedState = {
  readonly variablePart: VariablePart;
  readonly signatures: ReadonlyMap<number, Signature>;
};

/** A voucher as its event tells it. */
export type PromisedVoucher = {
  readonly counter: number;
  readonly amounts: readonly bigint[];
  readonly signature: Signature;
};

/** In a game that its contract knows, one signature makes a move. */
export type Shown = {
  /** The newest move of the party that its signature and the other one's on the state below prove; -1 before. */
  byMe: number;
  /** The newest turn that the chain has seen; -1 before. */
  byChain: number;
  /** From a challenge until it is answered: a move that is signed then may come too late. */
  isDisputed: boolean;
};

/** One channel of the party. */
export type Promises = {
  readonly channelId: ChannelId;
  readonly fixedPart: FixedPart;
  readonly use: ChannelUse;
  readonly me: number;
  readonly funding: Outcome;
  readonly appData: VariablePart["appData"];
  /** By turn. */
  readonly states: Map<number, PromisedState>;
  /** In the order of their counters. */
  readonly issued: PromisedVoucher[];
  readonly received: PromisedVoucher[];
  /** Vouchers of the other end that the party has receipted in a message. */
  readonly receiptedByMe: ReceiptedVoucher[];
  /** Blocks in which its final state was shown to the chain. */
  readonly concludedIn: number[];
  /** What the party of a game has shown, or can show alone. Only the functions here change it. */
  readonly shown: Shown;
  /** Who took no part in its opening, as the log tells; empty while it may be, or come to be, open. */
  readonly refusedBy: number[];
};

/** What the events of a log say, by channel. */
export function promisesIn(events: readonly NodeEvent[]): ReadonlyMap<ChannelId, Promises> {
  const channels = new Map<ChannelId, Promises>();
  for (const event of events) takePromise(channels, event);
  return channels;
}

/** Adds what the next event of a log promises. Gives the channel that it is about; undefined when about none. */
export function takePromise(
  channels: Map<ChannelId, Promises>,
  event: NodeEvent,
): Promises | undefined {
  switch (event.type) {
    case "ChannelCreated":
      channels.set(event.channelId, opened(event));
      break;
    case "StateSigned":
      addSignature(known(channels, event), event.variablePart, undefined, event.signature);
      noteMove(known(channels, event), event.variablePart);
      break;
    case "StateReceived":
      addSignature(known(channels, event), event.variablePart, event.by, event.signature);
      break;
    case "ChannelResynced":
      for (const [by, signature] of event.signatures.entries()) {
        if (signature === undefined) continue;
        addSignature(known(channels, event), event.variablePart, by, signature);
      }
      break;
    case "ProposalSigned":
      addStep(known(channels, event), event, undefined, event.signature);
      break;
    case "ProposalReceived":
      addStep(known(channels, event), event, event.by, event.signature);
      break;
    case "VoucherIssued":
      known(channels, event).issued.push(event);
      if (event.counted !== undefined) known(channels, event).receiptedByMe.push(event.counted);
      break;
    case "VoucherReceived":
      known(channels, event).received.push(event);
      break;
    case "ChannelConcluded":
      known(channels, event).concludedIn.push(event.position.blockNumber);
      break;
    case "ChallengeRegistered":
      // Whoever shows the postfund of all knows better.
      if (event.candidate.variablePart.turnNum > 0) known(channels, event).refusedBy.length = 0;
      noteShown(known(channels, event), event.candidate.variablePart.turnNum, true);
      break;
    case "ChallengeCleared":
      noteShown(known(channels, event), event.turnNum, false);
      break;
    case "ObjectiveRejected":
      if (event.objectiveId !== virtualFundId(event.channelId)) return undefined;
      if (event.code !== "ChannelDisputed") known(channels, event).refusedBy.push(event.by);
      break;
    case "ChainFactsTakenBack":
      takeBack(known(channels, event), event.fork.blockNumber);
      break;
    default:
      return undefined;
  }
  return known(channels, event);
}

function known(
  channels: Map<ChannelId, Promises>,
  { channelId }: { readonly channelId: ChannelId },
): Promises {
  return assertDefined(channels.get(channelId), "a channel of the log");
}

function opened({
  appData,
  channelId,
  fixedPart,
  myIndex: me,
  outcome: funding,
  use,
}: NodeEvent & { readonly type: "ChannelCreated" }): Promises {
  return {
    channelId,
    fixedPart,
    use,
    me,
    funding,
    appData,
    states: new Map(),
    issued: [],
    received: [],
    receiptedByMe: [],
    shown: { byMe: -1, byChain: -1, isDisputed: false },
    concludedIn: [],
    refusedBy: [],
  };
}

/** Blocks above the fork are no more. */
function takeBack({ concludedIn, shown }: Promises, fork: number): void {
  shown.byChain = -1;
  while ((concludedIn.at(-1) ?? fork) > fork) concludedIn.pop();
}

function noteShown({ shown }: Promises, turnNum: number, isDisputed: boolean): void {
  shown.byChain = Math.max(shown.byChain, turnNum);
  shown.isDisputed = isDisputed;
}

/** A move that the chain takes from her alone, whatever the other one does. */
function noteMove({ me, shown, states, use }: Promises, { isFinal, turnNum }: VariablePart): void {
  const below = states.get(turnNum - 1);
  const isProven = below?.signatures.has(1 - me) === true && !below.variablePart.isFinal;
  const isGame = use.type === "MessageLog" && use.hasTwin;
  // The two states of the opening prove nothing to the contract but the second.
  if (!isGame || !isProven || isFinal || shown.isDisputed || turnNum < 2) return;
  shown.byMe = Math.max(shown.byMe, turnNum);
}

/** The newest turn that is known, and that she or the chain has shown or can show; -1 where there is none. */
export function shownTurn({ shown, states }: Pick<Promises, "shown" | "states">): number {
  const seen = [...states.keys()].filter((turnNum) => turnNum <= shown.byChain);
  return Math.max(shown.byMe, ...seen);
}

function addSignature(
  { me, states }: Promises,
  variablePart: VariablePart,
  by: number | undefined,
  signature: Signature,
): void {
  const before = states.get(variablePart.turnNum)?.signatures ?? new Map<number, Signature>();
  const signatures = new Map(before).set(by ?? me, signature);
  states.set(variablePart.turnNum, { variablePart, signatures });
}

function addStep(
  promises: Promises,
  { baseTurnNum, changes, turnNum }: LedgerStep,
  by: number | undefined,
  signature: Signature,
): void {
  const base = assertDefined(promises.states.get(baseTurnNum), "the state below a proposal");
  const { outcome, ...rest } = base.variablePart;
  const changed = changes.reduce((one, { proposal }) => changedBy(one, proposal), outcome);
  const variablePart = { ...rest, outcome: changed, turnNum };
  addSignature(promises, variablePart, by, signature);
}

const isGuarantee = ({ allocationType }: Allocation): boolean => allocationType === 2;

/** The outcome of a ledger after one change. Source: ADR 0014, ADR 0021. */
export function changedBy(outcome: Outcome, proposal: LedgerProposal): Outcome {
  return outcome.map((exit) => {
    const allocations = changedExit(exit, proposal);
    return { ...exit, allocations };
  });
}

function changedExit(exit: SingleAssetExit, proposal: LedgerProposal): readonly Allocation[] {
  switch (proposal.type) {
    case "Add":
      return withGuarantee(exit, proposal);
    case "Remove":
      return withoutGuarantee(exit, proposal);
    case "TopUp": {
      if (proposal.asset !== exit.asset) return exit.allocations;
      const owner = assertDefined(partsOf(exit).balances[proposal.by], "who deposits");
      return [...exit.allocations, { ...owner, amount: proposal.amount }];
    }
    case "Merge": {
      if (proposal.asset !== exit.asset) return exit.allocations;
      const { balances, guarantees, rest } = partsOf(exit);
      const { amount } = assertDefined(rest[0], "a top-up");
      const joined = balances.map((one, index) =>
        index === proposal.by ? { ...one, amount: one.amount + amount } : one,
      );
      return [...guarantees, ...joined];
    }
  }
}

/** The guarantees, the two balances, and a top-up that waits for its deposit. */
function partsOf({ allocations }: SingleAssetExit) {
  const simple = allocations.filter((one) => !isGuarantee(one));
  return {
    guarantees: allocations.filter(isGuarantee),
    balances: simple.slice(0, 2),
    rest: simple.slice(2),
  };
}

function withGuarantee(
  exit: SingleAssetExit,
  { fee, guarantee, shares, target }: LedgerProposal & { readonly type: "Add" },
): readonly Allocation[] {
  const place = shares.findIndex(({ asset }) => asset === exit.asset);
  const share = shares[place];
  if (share === undefined) return exit.allocations;
  const { balances, guarantees, rest } = partsOf(exit);
  const paid = place === 0 ? fee : 0n;
  const { left, right } = guarantee;
  const added: Allocation = {
    destination: target as string as Allocation["destination"],
    amount: share.left + share.right,
    allocationType: 2,
    metadata: `${left}${right.slice(2)}` as Allocation["metadata"],
  };
  const sorted = [...guarantees, added].sort((one, other) =>
    one.destination < other.destination ? -1 : 1,
  );
  const changes = new Map([
    [left as string, -share.left - paid],
    [right as string, paid - share.right],
  ]);
  return [...sorted, ...moved(balances, changes), ...rest];
}

function withoutGuarantee(
  exit: SingleAssetExit,
  { refund, shares, target }: LedgerProposal & { readonly type: "Remove" },
): readonly Allocation[] {
  const place = shares.findIndex(({ asset }) => asset === exit.asset);
  const share = shares[place];
  const { balances, guarantees, rest } = partsOf(exit);
  const gone = guarantees.find(({ destination }) => (destination as string) === target);
  if (share === undefined || gone === undefined) return exit.allocations;
  const back = place === 0 ? refund : 0n;
  const changes = new Map([
    [gone.metadata.slice(0, 66), share.left + back],
    [`0x${gone.metadata.slice(66)}`, share.right - back],
  ]);
  const kept = guarantees.filter((one) => one !== gone);
  return [...kept, ...moved(balances, changes), ...rest];
}

function moved(
  balances: readonly Allocation[],
  amounts: ReadonlyMap<string, bigint>,
): readonly Allocation[] {
  return balances.map((one) => ({
    ...one,
    amount: one.amount + (amounts.get(one.destination) ?? 0n),
  }));
}
