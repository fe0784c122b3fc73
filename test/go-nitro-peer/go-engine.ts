/** The engine of a go-nitro node: what it does with a message, a request and the chain. Source: go-nitro, engine.go. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import type { ObjectiveId } from "../../src/channel/objective-id.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { Address } from "../../src/crypto/address.ts";
import type {
  GoNitroMessage,
  GoNitroPayload,
  GoNitroProposal,
  GoNitroSignedProposal,
} from "../../src/messages/go-nitro/message.ts";
import { goNitroObjectiveOf } from "../../src/messages/go-nitro/objective.ts";
import { objectiveOfProposal } from "../../src/messages/go-nitro/proposal.ts";
import type { Content } from "../../src/network/go-nitro/word.ts";
import type { GoChannel } from "./go-channel.ts";
import { directDefund, directFund } from "./go-direct.ts";
import type { GoKey } from "./go-key.ts";
import { GoLedger } from "./go-ledger.ts";
import {
  amountAt,
  type GoObjective,
  type GoTransaction,
  noEffects,
  signedStateOf,
  withPayment,
} from "./go-objective.ts";
import { panic } from "./go-panic.ts";
import { virtualDefund } from "./go-virtual-defund.ts";
import { virtualFund } from "./go-virtual-fund.ts";
import { GoVouchers } from "./go-vouchers.ts";

/** Vouchers that a node takes before it blocks for ever: nothing reads them. Source: go-nitro, node.go. */
const VOUCHERS_UNREAD_MAX = 1000;

type Options = {
  readonly key: GoKey;
  readonly send: (to: Address, content: Content) => void;
  readonly submit: (transaction: GoTransaction) => void;
  /** Asked once for each objective that a peer begins: go-nitro's own policy approves all. */
  readonly approves?: (objective: GoObjective) => boolean;
};

export class GoEngine {
  readonly #options: Options;
  readonly objectives: Map<ObjectiveId, GoObjective> = new Map();
  readonly channels: Map<ChannelId, GoChannel> = new Map();
  readonly ledgers: Map<ChannelId, GoLedger> = new Map();
  readonly vouchers: GoVouchers;
  readonly #owners = new Map<ChannelId, ObjectiveId>();
  #vouchersUnread = 0;

  constructor(options: Options) {
    this.#options = options;
    this.vouchers = new GoVouchers(options.key);
  }

  /** Takes a message of a peer, whoever sent it. */
  handle(message: GoNitroMessage): void {
    for (const payload of message.payloads) if (!this.#handlePayload(payload)) return;
    for (const proposal of message.ledgerProposals) this.#handleProposal(proposal);
    for (const id of message.rejectedObjectives) this.#handleRejection(id);
    for (const voucher of message.payments) {
      if (!this.vouchers.receive(voucher)) return;
      this.#vouchersUnread += 1;
      if (this.#vouchersUnread > VOUCHERS_UNREAD_MAX)
        panic("blocked by vouchers that nobody reads");
    }
  }

  /** The chain holds another amount for a channel. A running ledger hears nothing of it. */
  handleHoldings(channelId: ChannelId, holdings: bigint): void {
    const channel = this.channels.get(channelId);
    if (channel === undefined) return;
    channel.holdings = holdings;
    const owner = this.#owners.get(channelId);
    const objective = owner === undefined ? undefined : this.objectives.get(owner);
    if (objective !== undefined) this.#progress(objective);
  }

  createLedger(fixedPart: FixedPart, outcome: Outcome): ObjectiveId {
    const first: VariablePart = { outcome, appData: "0x", turnNum: 0, isFinal: false };
    return this.#begin(directFund(fixedPart, first, this.#options.key));
  }

  closeLedger(channelId: ChannelId): ObjectiveId {
    const objective = directDefund(this.ledgers.get(channelId), this.#options.key);
    this.ledgers.delete(channelId);
    return this.#begin(objective);
  }

  createVirtual(fixedPart: FixedPart, outcome: Outcome): ObjectiveId {
    const first: VariablePart = { outcome, appData: "0x", turnNum: 0, isFinal: false };
    const objective = virtualFund(fixedPart, first, this.#options.key, this.#ledgerWith, true);
    this.#register(objective);
    return this.#begin(objective);
  }

  closeVirtual(channelId: ChannelId): ObjectiveId {
    return this.#begin(this.#newVirtualDefund(channelId));
  }

  pay(channelId: ChannelId, amount: bigint): void {
    const voucher = this.vouchers.pay(channelId, amount);
    const payee = this.channels.get(channelId)?.fixedPart.participants.at(-1);
    this.#options.send(
      payee ?? panic("could not get channel from the store"),
      withPayment(voucher),
    );
  }

  #begin(objective: GoObjective): ObjectiveId {
    objective.status = "Approved";
    this.#progress(objective);
    return objective.id;
  }

  /** False when the rest of the message is dropped. */
  #handlePayload(payload: GoNitroPayload): boolean {
    const objective = this.objectives.get(payload.objectiveId) ?? this.#construct(payload);
    if (objective.status === "Unapproved") {
      if (this.#options.approves?.(objective) === false) {
        objective.status = "Rejected";
        this.#tellRejection(objective);
        return false;
      }
      objective.status = "Approved";
      if (objective.id.startsWith("DirectDefunding-")) this.ledgers.delete(objective.channel.id);
    }
    if (objective.status === "Completed" || objective.status === "Rejected") return true;
    objective.update(payload);
    this.#progress(objective);
    return true;
  }

  #handleProposal(signed: GoNitroSignedProposal): void {
    const id = objectiveOfProposal(signed.proposal);
    const objective = this.objectives.get(id) ?? panic(`ErrNoSuchObjective ${id}`);
    if (objective.status === "Completed") return;
    if (objective.receiveProposal === undefined) panic("cannot receive proposals");
    objective.receiveProposal?.(signed);
    this.#progress(objective);
  }

