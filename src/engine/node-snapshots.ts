/** The snapshots of a running node: it begins with the newest one, and writes the next ones as it goes. */
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { NodeEvent } from "../events/event.ts";
import type { Clock } from "../ports/clock.ts";
import type { KeyValue } from "../ports/key-value.ts";
import type { EventStore } from "../store/event-store.ts";
import type { SnapshotIgnored, SnapshotManager } from "../store/snapshot.ts";
import type { Input } from "./input.ts";
import type { NodeState, TrackedNodeState } from "./node-state.ts";
import type { SettledObjectives } from "./settled-objectives.ts";
import { SnapshotWriter, type WrittenSnapshot } from "./snapshot-writer.ts";
import { loadNodeState, openNodeSnapshots } from "./start-state.ts";

/** Where the snapshots of a node lie, and how often one is taken. */
export type SnapshotSettings = {
  /** Beside the log's own segments, or elsewhere. */
  readonly keyValue: KeyValue;
  /** `EVENTS_PER_SNAPSHOT` when absent. */
  readonly eventsPerSnapshot?: number;
  /** Hears of the snapshots once they are open: readers of the past may share them. */
  readonly onOpened?: (snapshots: SnapshotManager<NodeState>) => void;
};

/** What went wrong with a snapshot. It costs time at the next start, and nothing else. */
export type SnapshotProblem =
  | { readonly type: "Ignored"; readonly ignored: SnapshotIgnored }
  | { readonly type: "NotWritten"; readonly error: unknown };

/** What the snapshots of a node need of it. */
export type NodeSnapshotsOptions = {
  readonly store: EventStore<NodeEvent>;
  /** Undefined for a node that folds its whole log at each start. */
  readonly settings: SnapshotSettings | undefined;
  readonly clock: Clock;
  readonly onWritten: (written: WrittenSnapshot) => void;
  readonly onProblem: (problem: SnapshotProblem) => void;
};

/** A node's state at its start, and what keeps the next start short. */
export class NodeSnapshots {
  readonly state: TrackedNodeState;
  readonly #store: EventStore<NodeEvent>;
  readonly #clock: Clock;
  readonly #settled: SettledObjectives;
  readonly #writer: SnapshotWriter | undefined;
  #isStopped = false;

  private constructor(
    { clock, onProblem, onWritten, settings, store }: NodeSnapshotsOptions,
    state: TrackedNodeState,
    settled: SettledObjectives,
    snapshots: SnapshotManager<NodeState> | undefined,
  ) {
    this.state = state;
    this.#store = store;
    this.#clock = clock;
    this.#settled = settled;
    if (snapshots === undefined) return;
    const { eventsPerSnapshot } = settings ?? {};
    this.#writer = new SnapshotWriter({
      state,
      snapshots,
      pause: () => this.#pause(),
      onWritten,
      onFailed: (error) => onProblem({ type: "NotWritten", error }),
      ...(eventsPerSnapshot === undefined ? {} : { eventsPerSnapshot }),
    });
  }

  /** Reads the newest usable snapshot and the records since; without one, all records. */
  static async open(options: NodeSnapshotsOptions): Promise<NodeSnapshots> {
    const { onProblem, settings, store } = options;
    const snapshots =
      settings &&
      (await openNodeSnapshots(settings.keyValue, store, (ignored) =>
        onProblem({ type: "Ignored", ignored }),
      ));
    if (snapshots !== undefined) settings?.onOpened?.(snapshots);
    const { settled, state } = await loadNodeState(store, snapshots);
    return new NodeSnapshots(options, state, settled, snapshots);
  }

  /** Brings what deciding `input` may look at, where it still lies on the disk. */
  async bringFor(input: Input): Promise<void> {
    if (!this.#settled.isComplete) await this.#settled.bringFor(input);
  }

  /** Brings an objective that was over before this start. */
  bring(objectiveId: ObjectiveId): Promise<void> {
    return this.#settled.bring([objectiveId]);
  }

  /** Brings all that were over before this start. */
  bringAll(): Promise<void> {
    return this.#settled.bringAll();
  }

  /** To be called after each append, once the state holds its events. Takes a snapshot when it is time. */
  boundary(): void {
    this.#writer?.boundary(this.#store.head);
  }

  /**
   * Checks the part of a long log that opening took over from the snapshot, while the node works. Rejects
   * with `NodeError` `LogDamaged` and the offset when somebody changed it.
   */
  async checkRest(): Promise<void> {
    if (this.#store.recovery.checkedFrom > 0) await this.#store.checkRest(() => this.#pause());
  }

  /** Writes nothing any more: what is half written never happened. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Lets others have their turn. After the stop it lasts for ever. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(0, () => {
        if (!this.#isStopped) resolve();
      });
    });
  }
}
