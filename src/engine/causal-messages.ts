/** The causal rules of messages between a node and its peers. */
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import type { LedgerChange } from "../channel/ledger-proposal.ts";
import { encodeState, TURN } from "../channel/state.ts";
import type { Signature } from "../crypto/signature.ts";
import type { MessagingEvent, ResyncEvent } from "../events/event.ts";
import type { Message } from "../messages/message.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { broken } from "./broken-rule.ts";
import { unknownChannel } from "./causal-channels.ts";
import type { Broken, ChannelHistory, History, PeerHistory } from "./causal-history.ts";
import { peerOf } from "./causal-peers.ts";

/** Learns what passed between this node and a peer. */
export function learnMessage(
  history: History,
  event: Exclude<MessagingEvent, ResyncEvent>,
): Broken {
  switch (event.type) {
    case "MessageSent":
      return sent(history, event);
    case "MessageReceived":
      return received(peerOf(history, event.from), event);
    case "MessageAcked":
      return acknowledged(peerOf(history, event.peer), event);
    case "MessageDropped":
      return dropped(peerOf(history, event.peer), event);
  }
}

type EventOf<Type extends MessagingEvent["type"]> = MessagingEvent & { readonly type: Type };

function sent(history: History, { message, sequence, to }: EventOf<"MessageSent">): Broken {
  const peer = peerOf(history, to);
  const { lastSent } = peer;
  peer.lastSent = Math.max(sequence, lastSent);
  const isNext = sequence === lastSent + 1;
  const text = `message ${sequence} to ${to} follows message ${lastSent}`;
  const gap = isNext ? [] : broken("SequenceGap", text);
  return [...gap, ...brokenByMessage(history, message)];
}

function received(peer: PeerHistory, { from, sequence }: EventOf<"MessageReceived">): Broken {
  const { lastReceived } = peer;
  peer.lastReceived = Math.max(sequence, lastReceived);
  if (sequence > lastReceived) return [];
  const text = `message ${sequence} of ${from} is received after message ${lastReceived}`;
  return broken("SequenceNotIncreased", text);
}

function acknowledged(peer: PeerHistory, { peer: address, upTo }: EventOf<"MessageAcked">): Broken {
  const { ackedUpTo, lastSent } = peer;
  peer.ackedUpTo = Math.max(upTo, ackedUpTo);
  for (const sequence of peer.dropped) if (sequence <= upTo) peer.dropped.delete(sequence);
  if (upTo > lastSent) {
    const text = `${address} acknowledges message ${upTo}, the last one sent was ${lastSent}`;
    return broken("AcknowledgedUnsent", text);
  }
  if (upTo > ackedUpTo) return [];
  const text = `${address} acknowledges message ${upTo} after message ${ackedUpTo}`;
  return broken("AcknowledgedTwice", text);
}

function dropped(
  peer: PeerHistory,
  { peer: address, sequence }: EventOf<"MessageDropped">,
): Broken {
  const { ackedUpTo, lastSent } = peer;
  if (sequence > lastSent) {
    const text = `${address} refuses message ${sequence}, the last one sent was ${lastSent}`;
    return broken("AcknowledgedUnsent", text);
  }
  const isSettled = sequence <= ackedUpTo || peer.dropped.has(sequence);
  peer.dropped.add(sequence);
  if (!isSettled) return [];
  return broken("AcknowledgedTwice", `${address} refuses message ${sequence}, which was settled`);
}

/** A signature leaves the node after the event that holds it. */
function brokenByMessage(history: History, message: Message): Broken {
  switch (message.type) {
    case "Prefund": {
      const channelId = channelIdOf(message.fixedPart);
      return brokenByMine(history, channelId, TURN.prefund, message.signature);
    }
    case "SignedState": {
      const { channelId, signature, variablePart } = message;
      const mine = brokenByMine(history, channelId, variablePart.turnNum, signature);
      return mine.length > 0 ? mine : brokenByForwarded(history, message);
    }
    case "VirtualPrefund":
      return brokenByOpening(history, channelIdOf(message.fixedPart), message.signatures);
    case "CompletePrefund":
      return brokenByOpening(history, message.channelId, message.signatures);
    case "LedgerProposal":
      return [
        ...brokenByMine(history, message.channelId, message.turnNum, message.signature),
        ...message.changes.flatMap((change, index) =>
          brokenByEvidence(history, change, message.evidence[index] ?? []),
        ),
      ];
    case "LedgerCountersignature":
      return brokenByMine(history, message.channelId, message.turnNum, message.signature);
    case "Voucher":
      return brokenByVoucher(history, message);
    case "HeldState":
      return brokenByHeld(history, message);
    default:
      return [];
  }
}

