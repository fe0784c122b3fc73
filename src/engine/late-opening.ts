/** Tells of a virtual channel that it was open after all, where its end was signed without knowing so. */

import type { Channel } from "../channel/channel.ts";
import { virtualDefundId } from "../channel/objective-id.ts";
import { TURN } from "../channel/state.ts";
import { mark } from "../primitives/mark.ts";
import { allSignatures, repeatState, toOthers } from "../protocols/signing.ts";
import { finalTurnOf } from "../protocols/virtual-defund.ts";
import type { Draft } from "./draft.ts";

/**
 * Whoever shows its signature on the postfund to one participant alone, and late, would make two honest ones
 * disagree over fees for ever. So each passes on what it learns after it has signed the final state; before
 * that its own signature brings it along. To be called before anything is cranked: `before` is the channel
 * as it was.
 */
export function tellLateOpening(draft: Draft, before: Channel): void {
  const channel = draft.tables.channels.get(before.id);
  if (channel === undefined || before.wasOpen || !channel.wasOpen) return;
  if (!channel.finalSignedByMe) return;
  const message = repeatState(channel, virtualDefundId(channel.id), finalTurnOf(channel));
  const postfund = channel.openingStates.find(
    ({ variablePart }) => variablePart.turnNum === TURN.postfund,
  );
  if (message?.type !== "SignedState" || postfund === undefined) return;
  mark("virtual/opening-told-late");
  draft.request(...toOthers(channel, { ...message, baseSignatures: allSignatures(postfund) }));
}
