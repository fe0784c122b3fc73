/** The rule of apps of message logs, off chain: the same verdict as the contract's, with the same reason. */
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import {
  appendMessages,
  checkLogStep,
  decodeMessageLog,
  encodeMessageLog,
  type LogMessage,
  type LogStepRejection,
  type MessageLog,
  type MessageLogRejection,
} from "../channel/message-log.ts";
import { STAKE_BYTES, type Twin, type TwinRefusal } from "../channel/message-log-twin.ts";
import {
  ALLOCATION_TYPE,
  type Allocation,
  AMOUNT_MAX,
  type Outcome,
  type SingleAssetExit,
  totalOf,
} from "../channel/outcome.ts";
import { TURN, type VariablePart } from "../channel/state.ts";
import { assert } from "../primitives/assert.ts";
import { fromHex, hexSizeBytes, toHex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { RecoveredState, SupportClaim } from "./payment-rule.ts";

/** Why a state is not supported. The codes are the contract's reasons. Source: MessageLogApp.sol. */
export type MessageLogRuleRejection =
  | {
      readonly code: /** Fewer than 2, or more than 255. */
        | "ParticipantCountOutOfRange"
        | "ProofTooLong"
        | "NotUnanimous"
        /** Not the turn after that of the proof. */
        | "TurnWrong"
        | "ProofFinal"
        /** More than amounts differs from the state before. */
        | "OutcomeChanged"
        /** More than a contract can add up. */
        | "SumTooLarge"
        | "SumChanged"
        /** The game of the state before has not the size of the twin's. */
        | "TwinStateMalformed"
        | "GameOver"
        | "ProofBeforePostfund"
        | "MoveFinal"
        | "NotSignedByMover"
        /** The other one has not signed the state before. */
        | "ProofNotSigned"
        | "NothingPlayed"
        /** Not what the messages make of the game before. */
        | "TwinStateWrong"
        /** The mover would have to move again. */
        | "TurnNotEnded"
        | "NotTwoAllocations"
        /** Not what the twin pays. */
        | "AmountWrong"
        /** Of a virtual channel alone: what its states pay, and what a step is shown behind. */
        | "NoAsset"
        | "NotGuarantees"
        | "StepFinal"
        | "ProofNotPostfund"
        | "ProofNotUnanimous"
        | "ProofTooEarly";
    }
  | MessageLogRejection
  | LogStepRejection
  | TwinRefusal;

type Checked = Result<undefined, MessageLogRuleRejection>;

const GOOD: Checked = accept(undefined);

type PlainCode = Exclude<
  MessageLogRuleRejection,
  MessageLogRejection | LogStepRejection | TwinRefusal
>["code"];

const refuse = (code: PlainCode): Checked => reject({ code });

/** Signatures of both. */
const BOTH = 0b11n;

/** What the contract's `stateIsSupported` says of the claim. Without a twin, only what both signed counts. */
export function checkMessageLogSupport(claim: SupportClaim, twin: Twin | undefined): Checked {
  const { candidate, fixedPart, proof } = claim;
  const count = fixedPart.participants.length;
  const proven = proof.at(-1);
  if (count < 2 || count > PARTICIPANTS_MAX) return refuse("ParticipantCountOutOfRange");
  if (proof.length > (count === 2 ? 1 : 2)) return refuse("ProofTooLong");
  const shaped = count === 2 ? GOOD : checkVirtualClaim(claim, count);
  if (!shaped.ok) return shaped;
  if (proven === undefined) return isUnanimous(candidate, count) ? GOOD : refuse("NotUnanimous");
  const [before, after] = [proven.variablePart, candidate.variablePart];
  if (after.turnNum !== before.turnNum + 1) return refuse("TurnWrong");
  if (before.isFinal) return refuse("ProofFinal");
  const kept = checkKept(before.outcome, after.outcome);
  if (!kept.ok) return kept;
  const [on, step] = [proven, candidate].map((state) => playersOf(state, count));
  assert(on !== undefined && step !== undefined, "two states");
  return checkStep(channelIdOf(fixedPart), on, step, twin);
}

/** The contract reads a bit for each. */
const PARTICIPANTS_MAX = 255;

/** What holds of a virtual channel besides: guarantees alone, behind a postfund of all where a step is shown. */
function checkVirtualClaim({ candidate, proof }: SupportClaim, count: number): Checked {
  const [postfund, before] = proof;
  const shape = checkShape(candidate.variablePart.outcome);
  if (!shape.ok || postfund === undefined) return shape;
  if (candidate.variablePart.isFinal) return refuse("StepFinal");
  const { isFinal, outcome, turnNum } = postfund.variablePart;
  if (turnNum !== TURN.postfund) return refuse("ProofNotPostfund");
  if (isFinal) return refuse("ProofFinal");
  if (!isUnanimous(postfund, count)) return refuse("ProofNotUnanimous");
  const funded = checkShape(outcome);
  if (!funded.ok || before === undefined) return funded;
  if (before.variablePart.turnNum <= TURN.postfund) return refuse("ProofTooEarly");
  return checkKept(outcome, before.variablePart.outcome);
}

function checkShape(outcome: Outcome): Checked {
  if (outcome.length === 0) return refuse("NoAsset");
  for (const { allocations } of outcome) {
    if (allocations.length !== 2) return refuse("NotTwoAllocations");
    const areGuarantees = allocations.every(
      ({ allocationType }) => allocationType === ALLOCATION_TYPE.guarantee,
    );
    if (!areGuarantees) return refuse("NotGuarantees");
  }
  return GOOD;
}

function isUnanimous({ signedBy }: RecoveredState, count: number): boolean {
  return signedBy === (1n << BigInt(count)) - 1n;
}

/** The state as if there were only the two who play, the first participant and the last. */
function playersOf({ signedBy, variablePart }: RecoveredState, count: number): RecoveredState {
  const second = (signedBy >> BigInt(count - 1)) & 1n;
  return { variablePart, signedBy: (signedBy & 1n) | (second << 1n) };
}

function checkKept(before: Outcome, after: Outcome): Checked {
  if (before.length !== after.length) return refuse("OutcomeChanged");
  for (const [index, exit] of before.entries()) {
    const kept = checkKeptExit(exit, after[index]);
    if (!kept.ok) return kept;
  }
  return GOOD;
}

function checkKeptExit(before: SingleAssetExit, after: SingleAssetExit | undefined): Checked {
  const isSame =
    before.asset === after?.asset &&
    before.assetMetadata.assetType === after.assetMetadata.assetType &&
    before.assetMetadata.metadata === after.assetMetadata.metadata &&
    before.allocations.length === after.allocations.length &&
    before.allocations.every((claim, index) => isSameClaim(claim, after.allocations[index]));
  if (!isSame) return refuse("OutcomeChanged");
  const sums = [totalOf(before), totalOf(after)];
  if (sums.some((sum) => sum > AMOUNT_MAX)) return refuse("SumTooLarge");
  return sums[0] === sums[1] ? GOOD : refuse("SumChanged");
}

function isSameClaim(one: Allocation, other: Allocation | undefined): boolean {
  return (
    one.destination === other?.destination &&
    one.allocationType === other.allocationType &&
    one.metadata === other.metadata
  );
}

function checkStep(
  channelId: ChannelId,
  proof: RecoveredState,
  candidate: RecoveredState,
  twin: Twin | undefined,
): Checked {
  const { appData, outcome, turnNum } = candidate.variablePart;
  const before = decodeMessageLog(proof.variablePart.appData);
  if (!before.ok) return before;
  const after = decodeMessageLog(appData);
  if (!after.ok) return after;
  const sizeBytes = (twin?.gameBytes ?? 0) + STAKE_BYTES * outcome.length;
  if (twin !== undefined && hexSizeBytes(before.value.twinState) !== sizeBytes) {
    return refuse("TwinStateMalformed");
  }
  const mover = senderOf(before.value, turnNum, twin);
  if (mover === undefined && after.value.messages.length > 0) return refuse("GameOver");
  const grown = checkLogStep(before.value, { channelId, turnNum, log: after.value }, mover ?? 0);
  if (!grown.ok) return grown;
  if (candidate.signedBy === BOTH) return GOOD;
  if (twin === undefined) return refuse("NotUnanimous");
  const signed = checkSigners(proof, candidate, mover);
  if (!signed.ok || mover === undefined) return signed;
  const played = checkGame(channelId, before.value, after.value, mover, twin);
  return played.ok ? checkPayout(outcome, fromHex(after.value.twinState), twin) : played;
}

/** Who writes the messages of a turn: whoever the twin says, or the participants in turn. */
export function senderOf(
  before: MessageLog,
  turnNum: number,
  twin: Twin | undefined,
): number | undefined {
  return twin === undefined ? turnNum % 2 : twin.moverOf(fromHex(before.twinState));
}

function checkSigners(
  proof: RecoveredState,
  candidate: RecoveredState,
  mover: number | undefined,
): Checked {
  if (proof.variablePart.turnNum < TURN.postfund) return refuse("ProofBeforePostfund");
  if (candidate.variablePart.isFinal) return refuse("MoveFinal");
  if (mover === undefined) return refuse("GameOver");
  if (!isSignedBy(candidate, mover)) return refuse("NotSignedByMover");
  return isSignedBy(proof, 1 - mover) ? GOOD : refuse("ProofNotSigned");
}

function isSignedBy({ signedBy }: RecoveredState, participant: number): boolean {
  return ((signedBy >> BigInt(participant)) & 1n) === 1n;
}

function checkGame(
  channelId: ChannelId,
  before: MessageLog,
  after: MessageLog,
  mover: number,
  twin: Twin,
): Checked {
  if (after.messages.length === 0) return refuse("NothingPlayed");
  const played = playAll(channelId, fromHex(before.twinState), mover, after.messages, twin);
  if (!played.ok) return played;
  if (toHex(played.value) !== after.twinState) return refuse("TwinStateWrong");
  return twin.moverOf(played.value) === mover ? refuse("TurnNotEnded") : GOOD;
}

function playAll(
  channelId: ChannelId,
  before: Uint8Array,
  mover: number,
  messages: readonly LogMessage[],
  twin: Twin,
): Result<Uint8Array, TwinRefusal> {
  let game = before;
  for (const message of messages) {
    const played = twin.play(channelId, game, mover, message);
    if (!played.ok) return played;
    game = played.value;
  }
  return accept(game);
}

function checkPayout(outcome: Outcome, twinState: Uint8Array, twin: Twin): Checked {
  for (const [index, exit] of outcome.entries()) {
    const [first, ...others] = exit.allocations;
    if (first === undefined || others.length !== 1) return refuse("NotTwoAllocations");
    if (first.amount !== firstShare(exit, index, twinState, twin)) return refuse("AmountWrong");
  }
  return GOOD;
}

/** What the twin pays the first participant of one asset. */
function firstShare(
  exit: SingleAssetExit,
  index: number,
  twinState: Uint8Array,
  twin: Twin,
): bigint {
  const winner = twin.winnerOf(twinState);
  if (winner !== undefined) return winner === 0 ? totalOf(exit) : 0n;
  const at = twin.gameBytes + STAKE_BYTES * index;
  return BigInt(toHex(twinState.subarray(at, at + STAKE_BYTES)));
}

/** What the channel pays if nobody moves any more after `twinState`. The amounts of `before` are only shared anew. */
export function twinOutcome(before: Outcome, twinState: Uint8Array, twin: Twin): Outcome {
  return before.map((exit, index) => {
    const [first, second] = exit.allocations;
    assert(first !== undefined && second !== undefined, "each asset has two allocations");
    const share = firstShare(exit, index, twinState, twin);
    const rest = totalOf(exit) - share;
    return {
      ...exit,
      allocations: [
        { ...first, amount: share },
        { ...second, amount: rest },
      ],
    };
  });
}

/** The state that its mover signs: `before`, with these messages played, at the next turn or a later one. */
export function playedState(
  channelId: ChannelId,
  before: VariablePart,
  messages: readonly LogMessage[],
  twin: Twin,
  turnNum: number = before.turnNum + 1,
): Result<VariablePart, MessageLogRejection | TwinRefusal> {
  const log = decodeMessageLog(before.appData);
  if (!log.ok) return log;
  const mover = senderOf(log.value, turnNum, twin);
  if (mover === undefined) return reject({ code: "MoveRefused", by: "GameOver" });
  const game = playAll(channelId, fromHex(log.value.twinState), mover, messages, twin);
  if (!game.ok) return game;
  const place = { channelId, turnNum };
  const after = appendMessages(log.value, place, mover, messages, toHex(game.value));
  if (!after.ok) return after;
  const outcome = twinOutcome(before.outcome, game.value, twin);
  return accept({ outcome, appData: encodeMessageLog(after.value), turnNum, isFinal: false });
}
