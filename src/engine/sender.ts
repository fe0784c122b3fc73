/** Who sends a message about a channel. */
import type { Channel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { Address } from "../crypto/address.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Rejection } from "../protocols/rejection.ts";
import type { Draft } from "./draft.ts";

/** The sender's place in a channel that it shares with this node. */
export function senderOf(
  draft: Draft,
  channelId: ChannelId,
  from: Address,
): Result<{ readonly by: number; readonly channel: Channel }, Rejection> {
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined) return reject({ code: "UnknownChannel" });
  const by = channel.fixedPart.participants.indexOf(from);
  if (by < 0 || by === channel.myIndex) return reject({ code: "NotAParticipant" });
  return accept({ by, channel });
}
