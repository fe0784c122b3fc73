/** Another participant passes over turns at which she may have signed what nobody has seen. */

import { type Channel, nextTurn } from "../channel/channel.ts";
import { hasTwin } from "../channel/channel-use.ts";
import type { Address } from "../crypto/address.ts";
import type { ResyncMessage } from "../messages/message.ts";
import { mark } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { crankChannel } from "./crank-channel.ts";
import { senderOf } from "./decide-message.ts";
import type { Draft } from "./draft.ts";
import { isPassable } from "./fence.ts";
import type { Rules } from "./rules.ts";

/**
 * Turns that one participant may pass over at once: 2^32, more than events in any log, so that nobody who
 * lost one is refused. Turn numbers last for 65,536 such losses; whoever means harm ends only her own channel.
 */
const TURNS_PASSED_MAX: number = 2 ** 32;

/** Goes on at a later turn. Whoever passes gives up her own turns, and money never moves by it. */
export function decideTurnPassed(
  draft: Draft,
  from: Address,
  { channelId, turnNum }: ResyncMessage & { readonly type: "TurnPassed" },
  rules: Rules,
): Result<undefined, Rejection> {
  const sender = senderOf(draft, channelId, from);
  if (!sender.ok) return sender;
  const { by, channel } = sender.value;
  const expected = nextTurn(channel);
  if (turnNum < firstToPass(channel)) return accept(undefined);
  // Moves stand right above each other. Whoever passes her own turn has to move on the chain, and nobody else has.
  if (hasTwin(channel)) return accept(undefined);
  const isNear = turnNum < expected + TURNS_PASSED_MAX;
  if (!isNear || !isPassable(turnNum)) return reject({ code: "TurnOutOfOrder", turnNum, expected });
  mark("resync/peer-passed-turns");
  draft.record({ type: "TurnPassed", channelId, by, turnNum });
  crankChannel(draft, channelId, rules.context);
  return accept(undefined);
}

/** In a ledger the follower passes what waits for her as well: she may not know of it. */
function firstToPass(channel: Channel): number {
  const { ledger, passedTurn = -1 } = channel;
  return ledger === undefined
    ? nextTurn(channel)
    : Math.max(passedTurn, lastSupported(channel)) + 1;
}

function lastSupported({ supported }: Channel): number {
  return supported?.variablePart.turnNum ?? -1;
}
