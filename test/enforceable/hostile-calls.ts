/**
 * Each call of the contracts that others can make against one party: they own their keys, and have every signature
 * that she ever gave, so that they can sign whatever she has signed. Who sends a call makes no difference to it.
 */

import { type ActorName, keyOf } from "../../sim/actors.ts";
import type { PromisedVoucher, Promises } from "../../sim/checkers/promises.ts";
import type { World } from "../../sim/world.ts";
import {
  type ContractCall,
  challengeCall,
  checkpointCall,
  concludeAndTransferAllAssetsCall,
  concludeCall,
  depositCall,
  type SignedVariablePart,
} from "../../src/chain/adjudicator.ts";
import { callOf, holdingsAt } from "../../src/chain/adjudicator-calls.ts";
import { guaranteePlace } from "../../src/channel/adjudication.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import { voucherReceiptHash } from "../../src/channel/payment-voucher.ts";
import { type ReceiptedVoucher, redemptionState } from "../../src/channel/redemption.ts";
import { stateHash, type VariablePart } from "../../src/channel/state.ts";
import { challengeHash } from "../../src/channel/state-challenge.ts";
import { promiseHash } from "../../src/channel/voucher.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Hash, Signature } from "../../src/crypto/signature.ts";
import { assertDefined } from "../../src/primitives/assert.ts";

/** One call, by what it shows and where. */
export type HostileCall =
  /** A state that she has signed, with the signatures of all others; stale or not. */
  | {
      readonly type: "Challenge" | "Checkpoint";
      readonly channelId: ChannelId;
      readonly turnNum: number;
    }
  /** A final state that she has signed. */
  | {
      readonly type: "Conclude" | "ConcludeAndPay";
      readonly channelId: ChannelId;
      readonly turnNum: number;
    }
  /** One of her vouchers, by its counter, old or not. */
  | {
      readonly type: "Redeem" | "CheckpointVoucher";
      readonly channelId: ChannelId;
      readonly counter: number;
    }
  /** One wei that nobody asked for. */
  | { readonly type: "Wei"; readonly channelId: ChannelId }
  /** What anybody may do once a channel is final. */
  | { readonly type: "PayAll"; readonly channelId: ChannelId }
  | { readonly type: "PayOne"; readonly channelId: ChannelId; readonly place: number }
  | { readonly type: "Reclaim"; readonly channelId: ChannelId; readonly nth: number };

/** What the contract has as the end of a channel, as far as the others know. */
export type Shown = { readonly outcome: Outcome; readonly stateHash: Hash };

/** Claims of one final asset that are paid one by one: the first, and the two that may be balances. */
const PLACES = [0, 1, 2];

/** Every call that can be made against her. */
export function hostileCalls(promises: ReadonlyMap<ChannelId, Promises>): readonly HostileCall[] {
  return [...promises.values()].flatMap((channel): HostileCall[] => {
    const { channelId, issued, me, states, use } = channel;
    const own = [...states.values()].filter(({ signatures }) => signatures.has(me));
    const turns = own.map(({ variablePart }) => variablePart.turnNum);
    const finals = own.filter(({ variablePart }) => variablePart.isFinal);
    return [
      ...turns.flatMap((turnNum): HostileCall[] => [
        { type: "Challenge", channelId, turnNum },
        { type: "Checkpoint", channelId, turnNum },
      ]),
      ...finals.flatMap(({ variablePart: { turnNum } }): HostileCall[] => [
        { type: "Conclude", channelId, turnNum },
        { type: "ConcludeAndPay", channelId, turnNum },
      ]),
      ...issued.flatMap(({ counter }): HostileCall[] => [
        { type: "Redeem", channelId, counter },
        { type: "CheckpointVoucher", channelId, counter },
      ]),
      { type: "Wei", channelId },
      { type: "PayAll", channelId },
      ...PLACES.map((place): HostileCall => ({ type: "PayOne", channelId, place })),
      ...(use.type === "Ledger"
        ? [0, 1].map((nth): HostileCall => ({ type: "Reclaim", channelId, nth }))
        : []),
    ];
  });
}

