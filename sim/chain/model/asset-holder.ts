/** How the adjudicator keeps money and gives it away: deposit, transfer and reclaim. Source: MultiAssetHolder, NitroAdjudicator. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { BYTES32, type Codec, sourceOf, tuple } from "./abi.ts";
import { type Frame, topicOf } from "./contract.ts";
import {
  isExternal,
  type PayTokens,
  payOut,
  readHoldings,
  sum,
  takeTokens,
  writeHoldings,
  ZERO_ADDRESS,
} from "./purses.ts";
import { PANIC, panic, require, revertWith } from "./revert.ts";
import { deleteStatus, requireFinalized, requireFingerprint, updateFingerprint } from "./status.ts";
import {
  type Allocation,
  type Exit,
  GUARANTEE,
  hashOutcome,
  OUTCOME,
  ZERO_HASH,
} from "./structs.ts";
import { hashOf, wordOf } from "./words.ts";

const TOPIC = {
  deposited: topicOf("Deposited(bytes32,address,uint256)"),
  allocationUpdated: topicOf("AllocationUpdated(bytes32,uint256,uint256,uint256)"),
  reclaimed: topicOf("Reclaimed(bytes32,uint256)"),
} as const;

/** An outcome in bytes, as it is decoded. */
export const OUTCOME_BYTES: Codec<{ readonly outcome: readonly Exit[] }> = tuple({
  outcome: OUTCOME,
});

const GUARANTEE_DATA = tuple<{ readonly left: Hex; readonly right: Hex }>({
  left: BYTES32,
  right: BYTES32,
});

/** What is deposited. */
export type DepositCall = {
  readonly asset: Hex;
  readonly channelId: Hex;
  readonly expectedHeld: bigint;
  readonly amount: bigint;
};

/** Takes coins or tokens for a channel. */
export function deposit(
  frame: Frame,
  { amount, asset, channelId, expectedHeld }: DepositCall,
): void {
  require(!isExternal(channelId), "Deposit to external destination");
  const held = readHoldings(frame, asset, channelId);
  require(held === expectedHeld, "held != expectedHeld");
  if (asset === ZERO_ADDRESS) {
    require(frame.valueWei === amount, "Incorrect msg.value for deposit");
  } else {
    takeTokens(frame, asset, amount);
  }
  const after = sum(held, amount);
  writeHoldings(frame, asset, channelId, after);
  const data: Hex = `0x${asset.slice(2).padStart(64, "0")}${wordOf(after)}`;
  frame.machine.tell({ address: frame.self, topics: [TOPIC.deposited, channelId], data });
}

/** How tokens are paid, and how what is held is shared out. */
export type PayoutRules = {
  readonly payTokens: PayTokens;
  readonly share: typeof transferEffects;
};

/** What is paid out by `transfer`. */
export type TransferCall = {
  readonly assetIndex: bigint;
  readonly fromChannelId: Hex;
  readonly outcomeBytes: Hex;
  readonly stateHash: Hex;
  readonly indices: readonly bigint[];
};

/** Pays some allocations of one asset. */
export function transfer(
  frame: Frame,
  call: TransferCall,
  { payTokens, share }: PayoutRules,
): void {
  const { assetIndex, fromChannelId: channelId, indices, outcomeBytes, stateHash } = call;
  if (indices.some((index, place) => place > 0 && (indices[place - 1] ?? 0n) >= index)) {
    throw revertWith("Indices must be sorted");
  }
  requireFinalized(frame, channelId);
  requireFingerprint(frame, channelId, stateHash, hashOf(outcomeBytes.slice(2)));
  const { outcome } = OUTCOME_BYTES.decode(sourceOf(outcomeBytes), 0);
  const exit = at(outcome, assetIndex);
  const held = readHoldings(frame, exit.asset, channelId);
  const effects = share(held, exit.allocations, indices);
  writeHoldings(frame, exit.asset, channelId, difference(held, effects.paid));
  const after = replaced(outcome, assetIndex, effects.left);
  updateFingerprint(frame, channelId, stateHash, hashOutcome(after));
  tellUpdate(frame, channelId, assetIndex, held, held - effects.paid);
  payOut(frame, exit.asset, effects.exits, payTokens);
}

