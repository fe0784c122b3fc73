/** Decides the messages between a node whose log has lost its end and the peer that tells what it holds. */

import { type Channel, phaseOf } from "../channel/channel.ts";
import type { Address } from "../crypto/address.ts";
import type { ResyncMessage } from "../messages/message.ts";
import { unreachable } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { isCounted } from "../protocols/payments.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { answerQuery, answerResync } from "./answer-resync.ts";
import { askForAll, reopenChannels } from "./decide-welcome.ts";
import type { Draft } from "./draft.ts";
import { othersOf } from "./fence.ts";
import { isOverVirtual } from "./held-virtual.ts";
import { hearLedger, isAskedFor } from "./lacking-ledger.ts";
import { EMPTY_DESK, NEW_PEER, type NodeState, type Resync } from "./node-state.ts";
import type { Rules } from "./rules.ts";
import { senderOf } from "./sender.ts";
import { takeBackChannel, takeBackFate, takeBackHeldState } from "./take-back.ts";
import { takeBackSuccessor } from "./take-back-successor.ts";
import { takeBackStep, takeBackVirtual } from "./take-back-virtual.ts";
import { takeBackVouchers } from "./take-back-vouchers.ts";
import { decideTurnPassed } from "./turn-passing.ts";

/**
 * Answers that may be under way to one peer: 8. Each one holds all channels with it. An honest peer asks once
 * in a life, and takes the answer before anything else.
 */
const ANSWERS_OPEN_MAX = 8;

type Decision = Result<undefined, Rejection>;

/** Decides a message over a draft. What a peer tells that was not asked teaches nothing. */
export function decideResync(
  draft: Draft,
  state: NodeState,
  from: Address,
  message: ResyncMessage,
  rules: Rules,
): Decision {
  switch (message.type) {
    case "ResyncRequest":
      if (answersTo(from, state) >= ANSWERS_OPEN_MAX) return reject({ code: "AnswersUntaken" });
      answerResync(draft, state, from, message.round);
      askAgain(draft, state, from);
      return accept(undefined);
    case "ObjectiveQuery": {
      const sender = senderOf(draft, message.channelId, from);
      if (sender.ok) answerQuery(draft, from, message);
      return sender.ok ? accept(undefined) : sender;
    }
    case "TurnPassed":
      return decideTurnPassed(draft, from, message, rules);
    case "HeldChannel":
    case "HeldState":
    case "HeldStep":
    case "HeldSuccessor":
    case "HeldVirtual":
    case "HeldVouchers":
    case "ObjectiveFate":
    case "ResyncAnswer":
      return decideAnswer(draft, state, from, message, rules);
    default:
      return unreachable(message);
  }
}

/** How far this node is in taking back what it lost from a peer. */
export function resyncWith(draft: Draft, peer: Address): Resync {
  return (draft.tables.peers.get(peer) ?? NEW_PEER).resync;
}

function answersTo(peer: Address, { messages }: NodeState): number {
  const answers = [...messages.values()].filter(
    ({ message, to }) => to === peer && message.type === "ResyncAnswer",
  );
  return answers.length;
}

/**
 * A peer that asks has lost something: maybe what I asked it before, with the answer that it had begun. It never comes
 * then, since the question is settled. While that is under way, the peer will hear it anyway.
 */
function askAgain(draft: Draft, state: NodeState, peer: Address): void {
  if (resyncWith(draft, peer).type !== "Asked") return;
  const isUnderWay = [...state.messages.values()].some(
    ({ message, to }) => to === peer && message.type === "ResyncRequest",
  );
  if (isUnderWay) return;
  mark("resync/asked-again");
  askForAll(draft, state, peer);
}

type PartOfAnswer = ResyncMessage & {
  readonly type:
    | "HeldChannel"
    | "HeldState"
    | "HeldStep"
    | "HeldSuccessor"
    | "HeldVirtual"
    | "HeldVouchers"
    | "ObjectiveFate"
    | "ResyncAnswer";
};

function decideAnswer(
  draft: Draft,
  state: NodeState,
  from: Address,
  message: PartOfAnswer,
  rules: Rules,
): Decision {
  const resync = resyncWith(draft, from);
  const isAlone = resync.type === "None" && message.type === "HeldVirtual";
  if (isAlone && isAskedFor(draft, from, message)) return hearLedger(draft, from, message, rules);
  if (resync.type !== "Asked") return marked("resync/told-unasked", accept(undefined));
  switch (message.type) {
    case "HeldChannel":
      return takeBackChannel(draft, from, message, rules);
    case "HeldState":
      return takeBackHeldState(draft, state, from, message, rules);
    case "HeldStep":
      return takeBackStep(draft, from, message);
    case "HeldSuccessor":
      return takeBackSuccessor(draft, from, message, rules);
    case "HeldVirtual":
      return takeBackVirtual(draft, from, message, rules);
    case "HeldVouchers":
      return takeBackVouchers(draft, from, message, rules.context);
    case "ObjectiveFate":
      takeBackFate(draft, from, message);
      return accept(undefined);
    case "ResyncAnswer":
      if (message.round !== resync.round) mark("resync/answer-of-older-round");
      if (message.round === resync.round) complete(draft, state, from, message, rules);
      return accept(undefined);
    default:
      return unreachable(message);
  }
}

/** The peer has told all. Where nobody else holds the channel up, it goes on. */
function complete(
  draft: Draft,
  state: NodeState,
  peer: Address,
  { isCertain }: ResyncMessage & { readonly type: "ResyncAnswer" },
  rules: Rules,
): void {
  const resync = resyncWith(draft, peer);
  const missing = resync.type === "None" ? 0 : resync.missingMax;
  mark("resync/completed");
  draft.record({ type: "ResyncCompleted", peer, lostMax: isCertain ? 0 : missing });
  for (const channel of state.channels.values()) {
    if (missing === 0 || isOver(draft, channel) || !othersOf(channel).includes(peer)) continue;
    const missingMax = isShownAll(channel, isCertain) ? 1 : missing;
    mark("resync/channel-doubted");
    draft.record({ type: "ChannelDoubted", channelId: channel.id, missingMax });
  }
  reopenChannels(draft, state, peer, rules);
}

function isOver({ tables }: Draft, channel: Channel): boolean {
  if (channel.use.type === "Virtual") return isOverVirtual(tables, channel);
  // The others may not have heard that I have signed the end.
  const { open } = tables.desks.get(channel.id) ?? EMPTY_DESK;
  const isEnded = phaseOf(channel) === "Finalized" && open.length === 0;
  return isEnded || phaseOf(channel) === "Concluded";
}

/**
 * Peers that remember hold everything but what this node may have signed first and alone, once. A single
 * peer may withhold it: then only turns above all that may be lost are safe, and outrank what it withholds. Vouchers
 * are between two, whoever else is in the channel.
 */
function isShownAll(channel: Channel, isCertain: boolean): boolean {
  return isCertain && channel.fixedPart.participants.length > 2 && !isCounted(channel);
}
