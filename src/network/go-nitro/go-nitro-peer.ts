/** One peer that runs go-nitro: what it says, what it is told, and who stands in for it. */

import type { Channel } from "../../channel/channel.ts";
import { type ChannelId, channelIdOf } from "../../channel/channel-id.ts";
import { FOLLOWER } from "../../channel/ledger.ts";
import { directFundId, type ObjectiveId, virtualFundId } from "../../channel/objective-id.ts";
import { TURN } from "../../channel/state.ts";
import type { Address } from "../../crypto/address.ts";
import { goNitroObjectiveOf } from "../../messages/go-nitro/objective.ts";
import type { Message } from "../../messages/message.ts";
import type { Clock } from "../../ports/clock.ts";
import { isActive } from "../../protocols/objective.ts";
import type { Agreements } from "./agreements.ts";
import type { Gathering } from "./gathering.ts";
import { hearProposal, hearVoucher } from "./hear-ledger.ts";
import { hearPayload, isVirtualPrefund } from "./hear-payload.ts";
import { early, type Hearing, KNOWN, refused, say } from "./hearing.ts";
import type { Item } from "./item.ts";
import { ledgerWords } from "./ledger-words.ts";
import { type Ending, Listener } from "./listener.ts";
import { Speaker } from "./speaker.ts";
import { StandIn } from "./stand-in.ts";
import { type GoNitroView, hasSigned, isGoNitroChannel, knownState } from "./view.ts";
import { virtualWords } from "./virtual-words.ts";
import { type Content, NOTHING_SAID, type Word } from "./word.ts";

type Options = {
  readonly address: Address;
  readonly me: Address;
  readonly clock: Clock;
  readonly view: () => GoNitroView | undefined;
  readonly gathering: Gathering;
  readonly agreements: Agreements;
  readonly toSession: (frame: Uint8Array) => void;
  /** Resolves with true when the wire took it. */
  readonly send: (content: Content) => Promise<boolean>;
  /** Our engine has said something to this peer. */
  readonly onSaid: (message: Message) => void;
  /** Something about a channel is new: our engine has said it to this peer, or has taken it from this peer. */
  readonly onChanged: (channelId: ChannelId) => void;
  /** Signatures for a virtual channel have come together. */
  readonly onGathered: (channelId: ChannelId) => void;
  /** Tells these of the peers that this node takes no part in an opening: their signatures prove that they know it. */
  readonly reject: (objectiveId: ObjectiveId, peers: readonly Address[]) => void;
  readonly report: (code: string) => void;
};

/** The three parts of a peer, put together. */
export class GoNitroPeer {
  readonly #options: Options;
  readonly #standIn: StandIn;
  readonly #listener: Listener;
  readonly #speaker: Speaker;

