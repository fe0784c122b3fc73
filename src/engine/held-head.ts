/** A head that a peer holds of this node's log, from an acknowledgement: is it in the log? */
import type { NodeEvent } from "../events/event.ts";
import type { LogHead } from "../events/record-head.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { EventStore } from "../store/event-store.ts";

/**
 * False when the log is shorter than `head` says, or another record stands there: it was rolled back, cut or
 * rewritten, or the peer lies. True where no head is held, and where the record is in an archive that is not
 * here: that part can no longer be lost unseen.
 */
export async function isInLog(
  log: Pick<EventStore<NodeEvent>, "hashAt">,
  head: LogHead | undefined,
): Promise<boolean> {
  if (head === undefined) return true;
  try {
    return (await log.hashAt(head.length)) === head.hash;
  } catch (error) {
    if (error instanceof NodeError && error.code === "ArchiveMissing") return true;
    throw error;
  }
}
