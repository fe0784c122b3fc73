/** The ledger channels that fund a virtual channel, as far as this node is in them and knows which they are. */
import type { Channel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { type Side, virtualUseOf } from "../protocols/guarantees.ts";
import { currentLedger } from "./crank-channel.ts";
import { EMPTY_DESK, type NodeTables } from "./node-state.ts";

/** Side by side, each with the ledger channel that goes on with its guarantees. */
export function ownLedgers(
  tables: NodeTables,
  channel: Channel,
): readonly (readonly [Side, Channel])[] {
  const { left, right } = virtualUseOf(channel);
  const both = [
    ["left", left],
    ["right", right],
  ] as const;
  return both.flatMap(([side, id]) =>
    id === undefined ? [] : [[side, currentLedger(tables, id)] as const],
  );
}

/**
 * The virtual channels in which something is open, over those of the named channels that are ledgers: the chain has told
 * of them, and may have ended them, or shown a state, without a guarantee that was there, or was to come.
 */
export function openOver(
  tables: NodeTables,
  channels: Iterable<Channel>,
  named: ReadonlySet<ChannelId>,
): readonly ChannelId[] {
  const ledgers = [...named].filter((id) => tables.channels.get(id)?.ledger !== undefined);
  if (ledgers.length === 0) return [];
  const isConcerned = (channel: Channel): boolean =>
    channel.use.type === "Virtual" &&
    (tables.desks.get(channel.id) ?? EMPTY_DESK).open.length > 0 &&
    ownLedgers(tables, channel).some(([, { id }]) => ledgers.includes(id));
  return [...channels].filter(isConcerned).map(({ id }) => id);
}
