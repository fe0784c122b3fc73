/** Writes a node's snapshots while it works: what changed is noted at once, and written when there is time. */

import type { Hash } from "../crypto/signature.ts";
import { assert } from "../primitives/assert.ts";
import { mark } from "../primitives/mark.ts";
import type { Capture, LogEndPoint, SnapshotManager } from "../store/snapshot.ts";
import { headerDigest } from "../store/snapshot-codec.ts";
import type { Change, TrackedTable } from "../store/snapshot-table.ts";
import type { NodeState, TrackedNodeState } from "./node-state.ts";

/**
 * Events between two snapshots: 1,000. A start and a look into the past fold at most as many, which takes
 * about a millisecond. Source: ADR 0009, with what others cost.
 */
export const EVENTS_PER_SNAPSHOT = 1_000;

/** A snapshot that was written, as the log can record it. */
export type WrittenSnapshot = { readonly length: number; readonly digest: Hash };

/** Whose snapshots are written, where to, and who wants to know. */
export type SnapshotWriterOptions = {
  readonly state: TrackedNodeState;
  readonly snapshots: SnapshotManager<NodeState>;
  readonly eventsPerSnapshot?: number;
  /** Awaited between pieces of work, so that inputs get their turn. */
  readonly pause?: () => Promise<void>;
  readonly onWritten?: (written: WrittenSnapshot) => void;
  /** The disk refused. Nothing is lost: the next snapshot holds what this one was to hold. */
  readonly onFailed: (error: unknown) => void;
};

/** Takes a snapshot whenever enough events have come. Never more than one is under way. */
export class SnapshotWriter {
  readonly #options: SnapshotWriterOptions;
  readonly #eventsPerSnapshot: number;
  #writing: Promise<void> | undefined;

  constructor(options: SnapshotWriterOptions) {
    const { eventsPerSnapshot = EVENTS_PER_SNAPSHOT } = options;
    assert(eventsPerSnapshot > 0, "events come between two snapshots");
    this.#options = options;
    this.#eventsPerSnapshot = eventsPerSnapshot;
  }

  /**
   * To be called after each append, once the state holds its events: `head` is the end of the log then.
   * Returns at once. When a slow disk still writes the last snapshot, the next one waits for a later call.
   */
  boundary(head: LogEndPoint): void {
    if (this.#writing !== undefined) return;
    const { length } = this.#options.snapshots.newest ?? { length: 0 };
    if (head.length - length < this.#eventsPerSnapshot) return;
    // Values are immutable: the references are the state of this moment, whatever comes meanwhile.
    const capture = takeCapture(this.#options, head);
    this.#writing = this.#write(capture).finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #write(capture: Capture): Promise<void> {
    const { onFailed, onWritten, pause, snapshots, state } = this.#options;
    try {
      const header = await snapshots.write(capture, pause);
      onWritten?.({ length: header.length, digest: headerDigest(header) as Hash });
    } catch (error) {
      for (const { key, table } of capture.changes) tableOf(state, table.name).touch([key]);
      mark("store/snapshot-not-written");
      onFailed(error);
    }
  }
}

/** What changed in a state since it was last asked, and at which end of the log. */
export function takeCapture(
  {
    snapshots,
    state,
  }: {
    readonly state: TrackedNodeState;
    readonly snapshots: Pick<SnapshotManager<NodeState>, "tables">;
  },
  head: LogEndPoint,
): Capture {
  const changes = snapshots.tables.flatMap((table): Change[] => {
    const entities = tableOf(state, table.name);
    return entities.takeTouched().map((key) => ({ table, key, value: entities.get(key) }));
  });
  return { head, changes };
}

function tableOf(state: TrackedNodeState, name: string): TrackedTable<string, unknown> {
  return state[name as keyof TrackedNodeState] as unknown as TrackedTable<string, unknown>;
}
