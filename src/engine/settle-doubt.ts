/** What a node does about signatures that it may have made, and that nobody can show it. */
import { type Channel, moverOf, nextTurn, phaseOf } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { toOthers } from "../protocols/signing.ts";
import type { Draft } from "./draft.ts";

/**
 * Passes over the turns of a running channel at which this node may have signed, unseen by everybody, and
 * tells the others. The opening turns need none of it: what they say is fixed with the channel.
 */
export function settleDoubt(draft: Draft, channelId: ChannelId): void {
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined || channel.missingMax === 0 || phaseOf(channel) === "Funding") return;
  const passedTurnNum = turnToPass(channel);
  draft.record({ type: "DoubtSettled", channelId, passedTurnNum });
  if (passedTurnNum === undefined) return;
  draft.request(...toOthers(channel, { type: "TurnPassed", channelId, turnNum: passedTurnNum }));
}

/**
 * Alone this node signs only first, at a turn that is its own to begin: one such turn, as long as others tell
 * what they hold. Where they may not, there may have been as many turns as events are missing. The turn
 * behind is never its own: what the others began before they heard of it comes before what they begin there.
 */
function turnToPass(channel: Channel): number | undefined {
  if (phaseOf(channel) !== "Running" || channel.finalSignedByMe) return undefined;
  const next = nextTurn(channel);
  const last = next - 1 + (channel.missingMax > 1 ? channel.missingMax : 0);
  const passed = moverOf(channel, last + 1) === channel.myIndex ? last + 1 : last;
  return passed < next ? undefined : passed;
}
