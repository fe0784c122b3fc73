/** Which marks count: those that some run without faults does not reach. */
import { MARKS, type MarkName } from "../../src/primitives/marks.ts";

/** Marks that every fault-free run reaches: whoever reaches them has shown nothing. A test measures it. */
export const UNCOUNTED_MARKS: readonly MarkName[] = [];

/** All others, in the order of the catalogue. */
export const COUNTED_MARKS: readonly MarkName[] = (Object.keys(MARKS) as MarkName[]).filter(
  isCounted,
);

/** True for a mark that counts. */
export function isCounted(name: MarkName): boolean {
  return !UNCOUNTED_MARKS.includes(name);
}
