/** Values as JSON text, with big integers as decimal strings and maps as lists of pairs. */

/** The same value always gives the same text. */
export function jsonOf(value: unknown, indent?: number): string {
  return JSON.stringify(value, plain, indent);
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Map) return [...value];
  if (value instanceof Set) return [...value];
  return value;
}
