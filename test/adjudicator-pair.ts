/** The published adjudicator and the hardened one on one chain, given the same calls and compared after each. */

import consensusApp from "@statechannels/nitro-protocol/dist/artifacts/contracts/ConsensusApp.sol/ConsensusApp.json" with {
  type: "json",
};
import adjudicator from "@statechannels/nitro-protocol/dist/artifacts/contracts/NitroAdjudicator.sol/NitroAdjudicator.json" with {
  type: "json",
};
import { HARDENED_ADJUDICATOR } from "../contracts/hardened-adjudicator.ts";
import { startEvm } from "../sim/chain/evm.ts";
import { GENESIS_TIMESTAMP_SEC, type LocalChain } from "../sim/chain/local-chain.ts";
import { receiptOf, sendCall, type TestReceipt } from "../sim/chain/test-wallet.ts";
import {
  type ContractCall,
  decodeHoldings,
  decodeStatus,
  holdingsCall,
  statusCall,
} from "../src/chain/adjudicator.ts";
import { balanceOfCall, decodeTokenAmount } from "../src/chain/erc20.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Hex } from "../src/primitives/hex.ts";
import { ALICE, BOB, IRENE } from "./sample-payments.ts";

const at = (byte: string): Address => `0x${byte.repeat(20)}` as Address;

/** Where the two are, the app of their channels, and the token. */
export const PUBLISHED: Address = at("a1");
export const HARDENED: Address = at("a2");
export const PAIR_APP: Address = at("a3");
export const PAIR_TOKEN: Address = at("a4");

/** What one adjudicator did with a call, without its address and without gas. */
export type Deed = {
  readonly refusal: string;
  readonly status: Hex;
  readonly logs: readonly Pick<TestReceipt["logs"][number], "topics" | "data">[];
};

/** What one adjudicator has in its books and its pocket. */
export type Books = {
  readonly status: ReturnType<typeof decodeStatus>;
  readonly held: readonly bigint[];
  readonly owned: readonly bigint[];
};

/** Both adjudicators on a chain of their own, with a token of the caller's choice. */
export class AdjudicatorPair {
  readonly #chain: LocalChain;
  #nowSec = GENESIS_TIMESTAMP_SEC;

  constructor(chain: LocalChain) {
    this.#chain = chain;
  }

  /** Starts the chain. `token` is the code of the token. */
  static async start(token: Hex): Promise<AdjudicatorPair> {
    const accounts = [ALICE, IRENE, BOB].map(({ address }) => ({
      address,
      balanceWei: 10n ** 24n,
    }));
    const chain = await startEvm({ accounts });
    const codes = [
      [PUBLISHED, adjudicator.deployedBytecode],
      [HARDENED, HARDENED_ADJUDICATOR.deployedBytecode],
      [PAIR_APP, consensusApp.deployedBytecode],
      [PAIR_TOKEN, token],
    ];
    for (const code of codes) await chain.rpc.request("hardhat_setCode", code);
    return new AdjudicatorPair(chain);
  }

  stop(): Promise<void> {
    return this.#chain.stop();
  }

  wait(seconds: number): Promise<void> {
    this.#nowSec += seconds;
    return this.#chain.mine(this.#nowSec);
  }

  /** Gives both the same call. They may be asked for different amounts of gas, so it is not compared. */
  async both(callOf: (adjudicator: Address) => ContractCall): Promise<readonly [Deed, Deed]> {
    const calls = [callOf(PUBLISHED), callOf(HARDENED)] as const;
    const refusals = [await this.#refusal(calls[0]), await this.#refusal(calls[1])] as const;
    const hashes = [
      await sendCall(this.#chain.rpc, ALICE, calls[0]),
      await sendCall(this.#chain.rpc, ALICE, calls[1]),
    ] as const;
    await this.wait(1);
    const receipts = [
      await receiptOf(this.#chain.rpc, hashes[0]),
      await receiptOf(this.#chain.rpc, hashes[1]),
    ] as const;
    return [
      deedOf(refusals[0], receipts[0], PUBLISHED),
      deedOf(refusals[1], receipts[1], HARDENED),
    ];
  }

  /** Puts code at an address. */
  async place(address: Address, code: Hex): Promise<void> {
    await this.#chain.rpc.request("hardhat_setCode", [address, code]);
  }

  /** Sends a call that must not fail. */
  async send(call: ContractCall): Promise<void> {
    const hash = await sendCall(this.#chain.rpc, ALICE, call);
    await this.wait(1);
    const { status } = await receiptOf(this.#chain.rpc, hash);
    if (status !== "0x1")
      throw new Error(`the call of ${call.to} failed: ${await this.#refusal(call)}`);
  }

  async books(one: Address, channelId: ChannelId): Promise<Books> {
    const held = [ZERO_ADDRESS, PAIR_TOKEN].map((asset) => holdingsCall(one, asset, channelId));
    return {
      status: decodeStatus(await this.#ask(statusCall(one, channelId))),
      held: [
        decodeHoldings(await this.#ask(held[0] ?? NOTHING)),
        decodeHoldings(await this.#ask(held[1] ?? NOTHING)),
      ],
      owned: [
        BigInt((await this.#chain.rpc.request("eth_getBalance", [one, "latest"])) as Hex),
        await this.tokensOf(one),
      ],
    };
  }

  async tokensOf(owner: Address): Promise<bigint> {
    return decodeTokenAmount(await this.#ask(balanceOfCall(PAIR_TOKEN, owner)));
  }

  #ask({ data, to }: ContractCall): Promise<unknown> {
    return this.#chain.rpc.request("eth_call", [{ to, data }, "latest"]);
  }

  async #refusal({ data, to, valueWei }: ContractCall): Promise<string> {
    const value = `0x${valueWei.toString(16)}`;
    const call = { from: ALICE.address, to, data, value };
    return this.#chain.rpc.request("eth_call", [call, "latest"]).then(
      () => "",
      (error: Error) => error.message,
    );
  }
}

const NOTHING: ContractCall = { to: ZERO_ADDRESS, data: "0x", valueWei: 0n };

/** The token's own logs name the adjudicator that called it. */
function deedOf(refusal: string, { logs, status }: TestReceipt, one: Address): Deed {
  const neutral = (hex: Hex): Hex => hex.replaceAll(one.slice(2), "ad".repeat(20)) as Hex;
  return {
    refusal,
    status,
    logs: logs.map(({ data, topics }) => ({ data: neutral(data), topics: topics.map(neutral) })),
  };
}
