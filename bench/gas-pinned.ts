/**
 * The gas of every operation, pinned: a change of one unit fails `bench/gas.test.ts`, so that nothing becomes
 * dearer, or cheaper, by accident. Whoever changes a contract, an encoding or a channel of the table writes
 * the new numbers here, with the reason in the commit.
 */
import type { GasOperation, GasTable } from "./gas-table.ts";

/** With the published adjudicator. */
export const PINNED_GAS: GasTable = {
  "approve ERC-20": 46_178,
  "deposit coins, first": 46_580,
  "deposit coins, next": 29_576,
  "deposit ERC-20, first": 63_471,
  "deposit ERC-20, next": 46_467,
  "conclude and pay two, coins": 94_581,
  "conclude and pay two, ERC-20": 133_172,
  "challenge, direct channel": 113_434,
  "challenge, ledger with a guarantee": 122_845,
  "challenge, virtual channel without voucher": 120_670,
  "challenge, virtual channel with a voucher": 209_488,
  "challenge, virtual channel with two vouchers": 213_778,
  "challenge that answers one, ledger": 106_395,
  "checkpoint, ledger": 96_949,
  "checkpoint that answers a challenge, ledger": 79_874,
  "conclude, direct channel": 78_789,
  "transfer to one by index, coins": 63_294,
  "transferAllAssets to two, coins": 63_522,
  "transferAllAssets to two, ERC-20": 103_179,
  "reclaim, ledger with a guarantee": 62_202,
};

/** With the hardened adjudicator, where that is a matter of the payout. */
export const PINNED_HARDENED_GAS: Readonly<Partial<GasTable>> = {
  "conclude and pay two, ERC-20": 134_322,
  "transferAllAssets to two, ERC-20": 104_310,
};

/** A dispute over a full ledger of coins, its 100 targets over one intermediary: all alone, all transactions. */
export const PINNED_DISPUTE: { readonly total: number; readonly dearest: number } = {
  total: 55_051_444,
  dearest: 1_083_944,
};

/**
 * What go-nitro publishes for the operation that is nearest. It ran the same adjudicator on channels of its own,
 * with other recipients, tokens and apps, so a ratio compares no more than the order of magnitude.
 * Source: go-nitro, packages/nitro-protocol/gas-benchmarks/gasResults.json.
 */
export const GO_NITRO_GAS: Readonly<Partial<Record<GasOperation, number>>> = {
  "approve ERC-20": 46_193,
  "deposit coins, first": 46_496,
  "deposit coins, next": 29_408,
  "deposit ERC-20, first": 69_866,
  "deposit ERC-20, next": 52_778,
  "conclude and pay two, coins": 111_514,
  "conclude and pay two, ERC-20": 112_690,
  "challenge, direct channel": 113_146,
  "challenge, ledger with a guarantee": 122_389,
  // Its own app: one way, coins alone, and a voucher without a receipt.
  "challenge, virtual channel with a voucher": 172_692,
  "challenge that answers one, ledger": 89_655,
  "checkpoint that answers a challenge, ledger": 69_932,
  "transferAllAssets to two, coins": 82_026,
  "reclaim, ledger with a guarantee": 61_713,
};
