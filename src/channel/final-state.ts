/** Where a channel ends: the final state that is known of it. */
import type { Channel } from "./channel.ts";
import type { VariablePart } from "./state.ts";

/** The final state that all or some have signed; undefined where none is known. Nobody signs two. */
export function finalStateOf({ pending, supported }: Channel): VariablePart | undefined {
  if (supported?.variablePart.isFinal === true) return supported.variablePart;
  for (const { variablePart } of pending.values()) if (variablePart.isFinal) return variablePart;
  return undefined;
}
