/**
 * Direct fund: the participants open a channel and fund it on chain.
 *
 *     prefund signed by all -> deposits, in participant order -> postfund signed by all
 *
 * Source: Nitro protocol, "direct funding"; ADR 0006.
 */

import { type Channel, stateAt, supportsTurn } from "../channel/channel.ts";
import { externalDestination, isExternal } from "../channel/destination.ts";
import { finalStateOf } from "../channel/final-state.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import { held } from "../channel/holdings.ts";
import {
  ALLOCATION_TYPE,
  type Outcome,
  type SingleAssetExit,
  totalOf,
} from "../channel/outcome.ts";
import { TURN } from "../channel/state.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { mark } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { approvalOf, type Effect, type EffectId } from "./effects.ts";
import { nextAttempt, type Objective } from "./objective.ts";
import { type Action, type Context, climb, nothing, type Rung, type Step } from "./protocol.ts";
import type { Rejection } from "./rejection.ts";
import { signState } from "./signing.ts";
import type { Subject } from "./subject.ts";

/** What a direct fund can wait for. */
export type DirectFundWait =
  | "PrefundComplete"
  | "MyTurnToDeposit"
  | "FundingComplete"
  | "PostfundComplete";

/** The whole protocol, top to bottom. */
export const ladder: readonly Rung<DirectFundWait>[] = [
  { waitingFor: "PrefundComplete", act: sign(TURN.prefund), until: signedByAll(TURN.prefund) },
  { waitingFor: "MyTurnToDeposit", act: () => nothing, until: safeToDeposit },
  { waitingFor: "FundingComplete", act: deposit, until: fullyFunded },
  { waitingFor: "PostfundComplete", act: sign(TURN.postfund), until: signedByAll(TURN.postfund) },
];

/** Climbs as far as it can. See `protocol.ts`. */
export function crank(subject: Subject, context: Context): Step<DirectFundWait> {
  return climb(ladder, subject, context);
}

/**
 * Refuses an opening outcome that deposits in participant order cannot fund: per asset exactly one
 * simple allocation for each participant, paid to an account, and something to deposit.
 */
export function checkOpeningOutcome(
  fixedPart: FixedPart,
  outcome: Outcome,
): Result<undefined, Rejection> {
  if (outcome.length === 0) return reject({ code: "NothingToFund" });
  for (const exit of outcome) {
    if (exit.allocations.length !== fixedPart.participants.length) {
      return reject({ code: "OutcomeNotPerParticipant" });
    }
    if (!exit.allocations.every(isPlainClaim)) return reject({ code: "OutcomeNotPerParticipant" });
    if (totalOf(exit) === 0n) return reject({ code: "NothingToFund" });
  }
  return accept(undefined);
}

function isPlainClaim({ allocationType, destination }: SingleAssetExit["allocations"][number]) {
  const zero = externalDestination(ZERO_ADDRESS);
  return (
    allocationType === ALLOCATION_TYPE.simple && isExternal(destination) && destination !== zero
  );
}

function sign(turnNum: number) {
  return (subject: Subject, context: Context): Action => {
    const { channel } = subject;
    const state = stateAt(channel, turnNum);
    if (state === undefined || state.signatures[channel.myIndex] !== undefined) return nothing;
    // A node that lost its log may have been shown its later signature only.
    if ((channel.mySignedTurn ?? -1) >= turnNum) return nothing;
    return signState(subject, state.variablePart, context);
  };
}

/** Puts in what is missing up to my share, asset by asset, each at the holdings that make it safe. */
function deposit({ channel, objective }: Subject): Action {
  // Whoever has signed a final state can be paid by it at any moment: nothing is put in behind it.
  if (hasFinal(channel) && !wasFunded(channel)) mark("fund/final-before-deposits");
  if (wasFunded(channel) || hasFinal(channel)) return nothing;
  const effects = channel.fundingOutcome.flatMap((exit): Effect[] => {
    const expectedHeld = held(channel, exit.asset);
    const amount = shareUpTo(exit, channel.myIndex) - expectedHeld;
    const mine = assertDefined(exit.allocations[channel.myIndex], "my allocation").amount;
    if (amount <= 0n || mine === 0n) return [];
    if (amount < mine) mark("fund/deposit-below-share");

    assert(amount <= mine, "a deposit is never above my share");
    const name = `${objective.id}/deposit/${exit.asset}/${expectedHeld}` as EffectId;
    const id = nextAttempt(objective, name);
    if (id === undefined) return [];
    if (id !== name) mark("fund/deposit-tried-again");
    const wanted = { id, asset: exit.asset, expectedHeld, amount };
    // A log may have been cut between the approval and the deposit.
    return depositEffects(channel, objective.id, wanted).filter(
      (effect) => !wasAskedFor(objective, effect),
    );
  });
  return { events: [], effects };
}

/** True for a transaction that the objective knows, whatever has become of it. */
export function wasAskedFor(
  { transactions }: Pick<Objective, "transactions">,
  effect: Effect,
): boolean {
  return effect.type === "SubmitTransaction" && transactions.has(effect.id);
}

function hasFinal(channel: Channel): boolean {
  return channel.finalSignedByMe || finalStateOf(channel) !== undefined;
}

/**
 * True once all deposits were in place. Everybody signs the postfund only then, and a payout comes later
 * still. A node that takes its log back must not pay into a channel that is paid out by now: the holdings
 * are what they were before the first deposit.
 */
export function wasFunded(channel: Channel): boolean {
  const postfund = stateAt(channel, TURN.postfund);
  const isSigned = postfund?.signatures[channel.myIndex] !== undefined;
  const isPaidOut = channel.concluded || channel.paidOut.size > 0;
  return isPaidOut || isSigned || supportsTurn(channel, TURN.postfund);
}

/** A deposit, with the approval that a token needs before it. */
export function depositEffects(
  { id: channelId }: Channel,
  objectiveId: Subject["objective"]["id"],
  {
    id,
    asset,
    expectedHeld,
    amount,
  }: {
    readonly id: EffectId;
    readonly asset: SingleAssetExit["asset"];
    readonly expectedHeld: bigint;
    readonly amount: bigint;
  },
): Effect[] {
  const depositEffect: Effect = {
    type: "SubmitTransaction",
    id,
    objectiveId,
    call: { type: "Deposit", channelId, asset, expectedHeld, amount },
  };
  if (asset === ZERO_ADDRESS) return [depositEffect];
  const approval: Effect = {
    type: "SubmitTransaction",
    id: approvalOf(id),
    objectiveId,
    call: { type: "ApproveToken", channelId, asset, amount },
  };
  return [approval, depositEffect];
}

function signedByAll(turnNum: number) {
  return ({ channel }: Subject): boolean => supportsTurn(channel, turnNum);
}

/** True once everyone before me has deposited every asset, so that I cannot be the only one who did. */
function safeToDeposit({ channel }: Subject): boolean {
  const isSafe = channel.fundingOutcome.every(
    (exit) => held(channel, exit.asset) >= shareUpTo(exit, channel.myIndex - 1),
  );
  return isSafe || wasFunded(channel);
}

function fullyFunded({ channel }: Subject): boolean {
  const isFull = channel.fundingOutcome.every((exit) => held(channel, exit.asset) >= totalOf(exit));
  return isFull || wasFunded(channel);
}

/** What the participants up to and including `index` put in. */
function shareUpTo({ allocations }: SingleAssetExit, index: number): bigint {
  return allocations.slice(0, index + 1).reduce((sum, { amount }) => sum + amount, 0n);
}
