/** `channels log archive`: moves the events of finished channels out of a log into a sealed file. */
import type { Command } from "commander";
import { finishedChannels, isAboutOnly } from "../../engine/finished-channels.ts";
import { openNodeStore } from "../../engine/node-store.ts";
import { rebuildSnapshots } from "../../engine/rebuild-snapshots.ts";
import { reconstructNode } from "../../engine/reconstruction.ts";
import { EVENTS_PER_SNAPSHOT } from "../../engine/snapshot-writer.ts";
import { openNodeSnapshots } from "../../engine/start-state.ts";
import { nodeCodec } from "../../events/node-codec.ts";
import { archiveLog } from "../../store/archive.ts";
import type { NumberedArchive } from "../../store/archive-list.ts";
import { withArchives } from "../../store/archived-store.ts";
import { type LogDirectory, openLogDirectory } from "../log-directory.ts";
import { archivesOf } from "../opened-log.ts";
import type { CommandShell } from "./command-shell.ts";
import { readDirectory } from "./log-arguments.ts";

/** Adds the command. */
export function addLogArchiveCommand(log: Command, shell: CommandShell): void {
  log
    .command("archive")
    .description("move the events of finished channels out of a log into a sealed file")
    .argument("<dir>", "the directory of a log that no node has open", readDirectory)
    .option("--json", "print one JSON document and nothing else", false)
    .action(async (directory: string, { json }: { readonly json: boolean }) => {
      const opened = await openLogDirectory(directory, { create: false });
      const forget = shell.onEnd(() => opened.close());
      try {
        const outcome = await archive(directory, opened, shell);
        shell.out(json ? JSON.stringify(documentOf(outcome), undefined, 2) : textOf(outcome));
      } finally {
        forget();
        await opened.close();
      }
    });
}

/** What became of it. */
type Outcome = {
  readonly channels: number;
  /** Events that a snapshot holds: only of these any may leave. */
  readonly snapshotLength: number;
  readonly archive: NumberedArchive | undefined;
};

async function archive(
  directory: string,
  { head, journal, keyValue }: LogDirectory,
  shell: CommandShell,
): Promise<Outcome> {
  const folder = archivesOf(directory);
  const whole = withArchives(keyValue, folder);
  const store = await openNodeStore({ keyValue: whole, journal, head });
  const snapshots = await openNodeSnapshots(keyValue, store);
  if (snapshots.newest === undefined && store.length >= EVENTS_PER_SNAPSHOT) {
    shell.progress("writing snapshots ...");
    await rebuildSnapshots(store, snapshots);
  }
  const snapshot = snapshots.newest;
  if (snapshot === undefined) return { channels: 0, snapshotLength: 0, archive: undefined };
  const finished = finishedChannels(await reconstructNode(store, snapshot.length, snapshots));
  shell.progress(`archiving ${finished.size} channels ...`);
  // Only segments are archived: what is still in the journal has to go there first.
  await store.checkpoint();
  const moved = await archiveLog({
    keyValue,
    folder,
    codec: nodeCodec,
    logId: store.logId,
    snapshot,
    isOver: (tags) => isAboutOnly(finished, tags),
  });
  return { channels: finished.size, snapshotLength: snapshot.length, archive: moved };
}

function documentOf({ archive: moved, channels, snapshotLength }: Outcome): object {
  return { finishedChannels: channels, snapshotLength, archive: moved ?? null };
}

function textOf({ archive: moved, channels, snapshotLength }: Outcome): string {
  if (snapshotLength === 0) {
    return `nothing was archived: there is no snapshot, which comes every ${EVENTS_PER_SNAPSHOT} events`;
  }
  if (moved === undefined) {
    return `nothing was archived: of the first ${snapshotLength} events, too few are of finished channels (${channels}) to make the log smaller`;
  }
  return [
    `${moved.count} events of ${channels} finished channels are now in archives/${moved.name}`,
    `seal ${moved.seal}`,
    "keep the file: without it these events cannot be read, and the log is not whole",
  ].join("\n");
}
