/** How far something that is derived from a log has come: it goes into the same transaction as its rows. */

import { type LogHead, logHeadSchema } from "../events/record-head.ts";
import { boolean, type Schema } from "../primitives/schema.ts";
import { record } from "../primitives/schema-composite.ts";
import { logIdSchema } from "./log-head.ts";
import { emptyHead } from "./recovery.ts";

/** A place in one log. */
export type ProjectionPosition = {
  readonly logId: Uint8Array;
  /** The end of what was derived from: its hash tells this log from one that went another way. */
  readonly head: LogHead;
  /** Rows of an earlier life are being deleted: there may be some left. */
  readonly isClearing: boolean;
};

/** How a position is stored, whatever the rows are stored in. */
export const positionSchema: Schema<ProjectionPosition> = record({
  logId: logIdSchema,
  head: logHeadSchema,
  isClearing: boolean,
});

/** The position of something that was derived from no record yet. */
export function startPosition(logId: Uint8Array): ProjectionPosition {
  return { logId, head: emptyHead(logId), isClearing: false };
}
