/** Oracle: folding a node's log gives the state that the node has. */

import type { NodeState } from "../../src/engine/node-state.ts";
import { reconstructNode } from "../../src/engine/reconstruction.ts";
import { jsonOf } from "../../src/primitives/json.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import type { Violation } from "../violation.ts";

/** Compares a running node with a replay of its log. */
export async function checkReplay(node: SimulatedNode): Promise<Violation[]> {
  const replayed = await reconstructNode(node.store, node.store.length);
  const live = await node.engine.readView();
  const different = (Object.keys(replayed) as (keyof NodeState)[]).filter(
    (table) => jsonOf(sorted(replayed[table])) !== jsonOf(sorted(live[table])),
  );
  return different.map((table) => ({
    oracle: "replay equals live",
    message: `${node.parts.name}'s ${table} differ from what her log says`,
  }));
}

function sorted(table: ReadonlyMap<string, unknown>): unknown {
  return [...table].sort(([one], [other]) => (one < other ? -1 : 1));
}