/** What is paid out by `transferAllAssets`. */
export type TransferAllCall = {
  readonly channelId: Hex;
  readonly outcome: readonly Exit[];
  readonly stateHash: Hex;
};

/** Pays all that can be paid of all assets, and forgets the channel where nothing is left to pay. */
export function transferAllAssets(
  frame: Frame,
  { channelId, outcome, stateHash }: TransferAllCall,
  { payTokens, share }: PayoutRules,
): void {
  requireFinalized(frame, channelId);
  requireFingerprint(frame, channelId, stateHash, hashOutcome(outcome));
  const parts = outcome.map(({ allocations, asset }) => {
    const held = readHoldings(frame, asset, channelId);
    return { asset, held, ...share(held, allocations, []) };
  });
  for (const [index, { asset, held, paid }] of parts.entries()) {
    // Read again: an asset that stands in the outcome twice is paid from one purse.
    const after = difference(readHoldings(frame, asset, channelId), paid);
    writeHoldings(frame, asset, channelId, after);
    tellUpdate(frame, channelId, BigInt(index), held, after);
  }
  if (parts.every(({ left }) => left.every(({ amount }) => amount === 0n))) {
    deleteStatus(frame, channelId);
  } else {
    const after = outcome.map((exit, index) => ({
      ...exit,
      allocations: parts[index]?.left ?? [],
    }));
    updateFingerprint(frame, channelId, stateHash, hashOutcome(after));
  }
  for (const { asset, exits } of parts) payOut(frame, asset, exits, payTokens);
}

/** What paying does to the allocations of one asset. */
export type TransferEffects = {
  /** The allocations as they are afterwards. */
  readonly left: readonly Allocation[];
  /** What is paid, in the order of the indices; an index that does not exist pays nobody nothing. */
  readonly exits: readonly Allocation[];
  readonly paid: bigint;
};

/** Nobody is paid nothing. */
const NO_ALLOCATION: Allocation = {
  destination: ZERO_HASH,
  amount: 0n,
  allocationType: 0n,
  metadata: "0x",
};

/** Shares out what is held in the order of the allocations. Source: compute_transfer_effects_and_interactions. */
export function transferEffects(
  held: bigint,
  allocations: readonly Allocation[],
  indices: readonly bigint[],
): TransferEffects {
  const isAll = indices.length === 0;
  const exits = new Array<Allocation>(isAll ? allocations.length : indices.length).fill(
    NO_ALLOCATION,
  );
  const left: Allocation[] = [];
  let surplus = held;
  let paid = 0n;
  let next = 0;
  for (const [index, allocation] of allocations.entries()) {
    const isEnough = allocation.amount <= surplus;
    const affordable = isEnough ? allocation.amount : surplus;
    const isChosen = isAll || indices[next] === BigInt(index);
    if (isChosen) {
      // The contract looks at the type by the place in the list of indices, not by the index.
      if (allocations[next]?.allocationType === GUARANTEE) {
        throw revertWith("cannot transfer a guarantee");
      }
      exits[next] = { ...allocation, amount: affordable };
      paid += affordable;
      next++;
    }
    left.push(isChosen ? { ...allocation, amount: allocation.amount - affordable } : allocation);
    surplus -= affordable;
  }
  return { left, exits, paid };
}

/** A guarantee, and the final outcome of the channel that it is for. */
export type ReclaimCall = {
  readonly sourceChannelId: Hex;
  readonly sourceStateHash: Hex;
  readonly sourceOutcomeBytes: Hex;
  readonly sourceAssetIndex: bigint;
  readonly indexOfTargetInSource: bigint;
  readonly targetStateHash: Hex;
  readonly targetOutcomeBytes: Hex;
  readonly targetAssetIndex: bigint;
};

