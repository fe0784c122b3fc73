/** Why a payment by voucher is refused. */

/**
 * Who asked to pay, or who sent the voucher, is at fault. Nothing is stored; a peer who goes on like that is paid
 * and pays no further, and the channel can be closed as ever.
 */
export type VoucherRejection =
  /** A user or a peer: vouchers pay in virtual channels alone. */
  | { readonly code: "NotVirtual" }
  /** A user or a peer: only the first and the last participant pay each other. */
  | { readonly code: "NotAnEnd" }
  /** A user or a peer: go-nitro's virtual channels pay from the first participant to the last alone. */
  | { readonly code: "PaysOneWay" }
  /** A user or a peer: not everybody has signed the postfund, as far as this node knows. */
  | { readonly code: "NotOpen" }
  /** A user or a peer: the channel is being closed, and its last payments are written down. */
  | { readonly code: "PaymentsOver" }
  /** A peer: there is not one amount for each asset. */
  | { readonly code: "AmountsNotPerAsset"; readonly count: number }
  /** A peer: it does not count on from the voucher before. */
  | { readonly code: "VoucherNotNewer"; readonly counter: number; readonly known: number }
  /** A peer: an asset has less than in the voucher before, so that something would be taken back. */
  | { readonly code: "VoucherLowered"; readonly assetIndex: number }
  /** A peer: no asset has more than in the voucher before. */
  | { readonly code: "NothingPaid" }
  /** A peer: more than the payer ever had, with all that she was paid. */
  | { readonly code: "VoucherTooLarge"; readonly assetIndex: number }
  /** A peer: it pays out of what I paid, and does not receipt that. Such money could not be enforced. */
  | { readonly code: "ReceiptMissing"; readonly assetIndex: number }
  /** A peer: what it receipts is no voucher of mine that I know. */
  | { readonly code: "ReceiptUnknown" }
  /** A user or a peer: a direction has had its four billion vouchers. */
  | { readonly code: "CountersUsedUp" }
  /** A peer, or nobody: the channel or its ledger channel is disputed on the chain; the dispute decides now. */
  | { readonly code: "ChannelDisputed" }
  /** Nobody: this node has not seen the chain for too long to notice a dispute in time. */
  | { readonly code: "ChainNotSeen"; readonly lagSec: number };
