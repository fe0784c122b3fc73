/** What the user of a node can ask of it. */
import type { Change } from "../channel/change.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { Outcome } from "../channel/outcome.ts";
import type { Address } from "../crypto/address.ts";
import type { Hex } from "../primitives/hex.ts";

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
      /** Changes the outcome of a running channel. */
      readonly type: "UpdateChannel";
      readonly channelId: ChannelId;
      readonly change: Change;
    };
