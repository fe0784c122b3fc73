/**
 * Dispute: the chain decides what a channel pays. Of this node alone: nobody else has to do anything.
 *
 *     my best state is shown -> nobody answers in time -> guarantees are reclaimed -> payouts confirmed
 *
 * A virtual channel holds nothing itself: it is over once it is final, and its ledger channels go on from there.
 * Each step looks at what confirmed blocks tell, so strangers may do any part of it. Source: ADR 0027.
 */

import { guaranteePlace } from "../channel/adjudication.ts";
import type { Channel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { held, isFinalOnChain, isPaidOut, isUsedUp, myPlaces } from "../channel/holdings.ts";
import { guaranteedIn } from "../channel/ledger-outcome.ts";
import type { Outcome } from "../channel/outcome.ts";
import { stateHash } from "../channel/state.ts";
import { challengeHash } from "../channel/state-challenge.ts";
import type { Hash } from "../crypto/signature.ts";
import { mark } from "../primitives/mark.ts";
import { bestRedemption, bestTurn, shownVoucher } from "./best-redemption.ts";
import type { ChainCall, EffectId } from "./effects.ts";
import type { Objective, TransactionStatus } from "./objective.ts";
import { type Action, type Context, climb, nothing, type Rung, type Step } from "./protocol.ts";
import { allSignatures } from "./signing.ts";
import type { Subject } from "./subject.ts";

/** What a dispute can wait for. */
export type DisputeWait = "StateOnChain" | "ChallengeExpired" | "GuaranteesReclaimed" | "PaidOut";

/** The whole protocol, top to bottom. */
export const ladder: readonly Rung<DisputeWait>[] = [
  { waitingFor: "StateOnChain", act: show, until: isShown },
  {
    waitingFor: "ChallengeExpired",
    act: () => nothing,
    until: ({ channel }) => isFinalOnChain(channel),
  },
  { waitingFor: "GuaranteesReclaimed", act: reclaim, until: isReclaimed },
  { waitingFor: "PaidOut", act: payOut, until: isOver },
];

/**
 * Times that one deed is tried over the same facts of the chain: 3. What is refused then is not refused by
 * chance; the next log about the channel begins a new count.
 */
const ATTEMPTS_MAX = 3;

/** Climbs as far as it can. See `protocol.ts`. */
export function crank(subject: Subject, context: Context): Step<DisputeWait> {
  // Whoever challenges once more when all is paid gets no answer, which would cost gas and win nothing.
  return climb(isUsedUp(subject.channel) ? [] : ladder, subject, context);
}

/** True for the final state of all: it needs no clock. */
function hasFinal({ supported }: Channel): boolean {
  return supported?.variablePart.isFinal === true;
}

function isShown({ channel }: Subject): boolean {
  const { adjudication } = channel;
  if (adjudication.type === "Final") return true;
  if (adjudication.type === "Open" || hasFinal(channel)) return false;
  return adjudication.turnNum >= bestTurn(channel, shownVoucher(channel));
}

/** Concludes by the final state; else starts the clock on my best state, or on it instead of an older one. */
function show(subject: Subject, context: Context): Action {
  const { channel } = subject;
  if (isLeftAlone(subject)) mark("dispute/latest-state-left-alone");
  if (isShown(subject) || channel.supported === undefined) return nothing;
  const { adjudication, fixedPart, id: channelId, supported } = channel;
  const deadlineSec = adjudication.type === "Challenged" ? adjudication.finalizesAtSec : undefined;
  if (hasFinal(channel)) {
    mark("dispute/concluded-by-final-state");
    const { variablePart } = supported;
    const signatures = allSignatures(supported);
    return ask(subject, "conclude", {
      type: "Conclude",
      channelId,
      fixedPart,
      variablePart,
      signatures,
      deadlineSec,
    });
  }
  const best = bestRedemption(channel, context, shownVoucher(channel));
  if (shownVoucher(channel) !== undefined) mark("dispute/receipt-learned-from-chain");
  if (best === undefined) return nothing;
  const { candidate, proof } = best;
  if (deadlineSec !== undefined) mark("dispute/answered-by-newer-state");
  if (proof.length > 0) mark("dispute/redeems-vouchers");
  const hash = stateHash(channelId, candidate.variablePart);
  return ask(subject, `challenge/${candidate.variablePart.turnNum}`, {
    type: "Challenge",
    channelId,
    fixedPart,
    proof,
    candidate,
    challengerSignature: context.sign(challengeHash(hash)),
    deadlineSec,
  });
}

function isLeftAlone(subject: Subject): boolean {
  const { channel, objective } = subject;
  const isChallenged = channel.adjudication.type === "Challenged";
  return isChallenged && objective.transactions.size === 0 && isShown(subject);
}

/** A guarantee in a final ledger channel, and the virtual channel that it is for. */
type Guaranteed = {
  readonly outcome: Outcome;
  readonly assetIndex: number;
  readonly place: number;
  readonly target: Channel;
  /** What the contract has on record of the virtual channel. */
  readonly end: { readonly outcome: Outcome; readonly stateHash: Hash };
};

/** One at a time: each changes the outcome that the next one has to name. */
function reclaim(subject: Subject): Action {
  const { channel } = subject;
  const { adjudication } = channel;
  if (isReclaiming(subject.objective)) return nothing;
  const found = nextToReclaim(subject);
  if (found === undefined || adjudication.type !== "Final") return nothing;
  mark("dispute/guarantee-reclaimed");
  const { assetIndex, end, outcome, place, target } = found;
  const asset = outcome[assetIndex]?.asset;
  return ask(subject, reclaimDeed(asset, target), {
    type: "Reclaim",
    channelId: channel.id,
    sourceStateHash: adjudication.stateHash,
    sourceOutcome: outcome,
    sourceAssetIndex: assetIndex,
    indexOfTargetInSource: place,
    targetId: target.id,
    targetStateHash: end.stateHash,
    targetOutcome: end.outcome,
    targetAssetIndex: end.outcome.findIndex((exit) => exit.asset === asset),
  });
}

function reclaimDeed(asset: string | undefined, { id }: Channel): string {
  return `reclaim/${asset}/${id}`;
}

function isReclaiming({ id, transactions }: Objective): boolean {
  return [...transactions].some(
    ([effectId, status]) =>
      effectId.startsWith(`${id}/reclaim/`) && (status === "Requested" || status === "Submitted"),
  );
}

/** What cannot be reclaimed, for now or for ever, is passed over. */
function nextToReclaim({ channel, objective, targets = [] }: Subject): Guaranteed | undefined {
  const { adjudication } = channel;
  if (adjudication.type !== "Final" || adjudication.outcome === undefined) return undefined;
  const { outcome } = adjudication;
  for (const [assetIndex, exit] of outcome.entries()) {
    for (const target of targets) {
      const place = guaranteePlace(exit, target.id);
      const end = endOf(target);
      if (place < 0 || end === undefined) continue;
      const { failed } = attempts(channel, objective, reclaimDeed(exit.asset, target));
      if (failed < ATTEMPTS_MAX) return { outcome, assetIndex, place, target, end };
    }
  }
  return undefined;
}

function endOf({ adjudication }: Channel): Guaranteed["end"] | undefined {
  if (adjudication.type !== "Final" || adjudication.outcome === undefined) return undefined;
  return { outcome: adjudication.outcome, stateHash: adjudication.stateHash };
}

function isReclaimed({ channel }: Subject): boolean {
  const { adjudication, ledger } = channel;
  if (ledger === undefined || adjudication.type !== "Final") return ledger === undefined;
  return targetsOnChain(channel).length === 0 || isEmptied(channel);
}

/** The virtual channels that a final ledger channel still guarantees. */
export function targetsOnChain({ adjudication }: Channel): readonly ChannelId[] {
  return adjudication.type === "Final" ? guaranteedIn(adjudication.outcome ?? []) : [];
}

/** Nothing is left of any asset: whatever is still promised is worth nothing. */
function isEmptied(channel: Channel): boolean {
  return channel.fundingOutcome.every(({ asset }) => held(channel, asset) === 0n);
}

/** Pays everybody; where one of them cannot be paid, at least me. */
function payOut(subject: Subject): Action {
  const { channel, objective } = subject;
  const { adjudication, id: channelId } = channel;
  if (isOver(subject) || adjudication.type !== "Final" || adjudication.outcome === undefined) {
    return nothing;
  }
  const { outcome, stateHash: hash } = adjudication;
  if (attempts(channel, objective, "pay").failed < ATTEMPTS_MAX) {
    return ask(subject, "pay", { type: "TransferAllAssets", channelId, outcome, stateHash: hash });
  }
  mark("dispute/paid-one-by-one");
  // An asset whose token pays nobody must not keep the others back.
  const assetIndex = outcome.findIndex(
    (_, index) =>
      myPlaces(channel, outcome, index).length > 0 &&
      attempts(channel, objective, `transfer/${index}`).failed < ATTEMPTS_MAX,
  );
  if (assetIndex < 0) return nothing;
  const indices = myPlaces(channel, outcome, assetIndex);
  return ask(subject, `transfer/${assetIndex}`, {
    type: "Transfer",
    channelId,
    assetIndex,
    outcome,
    stateHash: hash,
    indices,
  });
}

function isOver({ channel }: Subject): boolean {
  return channel.use.type === "Virtual" || isPaidOut(channel);
}

/** Asks for a transaction, unless one for the same deed is under way, or was refused too often. */
function ask({ channel, objective }: Subject, deed: string, call: ChainCall): Action {
  const { failed, isOpen, isDone } = attempts(channel, objective, deed);
  if (isOpen || isDone || failed >= ATTEMPTS_MAX) return nothing;
  if (failed > 0) mark("dispute/deed-tried-again");
  const id = `${objective.id}/${deed}@${placeOf(channel)}/${failed}` as EffectId;
  return {
    events: [],
    effects: [{ type: "SubmitTransaction", id, objectiveId: objective.id, call }],
  };
}

/** How a deed has gone over the facts that are known now; `isOpen` whatever was known when it was asked for. */
function attempts(
  channel: Channel,
  { id, transactions }: Objective,
  deed: string,
): { readonly failed: number; readonly isOpen: boolean; readonly isDone: boolean } {
  const statuses = (prefix: string): readonly TransactionStatus[] =>
    [...transactions].flatMap(([effectId, status]) =>
      effectId.startsWith(prefix) ? [status] : [],
    );
  const now = statuses(`${id}/${deed}@${placeOf(channel)}/`);
  return {
    failed: now.filter((status) => status === "Failed").length,
    isDone: now.includes("Confirmed"),
    isOpen: statuses(`${id}/${deed}@`).some(
      (status) => status === "Requested" || status === "Submitted",
    ),
  };
}

/** Where the last log about the channel stands: new facts are a new reason to try. */
function placeOf({ lastLog }: Channel): string {
  return lastLog === undefined ? "0" : `${lastLog.blockNumber}.${lastLog.logIndex}`;
}
