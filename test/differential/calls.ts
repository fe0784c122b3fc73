/** The calls of a differential run: good ones most of the time, by participants and strangers, to either adjudicator. */
import {
  ADJUDICATOR,
  type Challenge,
  callDataOf,
  type FunctionForm,
} from "../../sim/chain/model/adjudicator-interface.ts";
import { storageCell } from "../../sim/chain/model/cells.ts";
import type { ShownState } from "../../sim/chain/model/force-move.ts";
import type { ModelLog } from "../../sim/chain/model/machine.ts";
import { holdingsSlot } from "../../sim/chain/model/purses.ts";
import { statusSlot } from "../../sim/chain/model/status.ts";
import {
  type Allocation,
  encodeOutcome,
  GUARANTEE,
  hashState,
  ZERO_HASH,
} from "../../sim/chain/model/structs.ts";
import { encodeText, hashOf, wordOf } from "../../sim/chain/model/words.ts";
import type { TestAccount } from "../../sim/chain/test-account.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import { afterPayout, afterReclaim, type Book, type Known, placeOf } from "./book.ts";
import type { Chance } from "./chance.ts";
import type { Channel } from "./channels.ts";
import { drawShownState } from "./shown-states.ts";
import { spoilData, spoilOutcome, spoilShown, spoilSignature } from "./spoil.ts";
import { assetsOf, CAST, type Stage } from "./stage.ts";
import { signedBy } from "./states.ts";
import { drawTokenCall } from "./token-calls.ts";

/** A call to make, and what to write into the book once it has succeeded. */
export type DrawnCall = {
  /** The function, for the count. */
  readonly name: string;
  readonly from: TestAccount;
  readonly to: Hex;
  readonly data: Hex;
  readonly valueWei: bigint;
  readonly learn: (logs: readonly ModelLog[]) => void;
};

/** All that calls are drawn from. */
export type Drawing = {
  readonly chance: Chance;
  readonly stage: Stage;
  readonly book: Book;
  readonly channels: readonly Channel[];
};

type Part = Pick<DrawnCall, "name" | "data"> & Partial<DrawnCall>;

/** One call of one adjudicator, about one channel. */
type Subject = Drawing & {
  readonly adjudicator: Hex;
  readonly channel: Channel;
  readonly known: Known | undefined;
  readonly status: Status;
};

type Status = { readonly turnNum: bigint; readonly isFinalized: boolean };

const NOTHING = (): void => undefined;

/** Draws a call. */
export function drawCall(drawing: Drawing): DrawnCall {
  const { chance, channels, book, stage } = drawing;
  if (chance.isOneIn(14)) return { ...drawTokenCall(chance, stage), learn: NOTHING };
  const adjudicator = stage.adjudicators[chance.isOneIn(4) ? 1 : 0];
  const channel = chance.pick(channels);
  const { channelId } = channel;
  const known = book.known.get(placeOf(adjudicator, channelId));
  const status = statusOf(stage, adjudicator, channelId);
  const drawn = drawPart({ ...drawing, adjudicator, channel, known, status });
  const data = chance.isOneIn(12) ? spoilData(chance, drawn.data) : drawn.data;
  return {
    from: chance.pick(CAST),
    to: adjudicator,
    // Only a deposit takes coins.
    valueWei: chance.isOneIn(60) ? 1n : 0n,
    learn: NOTHING,
    ...drawn,
    data,
    ...(data === drawn.data ? {} : { learn: NOTHING }),
  };
}

function statusOf({ replica, timestampSec }: Stage, adjudicator: Hex, channelId: Hex): Status {
  const word = replica.read(storageCell(adjudicator, statusSlot(channelId)));
  const finalizesAt = BigInt.asUintN(48, word >> 160n);
  const isFinalized = finalizesAt !== 0n && finalizesAt <= BigInt(timestampSec);
  return { turnNum: word >> 208n, isFinalized };
}

type Draw = (subject: Subject) => Part;

/** Calls that move a channel towards its end, and calls that pay once it is there. */
const RUNNING: readonly (readonly [number, Draw])[] = [
  [6, drawDeposit],
  [7, drawChallenge],
  [4, drawCheckpoint],
  [2, (subject) => drawConclusion(subject, "conclude")],
  [2, (subject) => drawConclusion(subject, "concludeAndTransferAllAssets")],
  [1, drawTransfer],
  [1, drawTransferAll],
  [1, drawReclaim],
  [2, drawQuestion],
];

