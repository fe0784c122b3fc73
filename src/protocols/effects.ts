/** What a protocol asks of the world. Stored with the events, run only after they are on disk. */
import type { ChannelId } from "../channel/channel-id.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { VariablePart } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import type { Message } from "../messages/message.ts";
import type { Brand } from "../primitives/brand.ts";

/** Names one transaction for ever, so that asking for it twice is harmless. */
export type EffectId = Brand<string, "EffectId">;

/** A call to a contract, in the terms of the protocol. `chain` turns it into bytes. */
export type ChainCall =
  | {
      readonly type: "Deposit";
      readonly channelId: ChannelId;
      readonly asset: Address;
      /** What the adjudicator must hold already; with anything else the contract refuses. */
      readonly expectedHeld: bigint;
      readonly amount: bigint;
    }
  | {
      readonly type: "ApproveToken";
      readonly channelId: ChannelId;
      readonly asset: Address;
      readonly amount: bigint;
    }
  | {
      readonly type: "ConcludeAndTransferAllAssets";
      readonly channelId: ChannelId;
      readonly fixedPart: FixedPart;
      readonly variablePart: VariablePart;
      readonly signatures: readonly Signature[];
    };

/** One thing to be done outside. */
export type Effect =
  | { readonly type: "SendMessage"; readonly to: Address; readonly message: Message }
  | {
      readonly type: "SubmitTransaction";
      readonly id: EffectId;
      readonly objectiveId: ObjectiveId;
      readonly call: ChainCall;
    };
