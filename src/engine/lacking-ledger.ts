/** Asks a neighbour for the ledger channel that funds a virtual channel with her, when others gave that channel back. */

import type { Channel } from "../channel/channel.ts";
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import { virtualFundId } from "../channel/objective-id.ts";
import type { Address } from "../crypto/address.ts";
import type { ResyncMessage } from "../messages/message.ts";
import { mark } from "../primitives/mark.ts";
import { accept, type Result } from "../primitives/result.ts";
import { lacksLedger } from "../protocols/guarantees.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { crankChannels } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { mendVirtual } from "./mend-virtual.ts";
import { ownLedgers } from "./own-ledgers.ts";
import type { Rules } from "./rules.ts";
import { takeBackVirtual } from "./take-back-virtual.ts";

type HeldVirtual = ResyncMessage & { readonly type: "HeldVirtual" };

/**
 * Asks each neighbour who has not named her ledger, once all have told what they hold. She told nothing of the channel
 * if she had heard of no signature of mine by then, and does not ask me to sign again once she gave the opening up.
 */
export function askForLedgers(draft: Draft, channelId: ChannelId): void {
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined || !lacksLedger(channel)) return;
  const objectiveId = virtualFundId(channelId);
  const message = { type: "ObjectiveQuery", objectiveId, channelId } as const;
  for (const to of unnamedBy(channel)) {
    mark("resync/ledger-asked-for");
    draft.request({ type: "SendMessage", to, message });
  }
}

/** True for what a neighbour tells of a channel whose ledger she has yet to name. */
export function isAskedFor(draft: Draft, from: Address, { fixedPart }: HeldVirtual): boolean {
  const known = draft.tables.channels.get(channelIdOf(fixedPart));
  return known !== undefined && unnamedBy(known).includes(from);
}

/** Hears which ledger it is, and goes on in the channel and in its ledgers. */
export function hearLedger(
  draft: Draft,
  from: Address,
  held: HeldVirtual,
  rules: Rules,
): Result<undefined, Rejection> {
  const channelId = channelIdOf(held.fixedPart);
  const taken = takeBackVirtual(draft, from, held, rules);
  if (!taken.ok) return taken;
  mendVirtual(draft, channelId);
  crankChannels(draft, [channelId, ...ledgersOf(draft, channelId)], rules.context);
  return accept(undefined);
}

/** The ledger channels of a virtual channel, once both are known. */
export function ledgersOf(draft: Draft, channelId: ChannelId): readonly ChannelId[] {
  const channel = draft.tables.channels.get(channelId);
  if (channel?.use.type !== "Virtual" || lacksLedger(channel)) return [];
  return ownLedgers(draft.tables, channel).map(([, { id }]) => id);
}

/** The neighbours in a virtual channel who have yet to name the ledger between them and this node. */
export function unnamedBy({ fixedPart, myIndex, use }: Channel): readonly Address[] {
  if (use.type !== "Virtual") return [];
  const { participants } = fixedPart;
  const before = use.left === undefined ? participants.slice(0, myIndex).slice(-1) : [];
  const after = use.right === undefined ? participants.slice(myIndex + 1, myIndex + 2) : [];
  return [...before, ...after];
}
