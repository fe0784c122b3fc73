/** What each rung of a ladder means, for the pages about protocols. */

/** By protocol and wait. A rung without words fails the test of the documents. */
export const rungWords: Readonly<
  Record<string, { readonly does: string; readonly until: string }>
> = {
  "direct-fund PrefundComplete": {
    does: "signs turn 0, and sends it to everybody",
    until: "everybody has signed turn 0",
  },
  "direct-fund MyTurnToDeposit": {
    does: "nothing",
    until: "everybody before it has put in all of every asset, in confirmed blocks",
  },
  "direct-fund FundingComplete": {
    does: "deposits its share, at the holdings that make it safe",
    until: "the contract holds the whole outcome",
  },
  "direct-fund PostfundComplete": {
    does: "signs turn 1, and sends it to everybody",
    until: "everybody has signed turn 1",
  },
  "update MoverSigned": {
    does: "signs the next turn when it is its own, or asks the one whose turn it is",
    until: "the mover has signed the change",
  },
  "update UpdateComplete": {
    does: "signs the same turn",
    until: "everybody has signed it",
  },
  "direct-defund FinalStateComplete": {
    does: "signs the final state, or asks the mover for it",
    until: "everybody has signed the final state",
  },
  "direct-defund Withdrawn": {
    does: "as participant 0, concludes and pays out in one transaction",
    until: "the payouts are in confirmed blocks",
  },
  "virtual-fund PrefundComplete": {
    does: "once everybody to its left has signed turn 0, signs it too and sends all of it to the right; the last one sends it back to all",
    until: "everybody has signed turn 0",
  },
  "virtual-fund GuaranteesComplete": {
    does: "agrees to the guarantee in each of its own ledger channels",
    until: "the supported state of each has the guarantee",
  },
  "virtual-fund PostfundComplete": {
    does: "signs turn 1, and sends it to everybody",
    until: "everybody has signed turn 1",
  },
  "virtual-defund PaymentsStopped": {
    does: "issues no voucher any more; the one who closes tells all, the last one tells the first",
    until: "it is not the first participant, or it knows that the last one has stopped",
  },
  "virtual-defund OpeningDecided": {
    does: "nothing",
    until: "everybody has signed the postfund, or somebody has said that it never will",
  },
  "virtual-defund FinalStateComplete": {
    does: "signs the final state: the first one by its vouchers, the others when it is right",
    until: "everybody has signed the final state",
  },
  "virtual-defund GuaranteesRemoved": {
    does: "agrees to take the guarantee out of each of its own ledger channels, shared by the final state",
    until: "no state that counts, or could, has the guarantee",
  },
};
