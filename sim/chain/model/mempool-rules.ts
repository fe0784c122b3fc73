/** Which transactions a node takes, and in which words it refuses the others: those of Anvil. */
import { refusal } from "../../../src/adapters/ethereum-answer.ts";
import type { Hex } from "../../../src/primitives/hex.ts";
import { BLOCK_GAS_LIMIT, LOCAL_CHAIN_ID } from "../local-chain.ts";
import { nonceCell } from "./cells.ts";
import { canPay } from "./execution.ts";
import { intrinsicGas } from "./gas.ts";
import type { ModelChain } from "./model-chain.ts";
import { readRawTransaction, type SentTransaction } from "./raw-transaction.ts";

/** A replacement pays a tenth more, in both fees. Source: go-ethereum's pool. */
const REPLACEMENT_TENTHS = 11n;

type Rule = readonly [
  isBroken: (sent: SentTransaction, chain: ModelChain) => boolean,
  code: number,
  message: string,
];

/** In the order in which they are looked at. */
const RULES: readonly Rule[] = [
  [isForeign, -32_003, "invalid chain id for signer"],
  [
    (sent) => sent.gasLimit > BLOCK_GAS_LIMIT,
    -32_000,
    "intrinsic gas too high -- tx.gas_limit > env.block.gas_limit",
  ],
  [
    ({ data, gasLimit, to }) => gasLimit < intrinsicGas(data.slice(2), to === undefined),
    -32_000,
    "intrinsic gas too low",
  ],
  [(sent, chain) => isKnown(sent, chain), -32_003, "transaction already imported"],
  [
    ({ from, nonce }, chain) => nonce < chain.viewOf(chain.newest).read(nonceCell(from)),
    -32_003,
    "nonce too low",
  ],
  [
    (sent, chain) => !canPay(chain.viewOf(chain.newest), sent),
    -32_003,
    "Insufficient funds for gas * price + value",
  ],
  [isTooCheap, -32_003, "replacement transaction underpriced"],
];

/** Takes a signed transaction into the pool and gives its hash. Throws `NodeError` with `RpcRefused`. */
export function takeTransaction(chain: ModelChain, raw: Hex): Hex {
  const sent = readRawTransaction(raw);
  if (sent === undefined) {
    throw refusal("eth_sendRawTransaction", {
      code: -32_602,
      message: "failed to decode the transaction",
    });
  }
  const broken = RULES.find(([isBroken]) => isBroken(sent, chain));
  if (broken !== undefined) {
    const [, code, message] = broken;
    throw refusal("eth_sendRawTransaction", { code, message });
  }
  chain.addPending(sent);
  return sent.hash;
}

function isForeign({ chainId }: SentTransaction): boolean {
  return chainId !== undefined && chainId !== BigInt(LOCAL_CHAIN_ID);
}

function isKnown({ hash }: SentTransaction, { pending }: ModelChain): boolean {
  return pending.some((waiting) => waiting.hash === hash);
}

function isTooCheap(sent: SentTransaction, { pending }: ModelChain): boolean {
  const old = pending.find(({ from, nonce }) => from === sent.from && nonce === sent.nonce);
  if (old === undefined) return false;
  const isLittleMore = (offered: bigint, before: bigint): boolean =>
    10n * offered < REPLACEMENT_TENTHS * before;
  return isLittleMore(sent.maxFeeWei, old.maxFeeWei) || isLittleMore(sent.maxTipWei, old.maxTipWei);
}
