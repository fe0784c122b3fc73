/** What the user of a node can ask of it. */
import type { Change } from "../channel/change.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { GuaranteeShares } from "../channel/ledger-proposal.ts";
import type { Outcome } from "../channel/outcome.ts";
import type { WithdrawnAmount } from "../channel/successor.ts";
import type { Address } from "../crypto/address.ts";
import type { Hex } from "../primitives/hex.ts";
import type { Intermediaries } from "../protocols/route.ts";

/** One wish. Each becomes an objective, or is refused with a code. */
export type Request =
  | {
      /** Opens a channel with `participants`, this node among them, and funds it on chain. */
      readonly type: "FundDirectly";
      readonly participants: readonly Address[];
      /** Per asset, what each participant deposits, in participant order. */
      readonly outcome: Outcome;
      readonly appDefinition: Address;
      readonly appData: Hex;
      readonly challengeDurationSec: number;
    }
  | {
      /** Closes a channel with its newest supported outcome, and pays it out. */
      readonly type: "DefundDirectly";
      readonly channelId: ChannelId;
    }
  | {
      /** Opens a virtual channel with `payee` over intermediaries, without a transaction. */
      readonly type: "FundVirtually";
      readonly payee: Address;
      /**
       * The intermediaries in their order and what each gets; undefined for the cheapest route over the
       * ledger channels that this node knows.
       */
      readonly route: Intermediaries | undefined;
      /** The ledger channel with the first intermediary; undefined for any that can carry it. */
      readonly ledgerId: ChannelId | undefined;
      /** Per asset, what this node puts in (`left`) and what the payee does (`right`). */
      readonly shares: readonly GuaranteeShares[];
      readonly appDefinition: Address;
      readonly challengeDurationSec: number;
    }
  | {
      /** Closes a virtual channel by its newest vouchers. */
      readonly type: "DefundVirtually";
      readonly channelId: ChannelId;
    }
  | {
      /** Deposits more into a running ledger channel, whose virtual channels go on meanwhile. */
      readonly type: "TopUp";
      readonly channelId: ChannelId;
      readonly asset: Address;
      /** In the asset's smallest unit, above 0. */
      readonly amount: bigint;
    }
  | {
      /** Pays part of a running ledger channel out. Its virtual channels go on in a new one. */
      readonly type: "Withdraw";
      readonly channelId: ChannelId;
      readonly amounts: readonly WithdrawnAmount[];
    }
  | {
      /** Lets the chain decide what a channel pays: for when others do not answer. */
      readonly type: "Dispute";
      readonly channelId: ChannelId;
    }
  | {
      /** Changes the outcome of a running channel. */
      readonly type: "UpdateChannel";
      readonly channelId: ChannelId;
      readonly change: Change;
    };
