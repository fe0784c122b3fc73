/** An expected outcome that may be a refusal. Core functions return it; they never throw. */

/** Either a value, or the reason why there is none. Reasons are unions tagged by `code`. */
export type Result<Value, Reason> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: Reason };

/** Wraps a value that was accepted. */
export const accept = <Value>(value: Value): Result<Value, never> => ({ ok: true, value });

/** Wraps the reason of a refusal. */
export const reject = <Reason>(reason: Reason): Result<never, Reason> => ({ ok: false, reason });
