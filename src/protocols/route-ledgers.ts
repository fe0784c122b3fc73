/** What a search for a route is given: the ledgers that a node knows of, and what it is looking for. */

import type { ChannelId } from "../channel/channel-id.ts";
import type { Profile } from "../channel/channel-use.ts";
import type { GuaranteeShares } from "../channel/ledger-proposal.ts";
import type { Address } from "../crypto/address.ts";

/**
 * A ledger channel that this node knows of: one of its own, or one that its configuration names. Those
 * that take no further guarantee (full, closing) are left out by whoever makes the list.
 */
export type KnownLedger = {
  readonly ledgerId: ChannelId;
  readonly participants: readonly [Address, Address];
  readonly profile: Profile;
  /** Each asset at most once. */
  readonly capacities: readonly LedgerCapacity[];
};

/** What a ledger can still lock up of one asset. Pairs are in the order of the participants. */
export type LedgerCapacity = {
  readonly asset: Address;
  /** What each participant owns there outside of guarantees, in the asset's smallest unit. */
  readonly free: readonly [bigint, bigint];
  /**
   * What each participant asks, as an intermediary, for a channel that goes on through this ledger to
   * the other one and has this asset first. In its smallest unit, 0 or more.
   */
  readonly fees: readonly [bigint, bigint];
};

/** The virtual channel that a route is wanted for. */
export type RouteRequest = {
  /** The first participant: the one who pays the fees. */
  readonly me: Address;
  /** The last participant. */
  readonly payee: Address;
  readonly profile: Profile;
  /** What the first and the last participant put in, of one asset or more. Fees are of the first one. */
  readonly shares: readonly GuaranteeShares[];
};
