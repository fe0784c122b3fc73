/** What the chain must be asked for: a ledger that took another one's place is paid without a log of its own. */

import type { HoldingsAnswer, HoldingsQuestion } from "../chain/holdings-reading.ts";
import type { Channel } from "../channel/channel.ts";
import { coversOpening, held } from "../channel/holdings.ts";
import type { NodeEvent } from "../events/event.ts";
import { mark } from "../primitives/mark.ts";
import { crankChannel } from "./crank-channel.ts";
import { watch } from "./dispute.ts";
import type { Draft } from "./draft.ts";
import type { NodeState } from "./node-state.ts";
import type { Rules } from "./rules.ts";

/** What to ask because of events: each payout of an old ledger may have paid the new one. */
export function questionsAfter(
  { channels }: Pick<NodeState, "channels">,
  events: readonly NodeEvent[],
): readonly HoldingsQuestion[] {
  // After most steps, payments among them, there is nothing to ask.
  if (!events.some(maySettle)) return [];
  const paid = events.flatMap((event) =>
    event.type === "AllocationUpdated" ? [channels.get(event.channelId)] : [],
  );
  const successors = [
    ...paid.flatMap((channel) => channel?.ledger?.successor ?? []),
    ...events.flatMap((event) => paidBefore(channels, event)),
  ];
  return [...new Set(successors)].flatMap((id) => questionFor(channels.get(id)));
}

function maySettle({ type }: NodeEvent): boolean {
  return (
    type === "AllocationUpdated" || type === "LedgerRolledOver" || type === "ChainFactsTakenBack"
  );
}

/**
 * A node that lost its log may know of the payout before it knows what the old ledger paid into. And a reorganisation
 * behind the payout takes back what was read, though nothing has changed.
 */
function paidBefore(channels: NodeState["channels"], event: NodeEvent): readonly Channel["id"][] {
  if (event.type === "ChainFactsTakenBack") {
    const { ledger } = channels.get(event.channelId) ?? {};
    return ledger?.predecessor === undefined ? [] : [event.channelId];
  }
  if (event.type !== "LedgerRolledOver") return [];
  const { predecessor, successor } = event;
  return (channels.get(predecessor)?.paidOut.size ?? 0) > 0 ? [successor] : [];
}

/** What to ask at the start of a node: every new ledger that was not paid yet, as far as the log knows. */
export function questionsAtStart({
  channels,
}: Pick<NodeState, "channels">): readonly HoldingsQuestion[] {
  return [...channels.values()].flatMap((channel) =>
    channel.ledger?.predecessor === undefined ? [] : questionFor(channel),
  );
}

/** Takes an answer of the chain. One that tells nothing new, or is older than a log, adds nothing. */
export function decideHoldings(draft: Draft, answer: HoldingsAnswer, rules: Rules): void {
  const { amounts, block, channelId } = answer;
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined || (channel.lastLog?.blockNumber ?? -1) > block.blockNumber) return;
  if (amounts.every(({ asset, holdings }) => held(channel, asset) === holdings)) return;
  mark("withdrawal/next-ledger-read");
  draft.record({ type: "HoldingsRead", channelId, amounts, block });
  const predecessor = channel.ledger?.predecessor;
  if (predecessor !== undefined) crankChannel(draft, predecessor, rules.context);
  crankChannel(draft, channelId, rules.context);
  // It may have been challenged while nobody knew that it holds anything.
  watch(draft, channelId, rules);
}

function questionFor(channel: Channel | undefined): readonly HoldingsQuestion[] {
  if (channel === undefined || coversOpening(channel)) return [];
  const assets = channel.fundingOutcome.map(({ asset }) => asset);
  return [{ channelId: channel.id, assets }];
}
