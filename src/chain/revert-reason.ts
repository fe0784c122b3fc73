/** Why a contract refused a call, in words. Source: Solidity, "Panic via assert and Error via require". */
import { decodeAbiParameters, decodeErrorResult, parseAbi } from "viem";
import { type Hex, hexSizeBytes, isHex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";

/** Errors of their own that contracts in the way of a payment give: those of the usual tokens. Source: EIP-6093. */
const CUSTOM_ERRORS = parseAbi([
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error ERC20InvalidSender(address sender)",
  "error ERC20InvalidReceiver(address receiver)",
  "error ERC20InvalidApprover(address approver)",
  "error ERC20InvalidSpender(address spender)",
  "error SafeERC20FailedOperation(address token)",
  "error EnforcedPause()",
]);

/** What Solidity's own checks mean. Source: the same page. */
const PANICS: Readonly<Record<number, string>> = {
  1: "an assertion failed",
  17: "a number became too large or too small",
  18: "a division by zero",
  33: "a value is none of its kind",
  34: "stored bytes are damaged",
  49: "an element of an empty list was taken away",
  50: "a place beyond the end of a list was asked for",
  65: "too much memory was asked for",
  81: "a function that does not exist was called",
};

const STRING_SELECTOR = "0x08c379a0";
const PANIC_SELECTOR = "0x4e487b71";
const SELECTOR_DIGITS = 10;

/** The reason in what a reverted call returned. */
export function reasonOfRevert(data: Hex): string {
  if (data === "0x") return "refused without a reason";
  const selector = data.slice(0, SELECTOR_DIGITS);
  const words: Hex = `0x${data.slice(SELECTOR_DIGITS)}`;
  try {
    if (selector === STRING_SELECTOR) return decodeAbiParameters([{ type: "string" }], words)[0];
    if (selector === PANIC_SELECTOR)
      return panic(decodeAbiParameters([{ type: "uint256" }], words));
    const { args = [], errorName } = decodeErrorResult({ abi: CUSTOM_ERRORS, data });
    return `${errorName}(${args.join(", ")})`;
  } catch {
    // An error that is not in the list, or cut off: its bytes are all that there is.
    return `refused with ${hexSizeBytes(data)} bytes that begin with ${selector}`;
  }
}

function panic([code]: readonly [bigint]): string {
  const number = Number(code);
  return PANICS[number] ?? `panic ${number}`;
}

/** Why a call was refused by the contract; undefined when it was the endpoint that refused it. */
export function reasonOfFault(fault: unknown): string | undefined {
  if (!(fault instanceof NodeError) || fault.code !== "RpcRefused") return undefined;
  const { code, data, message } = fault.data;
  const bytes = bytesOf(data);
  if (bytes !== undefined && bytes !== "0x") return reasonOfRevert(bytes);
  const text = typeof message === "string" ? message : "";
  const [, reason] = /revert(?:ed)?(?:: ?| with reason string ')([^']+)/.exec(text) ?? [];
  if (reason !== undefined) return reason;
  return code === 3 || /revert/i.test(text) ? "refused without a reason" : undefined;
}

/** Some endpoints wrap the bytes once more. */
function bytesOf(data: unknown): Hex | undefined {
  if (isHex(data)) return data;
  const inner = typeof data === "object" && data !== null && "data" in data ? data.data : undefined;
  return isHex(inner) ? inner : undefined;
}
