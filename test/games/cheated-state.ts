/** What a cheat would sign: a move that the rules refuse, in a state that is right in all else. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import {
  appendMessages,
  decodeMessageLog,
  encodeMessageLog,
  type LogMessage,
} from "../../src/channel/message-log.ts";
import type { Twin } from "../../src/channel/message-log-twin.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import { fromHex } from "../../src/primitives/hex.ts";
import { acceptedOf } from "../reducers.ts";

/** The next state with a message that is no move: the log goes on, and the game stays as it is. */
export function cheatedState(
  channelId: ChannelId,
  twin: Twin,
  before: VariablePart,
  message: LogMessage,
): VariablePart {
  const log = acceptedOf(decodeMessageLog(before.appData));
  const place = { channelId, turnNum: before.turnNum + 1 };
  const mover = twin.moverOf(fromHex(log.twinState)) ?? 0;
  const after = acceptedOf(appendMessages(log, place, mover, [message], log.twinState));
  return { ...before, turnNum: place.turnNum, appData: encodeMessageLog(after) };
}
