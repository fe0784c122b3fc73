/** Whether an outcome can be one of a ledger channel at all, whatever led to it. */
import { hexSizeBytes } from "../primitives/hex.ts";
import type { Profile } from "./channel-use.ts";
import { GUARANTEES_MAX } from "./ledger-limits.ts";
import { guaranteeCount, type LedgerExit, readLedgerExit } from "./ledger-outcome.ts";
import { ALLOCATION_TYPE, type Allocation, type Outcome, type SingleAssetExit } from "./outcome.ts";

/** Two destinations. Source: guarantee.ts. */
const GUARANTEE_METADATA_BYTES = 64;

/** Balances of both in every asset, and perhaps a top-up. */
const SIMPLE_MIN = 2;
const SIMPLE_MAX = 3;

/**
 * True when the outcome has the assets, the parties and the order of `opening`, the ledger's first outcome.
 * Whoever reads balances or guarantees out of an outcome that a peer showed asks this first.
 */
export function isLedgerOutcome(profile: Profile, opening: Outcome, outcome: Outcome): boolean {
  return (
    outcome.length === opening.length &&
    guaranteeCount(outcome) <= GUARANTEES_MAX &&
    opening.every((exit, index) => isSameKind(profile, exit, outcome[index]))
  );
}

function isSameKind(
  profile: Profile,
  opening: SingleAssetExit,
  exit: SingleAssetExit | undefined,
): boolean {
  if (exit?.asset !== opening.asset) return false;
  const simple = exit.allocations.filter(isSimple);
  if (simple.length < SIMPLE_MIN || simple.length > SIMPLE_MAX) return false;
  const { balances, guarantees, topUp } = readLedgerExit(profile, exit);
  const parties = readLedgerExit(profile, opening).balances;
  const isOrdered = simple.length === (topUp === undefined ? SIMPLE_MIN : SIMPLE_MAX);
  return (
    isOrdered &&
    areParties(balances, parties) &&
    guarantees.every(isGuarantee) &&
    (profile === "go-nitro" || areInOrder(guarantees)) &&
    (topUp === undefined || parties.some(({ destination }) => destination === topUp.destination))
  );
}

function areParties(balances: LedgerExit["balances"], parties: LedgerExit["balances"]): boolean {
  return balances.every(
    (one, side) => isSimple(one) && one.destination === parties[side]?.destination,
  );
}

/** By their targets, each once: whoever looks for one counts on it. */
function areInOrder(guarantees: readonly Allocation[]): boolean {
  return guarantees.every(({ destination }, index) => {
    const before = guarantees[index - 1];
    return before === undefined || before.destination < destination;
  });
}

function isGuarantee(allocation: Allocation): boolean {
  return !isSimple(allocation) && hexSizeBytes(allocation.metadata) === GUARANTEE_METADATA_BYTES;
}

function isSimple({ allocationType }: Allocation): boolean {
  return allocationType === ALLOCATION_TYPE.simple;
}
