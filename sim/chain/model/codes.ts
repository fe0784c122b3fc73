/** The code that the model knows: by the bytes that make it, and with the contract of the model that it stands for. */
import consensusArtifact from "@statechannels/nitro-protocol/dist/artifacts/contracts/ConsensusApp.sol/ConsensusApp.json" with {
  type: "json",
};
import adjudicatorArtifact from "@statechannels/nitro-protocol/dist/artifacts/contracts/NitroAdjudicator.sol/NitroAdjudicator.json" with {
  type: "json",
};
import virtualPaymentArtifact from "@statechannels/nitro-protocol/dist/artifacts/contracts/VirtualPaymentApp.sol/VirtualPaymentApp.json" with {
  type: "json",
};
import falsePayoutArtifact from "../../../contracts/artifacts/test-tokens/FalsePayoutToken.json" with {
  type: "json",
};
import falseArtifact from "../../../contracts/artifacts/test-tokens/FalseToken.json" with {
  type: "json",
};
import noReturnArtifact from "../../../contracts/artifacts/test-tokens/NoReturnToken.json" with {
  type: "json",
};
import { HARDENED_ADJUDICATOR } from "../../../contracts/hardened-adjudicator.ts";
import { AGREED_LOG } from "../../../contracts/message-log-app.ts";
import { PAYMENT_APP } from "../../../contracts/payment-app.ts";
import { ROCK_PAPER_SCISSORS } from "../../../contracts/rock-paper-scissors.ts";
import { TACTICS } from "../../../contracts/tactics.ts";
import { TEST_TOKEN } from "../../../contracts/test-token.ts";
import type { Hex } from "../../../src/primitives/hex.ts";
import { adjudicator, hardenedAdjudicator } from "./adjudicator.ts";
import type { Contract } from "./contract.ts";
import { create2Proxy } from "./create2-proxy.ts";
import { agreedLogApp, rockPaperScissorsApp, tacticsApp } from "./message-log-app.ts";
import { paymentApp } from "./payment-app.ts";
import { consensusApp, virtualPaymentApp } from "./published-apps.ts";
import { falsePayoutToken, falseToken, noReturnToken, testToken } from "./token.ts";
import { hashOf } from "./words.ts";

/** One kind of contract. */
export type KnownCode = {
  /** What an account's code cell holds: its place in the list, from 1. */
  readonly number: bigint;
  /** The code that makes the contract. */
  readonly creation: Hex;
  /** The code that it has from then on. */
  readonly deployed: Hex;
  readonly contract: Contract;
};

type Code = { readonly bytecode: string; readonly deployedBytecode: string };

/** Makes any contract by Create2. Source: github.com/Arachnid/deterministic-deployment-proxy. */
const PROXY: Code = {
  bytecode:
    "0x604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3",
  deployedBytecode:
    "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3",
};

const CODES: readonly KnownCode[] = (
  [
    [PROXY, create2Proxy],
    [adjudicatorArtifact, adjudicator],
    [consensusArtifact, consensusApp],
    [virtualPaymentArtifact, virtualPaymentApp],
    [PAYMENT_APP, paymentApp],
    [TEST_TOKEN, testToken],
    [HARDENED_ADJUDICATOR, hardenedAdjudicator],
    [falseArtifact, falseToken],
    [falsePayoutArtifact, falsePayoutToken],
    [noReturnArtifact, noReturnToken],
    [AGREED_LOG, agreedLogApp],
    [ROCK_PAPER_SCISSORS, rockPaperScissorsApp],
    [TACTICS, tacticsApp],
  ] as readonly (readonly [Code, Contract])[]
).map(([{ bytecode, deployedBytecode }, contract], index) => ({
  number: BigInt(index + 1),
  creation: bytecode as Hex,
  deployed: deployedBytecode as Hex,
  contract,
}));

const BY_CREATION = new Map(CODES.map((code) => [code.creation, code]));

/** The number of the Create2 proxy. */
export const PROXY_NUMBER = 1n;

/** The kind whose number a code cell holds; undefined for 0. */
export function codeByNumber(number: bigint): KnownCode | undefined {
  return CODES[Number(number) - 1];
}

/** The kind that these bytes make. */
export function codeByCreation(creation: Hex): KnownCode | undefined {
  return BY_CREATION.get(creation);
}

/** The kind whose bytes, once it is made, have this hash. */
export function codeByHash(hash: Hex): KnownCode | undefined {
  byHash ??= new Map(CODES.map((code) => [hashOf(code.deployed.slice(2)), code]));
  return byHash.get(hash);
}

let byHash: Map<Hex, KnownCode> | undefined;
