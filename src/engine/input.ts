/** What the engine takes in, one at a time. */

import type { ChainNews } from "../chain/chain-news.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { ReceiptedVoucher } from "../channel/redemption.ts";
import type { Voucher } from "../channel/voucher.ts";
import type { Address } from "../crypto/address.ts";
import type { LogHead } from "../events/record-head.ts";
import type { Result } from "../primitives/result.ts";
import type { Payment } from "../protocols/payments.ts";
import type { Rejection } from "../protocols/rejection.ts";
import type { Welcome } from "./decide-welcome.ts";
import type { Once } from "./once.ts";
import type { Request } from "./request.ts";
import type { WrittenSnapshot } from "./snapshot-writer.ts";
import type { VanishedTransaction } from "./vanished-transactions.ts";

/** The answer to a request: the objective that pursues it, or why it was refused. */
export type Answer = Result<ObjectiveId, Rejection>;

/** The answer to a payment: the voucher, once it is durable, or why it was refused. */
export type PaymentAnswer = Result<Voucher, Rejection>;

/** A voucher as its payer gives it away: with the receipt that it rests on, where it needs one. */
export type HandedVoucher = Voucher & { readonly counted: ReceiptedVoucher | undefined };

/** The answer to a voucher that was handed over: what was received per asset, in all and by this one alone. */
export type HandoverAnswer = Result<
  { readonly total: readonly bigint[]; readonly delta: readonly bigint[] },
  Rejection
>;

/** How a payment is made, where it is not as every other. */
export type PaymentWay = {
  /** A payment that is made once. */
  readonly once?: Once | undefined;
  /** True: the user hands the voucher to the payee himself, and no message goes out. */
  readonly isHandedOver?: boolean | undefined;
};

/** One input. Inputs are decided in the order in which they came in. */
export type Input =
  | {
      readonly type: "Request";
      readonly request: Request;
      readonly channelNonce: bigint;
      /** A wish that is granted once. */
      readonly once?: Once | undefined;
      readonly answer: (answer: Answer) => void;
    }
  | ({
      /** Pays in a virtual channel. It is no objective: it is over as soon as it is decided. */
      readonly type: "Payment";
      readonly channelId: ChannelId;
      readonly payment: Payment;
      readonly answer: (answer: PaymentAnswer) => void;
    } & PaymentWay)
  | {
      /** A voucher that came to this node by another way than a message of its payer. */
      readonly type: "Handover";
      readonly channelId: ChannelId;
      readonly voucher: HandedVoucher;
      readonly answer: (answer: HandoverAnswer) => void;
    }
  | {
      readonly type: "Message";
      readonly from: Address;
      readonly sequence: number;
      readonly payload: Uint8Array;
    }
  | {
      readonly type: "Acknowledged";
      readonly peer: Address;
      readonly upTo: number;
      /** Where the peer's log ends, as it says. */
      readonly head: LogHead | undefined;
    }
  | {
      readonly type: "Refused";
      readonly peer: Address;
      readonly sequence: number;
      readonly code: string;
    }
  /** A peer answered the greeting of this life. */
  | ({ readonly type: "Welcomed" } & Welcome)
  | {
      readonly type: "Chain";
      readonly news: ChainNews;
      /** Of a reorganisation: the transactions of this node that were in blocks which are gone. */
      readonly vanished?: readonly VanishedTransaction[];
    }
  /** A snapshot of this node is on the disk: its digest belongs into the log. */
  | ({ readonly type: "SnapshotWritten" } & WrittenSnapshot)
  /** An objective took longer than it may in one life of the node. */
  | { readonly type: "Expired"; readonly objectiveId: ObjectiveId }
  /** In a ledger something has waited to be signed for too long; or money that had been there is not. */
  | { readonly type: "Stuck"; readonly channelId: ChannelId }
  /** The endpoints of the chain agree again: everything open is cranked once. */
  | { readonly type: "ChainTrusted" }
  /** The node has just read its log: everything open is cranked once. */
  | { readonly type: "Restarted" };
