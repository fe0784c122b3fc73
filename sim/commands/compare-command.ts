/** `channels compare`: what is different between two runs. */
import type { Command } from "commander";
import { compareTraces, isSameRun, stepLines } from "./compare-traces.ts";
import { EXIT, type Shell } from "./shell.ts";
import { readTraceFile } from "./trace-file.ts";

/** Adds the command. */
export function addCompareCommand(program: Command, shell: Shell): void {
  program
    .command("compare")
    .description("show the first step, the wallets and the cost that differ between two traces")
    .argument("<a>", "a trace.json, written by `channels run --keep`")
    .argument("<b>", "another one")
    .action((a: string, b: string) => {
      const [left, right] = [readTraceFile(a), readTraceFile(b)];
      const difference = compareTraces(left, right);
      const isSame = isSameRun(difference);
      const steps = `${left.entries.length} steps`;
      shell.out(
        isSame ? `the runs are the same: ${steps}, trace ${left.traceHash}` : "the runs differ",
      );
      const { balances, firstStep, settings, totals } = difference;
      const parts: readonly (readonly [string, readonly string[]])[] = [
        ["settings", settings],
        ["steps", firstStep === undefined ? [] : stepLines(firstStep)],
        ["wallets at the end, in the smallest unit", balances],
        ["totals", totals],
      ];
      for (const [title, lines] of parts) {
        if (lines.length > 0) shell.out([shell.paint.bold(title), ...indent(lines)].join("\n"));
      }
      shell.finish(isSame ? EXIT.held : EXIT.checkFailed);
    });
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