  #handleRejection(id: ObjectiveId): void {
    const objective = this.objectives.get(id) ?? panic(`ErrNoSuchObjective ${id}`);
    if (objective.status === "Rejected") return;
    if (objective.status === "Completed") panic("close of closed channel");
    objective.status = "Rejected";
  }

  #construct(payload: GoNitroPayload): GoObjective {
    const { key } = this.#options;
    const named = goNitroObjectiveOf(payload.objectiveId);
    if (!named.ok) return panic("cannot handle unimplemented objective type");
    const objective = this.#constructAs(named.value.type, named.value.channelId, payload, key);
    this.#store(objective);
    return objective;
  }

  #constructAs(
    type: "DirectFund" | "DirectDefund" | "VirtualFund" | "VirtualDefund",
    channelId: ChannelId,
    payload: GoNitroPayload,
    key: GoKey,
  ): GoObjective {
    if (type === "VirtualDefund") return this.#newVirtualDefund(channelId);
    const { fixedPart, variablePart } = signedStateOf(payload);
    if (type === "DirectFund") return directFund(fixedPart, variablePart, key);
    if (type === "DirectDefund") {
      if (!variablePart.isFinal) panic("ErrNoFinalState");
      return directDefund(this.ledgers.get(channelId), key);
    }
    const objective = virtualFund(fixedPart, variablePart, key, this.#ledgerWith, false);
    this.#register(objective);
    return objective;
  }

  #newVirtualDefund(channelId: ChannelId): GoObjective {
    const paid = this.vouchers.paid(channelId);
    const channel = this.channels.get(channelId);
    return virtualDefund(channel, paid, this.#options.key, this.#ledgerWith);
  }

  #register({ channel }: GoObjective): void {
    const { participants } = channel.fixedPart;
    const [payer, payee] = [participants[0] as Address, participants.at(-1) as Address];
    const outcome = channel.states.get(1)?.variablePart.outcome ?? [];
    this.vouchers.register(channel.id, payer, payee, amountAt(outcome, 0));
  }

  #progress(objective: GoObjective): void {
    if (objective.status !== "Approved") panic("ErrNotApproved");
    const effects = noEffects();
    const waitingFor = objective.crank(effects);
    if (waitingFor === "Nothing") objective.status = "Completed";
    this.#store(objective);
    if (waitingFor === "Nothing") this.#complete(objective);
    for (const { content, to } of effects.messages) this.#options.send(to, content);
    for (const transaction of effects.transactions) this.#options.submit(transaction);
    for (const proposal of effects.proposals) this.#lookAt(proposal);
  }

  /** A proposal that has come to the head of its queue. */
  #lookAt(proposal: GoNitroProposal): void {
    const id = objectiveOfProposal(proposal);
    const objective = this.objectives.get(id) ?? panic(`ErrNoSuchObjective ${id}`);
    if (objective.status !== "Completed") this.#progress(objective);
  }

  #complete({ channel, id }: GoObjective): void {
    this.#owners.delete(channel.id);
    if (!id.startsWith("DirectFunding-")) return;
    const { fixedPart, holdings, myIndex, states } = channel;
    const postfund = states.get(1) ?? panic("no postfund");
    const at = { myIndex, holdings, key: this.#options.key };
    const ledger = new GoLedger(fixedPart, postfund.variablePart, postfund.signatures, at);
    this.ledgers.set(ledger.id, ledger);
    this.channels.delete(ledger.id);
  }

  #store(objective: GoObjective): void {
    const { channel, id, status } = objective;
    this.objectives.set(id, objective);
    this.channels.set(channel.id, channel);
    if (status !== "Approved") return;
    const owner = this.#owners.get(channel.id);
    if (owner !== undefined && owner !== id)
      panic(`cannot transfer ownership from ${owner} to ${id}`);
    this.#owners.set(channel.id, id);
  }

  #tellRejection({ channel, id }: GoObjective): void {
    const { address } = this.#options.key;
    const content = { payloads: [], ledgerProposals: [], payments: [], rejectedObjectives: [id] };
    for (const to of channel.fixedPart.participants) {
      if (to !== address) this.#options.send(to, content);
    }
  }

  readonly #ledgerWith = (peer: Address): GoLedger | undefined =>
    [...this.ledgers.values()].find((ledger) => ledger.peer === peer);
}