const FINALIZED: readonly (readonly [number, Draw])[] = [
  [3, drawDeposit],
  [1, drawChallenge],
  [1, drawCheckpoint],
  [1, (subject) => drawConclusion(subject, "conclude")],
  [7, drawTransfer],
  [4, drawTransferAll],
  [8, drawReclaim],
  [2, drawQuestion],
];

function drawPart(subject: Subject): Part {
  const { chance, status } = subject;
  return chance.weigh(status.isFinalized ? FINALIZED : RUNNING)(subject);
}

function named<Arguments>(name: string, form: FunctionForm<Arguments>, given: Arguments): Part {
  return { name, data: callDataOf(form, given) };
}

function drawDeposit({ adjudicator, chance, channel, stage }: Subject): Part {
  const assets =
    channel.assets.length === 0 || chance.isOneIn(10) ? assetsOf(stage) : channel.assets;
  const asset = chance.pick(assets);
  const channelId = chance.isOneIn(25) ? drawStrangeChannel(chance) : channel.channelId;
  const cell = storageCell(adjudicator, holdingsSlot(asset, channelId));
  const held = stage.replica.read(cell);
  const expectedHeld = chance.isOneIn(8) ? BigInt(chance.below(300)) : held;
  const amount = chance.isOneIn(60) ? 2n ** 256n - 1n : BigInt(chance.below(200));
  const due = asset === ZERO_ADDRESS && amount < 1_000n ? amount : 0n;
  const valueWei = chance.isOneIn(12) ? due + 1n : due;
  const given = { asset, channelId, expectedHeld, amount };
  return { ...named("deposit", ADJUDICATOR.deposit, given), valueWei };
}

/** A channel that nobody has, or what is no channel but an account. */
function drawStrangeChannel(chance: Chance): Hex {
  return chance.isOneIn(2) ? chance.bytes(32) : `0x${"0".repeat(24)}${chance.bytes(20).slice(2)}`;
}

/** A state to show: a new one, one from before, or one with something wrong. */
function drawShown(subject: Subject, isFinal: boolean): ShownState {
  const { book, chance, channel, channels, status } = subject;
  const before = book.shown.get(channel.channelId) ?? [];
  const isOld = before.length > 0 && chance.isOneIn(5);
  const step = chance.pick([-1n, 0n, 1n, 1n, 1n, 2n, 7n]);
  const turnNum = status.turnNum + step < 0n ? 0n : status.turnNum + step;
  const others = channels.filter(({ channelId }) => channelId !== channel.channelId);
  const shown = isOld
    ? chance.pick(before)
    : drawShownState(chance, channel, others, { turnNum: turnNum % 2n ** 47n, isFinal });
  if (!isOld) book.shown.set(channel.channelId, [...before.slice(-7), shown]);
  return chance.isOneIn(4) ? spoilShown(chance, channel, shown) : shown;
}

function drawChallenge(subject: Subject): Part {
  const { chance } = subject;
  const shown = drawShown(subject, chance.isOneIn(8));
  const { variablePart } = shown.candidate;
  const stateHash = hashState(subject.channel.channelId, variablePart);
  const given: Challenge = { ...shown, signature: drawChallenger(subject, stateHash) };
  return {
    ...named("challenge", ADJUDICATOR.challenge, given),
    learn: () => learn(subject, { stateHash, outcome: variablePart.outcome }),
  };
}

function drawChallenger({ chance, channel }: Subject, stateHash: Hex): Challenge["signature"] {
  const digest = hashOf(stateHash.slice(2) + wordOf(64n) + encodeText("forceMove"));
  const isStranger = channel.signers.length === 0 || chance.isOneIn(12);
  const signature = signedBy(chance.pick(isStranger ? CAST : channel.signers), digest);
  return chance.isOneIn(12) ? spoilSignature(chance, signature) : signature;
}

function drawCheckpoint(subject: Subject): Part {
  const shown = drawShown(subject, subject.chance.isOneIn(8));
  return named("checkpoint", ADJUDICATOR.checkpoint, shown);
}

