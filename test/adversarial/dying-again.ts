/** A node that has come back with an old log, and dies again before it has taken back what it lost. */
import type { ActorName } from "../../sim/actors.ts";
import type { World } from "../../sim/world.ts";
import type { Journal } from "../../src/ports/journal.ts";

/** Where it dies: nothing of an append is on its disk; all of it is; its effects are out, too. */
export const DEATHS = ["before the append", "before its effects", "after its effects"] as const;

/** A death in the life that begins with the old log. */
export type Death = {
  /** Which append of that life, counted from 1. */
  readonly append: number;
  readonly moment: (typeof DEATHS)[number];
};

/** Virtual milliseconds until it comes back once more: long enough for a peer to repeat something. */
const DOWN_MS = 3_000;

/** Virtual milliseconds of danger: what it appends later has nothing to do with the old log. */
const DANGER_MS = 30_000;

/** Starts the node. It dies where the plan says, and comes back. Resolves when it runs, at the latest for good. */
export function startDying(
  world: World,
  name: ActorName,
  { append, moment }: Death,
): Promise<void> {
  const node = world.node(name);
  const journal = node.parts.disk.journal as { write: Journal["write"] };
  const { write } = journal;
  let appends = 0;
  return new Promise((resolve, reject) => {
    const start = (): void => void node.start().then(resolve, reject);
    const disarm = (): void => {
      journal.write = write;
    };
    const die = (): void => {
      disarm();
      if (node.isRunning) node.crash();
      else node.parts.wire.disconnect(name);
      world.timeline.after(DOWN_MS, start);
    };
    journal.write = async (position, bytes) => {
      appends += 1;
      if (appends !== append) return write(position, bytes);
      if (moment !== "before the append") await write(position, bytes);
      if (moment === "after its effects") {
        world.timeline.after(0, die);
        return;
      }
      die();
      await new Promise(() => {});
    };
    world.timeline.after(DANGER_MS, disarm);
    start();
  });
}
