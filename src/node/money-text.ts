/** Outcomes, and changes of ledger channels, as text for people: who gets what, and what funds what. */

import type { ChannelUse } from "../channel/channel-use.ts";
import { isExternal } from "../channel/destination.ts";
import type { GuaranteeShares, LedgerChange, LedgerProposal } from "../channel/ledger-proposal.ts";
import type { Outcome } from "../channel/outcome.ts";
import { type IdLength, shortenIds } from "./short-ids.ts";

/** Which amounts are paid to accounts, asset by asset, and which fund other channels. */
export function describeOutcome(outcome: Outcome, ids: IdLength): string {
  const exits = outcome.map(({ allocations, asset }) => {
    const paid = allocations.filter(({ destination }) => isExternal(destination));
    const funding = allocations.filter(({ destination }) => !isExternal(destination));
    const amounts = paid.map(({ amount }) => amount).join(" + ");
    const text = `${amounts === "" ? "nothing" : amounts} of ${shortenIds(asset, ids)}`;
    const guarantees = funding.map(
      ({ amount, destination }) => `${amount} for ${shortenIds(destination, ids)}`,
    );
    return guarantees.length === 0 ? text : `${text} beside ${guarantees.join(" and ")}`;
  });
  return `pays ${exits.length === 0 ? "nothing" : exits.join(" and ")}`;
}

/** What a channel is for. */
export function describeUse(use: ChannelUse, ids: IdLength): string {
  switch (use.type) {
    case "Direct":
      return "pays directly";
    case "MessageLog":
      return use.hasTwin
        ? "pays by a game that its contract knows"
        : "pays by a log that both sign";
    case "Ledger":
      return `${use.profile} ledger`;
    case "Virtual": {
      const total = use.fees.reduce((sum, fee) => sum + BigInt(fee), 0n);
      return `${use.profile} virtual channel ${describeFunding(use, ids)}${describeFee("fees", total)}`;
    }
  }
}

/** The ledger channels that fund a virtual one, as far as this node is in them. */
export function describeFunding(
  { left, right }: ChannelUse & { readonly type: "Virtual" },
  ids: IdLength,
): string {
  // Read from JSON, what is missing is null.
  const ledgers = [left, right].filter((id) => typeof id === "string");
  return `over ${ledgers.map((id) => shortenIds(id, ids)).join(" and ")}`;
}

/** What the changes of a ledger state do, one behind the other. */
export function describeChanges(changes: readonly LedgerChange[], ids: IdLength): string {
  const texts = changes.map(({ objectiveId, proposal }) => {
    const text = describeProposal(proposal, ids);
    return ids === "Whole" ? `${text} (${objectiveId})` : text;
  });
  return texts.join(" and ");
}

/** One change of a ledger channel. */
export function describeProposal(proposal: LedgerProposal, ids: IdLength): string {
  switch (proposal.type) {
    case "Add": {
      const { fee, shares, target } = proposal;
      const text = `guarantees ${describeShares(shares, ids)} for ${shortenIds(target, ids)}`;
      return `${text}${describeFee("fee", fee)}`;
    }
    case "Remove": {
      const { refund, shares, target } = proposal;
      const text = `frees ${describeShares(shares, ids)} from ${shortenIds(target, ids)}`;
      return `${text}${describeFee("fee back", refund)}`;
    }
    case "TopUp": {
      const { amount, asset, by } = proposal;
      return `tops up ${amount} of ${shortenIds(asset, ids)} for participant ${by}`;
    }
    case "Merge":
      return `merges the top-up of ${shortenIds(proposal.asset, ids)} for participant ${proposal.by}`;
  }
}

/** Of each asset, the part of the left side and that of the right side. */
export function describeShares(shares: readonly GuaranteeShares[], ids: IdLength): string {
  const texts = shares.map(
    ({ asset, left, right }) => `${left} + ${right} of ${shortenIds(asset, ids)}`,
  );
  return texts.join(" and ");
}

/** Of one asset what is set aside, what the chain holds, or what each side of a ledger takes out. */
type AmountOf = { readonly asset: string } & (
  | { readonly amount: unknown }
  | { readonly holdings: unknown }
  | { readonly leader: unknown; readonly follower: unknown }
);

/** Amounts of each asset; or of a voucher, what it promises in all. */
export function describeAmounts(
  amounts: readonly (bigint | string | AmountOf)[],
  ids: IdLength,
): string {
  const texts = amounts.map((one) =>
    typeof one === "object"
      ? `${amountText(one)} of ${shortenIds(one.asset, ids)}`
      : `${one} in all`,
  );
  return texts.join(" and ");
}

function amountText(one: AmountOf): string {
  if ("leader" in one) return `${one.leader} + ${one.follower}`;
  return String("holdings" in one ? one.holdings : one.amount);
}

/** Amounts that were read from JSON are text. */
function describeFee(name: string, fee: bigint | string): string {
  return BigInt(fee) === 0n ? "" : `, ${name} ${fee}`;
}