function drawConclusion(subject: Subject, name: "conclude" | "concludeAndTransferAllAssets"): Part {
  const shown = drawShown(subject, !subject.chance.isOneIn(8));
  const { candidate, fixedPart } = shown;
  const { outcome } = candidate.variablePart;
  const known = { stateHash: ZERO_HASH, outcome };
  const learned = (logs: readonly ModelLog[]): void =>
    learn(subject, name === "conclude" ? known : afterPayout(known, logs.slice(1), []));
  return { ...named(name, ADJUDICATOR[name], { fixedPart, candidate }), learn: learned };
}

function learn({ adjudicator, book, channel }: Subject, known: Known | undefined): void {
  const place = placeOf(adjudicator, channel.channelId);
  if (known === undefined) book.known.delete(place);
  else book.known.set(place, known);
}

/** What is known of the channel, or something else. */
function drawKnown({ chance, known }: Subject): Known {
  const claim = known ?? { stateHash: ZERO_HASH, outcome: [] };
  if (chance.isOneIn(12)) return { ...claim, stateHash: chance.bytes(32) };
  if (chance.isOneIn(12)) return { ...claim, outcome: spoilOutcome(chance, claim.outcome) };
  return claim;
}

function drawTransfer(subject: Subject): Part {
  const { chance, channel, known } = subject;
  const { outcome, stateHash } = drawKnown(subject);
  const assetIndex = chance.below(outcome.length + (chance.isOneIn(10) ? 1 : 0) || 1);
  const count = outcome[assetIndex]?.allocations.length ?? 0;
  const indices = drawIndices(chance, count);
  const given = {
    assetIndex: BigInt(assetIndex),
    fromChannelId: channel.channelId,
    outcomeBytes: encodeOutcome(outcome),
    stateHash,
    indices,
  };
  const before = known ?? { stateHash, outcome };
  return {
    ...named("transfer", ADJUDICATOR.transfer, given),
    learn: (logs) => learn(subject, afterPayout(before, logs.slice(0, 1), indices)),
  };
}

/** In order most of the time; some of them do not exist. */
function drawIndices(chance: Chance, count: number): readonly bigint[] {
  if (chance.isOneIn(4)) return [];
  const all = Array.from({ length: count + (chance.isOneIn(4) ? 2 : 0) }, (_, index) => index);
  const some = all.filter(() => chance.isOneIn(2)).map(BigInt);
  if (chance.isOneIn(12)) return some.toReversed();
  return chance.isOneIn(12) ? [...some, ...some] : some;
}

type Question = (subject: Subject) => Part;

const QUESTIONS: readonly Question[] = [
  ({ channel }) => named("statusOf", ADJUDICATOR.statusOf, channel),
  ({ channel }) => named("unpackStatus", ADJUDICATOR.unpackStatus, channel),
  ({ channel, chance, stage }) => {
    const asset = chance.pick(assetsOf(stage));
    return named("holdings", ADJUDICATOR.holdings, { asset, channelId: channel.channelId });
  },
  (subject) => named("stateIsSupported", ADJUDICATOR.stateIsSupported, drawShown(subject, false)),
  (subject) => {
    const { chance } = subject;
    const allocations = drawKnown(subject).outcome[0]?.allocations ?? [];
    const indices = drawIndices(chance, allocations.length);
    const given = { held: BigInt(chance.below(300)), allocations, indices };
    return named("compute_transfer", ADJUDICATOR.computeTransfer, given);
  },
  (subject) => {
    const guaranteed = subject.channels.map((one) => about(subject, one)).filter(hasGuarantee);
    const source = drawKnown(guaranteed.length > 0 ? subject.chance.pick(guaranteed) : subject);
    const { assetIndex, index } = drawGuaranteePlace(subject.chance, source);
    const allocations = source.outcome[assetIndex]?.allocations ?? [];
    const target = splitOf(subject.chance, allocations[index]);
    const given = { source: allocations, target, index: BigInt(index) };
    return named("compute_reclaim", ADJUDICATOR.computeReclaim, given);
  },
];

/** What both ends of a virtual channel have, together as much as its guarantee most of the time. */
function splitOf(chance: Chance, guarantee: Allocation | undefined): readonly Allocation[] {
  if (guarantee === undefined) return [];
  const left = guarantee.amount / 3n;
  const right = guarantee.amount - left + (chance.isOneIn(4) ? 1n : 0n);
  const ends = [left, BigInt.asUintN(256, right)].map((amount) => ({ ...guarantee, amount }));
  return chance.isOneIn(8) ? ends.slice(1) : ends;
}

