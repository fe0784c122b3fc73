/** Asks of each node that has started again what is asked of all at the end: is its log whole, does it replay to what it has. */
import { reconstructNode } from "../../src/engine/reconstruction.ts";
import { jsonOf } from "../../src/primitives/json.ts";
import type { ActorName } from "../actors.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import { checkLog } from "./log.ts";
import type { OracleName } from "./oracle-names.ts";

type Finding = { readonly oracle: OracleName; readonly message: string };

/** The lives of the nodes that were seen. */
export class Restarts {
  readonly #lives = new Map<ActorName, SimulatedNode["engine"]>();

  /** What is wrong with a node in a life that was not looked at yet; nothing while it is busy, or looked at. */
  async check(node: SimulatedNode): Promise<readonly Finding[]> {
    const { name } = node.parts;
    const known = this.#lives.get(name);
    if (known === node.engine || node.engine.load().inputs > 0) return [];
    this.#lives.set(name, node.engine);
    // The first life has nothing to read.
    if (known === undefined) return [];
    const broken = await checkLog(node);
    if (broken.length > 0) return broken.map(({ message }) => ({ oracle: "log intact", message }));
    return differences(node);
  }
}

/** Compares what is in memory with the log. Updates that were over before this start stay on the disk. */
async function differences(node: SimulatedNode): Promise<readonly Finding[]> {
  const live = node.engine.view();
  const { length } = node.store;
  const replayed = await reconstructNode(node.store, length);
  if (node.store.length !== length) return [];
  const tables = Object.keys(live) as (keyof typeof live)[];
  return tables.flatMap((table): Finding[] => {
    const known = [...(live[table] as ReadonlyMap<string, unknown>)];
    const logged = replayed[table] as ReadonlyMap<string, unknown>;
    const isSame =
      (table === "objectives" || known.length === logged.size) &&
      known.every(([key, value]) => jsonOf(value) === jsonOf(logged.get(key)));
    const message = `${node.parts.name}'s ${table} differ from what her log says, behind a restart`;
    return isSame ? [] : [{ oracle: "replay equals live", message }];
  });
}
