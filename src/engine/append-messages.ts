/** The message log of a channel, as the states that are in force make it grow. Source: ADR 0040. */

import type { AppMessageEvent } from "../channel/app-message.ts";
import { type Channel, moverOf, stateAt } from "../channel/channel.ts";
import {
  decodeMessageLog,
  EMPTY_LOG_HASH,
  type MessageLog,
  messageId,
  nextRunningHash,
} from "../channel/message-log.ts";
import type { VariablePart } from "../channel/state.ts";
import { mark } from "../primitives/mark.ts";
import type { Draft } from "./draft.ts";

/**
 * Records the messages of states that are in force, as far as they are not yet: what both have signed, and what the
 * chain has on record. Where this log has a gap, because it was lost once, nothing behind the gap is recorded.
 */
export function appendMessages(draft: Draft, channelId: Channel["id"]): void {
  const channel = draft.tables.channels.get(channelId);
  if (channel?.use.type !== "MessageLog") return;
  for (const part of statesInForce(channel)) {
    const current = draft.tables.channels.get(channelId) ?? channel;
    draft.record(...messagesOf(current, part));
  }
}

/** From the supported state up, those that cannot be taken back. */
function statesInForce(channel: Channel): readonly VariablePart[] {
  const { adjudication, supported } = channel;
  const supportedTurn = supported?.variablePart.turnNum ?? -1;
  const shownTurn = adjudication.type === "Open" ? -1 : (adjudication.turnNum ?? -1);
  const parts: VariablePart[] = [];
  for (let turn = supportedTurn; turn <= Math.max(supportedTurn, shownTurn); turn += 1) {
    const state = stateAt(channel, turn);
    if (state === undefined) break;
    parts.push(state.variablePart);
  }
  return parts;
}

function messagesOf(channel: Channel, { appData, turnNum }: VariablePart): AppMessageEvent[] {
  const read = decodeMessageLog(appData);
  if (!read.ok || !follows(channel, read.value)) return [];
  const by = writerOf(channel, read.value, turnNum);
  if (by === undefined) return [];
  return eventsOf(channel, read.value, turnNum, by);
}

function follows({ appMessages }: Channel, { count, messages }: MessageLog): boolean {
  const expected = appMessages.length + messages.length;
  if (count > expected) mark("game/log-with-gap");
  return messages.length > 0 && count === expected;
}

/** Whose messages they are: the hash tells, whatever the turn was. */
function writerOf(channel: Channel, log: MessageLog, turnNum: number): number | undefined {
  const mover = moverOf(channel, turnNum);
  return [mover, 1 - mover].find(
    (by) => eventsOf(channel, log, turnNum, by).at(-1)?.runningHash === log.runningHash,
  );
}

function eventsOf(
  { appMessages, id: channelId }: Channel,
  { messages }: MessageLog,
  turnNum: number,
  by: number,
): AppMessageEvent[] {
  let runningHash = appMessages.at(-1)?.runningHash ?? EMPTY_LOG_HASH;
  return messages.map((message, index) => {
    const { messageType, payload, timeMs: messageTimeMs } = message;
    const id = messageId(channelId, turnNum, index, message);
    runningHash = nextRunningHash(runningHash, id, by, messageTimeMs);
    const type = "AppMessageAppended";
    return { type, channelId, turnNum, by, messageType, payload, messageTimeMs, runningHash };
  });
}
