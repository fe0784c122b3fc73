/** Logs on disk that hold a recording, filled once and opened by every measurement that only reads. */
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";
import { Glob } from "bun";
import { sha256 } from "../src/crypto/sha256.ts";
import { rebuildSnapshots } from "../src/engine/rebuild-snapshots.ts";
import { openNodeSnapshots } from "../src/engine/start-state.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { fillStore, openDiskLog } from "./disk-log.ts";
import { RECORDINGS, recordedBatches, removeOlder } from "./recorded-log.ts";
import type { SignatureKind } from "./recording-signatures.ts";

/** What a filled log holds. */
export type Filling = {
  readonly signatures?: SignatureKind;
  /** True: with a snapshot every 1,000 events, as a node that ran all the time would have left them. */
  readonly snapshots?: boolean;
};

/**
 * The folder of a log with the first `length` events of the recording. It is filled again when any source
 * of the program has changed, since any of them may change what lies there.
 */
export async function filledLog(
  length: number,
  { signatures = "stand-in", snapshots = false }: Filling = {},
): Promise<string> {
  const begin = `filled-${length}-${signatures}-${snapshots ? "with" : "without"}-`;
  const folder = join(RECORDINGS, `${begin}${sourcesFingerprint()}`);
  if (existsSync(folder)) return folder;
  removeOlder(begin);
  const unfinished = join(RECORDINGS, `${begin}unfinished-${process.pid}`);
  const { disk, store } = await openDiskLog(unfinished);
  await fillStore(store, recordedBatches(length, signatures));
  if (snapshots) {
    await rebuildSnapshots(store, await openNodeSnapshots(disk.keyValue, store));
  }
  await disk.close();
  renameSync(unfinished, folder);
  return folder;
}

function sourcesFingerprint(): string {
  const root = resolve(import.meta.dir, "..");
  const paths = [...new Glob("{src,bench}/**/*.ts").scanSync({ cwd: root })].sort();
  const sources = paths.filter((path) => !path.endsWith(".test.ts"));
  const digests = sources.map((path) => sha256(readFileSync(join(root, path))));
  return sha256(concatBytes(...digests))
    .toHex()
    .slice(0, 16);
}
