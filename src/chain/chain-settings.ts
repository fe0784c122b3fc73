/** What the chain service of a node is set up with. */
import type { Address } from "../crypto/address.ts";
import type { ContractCall } from "./adjudicator.ts";
import type { ChainProfile } from "./chain-profile.ts";
import type { SignedTransaction, Transaction } from "./transaction.ts";

/** What a node knows about its chain before it starts. */
export type ChainSettings = {
  readonly chainId: bigint;
  readonly adjudicator: Address;
  /** When a block counts, how transactions are paid for, and how patient the node is. */
  readonly profile: ChainProfile;
  /** Milliseconds between two looks at the head of the chain. */
  readonly pollMs: number;
  /** No channel of this key has a log below this block: reading never goes below it. 0 where absent. */
  readonly firstBlock?: number;
  /** Reading begins at the newest final block while the log knows no channel. False where absent. */
  readonly beginsAtHead?: boolean;
};

/** The account that pays for this node's transactions, and deposits from it. */
export type Account = {
  readonly address: Address;
  readonly sign: (transaction: Transaction) => SignedTransaction;
  /**
   * The call that `sign` would put its signature under: an account may complete a call as it signs it. It spares a
   * signature wherever gas is estimated; an account without it is asked to sign a draft, and that is read.
   */
  readonly complete?: (call: ContractCall) => ContractCall;
};