  constructor(options: Options) {
    this.#options = options;
    const { clock, report, send, toSession } = options;
    const nowMs = (): number => clock.nowMs();
    this.#standIn = new StandIn({
      clock,
      toSession,
      onSaid: (message) => this.#afterSaid(message),
      onVerdict: ({ code }) => this.#listener.settle(code),
    });
    this.#listener = new Listener({
      nowMs,
      hear: (item) => this.#hear(item),
      isFree: () => this.#standIn.isFree && options.view() !== undefined,
      deliver: (message) => this.#standIn.deliver(message),
      onEnd: (item, ending) => this.#afterItem(item, ending),
      report,
    });
    this.#speaker = new Speaker({
      nowMs,
      send,
      wordsAbout: (channelId) => this.#wordsAbout(channelId),
    });
  }

  /** Takes a frame of our session. */
  receiveFrame(frame: Uint8Array): void {
    this.#standIn.receive(frame);
    this.#listener.go();
  }

  /** Takes what a line says. */
  take(items: readonly Item[], sizeBytes: number): void {
    this.#listener.take(items, sizeBytes);
  }

  /** Something has changed in this node. */
  lookAgain(): void {
    this.#listener.lookAgain();
  }

  /** Says what there is to say about a channel. */
  speakAbout(channelId: ChannelId): void {
    this.#speaker.speakAbout(channelId);
  }

  /** Some time has passed. */
  tick(): void {
    this.#listener.lookAgain();
    this.#speaker.speak();
  }

  kept(): ReturnType<Listener["kept"]> {
    return this.#listener.kept();
  }

  close(): void {
    this.#standIn.close();
  }

  #wordsAbout(channelId: ChannelId): readonly Word[] {
    const { address, agreements, view } = this.#options;
    const known = view();
    const channel = known?.channels.get(channelId);
    if (known === undefined || channel === undefined || !isGoNitroChannel(channel)) return [];
    const index = channel.fixedPart.participants.indexOf(address);
    if (index < 0) return [];
    return channel.use.type === "Ledger"
      ? ledgerWords(known, channel, agreements.of(known, channel))
      : virtualWords(known, channel, index);
  }

  #hear(item: Item): Hearing {
    const { address, agreements, clock, gathering, me, view } = this.#options;
    const known = view();
    if (known === undefined) return early("NotRunning");
    switch (item.type) {
      case "Payload": {
        if (!isVirtualPrefund(item.payload)) return hearPayload(known, address, me, item.payload);
        const taken = gathering.take(address, item.payload, clock.nowMs());
        return typeof taken === "string" ? KNOWN : taken;
      }
      case "Proposal": {
        const heard = hearProposal(known, address, item.proposal);
        // Whether it is new or not: what its line leaves out is agreed to, and known to be.
        const isLeader = known.channels.get(item.proposal.ledgerId)?.myIndex === FOLLOWER;
        const isSound = heard.type === "Say" || heard.type === "Known";
        if (isLeader && isSound) agreements.hear(item.proposal, item.lowestTurnNum);
        return heard;
      }
      case "Payment":
        return hearVoucher(known, item.voucher);
      case "Rejection":
        return this.#hearRejection(known, item.objectiveId);
      case "Gathered":
        return gathering.hear(known, item.channelId);
    }
  }

  #hearRejection({ objectives }: GoNitroView, objectiveId: ObjectiveId): Hearing {
    const objective = objectives.get(objectiveId);
    if (!goNitroObjectiveOf(objectiveId).ok) return refused("UnknownObjective");
    if (objective === undefined || !isActive(objective)) return KNOWN;
    const { channelId } = objective;
    return say({ type: "ObjectiveRejection", objectiveId, channelId, code: "RejectedByPeer" });
  }

  /** Our engine's message is durable: so is the state that its words follow from. */
  #afterSaid(message: Message): void {
    this.#options.onSaid(message);
    if (message.type === "ObjectiveRejection") this.#reject(message.objectiveId, message.channelId);
    const channelId = channelOf(message);
    if (channelId !== undefined) this.#options.onChanged(channelId);
  }

  #afterItem(item: Item, ending: Ending): void {
    const channelId = channelOfItem(item);
    if (channelId === undefined) return;
    if (ending.type === "Taken") {
      this.#options.onChanged(channelId);
      if (item.type === "Gathered") this.#options.onGathered(channelId);
    } else if (ending.type === "Refused") this.#afterRefusal(item);
    else if (item.type === "Payload" && isVirtualPrefund(item.payload)) {
      this.#options.onGathered(channelId);
    } else this.#speaker.repeat(channelId, asksAgain(item));
  }

  /** Whoever wants what this node takes no part in is told, as far as its own signature proves that it knows of it. */
  #afterRefusal(item: Item): void {
    const { address, gathering, reject, view } = this.#options;
    const channelId = channelOfItem(item);
    if (channelId === undefined || view()?.channels.has(channelId) !== false) return;
    if (item.type === "Gathered") {
      const signers = gathering.signersOf(item.channelId);
      gathering.forget(item.channelId);
      reject(virtualFundId(item.channelId), signers);
    }
    if (item.type !== "Payload" || item.payload.type !== "SignedState") return;
    const { objectiveId, variablePart } = item.payload;
    const isOpening = objectiveId === directFundId(channelId);
    if (isOpening && variablePart.turnNum === TURN.prefund) reject(objectiveId, [address]);
  }

  /** A Go node stops at a rejection of what it does not know, or has completed. */
  #reject(objectiveId: ObjectiveId, channelId: ChannelId): void {
    const { address, view } = this.#options;
    const channel = view()?.channels.get(channelId);
    const objective = goNitroObjectiveOf(objectiveId);
    if (channel === undefined || !objective.ok) return;
    const isOpening =
      objective.value.type === "DirectFund" || objective.value.type === "VirtualFund";
    if (isOpening && isBarelyBegun(channel, address)) this.sayRejected(objectiveId);
  }

  /** Says, once, that this node takes no part. */
  sayRejected(objectiveId: ObjectiveId): void {
    void this.#options.send({ ...NOTHING_SAID, rejectedObjectives: [objectiveId] });
  }
}

/** True when the peer has signed the prefund, and not everybody has: it knows of the opening, and cannot be done. */
function isBarelyBegun(channel: Channel, peer: Address): boolean {
  const prefund = knownState(channel, TURN.prefund);
  const index = channel.fixedPart.participants.indexOf(peer);
  return hasSigned(prefund, index) && prefund?.signatures.includes(undefined) === true;
}

/** True for what a Go node says again because it has heard nothing that followed. */
function asksAgain(item: Item): boolean {
  const isRequest = item.type === "Payload" && item.payload.type === "RequestFinalState";
  return item.type === "Proposal" || isRequest;
}

function channelOf(message: Message): ChannelId | undefined {
  if ("channelId" in message) return message.channelId;
  return "fixedPart" in message ? channelIdOf(message.fixedPart) : undefined;
}

function channelOfItem(item: Item): ChannelId | undefined {
  switch (item.type) {
    case "Payload":
    case "Rejection": {
      const id = item.type === "Payload" ? item.payload.objectiveId : item.objectiveId;
      const objective = goNitroObjectiveOf(id);
      return objective.ok ? objective.value.channelId : undefined;
    }
    case "Proposal":
      return item.proposal.ledgerId;
    case "Payment":
      return item.voucher.channelId;
    case "Gathered":
      return item.channelId;
  }
}
