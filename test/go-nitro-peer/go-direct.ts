/** Direct funding and defunding as a go-nitro node does them. Source: go-nitro, protocols/direct{fund,defund}. */
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import { directDefundId, directFundId } from "../../src/channel/objective-id.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import { GoChannel } from "./go-channel.ts";
import type { GoKey } from "./go-key.ts";
import type { GoLedger } from "./go-ledger.ts";
import { type GoObjective, type SideEffects, signAndTell, signedStateOf } from "./go-objective.ts";
import { panic } from "./go-panic.ts";

/** Opens a ledger. */
export function directFund(fixedPart: FixedPart, first: VariablePart, key: GoKey): GoObjective {
  const myIndex = fixedPart.participants.indexOf(key.address);
  if (myIndex < 0) panic("not a participant");
  if (first.turnNum !== 0) panic("cannot construct direct fund objective without prefund state");
  if (first.isFinal) panic("attempted to initiate new direct-funding objective with IsFinal");
  const channel = new GoChannel(fixedPart, first, myIndex);
  const amounts = first.outcome[0]?.allocations.map(({ amount }) => amount) ?? [];
  const total = amounts.reduce((sum, amount) => sum + amount, 0n);
  const safe = amounts.slice(0, myIndex).reduce((sum, amount) => sum + amount, 0n);
  const target = safe + (amounts[myIndex] ?? 0n);
  let isSubmitted = false;
  const fund = (effects: SideEffects): string => {
    if (channel.holdings < safe) return "MyTurnToFund";
    const amount = target - channel.holdings;
    if (amount > 0n && !isSubmitted) {
      isSubmitted = true;
      effects.transactions.push({ type: "Deposit", channelId: channel.id, amount });
    }
    return "CompleteFunding";
  };
  const objective: GoObjective = {
    id: directFundId(channel.id),
    channel,
    status: "Unapproved",
    update: (payload) => {
      if (payload.objectiveId !== objective.id) panic("ids do not match");
      const { fixedPart: fixed, ...state } = signedStateOf(payload);
      channel.add(fixed, state, key);
    },
    receiveProposal: undefined,
    crank: (effects) => {
      if (!channel.isSignedByMe(0)) signAndTell(objective, first, key, effects);
      if (!channel.isComplete(0)) return "CompletePrefund";
      if (channel.holdings < total) return fund(effects);
      const postfund = { ...first, turnNum: 1 };
      if (!channel.isSignedByMe(1)) signAndTell(objective, postfund, key, effects);
      if (!channel.isComplete(1)) return "CompletePostFund";
      return "Nothing";
    },
  };
  return objective;
}

/** Closes a ledger without guarantees. */
export function directDefund(ledger: GoLedger | undefined, key: GoKey): GoObjective {
  if (ledger === undefined) return panic("could not find the consensus channel");
  if (ledger.current.guarantees.length > 0) panic("ledger channel has running guarantees");
  const consensus = ledger.asState();
  const channel = new GoChannel(ledger.fixedPart, consensus, ledger.myIndex);
  channel.add(ledger.fixedPart, { variablePart: consensus, signatures: ledger.signatures }, key);
  channel.holdings = ledger.onChainFunding;
  if (channel.latestSupported !== consensus.turnNum) panic("ErrChannelUpdateInProgress");
  const finalTurn = consensus.turnNum + 1;
  let isSubmitted = false;
  const objective: GoObjective = {
    id: directDefundId(channel.id),
    channel,
    status: "Unapproved",
    update: (payload) => {
      if (payload.objectiveId !== objective.id) panic("ids do not match");
      const { fixedPart, ...state } = signedStateOf(payload);
      const { isFinal, turnNum } = state.variablePart;
      if (!isFinal) panic("direct defund objective can only be updated with final states");
      if (turnNum !== finalTurn) panic(`expected turn ${finalTurn}, received ${turnNum}`);
      channel.add(fixedPart, state, key);
    },
    receiveProposal: undefined,
    crank: (effects) => {
      const { signatures, variablePart } = channel.latest();
      if (!variablePart.isFinal || signatures[channel.myIndex] === undefined) {
        const { isFinal, turnNum } = variablePart;
        const final = isFinal
          ? variablePart
          : { ...variablePart, turnNum: turnNum + 1, isFinal: true };
        signAndTell(objective, final, key, effects);
      }
      if (!channel.isComplete(finalTurn)) return "Finalization";
      if (channel.holdings > 0n) {
        if (channel.myIndex === 0 && !isSubmitted) {
          isSubmitted = true;
          effects.transactions.push({ type: "WithdrawAll", channel, state: channel.latest() });
        }
        return "Withdraw";
      }
      return "Nothing";
    },
  };
  return objective;
}
