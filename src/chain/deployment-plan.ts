/**
 * Where the contracts of a chain are, worked out without asking it: an address made by Create2 depends
 * on nothing but the maker, a salt and the code.
 */
import consensusApp from "@statechannels/nitro-protocol/dist/artifacts/contracts/ConsensusApp.sol/ConsensusApp.json" with {
  type: "json",
};
import adjudicator from "@statechannels/nitro-protocol/dist/artifacts/contracts/NitroAdjudicator.sol/NitroAdjudicator.json" with {
  type: "json",
};
import virtualPaymentApp from "@statechannels/nitro-protocol/dist/artifacts/contracts/VirtualPaymentApp.sol/VirtualPaymentApp.json" with {
  type: "json",
};
import {
  concatHex,
  encodeAbiParameters,
  getCreate2Address,
  keccak256,
  parseAbiParameters,
  stringToHex,
} from "viem";
import { HARDENED_ADJUDICATOR } from "../../contracts/hardened-adjudicator.ts";
import { AGREED_LOG } from "../../contracts/message-log-app.ts";
import { PAYMENT_APP } from "../../contracts/payment-app.ts";
import { ROCK_PAPER_SCISSORS } from "../../contracts/rock-paper-scissors.ts";
import { TACTICS } from "../../contracts/tactics.ts";
import { TEST_TOKEN } from "../../contracts/test-token.ts";
import type { Address } from "../crypto/address.ts";
import { keccak256 as keccak256Bytes } from "../crypto/keccak.ts";
import type { Hash } from "../crypto/signature.ts";
import { fromHex, type Hex, toHex } from "../primitives/hex.ts";
import type { ContractCall } from "./adjudicator.ts";

/** The contracts, by the names that `Deployment` gives them, in the order in which they are shown. */
export const CONTRACT_NAMES = [
  "adjudicator",
  "consensusApp",
  "ledgerApp",
  "goNitroLedgerApp",
  "paymentApp",
  "virtualPaymentApp",
  "agreedLogApp",
  "rockPaperScissorsApp",
  "tacticsApp",
  "token",
] as const;

/** One contract of a chain. */
export type ContractName = (typeof CONTRACT_NAMES)[number];

/** One contract: where it is on its chain, and how it gets there. */
export type PlannedContract = {
  readonly name: ContractName;
  readonly address: Address;
  /** keccak-256 of the code that must be at the address. */
  readonly codeHash: Hash;
  /** Asks the Create2 proxy to make it. */
  readonly call: ContractCall;
  readonly gasLimit: bigint;
};

/** The contracts of one chain. */
export type DeploymentPlan = Readonly<Record<ContractName, PlannedContract>>;

/**
 * Which adjudicator a chain's nodes use: the published one, or the one that undoes a payout which a token
 * refuses. Source: docs/adr/0026-hardened-adjudicator.md.
 */
export type AdjudicatorKind = "published" | "hardened";

/**
 * Makes any contract by Create2 for anyone, at one address on every chain.
 * Source: github.com/Arachnid/deterministic-deployment-proxy.
 */
export const CREATE2_PROXY: Address = "0x4e59b44847b379578588920ca78fbf26c0b4956c" as Address;

/**
 * All contracts of a chain. The adjudicator has the same address everywhere. The apps have other addresses
 * on every chain: channel ids name the app but neither chain nor adjudicator, so that with shared apps a
 * state signed for one chain could be shown on another. A ledger runs the code of the consensus app at an
 * address of its own, one per profile, so that the fixed part alone says that a channel is a ledger, and
 * of which profile. The token is for local chains.
 *
 * The hardened adjudicator has other code and so another address, and its apps have others, too: no channel
 * of the one can be mistaken for a channel of the other.
 */
export function planDeployment(
  chainId: bigint,
  kind: AdjudicatorKind = "published",
): DeploymentPlan {
  const code = kind === "published" ? adjudicator : HARDENED_ADJUDICATOR;
  const home = plan("adjudicator", keccak256(stringToHex("channels.adjudicator")), code);
  const salt = keccak256(
    encodeAbiParameters(parseAbiParameters("uint256, address"), [chainId, home.address]),
  );
  const ledgerSalt = saltOfUse(chainId, home.address, "ledger");
  const goNitroLedgerSalt = saltOfUse(chainId, home.address, "go-nitro ledger");
  return {
    adjudicator: home,
    consensusApp: plan("consensusApp", salt, consensusApp),
    ledgerApp: plan("ledgerApp", ledgerSalt, consensusApp),
    goNitroLedgerApp: plan("goNitroLedgerApp", goNitroLedgerSalt, consensusApp),
    paymentApp: plan("paymentApp", salt, PAYMENT_APP),
    virtualPaymentApp: plan("virtualPaymentApp", salt, virtualPaymentApp),
    agreedLogApp: plan("agreedLogApp", salt, AGREED_LOG),
    rockPaperScissorsApp: plan("rockPaperScissorsApp", salt, ROCK_PAPER_SCISSORS),
    tacticsApp: plan("tacticsApp", salt, TACTICS),
    token: plan("token", salt, TEST_TOKEN),
  };
}

/** The salt of an app whose code is at another address already, for another use. */
function saltOfUse(chainId: bigint, adjudicatorAddress: Address, use: string): Hex {
  const types = parseAbiParameters("uint256, address, string");
  return keccak256(encodeAbiParameters(types, [chainId, adjudicatorAddress, use]));
}

/** Gas of a creation besides its code: the transaction, the proxy, and room to spare. */
const CREATION_GAS = 150_000n;

/** Gas for one byte of code: 200 to store it, at most 16 to send it, 2 to hash it, and a tenth on top. */
const CREATION_GAS_PER_BYTE = 240n;

type Code = { readonly bytecode: string; readonly deployedBytecode: string };

function plan(name: ContractName, salt: Hex, code: Code): PlannedContract {
  const bytecode = code.bytecode as Hex;
  const bytecodeHash = hashOf(bytecode);
  const address = getCreate2Address({ from: CREATE2_PROXY, salt, bytecodeHash });
  const sizeBytes = BigInt(bytecode.length / 2 - 1);
  return {
    name,
    address: address.toLowerCase() as Address,
    codeHash: hashOf(code.deployedBytecode as Hex),
    call: { to: CREATE2_PROXY, data: concatHex([salt, bytecode]), valueWei: 0n },
    gasLimit: CREATION_GAS + CREATION_GAS_PER_BYTE * sizeBytes,
  };
}

/** Of code, which is long: each command of this program plans a deployment when it starts. */
function hashOf(code: Hex): Hash {
  return toHex(keccak256Bytes(fromHex(code))) as Hash;
}
