/** What a ledger channel can still carry: the free money on this node's side, and the room for guarantees. */
import { type Channel, ledgerOf, phaseOf, supportedState } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { Profile } from "../channel/channel-use.ts";
import { coversOpening } from "../channel/holdings.ts";
import { GUARANTEES_MAX } from "../channel/ledger-limits.ts";
import { freeBalance, guaranteeCount, guaranteedIn } from "../channel/ledger-outcome.ts";
import type { ReservedAmount } from "../channel/ledger-proposal.ts";
import { directDefundId, isWithdrawalId, targetOf } from "../channel/objective-id.ts";
import { ALLOCATION_TYPE, type Outcome } from "../channel/outcome.ts";
import { remembering } from "../channel/remembered.ts";
import type { Address } from "../crypto/address.ts";
import type { Hex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { feeOn } from "../protocols/guarantees.ts";
import { isActive } from "../protocols/objective.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { currentLedger } from "./crank-channel.ts";
import type { NodeTables } from "./node-state.ts";

/** True for a ledger channel with this peer that takes new guarantees. */
export function isOpenLedger(
  tables: NodeTables,
  channel: Channel | undefined,
  profile: Profile,
  peer: Address,
): channel is Channel {
  if (channel?.ledger?.profile !== profile || !isGoingOn(channel)) return false;
  const defund = tables.objectives.get(directDefundId(channel.id));
  const isClosing = defund !== undefined && isActive(defund);
  // What is set aside in a ledger that takes another one's place waits until it is paid.
  const isLive = channel.ledger.predecessor !== undefined || coversOpening(channel);
  return isLive && !isClosing && channel.fixedPart.participants.includes(peer);
}

/** What is set aside in a ledger that ends by a withdrawal goes over to the next one. */
function isGoingOn(channel: Channel): boolean {
  const phase = phaseOf(channel);
  const isHandedOver = ledgerOf(channel).reserved.keys().some(isWithdrawalId);
  if (isHandedOver) return phase === "Running" || phase === "Closing";
  return phase === "Running" && !channel.finalSignedByMe;
}

/**
 * Refuses what the ledger cannot carry: more of my money than is free in every state that may still be the
 * supported one, or more guarantees than it may have. What is set aside for others is not free, nor is a fee
 * that I may have to give back.
 */
export function checkCapacity(
  tables: NodeTables,
  ledger: Channel,
  amounts: readonly ReservedAmount[],
): Result<undefined, Rejection> {
  for (const outcome of outcomesOf(ledger)) {
    const reserved = reservedBeside(ledger, outcome);
    const count = guaranteeCount(outcome) + reserved.count;
    if (count + amounts.length > GUARANTEES_MAX) return reject({ code: "GuaranteesFull", count });
    const enough = checkFree(tables, ledger, { outcome, reserved: reserved.amounts }, amounts);
    if (!enough.ok) return enough;
  }
  return accept(undefined);
}

/** Refuses more of my money than is free, as `checkCapacity` does, where no guarantee is to come of it. */
export function checkFunds(
  tables: NodeTables,
  ledger: Channel,
  amounts: readonly ReservedAmount[],
): Result<undefined, Rejection> {
  for (const outcome of outcomesOf(ledger)) {
    const reserved = reservedBeside(ledger, outcome).amounts;
    const enough = checkFree(tables, ledger, { outcome, reserved }, amounts);
    if (!enough.ok) return enough;
  }
  return accept(undefined);
}

function checkFree(
  tables: NodeTables,
  ledger: Channel,
  { outcome, reserved }: { outcome: Outcome; reserved: ReadonlyMap<Address, bigint> },
  amounts: readonly ReservedAmount[],
): Result<undefined, Rejection> {
  const { profile } = ledgerOf(ledger);
  for (const { amount, asset } of amounts) {
    const free = freeBalance(profile, outcome, ledger.myIndex, asset);
    if (free === undefined) return reject({ code: "AssetMismatch", asset });
    const fees = refundable(tables, ledger, outcome, asset);
    const available = free - (reserved.get(asset) ?? 0n) - fees;
    if (available < amount) return reject({ code: "InsufficientFunds", available, asked: amount });
  }
  return accept(undefined);
}

/** Of every state that may still be the supported one. What ends the ledger hands its money over. */
function outcomesOf(ledger: Channel): readonly Outcome[] {
  const states = [supportedState(ledger), ...ledger.pending.values()];
  return states.flatMap(({ variablePart }) => (variablePart.isFinal ? [] : [variablePart.outcome]));
}

/** What is set aside, and not in the outcome as a guarantee already. */
function reservedBeside(
  ledger: Channel,
  outcome: Outcome,
): { readonly count: number; readonly amounts: ReadonlyMap<Address, bigint> } {
  const amounts = new Map<Address, bigint>();
  const funded = fundedBy(outcome);
  let count = 0;
  for (const [objectiveId, reserved] of ledgerOf(ledger).reserved) {
    const target = targetOf(objectiveId);
    if (target !== undefined && funded.has(target)) continue;
    // Money that is to be withdrawn takes no room.
    if (target !== undefined) count += reserved.length;
    for (const { amount, asset } of reserved) {
      amounts.set(asset, (amounts.get(asset) ?? 0n) + amount);
    }
  }
  return { count, amounts };
}

/** The channels that an outcome funds. Of a hundred openings at once, each one asks for them. */
const fundedBy: (outcome: Outcome) => ReadonlySet<ChannelId> = remembering(
  (outcome) => new Set(guaranteedIn(outcome)),
);

/** Fees of one asset that I was given in this outcome for channels that never were open so far. */
function refundable(tables: NodeTables, ledger: Channel, outcome: Outcome, asset: Address): bigint {
  let total = 0n;
  const exit = outcome.find((one) => one.asset === asset);
  for (const { allocationType, destination } of exit?.allocations ?? []) {
    if (allocationType === ALLOCATION_TYPE.simple) continue;
    // A guarantee pays the channel whose id its destination is.
    const target = tables.channels.get(destination as Hex as ChannelId);
    if (target?.use.type !== "Virtual" || target.wasOpen) continue;
    const { left } = target.use;
    const isFromHere = left !== undefined && currentLedger(tables, left).id === ledger.id;
    const isFirstAsset = target.fundingOutcome[0]?.asset === asset;
    if (isFromHere && isFirstAsset) total += feeOn(target, "left");
  }
  return total;
}

/**
 * My ledger channel with a peer that can carry this: the one that was opened last, as the older ones are the
 * ones that are full.
 */
export function findLedger(
  tables: NodeTables,
  ledgers: readonly ChannelId[],
  hop: {
    readonly profile: Profile;
    readonly peer: Address;
    readonly amounts: readonly ReservedAmount[];
  },
): Channel | undefined {
  for (const id of ledgers.toReversed()) {
    const ledger = tables.channels.get(id);
    if (ledger === undefined || isFull(ledger, hop.amounts.length)) continue;
    if (!isOpenLedger(tables, ledger, hop.profile, hop.peer)) continue;
    if (checkCapacity(tables, ledger, hop.amounts).ok) return ledger;
  }
  return undefined;
}

/** True when the supported state alone leaves no room: of many ledgers most are, so this is asked first. */
function isFull({ supported }: Channel, added: number): boolean {
  const outcome = supported?.variablePart.outcome ?? [];
  return guaranteeCount(outcome) + added > GUARANTEES_MAX;
}
