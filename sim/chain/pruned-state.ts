/** What a chain says that keeps the states of its newest blocks only. */
import { NodeError } from "../../src/primitives/node-error.ts";

/** What Anvil says of a block whose state it has dropped. Source: foundry, `BlockchainError`. */
const STATE_PRUNED = "BlockOutOfRangeError";

/** True for the refusal of a question about a block whose state is gone: nothing is wrong with whoever asked. */
export function isStatePruned(error: unknown): boolean {
  return error instanceof NodeError && error.message.includes(STATE_PRUNED);
}
