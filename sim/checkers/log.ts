/** Oracle: every log is whole, and ends where its node says that it ends. */

import { nodeCodec } from "../../src/events/node-codec.ts";
import { verifyDisk } from "../../src/store/verify.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import type { Violation } from "../violation.ts";

/** Walks through the records on a node's disk, against the head that the node has in memory. */
export async function checkLog({ parts, store }: SimulatedNode): Promise<Violation[]> {
  const { verdict } = await verifyDisk({
    disk: parts.disk,
    codec: nodeCodec,
    anchor: store.head,
  });
  if (verdict.code === "Anchored") return [];
  return [{ oracle: "log intact", message: `${parts.name}'s log: ${verdict.code}` }];
}
