/** Says the faults of the in-process EVM in Anvil's words, so that nothing above can tell the tiers apart. */
import type { RpcFault } from "../../src/adapters/ethereum-answer.ts";
import { isHex } from "../../src/primitives/hex.ts";

/** A refused transaction: how the EVM says it, and how Anvil does. */
const REFUSALS: readonly (readonly [says: RegExp, fault: RpcFault])[] = [
  [/^Transaction nonce too low/, { code: -32_003, message: "nonce too low" }],
  [
    /^Sender doesn't have enough funds/,
    { code: -32_003, message: "Insufficient funds for gas * price + value" },
  ],
  [/^Known transaction/, { code: -32_003, message: "transaction already imported" }],
  [
    /^Replacement transaction underpriced/,
    { code: -32_003, message: "replacement transaction underpriced" },
  ],
  [/^Transaction requires at least/, { code: -32_000, message: "intrinsic gas too low" }],
  [/invalid chainId/, { code: -32_003, message: "invalid chain id for signer" }],
  [
    /exceeds block gas limit/,
    { code: -32_000, message: "intrinsic gas too high -- tx.gas_limit > env.block.gas_limit" },
  ],
];

const REASON_STRING = /reverted with reason string '([\s\S]*)'$/;

/** The fault of an answer, or undefined when the answer is a result or cannot be read. */
export function evmFaultAsAnvil(answer: unknown): RpcFault | undefined {
  const error = field(answer, "error");
  if (error === undefined || error === null) return undefined;
  const { code, message } = { code: field(error, "code"), message: field(error, "message") };
  if (typeof code !== "number" || typeof message !== "string") return undefined;

  const reverted = revertOf(error, message);
  if (reverted !== undefined) return reverted;
  const refused = REFUSALS.find(([says]) => says.test(message));
  return refused?.[1] ?? { code, message };
}

/** A call that a contract ended: code 3, and what the contract returned. */
function revertOf(error: unknown, message: string): RpcFault | undefined {
  const data = field(field(field(error, "data"), "reason"), "Revert");
  if (!isHex(data)) return undefined;
  const reason = REASON_STRING.exec(message)?.[1];
  const said = reason === undefined ? "execution reverted" : `execution reverted: ${reason}`;
  return { code: 3, message: said, data };
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