/** Everything that the others need to make a call now. */
export type Crowd = {
  readonly world: World;
  readonly promises: ReadonlyMap<ChannelId, Promises>;
  readonly shown: ReadonlyMap<ChannelId, Shown>;
};

/** The call as data; undefined when there is nothing to show for it. */
export async function contractCallOf(
  crowd: Crowd,
  call: HostileCall,
): Promise<ContractCall | undefined> {
  const { adjudicator } = crowd.world.options.chain.deployment;
  const channel = crowd.promises.get(call.channelId);
  if (channel === undefined) return undefined;
  switch (call.type) {
    case "Challenge":
    case "Checkpoint":
      return showing(crowd, channel, call, call.turnNum);
    case "Conclude":
    case "ConcludeAndPay": {
      const final = completed(crowd, channel, call.turnNum);
      if (final === undefined) return undefined;
      const make = call.type === "Conclude" ? concludeCall : concludeAndTransferAllAssetsCall;
      return make(adjudicator, channel.fixedPart, final.variablePart, final.signatures);
    }
    case "Redeem":
    case "CheckpointVoucher":
      return redeeming(crowd, channel, call);
    case "Wei": {
      const { channelId } = channel;
      const { rpc } = crowd.world.options.chain.local;
      const expectedHeld = await holdingsAt(rpc, adjudicator, ZERO_ADDRESS, channelId);
      return depositCall(adjudicator, { asset: ZERO_ADDRESS, channelId, expectedHeld, amount: 1n });
    }
    case "PayAll": {
      const shown = crowd.shown.get(call.channelId);
      if (shown === undefined) return undefined;
      const { channelId } = channel;
      return callOf(adjudicator, { type: "TransferAllAssets", channelId, ...shown });
    }
    case "PayOne":
      return payingOne(crowd, channel, call.place);
    case "Reclaim":
      return reclaiming(crowd, channel, call.nth);
  }
}

function showing(
  crowd: Crowd,
  channel: Promises,
  { type }: HostileCall,
  turnNum: number,
): ContractCall | undefined {
  const candidate = completed(crowd, channel, turnNum);
  if (candidate === undefined) return undefined;
  return shownAs(crowd, channel, type === "Challenge", { proof: [], candidate });
}

function shownAs(
  crowd: Crowd,
  channel: Promises,
  isChallenge: boolean,
  claim: {
    readonly proof: readonly SignedVariablePart[];
    readonly candidate: SignedVariablePart;
  },
): ContractCall {
  const { fixedPart } = channel;
  const { adjudicator } = crowd.world.options.chain.deployment;
  if (!isChallenge) return checkpointCall(adjudicator, { fixedPart, ...claim });
  const hash = challengeHash(stateHash(channel.channelId, claim.candidate.variablePart));
  const challenger = assertDefined(othersOf(crowd, channel)[0], "somebody else");
  return challengeCall(adjudicator, { fixedPart, ...claim }, signedBy(crowd, challenger, hash));
}

/** The state with the signatures of all: hers, as she gave it, and everybody else's, as they please. */
function completed(
  crowd: Crowd,
  channel: Promises,
  turnNum: number,
): SignedVariablePart | undefined {
  const state = channel.states.get(turnNum);
  const own = state?.signatures.get(channel.me);
  if (state === undefined || own === undefined) return undefined;
  const { variablePart } = state;
  const hash = stateHash(channel.channelId, variablePart);
  const signatures = channel.fixedPart.participants.map((participant, index) =>
    index === channel.me ? own : signedBy(crowd, nameOf(crowd, participant), hash),
  );
  return { variablePart, signatures };
}

