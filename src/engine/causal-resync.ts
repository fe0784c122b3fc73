/** The causal rules of taking back what a log has lost: what was held counts as signed, and nothing is signed before. */
import type { ChannelEvent } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { withLedger } from "../channel/channel-use.ts";
import { encodeState } from "../channel/state.ts";
import type { ResyncEvent } from "../events/event.ts";
import { unreachable } from "../primitives/assert.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { broken } from "./broken-rule.ts";
import { unknownChannel } from "./causal-channels.ts";
import type { Broken, ChannelHistory, History } from "./causal-history.ts";
import { peerOf } from "./causal-peers.ts";

type TakingBack = ChannelEvent & {
  readonly type:
    | "ChannelResynced"
    | "ChannelDoubted"
    | "DoubtSettled"
    | "TurnPassed"
    | "StepResynced"
    | "LedgerNamed"
    | "VouchersResynced";
};

/** Learns what passed between this node and a peer that tells what it holds. */
export function learnResync(history: History, event: ResyncEvent): Broken {
  const peer = peerOf(history, event.peer);
  switch (event.type) {
    case "ResyncStarted":
      peer.isResyncing = true;
      return [];
    case "PeerResynced": {
      const { lastReceived, lastSent } = event;
      const isBehindAll = lastSent > peer.lastSent && lastReceived >= peer.lastReceived;
      const open = peer.lastSent - peer.ackedUpTo - peer.dropped.size;
      peer.lastSent = lastSent + open;
      peer.ackedUpTo = lastSent;
      peer.lastReceived = lastReceived;
      peer.dropped.clear();
      const text = `${event.peer} and this node agree on numbers below those that they had`;
      return isBehindAll ? [] : broken("SequenceNotIncreased", text);
    }
    case "ResyncCompleted":
      peer.isResyncing = false;
      return [];
  }
}

/** Learns what a peer gave back, and what this node does about what nobody can give it. */
export function learnTakingBack(history: History, event: TakingBack): Broken {
  const channel = history.channels.get(event.channelId);
  if (channel === undefined) return unknownChannel(event.channelId);
  switch (event.type) {
    case "ChannelResynced":
      takeBack(channel, event);
      // The logs of a channel that was lost lie in blocks that were read before.
      history.places.delete(event.channelId);
      return [];
    case "DoubtSettled":
      pass(channel, event.passedTurnNum);
      return [];
    case "LedgerNamed": {
      const { ledgerId, side } = event;
      channel.created = {
        ...channel.created,
        use: withLedger(channel.created.use, side, ledgerId),
      };
      return [];
    }
    case "VouchersResynced":
      takeBackVouchers(channel, event);
      return [];
    case "ChannelDoubted":
      // A channel of which nobody held a state may have been lost as well, with the logs that were read for it.
      history.places.delete(event.channelId);
      return [];
    case "TurnPassed":
      if (channel.created.use.type === "Virtual") pass(channel, event.turnNum);
      return [];
    case "StepResynced":
      return [];
    default:
      return unreachable(event);
  }
}

/** In a virtual channel counters of vouchers are passed, by either end for both of them; elsewhere turns, by this node. */
function pass(channel: ChannelHistory, upTo = -1): void {
  const key = channel.created.use.type === "Virtual" ? "passedCounter" : "passedTurn";
  channel[key] = Math.max(channel[key], upTo);
}

/** No state is signed in doubt, and none is begun at a turn that was passed over. */
export function brokenByResync(
  { channels, peers }: Pick<History, "channels" | "peers">,
  { channelId, turnNum }: { readonly channelId: ChannelId; readonly turnNum: number },
): Broken {
  const channel = channels.get(channelId);
  if (channel !== undefined && turnNum <= channel.passedTurn && !channel.states.has(turnNum)) {
    return broken(
      "TurnNotIncreased",
      `turn ${turnNum} of ${channelId} is begun after it was passed`,
    );
  }
  return brokenByDoubt({ channels, peers }, channelId, `turn ${turnNum}`);
}

/** Nothing, such as `what`, is signed in a channel while a participant has yet to tell what it holds. */
export function brokenByDoubt(
  { channels, peers }: Pick<History, "channels" | "peers">,
  channelId: ChannelId,
  what: string,
): Broken {
  const participants = channels.get(channelId)?.created.fixedPart.participants ?? [];
  const open = participants.find((peer) => peers.get(peer)?.isResyncing === true);
  if (open === undefined) return [];
  const text = `${what} of ${channelId} is signed before ${open} has told what it holds`;
  return broken("SignedUnresynced", text);
}

function takeBackVouchers(
  { created: { myIndex }, vouchers }: ChannelHistory,
  event: ChannelEvent & { readonly type: "VouchersResynced" },
): void {
  const { by, issued, issuedReceipted, received, receivedReceipted } = event;
  if (issued !== undefined) {
    vouchers.set(`${myIndex} ${by}`, { ...issued, counted: receivedReceipted });
  }
  if (received !== undefined) {
    vouchers.set(`${by} ${myIndex}`, { ...received, counted: issuedReceipted });
  }
}

function takeBack(
  channel: ChannelHistory,
  {
    channelId,
    signatures,
    variablePart,
  }: ChannelEvent & {
    readonly type: "ChannelResynced";
  },
): void {
  const { isFinal, turnNum } = variablePart;
  const encoded = encodeState(channelId, variablePart);
  const before = channel.states.get(turnNum);
  const isKnown = before !== undefined && equalBytes(before.encoded, encoded);
  const known = isKnown ? before : { variablePart, encoded, signatures: [] };
  for (const [by, signature] of signatures.entries()) {
    if (signature === undefined) continue;
    known.signatures[by] ??= signature;
    raise(channel, by, turnNum, isFinal);
  }
  channel.states.set(turnNum, known);
}

function raise(channel: ChannelHistory, by: number, turnNum: number, isFinal: boolean): void {
  const last = channel.lastSigned.get(by);
  if (last === undefined || turnNum > last.turnNum)
    channel.lastSigned.set(by, { turnNum, isFinal });
}
