/** Calls of tokens and plain payments in a differential run. */

import { mintCall } from "../../contracts/test-token.ts";
import { selectorOf } from "../../sim/chain/model/contract.ts";
import { wordOf } from "../../sim/chain/model/words.ts";
import type { TestAccount } from "../../sim/chain/test-account.ts";
import { approveCall } from "../../src/chain/erc20.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import type { Chance } from "./chance.ts";
import { CAST, type Stage } from "./stage.ts";

/** A call, and who makes it. */
export type TokenCall = {
  readonly name: string;
  readonly from: TestAccount;
  readonly to: Hex;
  readonly data: Hex;
  readonly valueWei: bigint;
};

/** Draws one: somebody allows, sends, takes or makes tokens, stops one, or sends coins somewhere. */
export function drawTokenCall(chance: Chance, stage: Stage): TokenCall {
  const from = chance.pick(CAST);
  const token = chance.pick(Object.values(stage.tokens));
  const draw = chance.pick(KINDS);
  return { from, valueWei: 0n, ...draw(chance, stage, token) };
}

type Kind = (
  chance: Chance,
  stage: Stage,
  token: Address,
) => Omit<TokenCall, "from" | "valueWei"> & Partial<TokenCall>;

const KINDS: readonly Kind[] = [
  (chance, { adjudicators }, token) => {
    const amount = chance.isOneIn(3) ? BigInt(chance.below(300)) : 10n ** 24n;
    const { data } = approveCall(token, chance.pick(adjudicators), amount);
    return { name: "approve", to: token, data };
  },
  (chance, _, token) => {
    const to = chance.pick(CAST).address;
    const amount = chance.isOneIn(10) ? 2n ** 256n - 1n : BigInt(chance.below(1_000));
    return { name: "mint", to: token, data: mintCall(token, to, amount).data };
  },
  (chance, _, token) => ({
    name: "token transfer",
    to: token,
    data: dataOf("transfer(address,uint256)", [
      BigInt(chance.pick(CAST).address),
      chance.isOneIn(4) ? 10n ** 30n : BigInt(chance.below(100)),
    ]),
  }),
  (chance, _, token) => ({
    name: "transferFrom",
    to: token,
    data: dataOf("transferFrom(address,address,uint256)", [
      BigInt(chance.pick(CAST).address),
      BigInt(chance.pick(CAST).address),
      BigInt(chance.below(3)),
    ]),
  }),
  (chance, { adjudicators }, token) => {
    const owner = BigInt(chance.pick(CAST).address);
    const spender = BigInt(chance.pick(adjudicators));
    const data = chance.pick([
      dataOf("balanceOf(address)", [owner]),
      dataOf("allowance(address,address)", [owner, spender]),
      dataOf("totalSupply()", []),
      dataOf("decimals()", []),
      dataOf("name()", []),
      dataOf("symbol()", []),
      dataOf("stopped()", []),
    ]);
    return { name: "token question", to: token, data };
  },
  (chance, { tokens }) => ({
    name: "stop",
    to: tokens.false,
    data: dataOf("stop(bool)", [BigInt(chance.below(3))]),
  }),
  (chance, { adjudicators }) => ({
    name: "coins",
    to: chance.pick([...CAST.map(({ address }) => address), ...adjudicators, chance.bytes(20)]),
    data: "0x",
    valueWei: BigInt(chance.below(100)),
  }),
];

function dataOf(signature: string, words: readonly bigint[]): Hex {
  return `${selectorOf(signature)}${words.map(wordOf).join("")}`;
}