function brokenByMine(
  { channels }: History,
  channelId: ChannelId,
  turnNum: number,
  signature: Signature,
): Broken {
  const channel = channels.get(channelId);
  if (channel === undefined) return unknownChannel(channelId);
  const known = channel.states.get(turnNum)?.signatures[channel.created.myIndex];
  return known === signature ? [] : unrecorded(channelId, turnNum);
}

/** The signatures of the first participants on the prefund. */
function brokenByOpening(
  { channels }: History,
  channelId: ChannelId,
  signatures: readonly Signature[],
): Broken {
  const channel = channels.get(channelId);
  if (channel === undefined) return unknownChannel(channelId);
  const known = signaturesAt(channel, TURN.prefund);
  const areKnown = signatures.every((one, by) => one === known[by]);
  return areKnown ? [] : unrecorded(channelId, TURN.prefund);
}

/** What allows a change of a ledger channel: all signatures on the prefund of its target, or on its final state. */
function brokenByEvidence(
  history: History,
  { proposal }: LedgerChange,
  evidence: readonly Signature[],
): Broken {
  if (!("target" in proposal) || evidence.length === 0) return [];
  const { target } = proposal;
  if (proposal.type === "Add") return brokenByOpening(history, target, evidence);
  const channel = history.channels.get(target);
  if (channel === undefined) return unknownChannel(target);
  const { supportedTurn = -1 } = channel;
  const known = signaturesAt(channel, supportedTurn);
  return evidence.every((one, by) => one === known[by]) ? [] : unrecorded(target, supportedTurn);
}

/** The newest voucher that I issued, with the newest receipt that I gave, and what the peer needs to take it. */
function brokenByVoucher(
  { channels }: History,
  { channelId, counted, postfundSignatures, signature }: Message & { readonly type: "Voucher" },
): Broken {
  const channel = channels.get(channelId);
  if (channel === undefined) return unknownChannel(channelId);
  const { fixedPart, myIndex } = channel.created;
  const to = myIndex === 0 ? fixedPart.participants.length - 1 : 0;
  const newest = channel.vouchers.get(`${myIndex} ${to}`);
  const isReceipt = counted === undefined || newest?.counted?.receipt === counted.receipt;
  if (newest?.signature !== signature || !isReceipt) {
    const text = `the voucher that is sent in ${channelId} was never recorded`;
    return broken("UnrecordedSignature", text);
  }
  const postfund = signaturesAt(channel, TURN.postfund);
  const areKnown = postfundSignatures.every((one, by) => one === postfund[by]);
  return areKnown ? [] : unrecorded(channelId, TURN.postfund);
}

/** Forwarded signatures are those of the supported state below, and of the mover. */
function brokenByForwarded(
  { channels }: History,
  message: Message & { readonly type: "SignedState" },
): Broken {
  const { baseSignatures, channelId, moverSignature, variablePart } = message;
  const { turnNum } = variablePart;
  const channel = channels.get(channelId);
  if (channel === undefined) return [];
  const isMoverKnown =
    moverSignature === undefined || signaturesAt(channel, turnNum).includes(moverSignature);
  if (!isMoverKnown) return unrecorded(channelId, turnNum);
  const below = [...channel.states.keys()].filter((turn) => turn < turnNum);
  // The last signature may have made this very turn the supported one: then the base is forgotten.
  if (baseSignatures.length === 0 || below.length === 0) return [];
  const isBaseKnown = below.some((turn) =>
    baseSignatures.every((one, by) => signaturesAt(channel, turn)[by] === one),
  );
  return isBaseKnown ? [] : unrecorded(channelId, Math.max(...below));
}

/** What this node tells a peer that it holds is what its log holds. */
function brokenByHeld(
  { channels }: History,
  { channelId, signatures, variablePart }: Message & { readonly type: "HeldState" },
): Broken {
  const channel = channels.get(channelId);
  if (channel === undefined) return unknownChannel(channelId);
  const { turnNum } = variablePart;
  const known = channel.states.get(turnNum);
  const isHeld =
    known !== undefined &&
    equalBytes(known.encoded, encodeState(channelId, variablePart)) &&
    signatures.every((one, by) => one === undefined || one === known.signatures[by]);
  return isHeld ? [] : unrecorded(channelId, turnNum);
}

function signaturesAt({ states }: ChannelHistory, turnNum: number): readonly unknown[] {
  return states.get(turnNum)?.signatures ?? [];
}

function unrecorded(channelId: ChannelId, turnNum: number): Broken {
  const text = `the signature that is sent for turn ${turnNum} of ${channelId} was never recorded`;
  return broken("UnrecordedSignature", text);
}
