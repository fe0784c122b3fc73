/** Virtual defunding as a go-nitro node does it. Source: go-nitro, protocols/virtualdefund. */
import type { ObjectiveId } from "../../src/channel/objective-id.ts";
import { virtualDefundId } from "../../src/channel/objective-id.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { Address } from "../../src/crypto/address.ts";
import type {
  GoNitroPayload,
  GoNitroProposal,
  GoNitroSignedProposal,
} from "../../src/messages/go-nitro/message.ts";
import type { GoChannel } from "./go-channel.ts";
import type { GoKey } from "./go-key.ts";
import type { GoLedger } from "./go-ledger.ts";
import {
  amountAt,
  type GoObjective,
  type SideEffects,
  signAndTell,
  signedStateOf,
  withPayload,
} from "./go-objective.ts";
import { panic } from "./go-panic.ts";
import { type LedgerWith, tellAgreement } from "./go-virtual-fund.ts";

const FINAL_TURN = 2;

/** Closes a virtual channel. `minimum` is what was paid by vouchers, as far as this node knows. */
export function virtualDefund(
  channel: GoChannel | undefined,
  minimum: bigint,
  key: GoKey,
  ledgerWith: LedgerWith,
): GoObjective {
  if (channel === undefined) return panic("could not find channel");
  const { participants } = channel.fixedPart;
  const role = channel.myIndex;
  const last = participants.length - 1;
  const neighbours = [participants[role - 1], participants[role + 1]];
  const ledgers = neighbours.flatMap((peer): readonly GoLedger[] => {
    if (peer === undefined) return [];
    return [ledgerWith(peer) ?? panic("could not find a ledger channel")];
  });
  const initial = channel.states.get(1)?.variablePart.outcome ?? panic("no postfund");
  const objective: GoObjective = {
    id: virtualDefundId(channel.id),
    channel,
    status: "Unapproved",
    update: (payload) => {
      if (payload.objectiveId !== objective.id) panic("ids do not match");
      if (payload.type === "RequestFinalState") return;
      const { fixedPart, ...state } = signedStateOf(payload);
      checkFinal(initial, state.variablePart.outcome, role === last ? minimum : 0n);
      if (!channel.add(fixedPart, state, key)) panic("could not add signed state");
    },
    receiveProposal: (signed) => receive(objective, ledgers, signed, key),
    crank: (effects) => {
      return (
        agree(objective, initial, minimum, key, effects) ??
        free(channel, ledgers, key, effects) ??
        "Nothing"
      );
    },
  };
  return objective;
}

/** Up to the final state that all have signed. */
function agree(
  objective: GoObjective,
  initial: Outcome,
  minimum: bigint,
  key: GoKey,
  effects: SideEffects,
): string | undefined {
  const { channel, id } = objective;
  const isAlice = channel.myIndex === 0;
  const final = channel.states.get(FINAL_TURN);
  const isFromAlice = final?.variablePart.isFinal === true && final.signatures[0] !== undefined;
  if (!isAlice && !isFromAlice) {
    const to = channel.fixedPart.participants[0] as Address;
    effects.messages.push({ to, content: withPayload(requestOf(id, channel)) });
    return "FinalStateFromAlice";
  }
  if (!channel.isSignedByMe(FINAL_TURN)) {
    const state = isAlice ? finalOf(initial, minimum) : final?.variablePart;
    signAndTell(objective, state ?? panic("no final state"), key, effects);
  }
  return channel.isComplete(FINAL_TURN) ? undefined : "SupportedFinalState";
}

/** Up to the last guarantee. */
function free(
  channel: GoChannel,
  ledgers: readonly GoLedger[],
  key: GoKey,
  effects: SideEffects,
): string | undefined {
  const leftAmount = amountAt(finalOutcome(channel), 0);
  for (const ledger of ledgers) {
    if (ledger.includesTarget(channel.id)) remove(channel, ledger, leftAmount, key, effects);
  }
  return ledgers.some((ledger) => ledger.includesTarget(channel.id)) ? "Defunding" : undefined;
}

function finalOutcome(channel: GoChannel): Outcome {
  return channel.states.get(FINAL_TURN)?.variablePart.outcome ?? panic("no final state");
}

function requestOf(objectiveId: ObjectiveId, { id }: GoChannel): GoNitroPayload {
  return { type: "RequestFinalState", objectiveId, channelId: id };
}

function checkFinal(initial: Outcome, final: Outcome, minimum: bigint): void {
  const paidToBob = amountAt(final, 1) - amountAt(initial, 1);
  const paidFromAlice = amountAt(initial, 0) - amountAt(final, 0);
  if (paidToBob !== paidFromAlice) panic("final outcome is not balanced");
  if (paidToBob < minimum) panic("payment amount is less than the minimum");
}

/** What Alice has promised goes from her part to Bob's. */
function finalOf(initial: Outcome, paid: bigint): VariablePart {
  const [exit] = initial;
  if (exit === undefined) return panic("index out of range");
  const allocations = exit.allocations.map((one, index) => ({
    ...one,
    amount: index === 0 ? one.amount - paid : one.amount + paid,
  }));
  const outcome = [{ ...exit, allocations }];
  return { outcome, appData: "0x", turnNum: FINAL_TURN, isFinal: true };
}

function remove(
  { id: target }: GoChannel,
  ledger: GoLedger,
  leftAmount: bigint,
  key: GoKey,
  effects: SideEffects,
): void {
  const proposal: GoNitroProposal = { type: "Remove", target, leftAmount };
  if (ledger.isLeader) {
    if (ledger.isRemovalProposed(target)) return;
    ledger.propose(proposal, key);
    const content = { payloads: [], payments: [], rejectedObjectives: [] };
    effects.messages.push({
      to: ledger.peer,
      content: { ...content, ledgerProposals: ledger.queue },
    });
  } else if (ledger.isRemovalNext(target)) {
    tellAgreement(ledger, ledger.signNext(proposal, key), effects);
  }
}

/** Only a proposal of another turn than the next one is swallowed. */
function receive(
  { channel }: GoObjective,
  ledgers: readonly GoLedger[],
  signed: GoNitroSignedProposal,
  key: GoKey,
): void {
  if (signed.proposal.target !== channel.id) return;
  const found = ledgers.find(({ id }) => id === signed.ledgerId);
  if (found === undefined) panic("signed proposal is not addressed to a known ledger connection");
  const error = found?.receive(signed, key);
  if (error === "Other") panic("error incorporating signed proposal");
}
