/** What a user of a simulated node asks for in a run, as data. */
import type { ActorName } from "../actors.ts";

/** What each participant puts in, or gets, of one asset, in participant order and the asset's smallest unit. */
export type AssetAmounts = { readonly asset: AssetName; readonly amounts: readonly bigint[] };

/** The assets of a run: the chain's coin, and the test token. */
export type AssetName = "eth" | "token";

/** Opens something. Its id names the channel in later wishes. */
export type Opening =
  | {
      readonly type: "OpenDirect";
      readonly others: readonly ActorName[];
      readonly amounts: readonly AssetAmounts[];
    }
  | {
      readonly type: "OpenLedger";
      readonly other: ActorName;
      readonly amounts: readonly AssetAmounts[];
    }
  | {
      readonly type: "OpenVirtual";
      readonly payee: ActorName;
      readonly via: readonly ActorName[];
      readonly amounts: readonly AssetAmounts[];
    };

/** Asks for something in a channel, which is named by the wish that opened it. */
export type ChannelWish =
  | {
      readonly type: "Pay";
      readonly channel: number;
      readonly to: ActorName;
      readonly asset: AssetName;
      readonly amount: bigint;
    }
  | {
      readonly type: "PayVirtually";
      readonly channel: number;
      readonly asset: AssetName;
      readonly amount: bigint;
    }
  | {
      readonly type: "TopUp";
      readonly channel: number;
      readonly asset: AssetName;
      readonly amount: bigint;
    }
  | {
      readonly type: "Withdraw";
      readonly channel: number;
      readonly amounts: readonly AssetAmounts[];
    }
  | { readonly type: "Close"; readonly channel: number }
  | { readonly type: "Dispute"; readonly channel: number };

/**
 * One wish. It is asked `atMs` virtual milliseconds from the start, or once the channel that it is about is
 * open, whichever is later, a virtual channel once the ledgers on its way are; never when that channel is not opened, or its user's node is away then.
 */
export type Wish = { readonly id: number; readonly atMs: number; readonly by: ActorName } & (
  | Opening
  | ChannelWish
);

/** True for a wish that opens a channel. */
export function isOpening(wish: Wish): wish is Wish & Opening {
  return wish.type === "OpenDirect" || wish.type === "OpenLedger" || wish.type === "OpenVirtual";
}

/** Everybody whom a wish names. */
export function peopleOf(wish: Wish): readonly ActorName[] {
  switch (wish.type) {
    case "OpenDirect":
      return [wish.by, ...wish.others];
    case "OpenLedger":
      return [wish.by, wish.other];
    case "OpenVirtual":
      return [wish.by, ...wish.via, wish.payee];
    case "Pay":
      return [wish.by, wish.to];
    default:
      return [wish.by];
  }
}
