/** Channels as go-nitro tells of them. Source: go-nitro, node/query/query.go. */
import type { Channel } from "../../channel/channel.ts";
import { supportsTurn } from "../../channel/channel.ts";
import { readLedgerExit } from "../../channel/ledger-outcome.ts";
import { TURN } from "../../channel/state.ts";
import { assertDefined } from "../../primitives/assert.ts";
import type { NitroLedger, NitroPayment, NitroStatus } from "./nitro-types.ts";

/** go-nitro's status. Intermediaries of a virtual channel call it open once they have signed the postfund. */
export function nitroStatus(channel: Channel): NitroStatus {
  const { fixedPart, mySignedTurn, myIndex, supported, use } = channel;
  if (channel.concluded || supported?.variablePart.isFinal === true) return "Complete";
  if (channel.finalSignedByMe) return "Closing";
  const isBetween = myIndex !== 0 && myIndex !== fixedPart.participants.length - 1;
  const isSigned = (mySignedTurn ?? -1) >= TURN.postfund;
  if (use.type === "Virtual" && isBetween && isSigned) return "Open";
  return supportsTurn(channel, TURN.postfund) ? "Open" : "Proposed";
}

/** True for a channel between two whose money is in its outcome: go-nitro calls all of these ledgers. */
export function isNitroLedger({ fixedPart, use }: Channel): boolean {
  return use.type !== "Virtual" && fixedPart.participants.length === 2;
}

/** A ledger channel, by its first asset. */
export function nitroLedger(channel: Channel): NitroLedger {
  const { fixedPart, fundingOutcome, id, myIndex, supported, use } = channel;
  const exit = assertDefined(
    (supported?.variablePart.outcome ?? fundingOutcome)[0],
    "the first asset of a channel",
  );
  const balances =
    use.type === "Ledger" ? readLedgerExit(use.profile, exit).balances : exit.allocations;
  const other = 1 - myIndex;
  return {
    ID: id,
    Status: nitroStatus(channel),
    Balance: {
      AssetAddress: exit.asset,
      Me: fixedPart.participants[myIndex] ?? "",
      Them: fixedPart.participants[other] ?? "",
      MyBalance: hexOf(balances[myIndex]?.amount ?? 0n),
      TheirBalance: hexOf(balances[other]?.amount ?? 0n),
    },
  };
}

/** A virtual channel, by its first asset. Intermediaries see no vouchers: for them nothing was paid. */
export function nitroPayment(channel: Channel): NitroPayment {
  const { fixedPart, fundingOutcome, id, myIndex, vouchers } = channel;
  const exit = assertDefined(fundingOutcome[0], "the first asset of a channel");
  const voucher = myIndex === 0 ? vouchers.issued : vouchers.received;
  const paid = voucher?.amounts[0] ?? 0n;
  return {
    ID: id,
    Status: nitroStatus(channel),
    Balance: {
      AssetAddress: exit.asset,
      Payee: fixedPart.participants.at(-1) ?? "",
      Payer: fixedPart.participants[0] ?? "",
      PaidSoFar: hexOf(paid),
      RemainingFunds: hexOf((exit.allocations[0]?.amount ?? 0n) - paid),
    },
  };
}

/** As Go writes big integers in JSON where they are hex. What is below zero, both ends having paid, counts as none. */
const hexOf = (amount: bigint): string => `0x${(amount < 0n ? 0n : amount).toString(16)}`;
