/** What channels hold in the adjudicator, and how money comes in and goes out. Source: MultiAssetHolder, SafeERC20. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { BOOL, type Codec, sourceOf, tuple } from "./abi.ts";
import { type Frame, mappingSlot, selectorOf } from "./contract.ts";
import { PANIC, panic, Revert, require, revertWith } from "./revert.ts";
import type { Allocation } from "./structs.ts";
import { WORD_VALUES, wordOf } from "./words.ts";

/** Stands for the chain's own coin. */
export const ZERO_ADDRESS: Hex = `0x${"00".repeat(20)}`;

/** The second variable of the adjudicator: `holdings`. */
const HOLDINGS_SLOT = 1n;

const TOKEN = {
  transfer: selectorOf("transfer(address,uint256)"),
  transferFrom: selectorOf("transferFrom(address,address,uint256)"),
} as const;

const TOKEN_ANSWER: Codec<{ readonly isDone: boolean }> = tuple({ isDone: BOOL });

/** Where `holdings[asset][channelId]` is stored. */
export function holdingsSlot(asset: Hex, channelId: Hex): Hex {
  return mappingSlot(channelId, mappingSlot(asset, HOLDINGS_SLOT));
}

/** What a channel holds. */
export function readHoldings({ machine, self }: Frame, asset: Hex, channelId: Hex): bigint {
  return machine.load(self, holdingsSlot(asset, channelId));
}

/** Writes what a channel holds. */
export function writeHoldings(frame: Frame, asset: Hex, channelId: Hex, amount: bigint): void {
  frame.machine.store(frame.self, holdingsSlot(asset, channelId), amount);
}

/** How tokens are paid to an account. The two adjudicators differ in nothing else. */
export type PayTokens = (frame: Frame, asset: Hex, payment: TokenPayment) => void;

/** An amount of a token for an account. */
export type TokenPayment = { readonly to: Hex; readonly amount: bigint };

/** Pays accounts, and channels out of one purse into another. */
export function payOut(
  frame: Frame,
  asset: Hex,
  exits: readonly Allocation[],
  payTokens: PayTokens,
): void {
  for (const { amount, destination } of exits) {
    if (isExternal(destination)) {
      payAddress(frame, asset, { to: `0x${destination.slice(26)}`, amount }, payTokens);
    } else {
      const held = readHoldings(frame, asset, destination);
      writeHoldings(frame, asset, destination, sum(held, amount));
    }
  }
}

function payAddress(frame: Frame, asset: Hex, payment: TokenPayment, payTokens: PayTokens): void {
  if (asset !== ZERO_ADDRESS) {
    payTokens(frame, asset, payment);
    return;
  }
  try {
    frame.call(payment.to, "0x", payment.amount);
  } catch (error) {
    if (!(error instanceof Revert)) throw error;
    throw revertWith("Could not transfer ETH");
  }
}

/** A payout of the published adjudicator: whatever the token answers will do, as long as it is a truth value. */
export const payUnchecked: PayTokens = (frame, asset, payment) => {
  TOKEN_ANSWER.decode(sourceOf(frame.call(asset, transferData(payment))), 0);
};

/** A payout of the hardened adjudicator: what fails undoes the whole call. Source: SafeERC20.safeTransfer. */
export const payChecked: PayTokens = (frame, asset, payment) => {
  callSafely(frame, asset, transferData(payment));
};

function transferData({ amount, to }: TokenPayment): Hex {
  return `${TOKEN.transfer}${to.slice(2).padStart(64, "0")}${wordOf(amount)}`;
}

/** Takes tokens from who calls. */
export function takeTokens(frame: Frame, asset: Hex, amount: bigint): void {
  const from = frame.caller.slice(2).padStart(64, "0");
  const to = frame.self.slice(2).padStart(64, "0");
  callSafely(frame, asset, `${TOKEN.transferFrom}${from}${to}${wordOf(amount)}`);
}

/** Takes no answer for a yes, and a no for a refusal. Source: SafeERC20 of OpenZeppelin 4. */
function callSafely(frame: Frame, asset: Hex, data: Hex): void {
  const answer = answerOf(frame, asset, data);
  const isSilent = answer === "0x";
  if (isSilent) require(frame.hasCode(asset), "Address: call to non-contract");
  const isDone = isSilent || TOKEN_ANSWER.decode(sourceOf(answer), 0).isDone;
  require(isDone, "SafeERC20: ERC20 operation did not succeed");
}

function answerOf(frame: Frame, to: Hex, data: Hex): Hex {
  try {
    return frame.call(to, data);
  } catch (error) {
    if (!(error instanceof Revert) || error.data !== "0x") throw error;
    throw revertWith("SafeERC20: low-level call failed");
  }
}

/** True for an account, false for a channel. */
export function isExternal(destination: Hex): boolean {
  return destination.startsWith(`0x${"0".repeat(24)}`);
}

/** A sum that the contract's arithmetic can hold. */
export function sum(left: bigint, right: bigint): bigint {
  if (left + right >= WORD_VALUES) throw panic(PANIC.arithmetic);
  return left + right;
}
