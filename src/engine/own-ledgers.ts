/** The ledger channels that fund a virtual channel, as far as this node is in them and knows which they are. */
import type { Channel } from "../channel/channel.ts";
import { type Side, virtualUseOf } from "../protocols/guarantees.ts";
import { currentLedger } from "./crank-channel.ts";
import type { NodeTables } from "./node-state.ts";

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
