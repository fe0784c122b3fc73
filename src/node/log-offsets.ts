/** Offsets as people write them: counted from the start, from the end, or `end`. */

/** An offset as it was written, before the length of the log is known. */
export type WrittenOffset = {
  readonly text: string;
  readonly fromEnd: boolean;
  readonly count: number;
};

/** The end of a log. */
export const END: WrittenOffset = { text: "end", fromEnd: true, count: 0 };

/** The start of a log. */
export const START: WrittenOffset = { text: "0", fromEnd: false, count: 0 };

/** Reads an offset: `120`, `-3` (three before the end), `end`. Undefined when it is none. */
export function parseOffset(text: string): WrittenOffset | undefined {
  if (text === "end") return END;
  const [, sign, digits] = /^(-?)(\d{1,15})$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return { text, fromEnd: sign === "-", count: Number(digits) };
}

/** The offset in a log of this length; undefined when it lies outside. */
export function offsetIn(length: number, { count, fromEnd }: WrittenOffset): number | undefined {
  const offset = fromEnd ? length - count : count;
  return offset >= 0 && offset <= length ? offset : undefined;
}