/** Turns a guarantee into amounts for those who gave it. */
export function reclaim(frame: Frame, call: ReclaimCall): void {
  const { sourceAssetIndex, sourceChannelId, sourceOutcomeBytes, sourceStateHash } = call;
  requireFinalized(frame, sourceChannelId);
  const sourceHash = hashOf(sourceOutcomeBytes.slice(2));
  requireFingerprint(frame, sourceChannelId, sourceStateHash, sourceHash);
  const { outcome: source } = OUTCOME_BYTES.decode(sourceOf(sourceOutcomeBytes), 0);
  const { outcome: target } = OUTCOME_BYTES.decode(sourceOf(call.targetOutcomeBytes), 0);
  const { allocations, asset } = at(source, sourceAssetIndex);
  const guarantee = at(allocations, call.indexOfTargetInSource);
  require(guarantee.allocationType === GUARANTEE, "not a guarantee allocation");
  const targetExit = at(target, call.targetAssetIndex);
  require(targetExit.asset === asset, "targetAsset != guaranteeAsset");
  requireFinalized(frame, guarantee.destination);
  const targetHash = hashOf(call.targetOutcomeBytes.slice(2));
  requireFingerprint(frame, guarantee.destination, call.targetStateHash, targetHash);

  const after = reclaimEffects(allocations, targetExit.allocations, call.indexOfTargetInSource);
  const outcomeHash = hashOutcome(replaced(source, sourceAssetIndex, after));
  updateFingerprint(frame, sourceChannelId, sourceStateHash, outcomeHash);
  frame.machine.tell({
    address: frame.self,
    topics: [TOPIC.reclaimed, sourceChannelId],
    data: `0x${wordOf(sourceAssetIndex)}`,
  });
}

/** The allocations of the source without the guarantee. Source: compute_reclaim_effects. */
export function reclaimEffects(
  source: readonly Allocation[],
  target: readonly Allocation[],
  index: bigint,
): readonly Allocation[] {
  if (source.length === 0) throw panic(PANIC.arithmetic);
  const guarantee = at(source, index);
  const { left, right } = GUARANTEE_DATA.decode(sourceOf(guarantee.metadata), 0);
  const after: Allocation[] = [];
  let reclaimed = 0n;
  let isLeftFound = false;
  let isRightFound = false;
  for (const [place, allocation] of source.entries()) {
    if (BigInt(place) === index) continue;
    let { amount } = allocation;
    if (!isLeftFound && allocation.destination === left) {
      const back = at(target, 0n).amount;
      amount = sum(amount, back);
      reclaimed = sum(reclaimed, back);
      isLeftFound = true;
    }
    if (!isRightFound && allocation.destination === right) {
      const back = at(target, 1n).amount;
      amount = sum(amount, back);
      reclaimed = sum(reclaimed, back);
      isRightFound = true;
    }
    after.push({ ...allocation, amount });
  }
  require(isLeftFound, "could not find left");
  require(isRightFound, "could not find right");
  require(reclaimed === guarantee.amount, "totalReclaimed!=guarantee.amount");
  return after;
}

function tellUpdate(
  { machine, self }: Frame,
  channelId: Hex,
  assetIndex: bigint,
  before: bigint,
  after: bigint,
): void {
  const data: Hex = `0x${wordOf(assetIndex)}${wordOf(before)}${wordOf(after)}`;
  machine.tell({ address: self, topics: [TOPIC.allocationUpdated, channelId], data });
}

function replaced(
  outcome: readonly Exit[],
  assetIndex: bigint,
  allocations: readonly Allocation[],
): readonly Exit[] {
  return outcome.map((exit, index) =>
    BigInt(index) === assetIndex ? { ...exit, allocations } : exit,
  );
}

function at<Element>(elements: readonly Element[], index: bigint): Element {
  const element = index < BigInt(elements.length) ? elements[Number(index)] : undefined;
  if (element === undefined) throw panic(PANIC.index);
  return element;
}

function difference(left: bigint, right: bigint): bigint {
  if (left < right) throw panic(PANIC.arithmetic);
  return left - right;
}
