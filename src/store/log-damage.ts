/** What can be wrong with a log. */

import type { RecordDamage } from "../events/record.ts";
import { mark } from "../primitives/mark.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { Result } from "../primitives/result.ts";

/** What can be wrong with the next record: in itself, or after the one before. */
export type LogDamage =
  | RecordDamage
  /** Nothing lies at this offset, though the log goes on. */
  | { readonly code: "RecordMissing"; readonly offset: number }
  /** No program of ours writes this: it holds time when the clock steps back. */
  | { readonly code: "TimeDecreased"; readonly offset: number };

/** The error of a reader that met damage: `LogDamaged`, or `LogTooNew` for an event that nobody here knows. */
export function damageError(damage: LogDamage): NodeError {
  mark("store/damage-found");
  const { code, offset } = damage;
  if (code === "UnknownEvent") {
    const message = `the event at offset ${offset} is of a newer program (number ${damage.number}, version ${damage.version})`;
    return new NodeError("LogTooNew", message, { data: damage });
  }
  return new NodeError("LogDamaged", `the log is damaged at offset ${offset}: ${code}`, {
    data: damage,
  });
}

/** The value of a result. Throws what `damageError` makes of damage. */
export function sound<Value>(result: Result<Value, LogDamage>): Value {
  if (!result.ok) throw damageError(result.reason);
  return result.value;
}
