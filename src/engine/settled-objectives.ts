/** Updates that were over when the last snapshot was written: on the disk until somebody asks for them. */
import { type ObjectiveId, parseUpdateId } from "../channel/objective-id.ts";
import { decodeMessage } from "../messages/codec.ts";
import type { Message } from "../messages/message.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { Objective } from "../protocols/objective.ts";
import type { SnapshotManager } from "../store/snapshot.ts";
import type { Input } from "./input.ts";
import { nodeTables } from "./node-schema.ts";
import { messageKey, type NodeState, type TrackedNodeState } from "./node-state.ts";

/**
 * Brings settled updates into the tables of a node that started without them, before anything looks for
 * them there. Everything else is in the tables from the start.
 */
export class SettledObjectives {
  readonly #state: TrackedNodeState;
  readonly #snapshots: SnapshotManager<NodeState> | undefined;
  #isComplete: boolean;

  constructor(state: TrackedNodeState, snapshots: SnapshotManager<NodeState> | undefined) {
    this.#state = state;
    this.#snapshots = snapshots;
    this.#isComplete = (snapshots?.newest?.settled.count ?? 0) === 0;
  }

  /** True once all are in the tables: nothing has to be brought any more. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Brings what deciding an input may look at. To be awaited before the decision. */
  async bringFor(input: Input): Promise<void> {
    if (this.#isComplete) return;
    const objectiveId = this.#objectiveOf(input);
    if (objectiveId !== undefined) await this.bring([objectiveId]);
  }

  /** Brings those of these objectives that are settled. */
  async bring(objectiveIds: readonly ObjectiveId[]): Promise<void> {
    if (this.#isComplete) return;
    const absent = objectiveIds.filter((id) => !this.#state.objectives.has(id));
    const table = nodeTables.objectives.number;
    const found = await Promise.all(
      absent.map((key) => this.#snapshots?.find({ table, key }) as Promise<Objective | undefined>),
    );
    for (const objective of found) if (objective !== undefined) this.#put(objective);
  }

  /**
   * Brings all, for whoever wants to list them; a node can do without. `pause` is awaited now and then.
   * Throws `NodeError` with `LogDamaged` when they are not what was written: the next start does without
   * snapshots.
   */
  async bringAll(pause?: () => Promise<void>): Promise<void> {
    if (this.#isComplete) return;
    const settled = await this.#snapshots?.load(true, pause);
    if (settled === undefined) {
      throw new NodeError("LogDamaged", "the settled updates of the snapshot are damaged");
    }
    for (const { value } of settled) this.#put(value as Objective);
    this.#isComplete = true;
  }

  #put(objective: Objective): void {
    const { objectives } = this.#state;
    // What was brought before may have changed since.
    if (!objectives.has(objective.id)) objectives.restore(objective.id, objective);
  }

  #objectiveOf(input: Input): ObjectiveId | undefined {
    if (input.type === "Refused") {
      const open = this.#state.messages.get(messageKey(input.peer, input.sequence));
      return open && this.#updateOf(open.message);
    }
    if (input.type !== "Message") return undefined;
    const message = decodeMessage(input.payload);
    return message.ok ? this.#updateOf(message.value) : undefined;
  }

  /** The update that a message names, unless it is a new one: of those nothing lies on the disk. */
  #updateOf(message: Message): ObjectiveId | undefined {
    if (!("objectiveId" in message) || message.objectiveId === undefined) return undefined;
    const { channelId, objectiveId } = message;
    const update = parseUpdateId(channelId, objectiveId);
    if (update === undefined) return undefined;
    const asked = this.#state.desks.get(channelId)?.updatesAsked[update.by] ?? 0;
    return update.count < asked ? objectiveId : undefined;
  }
}
