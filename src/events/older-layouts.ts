/** What events of older versions say, in the fields of today. */
import type { LedgerProposal, LedgerStep } from "../channel/ledger-proposal.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";

type OldProposal =
  | Omit<LedgerProposal & { readonly type: "Add" }, "fee">
  | Omit<LedgerProposal & { readonly type: "Remove" }, "refund">;

/** One proposal a state, made to the turn below, and no fees: as ledger proposals once were. */
export function withStep<
  Old extends {
    readonly objectiveId: ObjectiveId;
    readonly turnNum: number;
    readonly proposal: OldProposal;
  },
>({ objectiveId, proposal, ...rest }: Old): Omit<Old, "objectiveId" | "proposal"> & LedgerStep {
  const today: LedgerProposal =
    proposal.type === "Add" ? { ...proposal, fee: 0n } : { ...proposal, refund: 0n };
  const changes = [{ objectiveId, proposal: today }];
  return { ...rest, baseTurnNum: rest.turnNum - 1, changes };
}

type OfToday = {
  readonly counter: number;
  readonly amounts: readonly bigint[];
  readonly counted: undefined;
};

/** One amount, of the first asset, and neither counter nor receipts: as vouchers once were. */
export function withAmounts<Old extends { readonly amount: bigint }>({
  amount,
  ...rest
}: Old): Omit<Old, "amount"> & OfToday {
  return { ...rest, counter: 0, amounts: [amount], counted: undefined };
}
