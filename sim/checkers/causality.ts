/**
 * Two oracles of every log. It keeps the causal rules: nobody signs twice for a turn, sends what is not recorded, and
 * so on. And each signature in it is by whom it says, as whoever gets the log would find.
 */
import { createHistory } from "../../src/engine/causal-history.ts";
import { learnEvent } from "../../src/engine/causal-rules.ts";
import { claimsOf, isTrueTo } from "../../src/engine/signature-claims.ts";
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
    const place = `${parts.name}'s log at offset ${offset}`;
    for (const { code, explanation } of learnEvent(history, event)) {
      violations.push({ oracle: "causal rules", message: `${place}: ${explanation} (${code})` });
    }
    const claims = claimsOf(history, offset, event);
    if (claims.every((claim) => isTrueTo(parts.signatures, claim))) continue;
    const message = `${place}: a signature is by nobody who should have signed (${event.type})`;
    violations.push({ oracle: "signed log", message });
  }
  return violations;
}
