/** A token that takes deposits, and answers false to payouts without moving anything. */
import { concatHex, getCreate2Address } from "viem";
import { mintCall } from "../contracts/test-token.ts";
import { TEST_TOKENS } from "../contracts/test-tokens.ts";
import type { ContractCall } from "../src/chain/adjudicator.ts";
import { CREATE2_PROXY } from "../src/chain/deployment-plan.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Hex } from "../src/primitives/hex.ts";
import type { Asset } from "./assets.ts";

/** Any would do: it names this one contract. */
const SALT: Hex = `0x${"7a".repeat(32)}`;

const BYTECODE = TEST_TOKENS.FalsePayoutToken.bytecode as Hex;
const ADDRESS = getCreate2Address({ from: CREATE2_PROXY, salt: SALT, bytecode: BYTECODE });

/** The token, wherever it was deployed by `deployFalseToken`. */
export const FALSE_TOKEN: Asset = {
  address: ADDRESS.toLowerCase() as Address,
  symbol: "BAD",
  decimals: 18,
  unit: "bad units",
};

/** Puts it on a chain. */
export const deployFalseToken: ContractCall = {
  to: CREATE2_PROXY,
  data: concatHex([SALT, BYTECODE]),
  valueWei: 0n,
};

/** Gives somebody some of it. Anyone may. */
export const mintFalseToken = (to: Address, amount: bigint): ContractCall =>
  mintCall(FALSE_TOKEN.address, to, amount);