/** The other end receipts any voucher of hers, and shows of her own what she has receipted. */
function redeeming(
  crowd: Crowd,
  channel: Promises,
  { counter, type }: HostileCall & { readonly type: "Redeem" | "CheckpointVoucher" },
): ContractCall | undefined {
  const voucher = channel.issued.find((one) => one.counter === counter);
  const opening = completed(crowd, channel, 1);
  if (voucher === undefined || opening === undefined) return undefined;
  const { fixedPart, funding, me } = channel;
  const other = assertDefined(
    fixedPart.participants[me === 0 ? fixedPart.participants.length - 1 : 0],
    "the other end",
  );
  const name = nameOf(crowd, other);
  const hers = receipted(crowd, channel, voucher, name);
  const theirs = channel.receiptedByMe.at(-1);
  const vouchers = me === 0 ? { left: hers, right: theirs } : { left: theirs, right: hers };
  const redeemed = redemptionState(funding, vouchers);
  if (!redeemed.ok) return undefined;
  const candidate: SignedVariablePart = {
    variablePart: redeemed.value,
    signatures: [signedBy(crowd, name, stateHash(channel.channelId, redeemed.value))],
  };
  return shownAs(crowd, channel, type === "Redeem", { proof: [opening], candidate });
}

function receipted(
  crowd: Crowd,
  { channelId }: Promises,
  { amounts, counter, signature }: PromisedVoucher,
  by: ActorName,
): ReceiptedVoucher {
  const hash = promiseHash("enforceable", channelId, { amounts, counter });
  const receipt = signedBy(crowd, by, voucherReceiptHash(hash));
  return { amounts, counter, signature, receipt };
}

function payingOne(
  { shown, world }: Crowd,
  { channelId }: Promises,
  place: number,
): ContractCall | undefined {
  const end = shown.get(channelId);
  const assetIndex = end?.outcome.findIndex(({ allocations }) => place < allocations.length) ?? -1;
  if (end === undefined || assetIndex < 0) return undefined;
  const { adjudicator } = world.options.chain.deployment;
  return callOf(adjudicator, { type: "Transfer", channelId, assetIndex, ...end, indices: [place] });
}

function reclaiming(
  { promises, shown, world }: Crowd,
  { channelId }: Promises,
  nth: number,
): ContractCall | undefined {
  const source = shown.get(channelId);
  if (source === undefined) return undefined;
  const chosen = [...promises.keys()].flatMap((id) => guaranteesFor(source, id, shown.get(id)))[
    nth
  ];
  if (chosen === undefined) return undefined;
  const { assetIndex, exit, place, target, targetId } = chosen;
  return callOf(world.options.chain.deployment.adjudicator, {
    type: "Reclaim",
    channelId,
    sourceStateHash: source.stateHash,
    sourceOutcome: source.outcome,
    sourceAssetIndex: assetIndex,
    indexOfTargetInSource: place,
    targetId,
    targetStateHash: target.stateHash,
    targetOutcome: target.outcome,
    targetAssetIndex: target.outcome.findIndex((one) => one.asset === exit.asset),
  });
}

/** Where a final ledger guarantees a final virtual channel, asset by asset. */
function guaranteesFor(source: Shown, targetId: ChannelId, target: Shown | undefined) {
  return source.outcome.flatMap((exit, assetIndex) => {
    const place = guaranteePlace(exit, targetId);
    return place < 0 || target === undefined ? [] : [{ assetIndex, exit, place, target, targetId }];
  });
}

function othersOf(crowd: Crowd, { fixedPart, me }: Promises): readonly ActorName[] {
  return fixedPart.participants
    .filter((_, index) => index !== me)
    .map((participant) => nameOf(crowd, participant));
}

function nameOf({ world }: Crowd, address: Address): ActorName {
  const node = [...world.nodes.values()].find((one) => one.address === address);
  return assertDefined(node, "a member of the cast").parts.name;
}

function signedBy({ world }: Crowd, name: ActorName, hash: Hash): Signature {
  return world.options.signatures.signHash(hash, keyOf(name));
}

/** What the contract has once this state was shown to it. */
export function shownBy(channelId: ChannelId, variablePart: VariablePart): Shown {
  return { outcome: variablePart.outcome, stateHash: stateHash(channelId, variablePart) };
}