/** A function that answers. Anybody may ask by a transaction as well. */
function drawQuestion(subject: Subject): Part {
  return subject.chance.pick(QUESTIONS)(subject);
}

function drawTransferAll(subject: Subject): Part {
  const { channel, known } = subject;
  const { outcome, stateHash } = drawKnown(subject);
  const { channelId } = channel;
  const before = known ?? { stateHash, outcome };
  return {
    ...named("transferAllAssets", ADJUDICATOR.transferAllAssets, { channelId, outcome, stateHash }),
    learn: (logs) => learn(subject, afterPayout(before, logs, [])),
  };
}

function drawReclaim(given: Subject): Part {
  const { chance, channels } = given;
  // Rarely are a ledger and its virtual channel final together: where some are, one of those.
  const ready = channels.map((one) => about(given, one)).filter(isReclaimable);
  if (ready.length === 0 && !chance.isOneIn(4)) return drawTransfer(given);
  const subject = ready.length > 0 && !chance.isOneIn(4) ? chance.pick(ready) : given;
  const { adjudicator, book, channel, known } = subject;
  const source = drawKnown(subject);
  const place = drawGuaranteePlace(chance, source);
  const guarantee = source.outcome[place.assetIndex]?.allocations[place.index];
  const targetId = chance.isOneIn(15) ? chance.pick(channels).channelId : guarantee?.destination;
  const target = book.known.get(placeOf(adjudicator, targetId ?? ZERO_HASH)) ?? source;
  const asset = source.outcome[place.assetIndex]?.asset;
  const found = target.outcome.findIndex((exit) => exit.asset === asset);
  const targetAssetIndex = chance.isOneIn(15) || found < 0 ? chance.below(3) : found;
  const targetOutcome = chance.isOneIn(15) ? spoilOutcome(chance, target.outcome) : target.outcome;
  const bytes = encodeOutcome(targetOutcome);
  const call = {
    sourceChannelId: channel.channelId,
    sourceStateHash: source.stateHash,
    sourceOutcomeBytes: encodeOutcome(source.outcome),
    sourceAssetIndex: BigInt(place.assetIndex),
    indexOfTargetInSource: BigInt(place.index),
    targetStateHash: chance.isOneIn(15) ? chance.bytes(32) : target.stateHash,
    targetOutcomeBytes: chance.isOneIn(20) ? spoilData(chance, bytes) : bytes,
    targetAssetIndex: BigInt(targetAssetIndex),
  };
  const where = { ...place, index: BigInt(place.index), targetAssetIndex };
  return {
    ...named("reclaim", ADJUDICATOR.reclaim, { call }),
    learn: () => learn(subject, known && afterReclaim(known, target, where)),
  };
}

/** The same adjudicator, and another channel. */
function about(subject: Subject, channel: Channel): Subject {
  const { adjudicator, book, stage } = subject;
  const known = book.known.get(placeOf(adjudicator, channel.channelId));
  const status = statusOf(stage, adjudicator, channel.channelId);
  return { ...subject, channel, known, status };
}

function hasGuarantee({ known }: Subject): boolean {
  return (known?.outcome ?? []).some(({ allocations }) =>
    allocations.some(({ allocationType }) => allocationType === GUARANTEE),
  );
}

function isReclaimable({ adjudicator, book, known, stage, status }: Subject): boolean {
  const outcome = status.isFinalized ? (known?.outcome ?? []) : [];
  return outcome.some(({ allocations }) =>
    allocations.some(
      ({ allocationType, destination }) =>
        allocationType === GUARANTEE &&
        book.known.has(placeOf(adjudicator, destination)) &&
        statusOf(stage, adjudicator, destination).isFinalized,
    ),
  );
}

function drawGuaranteePlace(
  chance: Chance,
  { outcome }: Known,
): { readonly assetIndex: number; readonly index: number } {
  const places = outcome.flatMap(({ allocations }, assetIndex) =>
    allocations.flatMap(({ allocationType }, index) =>
      allocationType === GUARANTEE ? [{ assetIndex, index }] : [],
    ),
  );
  if (places.length > 0 && !chance.isOneIn(10)) return chance.pick(places);
  return { assetIndex: chance.below(3), index: chance.below(5) };
}
