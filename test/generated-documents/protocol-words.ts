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
  "top-up TopUpSigned": {
    does: "agrees to an allocation behind all others, for the one who tops up; she asks the other one for it",
    until: "the supported state has the allocation",
  },
  "top-up FundingComplete": {
    does: "who tops up deposits, on top of all that is held",
    until: "confirmed holdings cover all allocations, and who tops up has seen her own deposit",
  },
  "top-up Merged": {
    does: "agrees that the allocation joins the balance",
    until: "the supported state has no such allocation any more",
  },
  "withdrawal LedgerAtRest": {
    does: "sets its part aside; whoever wants it asks the other one. The leader proposes nothing more",
    until: "no state waits for a signature; the follower hears that from the leader",
  },
  "withdrawal SuccessorSigned": {
    does: "signs turns 0 and 1 of the new ledger channel, the leader first",
    until: "both have signed both",
  },
  "withdrawal FinalStateComplete": {
    does: "signs the final state of the old one, the leader first",
    until: "both have signed it",
  },
  "withdrawal Withdrawn": {
    does: "goes over to the new ledger channel; the leader concludes the old one, which pays",
    until: "the payouts are in confirmed blocks",
  },
  "withdrawal SuccessorFunded": {
    does: "nothing; the chain is asked what it holds for the new one",
    until: "it holds all that the new one was opened with",
  },
  "dispute StateOnChain": {
    does: "concludes by the final state, or challenges with its best one",
    until: "the contract has that state on record, or one as new, or the channel is final",
  },
  "dispute ChallengeExpired": {
    does: "nothing",
    until: "a confirmed block is as late as the end of the challenge",
  },
  "dispute GuaranteesReclaimed": {
    does: "in a ledger channel, puts what each final virtual channel pays in the place of its guarantee, one by one",
    until: "no guarantee is left",
  },
  "dispute PaidOut": {
    does: "pays out everybody; where that fails, itself",
    until:
      "nothing of what the contract holds is its own; at once in a virtual channel, which holds nothing",
  },
};
