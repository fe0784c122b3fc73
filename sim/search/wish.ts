/** What a user of a simulated node asks for in a run, as data. */

import type { GameName } from "../../src/chain/played-games.ts";
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
    }
  | {
      readonly type: "OpenGame";
      /** Who moves second. */
      readonly other: ActorName;
      readonly game: GameName;
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
  | {
      readonly type: "Play";
      readonly channel: number;
      /** One that the rules allow when it is asked for, or one that they never allow. */
      readonly move: "Legal" | "Illegal";
      /** Which one of those that there are then, counted round and round. */
      readonly choice: number;
    }
  | { readonly type: "Close"; readonly channel: number }
  | { readonly type: "Dispute"; readonly channel: number };

/**
 * One wish. It is asked `atMs` virtual milliseconds from the start, or once the channel that it is about is
 * open, whichever is later, a virtual channel once the ledgers on its way are; a legal move of a game waits for its turn,
 * for a while. Never when that channel is not opened, or its user's node is away then.
 */
export type Wish = { readonly id: number; readonly atMs: number; readonly by: ActorName } & (
  | Opening
  | ChannelWish
);

const OPENINGS: readonly string[] = ["OpenDirect", "OpenLedger", "OpenVirtual", "OpenGame"];

/** True for a kind of wishes that open a channel. */
export function isOpeningKind(type: Wish["type"]): type is Opening["type"] {
  return OPENINGS.includes(type);
}

/** True for a wish that opens a channel. */
export function isOpening(wish: Wish): wish is Wish & Opening {
  return isOpeningKind(wish.type);
}

/** Everybody whom a wish names. */
export function peopleOf(wish: Wish): readonly ActorName[] {
  switch (wish.type) {
    case "OpenDirect":
      return [wish.by, ...wish.others];
    case "OpenLedger":
    case "OpenGame":
      return [wish.by, wish.other];
    case "OpenVirtual":
      return [wish.by, ...wish.via, wish.payee];
    case "Pay":
      return [wish.by, wish.to];
    default:
      return [wish.by];
  }
}
