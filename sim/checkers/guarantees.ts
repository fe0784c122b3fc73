/**
 * Oracle: whoever has signed that a virtual channel is open has its whole money as guarantees in the ledger
 * channels on both of her sides, until everybody has signed how it ends. It counts there and nowhere else.
 * That the ledger channels are covered themselves is asked by `coverage.ts`.
 */
import { type Channel, stateAt } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { isFinalOnChain } from "../../src/channel/holdings.ts";
import { guaranteesFor } from "../../src/channel/ledger-outcome.ts";
import { totalOf } from "../../src/channel/outcome.ts";
import { redeemedOutcome } from "../../src/channel/redemption.ts";
import { TURN } from "../../src/channel/state.ts";
import type { ChannelStep, NodeMirror } from "./node-mirror.ts";

/** What is wrong with the guarantees of a node after one record, in words. */
export function brokenGuarantees(step: ChannelStep): string[] {
  const { after, before, mirror, targets } = step;
  const isTouched =
    after.use.type === "Virtual" &&
    (after.supported !== before?.supported || after.mySignedTurn !== before?.mySignedTurn);
  const touched = isTouched ? [after.id] : targets;
  return [
    ...touched.flatMap((target) => brokenFor(mirror, target)),
    ...targets.flatMap((target) => countedTwice(mirror, target)),
    ...uncoveredVoucher(step),
    ...signedAnew(step),
  ];
}

function brokenFor(mirror: NodeMirror, target: ChannelId): string[] {
  const channel = mirror.channels.get(target);
  if (channel?.use.type !== "Virtual" || !isCountedOn(mirror, channel)) return [];
  return [channel.use.left, channel.use.right].flatMap((ledgerId) => {
    const ledger = ledgerId && currentLedger(mirror, ledgerId);
    if (ledger === undefined || mirror.takenBack.has(ledger.id) || isOver(ledger)) return [];
    const missing = missingIn(ledger, channel);
    return missing === undefined ? [] : `${mirror.node} counts on ${target}, and ${missing}`;
  });
}

function currentLedger(mirror: NodeMirror, ledgerId: ChannelId): Channel | undefined {
  const ledger = mirror.channels.get(ledgerId);
  const successor = ledger?.ledger?.successor;
  return successor === undefined ? ledger : currentLedger(mirror, successor);
}

/** Before her own postfund nobody owes anything for the channel; behind its end, on the chain or off it, guarantees go. */
function isCountedOn({ takenBack }: NodeMirror, channel: Channel): boolean {
  const { id, myIndex, supported, wasOpen } = channel;
  const isSigned = stateAt(channel, TURN.postfund)?.signatures[myIndex] !== undefined;
  const isEnded = supported?.variablePart.isFinal === true || isFinalOnChain(channel);
  return (isSigned || wasOpen) && !isEnded && !takenBack.has(id);
}

/** What the chain pays out is settled there; a successor goes on with the guarantees of a final state. */
function isOver({ concluded, paidOut, supported }: Channel): boolean {
  return concluded || paidOut.size > 0 || supported?.variablePart.isFinal === true;
}

function missingIn(ledger: Channel, { fundingOutcome, id }: Channel): string | undefined {
  const outcome = ledger.supported?.variablePart.outcome ?? [];
  for (const exit of fundingOutcome) {
    const own = outcome.filter(({ asset }) => asset === exit.asset);
    const [guarantee] = guaranteesFor(own, id);
    const amount = guarantee?.amount ?? 0n;
    if (amount === totalOf(exit)) continue;
    return `the ledger ${ledger.id} guarantees ${amount} of its ${totalOf(exit)} of ${exit.asset}`;
  }
  return undefined;
}

function countedTwice({ channels, deposits, funders, node }: NodeMirror, target: ChannelId) {
  const ledgers = [...(funders.get(target) ?? [])].flatMap((id) => channels.get(id) ?? []);
  // A ledger that is to take another one's place counts once it has.
  const running = ledgers.filter(
    (ledger) =>
      !isOver(ledger) && (deposits.has(ledger.id) || ledger.ledger?.predecessor !== undefined),
  );
  const [one] = running;
  if (one !== undefined && deposits.has(target)) {
    return [`${node} counts on ${target} by its deposits, and by a guarantee in ${one.id}`];
  }
  const twice = running.find((ledger, place) =>
    running.slice(0, place).some(isOfSamePeers(ledger)),
  );
  return twice === undefined
    ? []
    : [`${node} counts on ${target} in ${twice.id} for a second time`];
}

function isOfSamePeers({ fixedPart }: Channel): (other: Channel) => boolean {
  return (other) =>
    fixedPart.participants.every((one) => other.fixedPart.participants.includes(one));
}

/**
 * A voucher is money only in an open channel, and only up to what its payer has there. Of what the payee has
 * paid back, nothing counts but what she can show the payer's receipt for. Source: ADR 0020.
 */
function uncoveredVoucher({ after, event }: ChannelStep): string[] {
  if (event.type !== "VoucherReceived") return [];
  const about = `voucher ${event.counter} of ${after.id}`;
  if (!after.wasOpen) return [`${about} is taken before the channel is open`];
  const { issuedReceipted, received } = after.vouchers;
  const [left, right] = event.by === 0 ? [received, issuedReceipted] : [issuedReceipted, received];
  const outcome = redeemedOutcome(after.fundingOutcome, left?.amounts, right?.amounts);
  return outcome.ok ? [] : [`${about} promises what nobody could redeem (${outcome.reason.code})`];
}

/** A signature is over one promise: the contract takes no second voucher with it. */
function signedAnew({ after, before, event }: ChannelStep): string[] {
  if (event.type !== "VoucherReceived") return [];
  const earlier = before?.vouchers.received;
  if (earlier === undefined || earlier.signature !== event.signature) return [];
  if (earlier.counter === event.counter) return [];
  return [
    `voucher ${event.counter} of ${after.id} has the signature of voucher ${earlier.counter}: nobody could redeem it`,
  ];
}
