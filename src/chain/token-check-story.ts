/** What a channel does with a token, from the first approval to the last payout, as steps of one trial. */
import { encodeFunctionData, keccak256, parseAbi, stringToHex } from "viem";
import { channelIdOf } from "../channel/channel-id.ts";
import { externalDestination } from "../channel/destination.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import { ALLOCATION_TYPE } from "../channel/outcome.ts";
import { stateHash, TURN, type VariablePart } from "../channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash, PrivateKey } from "../crypto/signature.ts";
import { signatureBackend } from "../crypto/signatures.ts";
import type { Hex } from "../primitives/hex.ts";
import { type ContractCall, concludeAndTransferAllAssetsCall, depositCall } from "./adjudicator.ts";
import { approveCall, balanceOfCall } from "./erc20.ts";

/** Who takes part in a trial. None of them exists on any chain, unless the user named a holder. */
export type Cast = {
  readonly token: Address;
  readonly adjudicator: Address;
  readonly holder: Address;
};

/** An account that nobody has a key of: the low half of the hash of a name. */
const nobody = (name: string): Address =>
  `0x${keccak256(stringToHex(`channels.token-check.${name}`)).slice(26)}` as Address;

/** Where a trial puts an adjudicator with empty books. */
export const TRIAL_ADJUDICATOR: Address = nobody("adjudicator");
/** Who owns the tokens of a trial, unless the user names somebody. */
export const TRIAL_HOLDER: Address = nobody("holder");
/** Owns nothing before the first payout. */
export const NEWCOMER: Address = nobody("newcomer");
/** Owns nothing, and is paid nothing. */
const IDLER: Address = nobody("idler");

/** Keys of the participants. Everybody knows them; what they sign is shown to a call that nobody mines. */
const KEYS = [1n, 2n].map((key) => `0x${key.toString(16).padStart(64, "0")}` as PrivateKey);

const ABI = parseAbi([
  "function setInterfaceImplementer(address account, bytes32 name, address implementer)",
  "function transfer(address to, uint256 amount) returns (bool)",
  "function transferFrom(address from, address to, uint256 amount) returns (bool)",
]);

/** The registry in which accounts say who is to be asked before their tokens move. Source: ERC-1820. */
const HOOK_REGISTRY = "0x1820a4b7618bde71dce8cdc73aab6c95905fad24" as Address;

/** Registers the holder's own wish to be asked. Does nothing where there is no registry. */
function askMeCall(holder: Address): ContractCall {
  const name = keccak256(stringToHex("ERC777TokensSender"));
  const functionName = "setInterfaceImplementer";
  const data = encodeFunctionData({ abi: ABI, functionName, args: [holder, name, holder] });
  return { to: HOOK_REGISTRY, data, valueWei: 0n };
}

/** Moves tokens of the caller. */
export function transferTokenCall(token: Address, to: Address, amount: bigint): ContractCall {
  const data = encodeFunctionData({ abi: ABI, functionName: "transfer", args: [to, amount] });
  return { to: token, data, valueWei: 0n };
}

function transferFromCall(token: Address, from: Address, to: Address): ContractCall {
  const args = [from, to, 1n] as const;
  const data = encodeFunctionData({ abi: ABI, functionName: "transferFrom", args });
  return { to: token, data, valueWei: 0n };
}

/** What is asked of the token itself. */
export type DirectStep = "transfer" | "approve" | "transferFrom" | "tooMuch";

/** What the token itself answers the holder, who owns `owned`: to transfers that can be, and to one that cannot. */
export function directSteps(
  { holder, token }: Cast,
  owned: bigint,
): Readonly<Record<DirectStep, ContractCall>> {
  return {
    transfer: transferTokenCall(token, NEWCOMER, 1n),
    approve: approveCall(token, holder, 1n),
    transferFrom: transferFromCall(token, holder, NEWCOMER),
    // Far more, so that no rounding makes it fit.
    tooMuch: transferTokenCall(token, NEWCOMER, 2n * owned),
  };
}

/** How much each of the two deposits is: a third, and then all that is left. */
export function depositsOf(owned: bigint): readonly [bigint, bigint] {
  return [owned / 3n, owned - owned / 3n];
}

/** What is done with the adjudicator. */
export type ChannelStep =
  | "askMe"
  | "approveFirst"
  | "depositFirst"
  | "adjudicatorOwnsFirst"
  | "approveRest"
  | "depositRest"
  | "holderOwnsRest"
  | "payNewcomer"
  | "newcomerOwnsFirst"
  | "payAgain"
  | "newcomerOwnsAll"
  | "depositNothing"
  | "payNothing"
  | "approveFive"
  | "approveSeven";

/**
 * Two deposits, of a part and of all that is left; a payout of the one to somebody new and of the other to the
 * same, who is not new any more; then a deposit and a payout of nothing, and an approval that is changed.
 */
export function channelSteps(
  { adjudicator, holder, token }: Cast,
  owned: bigint,
): Readonly<Record<ChannelStep, ContractCall>> {
  const [first, rest] = depositsOf(owned);
  const deposit = (place: number, amount: bigint): ContractCall => {
    const channelId = channelIdOf(trialChannel(place));
    return depositCall(adjudicator, { asset: token, channelId, expectedHeld: 0n, amount });
  };
  const pay = (place: number, to: Address, amount: bigint): ContractCall =>
    payoutCall(adjudicator, { token, place, to, amount });
  return {
    askMe: askMeCall(holder),
    approveFirst: approveCall(token, adjudicator, first),
    depositFirst: deposit(1, first),
    adjudicatorOwnsFirst: balanceOfCall(token, adjudicator),
    approveRest: approveCall(token, adjudicator, rest),
    depositRest: deposit(2, rest),
    holderOwnsRest: balanceOfCall(token, holder),
    payNewcomer: pay(1, NEWCOMER, first),
    newcomerOwnsFirst: balanceOfCall(token, NEWCOMER),
    payAgain: pay(2, NEWCOMER, rest),
    newcomerOwnsAll: balanceOfCall(token, NEWCOMER),
    depositNothing: deposit(3, 0n),
    payNothing: pay(3, IDLER, 0n),
    approveFive: approveCall(token, adjudicator, 5n),
    approveSeven: approveCall(token, adjudicator, 7n),
  };
}

function trialChannel(place: number): FixedPart {
  return {
    participants: KEYS.map((key) => signatureBackend.addressOf(key)),
    channelNonce: BigInt(place),
    // A final state that all signed is shown to no app.
    appDefinition: ZERO_ADDRESS,
    challengeDurationSec: 0,
  };
}

type Payout = {
  readonly token: Address;
  readonly place: number;
  readonly to: Address;
  readonly amount: bigint;
};

function payoutCall(adjudicator: Address, { amount, place, to, token }: Payout): ContractCall {
  const channel = trialChannel(place);
  const allocation = {
    destination: externalDestination(to),
    amount,
    allocationType: ALLOCATION_TYPE.simple,
    metadata: "0x",
  } as const;
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  const outcome = [{ asset: token, assetMetadata, allocations: [allocation] }];
  const turnNum = TURN.postfund + 1;
  const state: VariablePart = { outcome, appData: "0x", turnNum, isFinal: true };
  const hash: Hash = stateHash(channelIdOf(channel), state);
  const signatures: readonly Hex[] = KEYS.map((key) => signatureBackend.signHash(hash, key));
  return concludeAndTransferAllAssetsCall(adjudicator, channel, state, signatures);
}
