/** Which guarantee a reclaim has taken out of a ledger, where the call that made it does not tell. */

import type { AdjudicatorEvent } from "../chain/adjudicator-logs.ts";
import { type Adjudication, afterExpiry, guaranteePlace } from "../channel/adjudication.ts";
import type { Channel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { mark } from "../primitives/mark.ts";
import { targetsOnChain } from "../protocols/dispute.ts";
import type { NodeTables } from "./node-state.ts";

/** The virtual channel of the guarantee, and what the two sides of the guarantee got. */
type Reclaimed = {
  readonly target: ChannelId;
  readonly left: bigint;
  readonly right: bigint;
};

/**
 * What was reclaimed. A stranger may have called through another contract, and the endpoint may give no traces:
 * then it was the only guarantee of the asset whose channel is final, or may be by `blockTimeSec`: the end of a
 * challenge is told behind the logs of the same news. Undefined where there are several, or none.
 */
export function reclaimedGuarantee(
  tables: Pick<NodeTables, "channels">,
  ledger: Channel,
  log: AdjudicatorEvent & { readonly type: "Reclaimed" },
  blockTimeSec: number,
): Reclaimed | undefined {
  if (log.reclaim !== undefined) {
    const { left, right, targetChannelId: target } = log.reclaim;
    return { target, left, right };
  }
  // Who reclaims shows that the challenge of the ledger is over.
  const final = { ...ledger, adjudication: afterExpiry(ledger.adjudication) };
  const possible = targetsOnChain(final).flatMap((id) => {
    const channel = tables.channels.get(id);
    if (channel === undefined) return [];
    const target = { id, adjudication: endedBy(channel.adjudication, blockTimeSec) };
    return possibleReclaim(final, target, log.assetIndex);
  });
  mark("dispute/reclaim-without-its-call");
  return possible.length === 1 ? possible[0] : undefined;
}

function endedBy(adjudication: Adjudication, blockTimeSec: number): Adjudication {
  const isRunning =
    adjudication.type === "Challenged" && adjudication.finalizesAtSec > blockTimeSec;
  return isRunning ? adjudication : afterExpiry(adjudication);
}

function possibleReclaim(
  { adjudication }: Channel,
  target: Pick<Channel, "adjudication" | "id">,
  assetIndex: number,
): readonly Reclaimed[] {
  const exit = adjudication.type === "Final" ? adjudication.outcome?.[assetIndex] : undefined;
  const { adjudication: end, id } = target;
  if (exit === undefined || guaranteePlace(exit, id) < 0 || end.type !== "Final") return [];
  const [left, right] = end.outcome?.find(({ asset }) => asset === exit.asset)?.allocations ?? [];
  if (left === undefined || right === undefined) return [];
  return [{ target: id, left: left.amount, right: right.amount }];
}
