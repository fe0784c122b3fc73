/** Assertions about this program itself. They run in production, and nothing catches them. */

/** Thrown when this program is wrong, never when the world or a peer is. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Stops the node when an invariant of the code itself does not hold. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Unwraps a value that the code around it proves to exist; `what` names it if the proof is wrong. */
export function assertDefined<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new AssertionError(`${what} must exist`);
  return value;
}

/** Marks the branch that the type checker proved impossible. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${String(value)}`);
}
