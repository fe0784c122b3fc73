/** Reads what many accounts own in one request: a program that only asks, and that no chain keeps. */
import type { Address } from "../../src/crypto/address.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import { assert } from "../../src/primitives/assert.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import { type Asset, ETH } from "../assets.ts";

/** What one account owns of one asset. */
export type Question = { readonly owner: Address; readonly asset: Asset };

/** Answers in one probe: a chain gives back at most 24,576 bytes, as of a contract that is created. */
const QUESTIONS_MAX = 768;

/** Where answers begin in memory; below lies the call to a token. */
const ANSWERS_AT = 64;

/** `balanceOf(address)`, at the left of its word. Source: ERC-20. */
const SELECTOR_WORD = `70a08231${"00".repeat(28)}`;

/** The amounts in the order of the questions, as of the newest block, in each asset's smallest unit. */
export async function askBalances(
  rpc: EthereumRpc,
  questions: readonly Question[],
): Promise<readonly bigint[]> {
  assert(questions.length <= QUESTIONS_MAX, "the answers fit into one probe");
  const answer = (await rpc.request("eth_call", [{ data: probeOf(questions) }, "latest"])) as Hex;
  assert(answer.length === 2 + 64 * questions.length, "the probe answers every question");
  return questions.map((_, index) => BigInt(`0x${answer.slice(2 + 64 * index, 66 + 64 * index)}`));
}

/** Writes the selector once, then asks one question behind the other, and returns all answers. */
function probeOf(questions: readonly Question[]): Hex {
  const parts = questions.map(({ asset, owner }, index) => {
    const at = word2(ANSWERS_AT + 32 * index);
    return asset === ETH ? askForCoins(owner, at) : askForTokens(owner, asset.address, at);
  });
  const size = word2(32 * questions.length);
  return `0x7f${SELECTOR_WORD}600052${parts.join("")}61${size}61${word2(ANSWERS_AT)}f3`;
}

/** PUSH20 owner, BALANCE, PUSH2 at, MSTORE. */
function askForCoins(owner: Address, at: string): string {
  return `73${owner.slice(2)}3161${at}52`;
}

/**
 * The owner goes behind the selector: PUSH20 owner, PUSH1 4, MSTORE. Then 32 bytes of answer at `at`, 36
 * bytes of question at 0, PUSH20 token, GAS, STATICCALL, POP.
 */
function askForTokens(owner: Address, token: Address, at: string): string {
  return `73${owner.slice(2)}600452602061${at}6024600073${token.slice(2)}5afa50`;
}

function word2(value: number): string {
  return value.toString(16).padStart(4, "0");
}
