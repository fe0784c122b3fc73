/** `channels log export`: the events of a log as JSON lines, for other programs. */
import { closeSync, openSync, writeSync } from "node:fs";
import type { Command } from "commander";
import type { NodeEvent } from "../../events/event.ts";
import { nodeCodec } from "../../events/node-codec.ts";
import type { EventStore } from "../../store/event-store.ts";
import { exportedEvent, exportedText } from "../exported-event.ts";
import type { WrittenOffset } from "../log-offsets.ts";
import { withLog } from "../opened-log.ts";
import { type CommandShell, EXIT, failure } from "./command-shell.ts";
import { ARCHIVES_OPTION, fromOption, rangeIn, readDirectory, toOption } from "./log-arguments.ts";

type ExportOptions = {
  readonly from: WrittenOffset;
  readonly to: WrittenOffset;
  readonly output?: string;
  readonly archives?: string;
};

/** Takes lines, and gives them on. */
type Sink = {
  /** False when nobody takes them any more. */
  readonly write: (lines: readonly string[]) => Promise<boolean> | boolean;
  readonly close: () => void;
};

/** Lines that are gathered before they are written. */
const LINES_AT_ONCE = 256;

/** Adds the command. */
export function addLogExportCommand(log: Command, shell: CommandShell): void {
  log
    .command("export")
    .description("write the events of a log as JSON lines")
    .argument("<dir>", "the directory of a log", readDirectory)
    .option(...ARCHIVES_OPTION)
    .addOption(fromOption())
    .addOption(toOption())
    .option("--output <file>", "write to a new file instead of standard output")
    .action((directory: string, options: ExportOptions) =>
      withLog({ directory, archives: options.archives }, shell, (store) =>
        exportLog(store, options, shell),
      ),
    );
}

async function exportLog(
  store: EventStore<NodeEvent>,
  { from, output, to }: ExportOptions,
  shell: CommandShell,
): Promise<void> {
  const range = rangeIn(store, from, to);
  const sink = output === undefined ? toShell(shell) : toFile(output);
  try {
    let lines: string[] = [];
    for await (const record of store.readRange(range.from, range.to)) {
      lines.push(exportedText(exportedEvent(nodeCodec, record)));
      if (lines.length < LINES_AT_ONCE) continue;
      if (!(await sink.write(lines))) return;
      lines = [];
      shell.progress(`event ${record.offset} of ${range.to}`);
    }
    if (lines.length > 0) await sink.write(lines);
  } finally {
    sink.close();
  }
  if (output !== undefined) shell.err(`wrote ${range.to - range.from} events to ${output}`);
}

function toShell(shell: CommandShell): Sink {
  return {
    write: (lines) => {
      shell.out(lines.join("\n"));
      return shell.drained();
    },
    close: () => {},
  };
}

function toFile(path: string): Sink {
  const file = outside(path, () => openSync(path, "wx"));
  return {
    write: (lines) => outside(path, () => writeSync(file, `${lines.join("\n")}\n`) > 0),
    close: () => closeSync(file),
  };
}

function outside<Answer>(path: string, act: () => Answer): Answer {
  try {
    return act();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") {
      throw failure(
        EXIT.wrongUsage,
        `${path} exists already, and is left as it is; name a new file`,
      );
    }
    throw failure(EXIT.outsideFailed, `${path} cannot be written: ${message}`);
  }
}
