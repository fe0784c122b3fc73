/** Virtual funding as a go-nitro node does it. Source: go-nitro, protocols/virtualfund. */
import { externalDestination } from "../../src/channel/destination.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import { virtualFundId } from "../../src/channel/objective-id.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { Address } from "../../src/crypto/address.ts";
import type {
  GoNitroProposal,
  GoNitroSignedProposal,
} from "../../src/messages/go-nitro/message.ts";
import { objectiveOfProposal } from "../../src/messages/go-nitro/proposal.ts";
import { GoChannel } from "./go-channel.ts";
import type { GoKey } from "./go-key.ts";
import type { GoGuarantee, GoLedger } from "./go-ledger.ts";
import {
  amountAt,
  type GoObjective,
  type SideEffects,
  signAndTell,
  signedStateOf,
  withProposals,
} from "./go-objective.ts";
import { panic } from "./go-panic.ts";

/** How a node finds its ledger with a peer: go-nitro has at most one. */
export type LedgerWith = (peer: Address) => GoLedger | undefined;

type Connection = {
  readonly ledger: GoLedger;
  readonly guarantee: GoGuarantee;
  readonly leftDeposit: bigint;
};

/** Opens a virtual channel. `isAsked` is false for one that a peer's payload begins. */
export function virtualFund(
  fixedPart: FixedPart,
  first: VariablePart,
  key: GoKey,
  ledgerWith: LedgerWith,
  isAsked: boolean,
): GoObjective {
  const { participants } = fixedPart;
  const role = participants.indexOf(key.address);
  if (role < 0) panic("not a participant in V");
  if (role === 0 && !isAsked) panic("participant[0] should not construct objectives from messages");
  const channel = new GoChannel(fixedPart, first, role);
  const last = participants.length - 1;
  checkOutcome(fixedPart, first);
  const connect = (left: number): Connection | undefined =>
    left < 0 || left >= last ? undefined : connection(channel, first, left, role, ledgerWith);
  const connections = [connect(role - 1), connect(role)].filter((one) => one !== undefined);
  const objective: GoObjective = {
    id: virtualFundId(channel.id),
    channel,
    status: "Unapproved",
    update: (payload) => {
      if (payload.objectiveId !== objective.id) panic("ids do not match");
      const { fixedPart: fixed, ...state } = signedStateOf(payload);
      channel.add(fixed, state, key);
    },
    receiveProposal: (signed) => receive(objective, connections, signed, key),
    crank: (effects) => {
      return crank(objective, first, connections, key, effects);
    },
  };
  return objective;
}

function crank(
  objective: GoObjective,
  first: VariablePart,
  connections: readonly Connection[],
  key: GoKey,
  effects: SideEffects,
): string {
  const { channel } = objective;
  if (!channel.isSignedByMe(0)) signAndTell(objective, first, key, effects);
  if (!channel.isComplete(0)) return "CompletePrefund";
  for (const one of connections) if (!isFunding(one)) update(one, key, effects);
  if (!connections.every(isFunding)) return "CompleteFunding";
  if (!channel.isSignedByMe(1)) signAndTell(objective, { ...first, turnNum: 1 }, key, effects);
  const isEnd = [0, channel.fixedPart.participants.length - 1].includes(channel.myIndex);
  return isEnd && !channel.isComplete(1) ? "CompletePostFund" : "Nothing";
}

function checkOutcome({ participants }: FixedPart, { outcome }: VariablePart): void {
  const ends = [participants[0], participants.at(-1)];
  for (const { allocations } of outcome) {
    if (allocations.length !== 2) panic("a virtual channel has two allocations");
    for (const [index, end] of ends.entries()) {
      const isRight = allocations[index]?.destination === externalDestination(end as Address);
      if (!isRight) panic(`allocation in slot ${index} is somebody else's`);
    }
  }
}

function connection(
  { fixedPart, id }: GoChannel,
  { outcome }: VariablePart,
  left: number,
  role: number,
  ledgerWith: LedgerWith,
): Connection {
  const [leftPeer, rightPeer] = fixedPart.participants.slice(left, left + 2) as [Address, Address];
  const ledger = ledgerWith(left === role ? rightPeer : leftPeer);
  if (ledger === undefined) return panic("could not find a ledger channel for the virtual channel");
  const leftDeposit = amountAt(outcome, 0);
  const guarantee = {
    target: id,
    amount: leftDeposit + amountAt(outcome, 1),
    left: externalDestination(leftPeer),
    right: externalDestination(rightPeer),
  };
  return { ledger, guarantee, leftDeposit };
}

const isFunding = ({ guarantee, ledger }: Connection): boolean => ledger.includes(guarantee);

const expectedOf = ({ guarantee, leftDeposit }: Connection): GoNitroProposal => ({
  type: "Add",
  ...guarantee,
  leftDeposit,
});

function update(one: Connection, key: GoKey, effects: SideEffects): void {
  const { guarantee, ledger } = one;
  if (ledger.isLeader) {
    if (ledger.isProposed(guarantee)) return;
    ledger.propose(expectedOf(one), key);
    effects.messages.push({ to: ledger.peer, content: withProposals(ledger.queue) });
  } else if (ledger.isProposedNext(guarantee)) {
    const signed = ledger.signNext(expectedOf(one), key);
    tellAgreement(ledger, signed, effects);
  }
}

/** Sends the agreement, and looks at the proposal that is next. */
export function tellAgreement(
  ledger: GoLedger,
  signed: GoNitroSignedProposal,
  effects: SideEffects,
): void {
  const [next] = ledger.queue;
  if (next !== undefined) effects.proposals.push(next.proposal);
  effects.messages.push({ to: ledger.peer, content: withProposals([signed]) });
}

/** Whatever is wrong with a proposal for one of its ledgers is swallowed. */
function receive(
  { channel, id }: GoObjective,
  connections: readonly Connection[],
  signed: GoNitroSignedProposal,
  key: GoKey,
): void {
  if (objectiveOfProposal(signed.proposal) !== id) panic("sp and objective ids do not match");
  if (signed.proposal.target !== channel.id) return;
  const found = connections.find(({ ledger }) => ledger.id === signed.ledgerId);
  if (found === undefined) panic("signed proposal is not addressed to a known ledger connection");
  else found.ledger.receive(signed, key);
}
