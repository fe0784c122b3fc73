/** Brings a virtual channel into a node: sets its money aside, and writes down which ledgers fund it. */
import type { Channel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { feeOfHop, type Profile } from "../channel/channel-use.ts";
import type { ReservedAmount } from "../channel/ledger-proposal.ts";
import { virtualFundId } from "../channel/objective-id.ts";
import type { Outcome } from "../channel/outcome.ts";
import { sharesOf } from "../protocols/guarantees.ts";
import type { Draft } from "./draft.ts";
import type { Opening } from "./rules.ts";

/** A virtual channel as this node is to take part in it. */
export type VirtualOpening = Opening & {
  readonly channelId: ChannelId;
  readonly profile: Profile;
  readonly fees: readonly bigint[];
  readonly myIndex: number;
  readonly left: Channel | undefined;
  readonly right: Channel | undefined;
};

/** What I lock up on the right of me as participant `index`: the payer's part, and the fees that flow on. */
export function amountsOnRight(
  outcome: Outcome,
  fees: readonly bigint[],
  index: number,
): readonly ReservedAmount[] {
  const fee = feeOfHop(fees, index);
  return sharesOf(outcome).map(({ asset, left }, place) => ({
    asset,
    amount: left + (place === 0 ? fee : 0n),
  }));
}

/** What I lock up on the left of me: the payee's part. */
export function amountsOnLeft(outcome: Outcome): readonly ReservedAmount[] {
  return sharesOf(outcome).map(({ asset, right }) => ({ asset, amount: right }));
}

/** Records the channel and what it takes of my money. Nothing is signed yet. */
export function recordVirtualChannel(draft: Draft, opening: VirtualOpening): void {
  const { appData, channelId, fees, fixedPart, left, myIndex, outcome, profile, right } = opening;
  const objectiveId = virtualFundId(channelId);
  draft.record({
    type: "ChannelCreated",
    channelId,
    fixedPart,
    myIndex,
    outcome,
    appData,
    use: { type: "Virtual", profile, fees, left: left?.id, right: right?.id },
  });
  if (left !== undefined) {
    const amounts = amountsOnLeft(outcome);
    draft.record({ type: "CapacityReserved", channelId: left.id, objectiveId, amounts });
  }
  if (right !== undefined) {
    const amounts = amountsOnRight(outcome, fees, myIndex);
    draft.record({ type: "CapacityReserved", channelId: right.id, objectiveId, amounts });
  }
}
