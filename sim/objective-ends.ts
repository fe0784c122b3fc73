/** What became of the objectives of a run. */
import type { ActorName } from "./actors.ts";
import type { World } from "./world.ts";

/** One objective at one node, at the end. */
export type ObjectiveEnd = {
  readonly node: ActorName;
  readonly id: string;
  readonly status: string;
  readonly code: string | undefined;
};

/** Every objective of every node that runs. */
export function objectivesOf(world: World): readonly ObjectiveEnd[] {
  return [...world.nodes.values()].flatMap((node) => {
    if (!node.isRunning) return [];
    return node.engine.objectives().map(({ id, rejectionCode, status }) => ({
      node: node.parts.name,
      id,
      status,
      code: rejectionCode,
    }));
  });
}
