/** The diagram of a run as a Mermaid file, in the form that a scenario's own diagram has. */
import type { RunResult } from "../run-scenario.ts";
import type { Scenario } from "../scenario.ts";
import { arrowsOf } from "../trace.ts";

/** The text of the file. The lines below the participants can be pasted into a scenario. */
export function mermaidText({ cast }: Scenario, result: RunResult): string {
  const { chain, scenario, seed, trace, traceHash } = result;
  const lines = [
    `%% ${scenario}, seed ${seed}, chain ${chain}, trace ${traceHash}`,
    "sequenceDiagram",
    ...[...cast, "chain"].map((name) => `  participant ${name}`),
    "  participant all as everybody",
    ...arrowsOf(trace).map((arrow) => `  ${arrow}`),
  ];
  return `${lines.join("\n")}\n`;
}
