/**
 * Oracle: nobody counts as money what holdings do not cover in the order of the allocations. A channel counts
 * once its node has it as funded, with every claim of its newest supported state, until it is paid out.
 */
import { type Channel, supportsTurn } from "../../src/channel/channel.ts";
import { held } from "../../src/channel/holdings.ts";
import {
  ALLOCATION_TYPE,
  isSameOutcome,
  type Outcome,
  type SingleAssetExit,
} from "../../src/channel/outcome.ts";
import { isShaken } from "../../src/channel/remembered-facts.ts";
import { TURN } from "../../src/channel/state.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { NodeMirror } from "./node-mirror.ts";

/** What somebody holds for one channel, by asset, in the asset's smallest unit. */
export type HeldOf = (asset: Address) => bigint;

/**
 * The outcome that a node takes for money in a channel that deposits fund; undefined while it does not, and
 * from the first payout that it has seen.
 */
export function countedOutcome(mirror: NodeMirror, channel: Channel): Outcome | undefined {
  const isPaidOut = channel.concluded || channel.paidOut.size > 0;
  if (isPaidOut || !isTakenForFunded(mirror, channel)) return undefined;
  return channel.supported?.variablePart.outcome;
}

/**
 * A channel that is not opened by deposits is taken for funded as soon as it moves on from its opening. To end it as
 * it was opened is to count on nothing: paid or not, the end is worth what the opening is.
 */
function isTakenForFunded({ deposits }: NodeMirror, channel: Channel): boolean {
  if (channel.use.type === "Virtual") return false;
  const funding = deposits.get(channel.id);
  if (funding === undefined) {
    return supportsTurn(channel, TURN.postfund + 1) && !endsAsOpened(channel);
  }
  return funding === "Complete" || supportsTurn(channel, TURN.postfund);
}

function endsAsOpened({ fundingOutcome, supported }: Channel): boolean {
  if (supported === undefined) return false;
  const { isFinal, outcome } = supported.variablePart;
  return isFinal && isSameOutcome(outcome, fundingOutcome);
}

/** The first claim that is not covered by what the node itself knows to be held, in words. */
export function uncoveredAtNode(mirror: NodeMirror, channel: Channel): string | undefined {
  // A log that lost its end knows of deposits only what it has read again since.
  if (mirror.takenBack.has(channel.id)) return undefined;
  // Whose endpoint takes logs back, be it to tell them again with a late one, signs nothing until they are there.
  if (isShaken(channel)) return undefined;
  const outcome = countedOutcome(mirror, channel);
  return outcome && uncoveredClaim(channel, outcome, (asset) => held(channel, asset));
}

/** The first claim of an outcome that holdings do not reach, asset by asset; undefined when all are covered. */
export function uncoveredClaim(
  { fixedPart }: Pick<Channel, "fixedPart">,
  outcome: Outcome,
  heldOf: HeldOf,
): string | undefined {
  for (const exit of outcome) {
    const balances = fixedPart.participants.length;
    const missing = shortOf(exit, heldOf(exit.asset), balances);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

function shortOf(exit: SingleAssetExit, holdings: bigint, balances: number): string | undefined {
  let left = holdings;
  let simple = 0;
  for (const [index, { allocationType, amount }] of exit.allocations.entries()) {
    if (allocationType === ALLOCATION_TYPE.simple) simple += 1;
    // Behind everybody's balance stands what somebody is about to deposit. It counts once it was merged.
    if (simple > balances) return undefined;
    if (amount > left) {
      return `allocation ${index} claims ${amount} of ${exit.asset}, and ${left} of ${holdings} are left for it`;
    }
    left -= amount;
  }
  return undefined;
}

/** What an outcome claims of an asset in all, top-ups under way included. */
export function claimOf(outcome: Outcome, asset: Address): bigint {
  const exit = outcome.find((candidate) => candidate.asset === asset);
  return exit?.allocations.reduce((sum, { amount }) => sum + amount, 0n) ?? 0n;
}
