/** Oracle: every log keeps the causal rules. Nobody signs twice for a turn, sends what is not recorded, and so on. */
import { createHistory } from "../../src/engine/causal-history.ts";
import { learnEvent } from "../../src/engine/causal-rules.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import type { Violation } from "../violation.ts";

/** Reads the log of a node, whichever life of the node wrote it. */
export async function checkCausality({
  parts,
  store,
}: Pick<SimulatedNode, "parts" | "store">): Promise<Violation[]> {
  const history = createHistory();
  const violations: Violation[] = [];
  for await (const { event, offset } of store.readFrom(0)) {
    for (const { code, explanation } of learnEvent(history, event)) {
      const message = `${parts.name}'s log at offset ${offset}: ${explanation} (${code})`;
      violations.push({ oracle: "causal rules", message });
    }
  }
  return violations;
}
