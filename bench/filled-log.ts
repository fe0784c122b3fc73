/** Logs on disk that hold a recording, filled once and opened by every measurement that only reads. */
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";
import { Glob } from "bun";
import { sha256 } from "../src/crypto/sha256.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { fillStore, openDiskLog } from "./disk-log.ts";
import { RECORDINGS, recordedBatches, removeOlder } from "./recorded-log.ts";
import type { SignatureKind } from "./recording-signatures.ts";

/**
 * The folder of a log with the first `length` events of the recording. It is filled again when any source
 * of the program has changed, since any of them may change what lies there.
 */
export async function filledLog(length: number, kind: SignatureKind = "stand-in"): Promise<string> {
  const begin = `filled-${length}-${kind}-`;
  const folder = join(RECORDINGS, `${begin}${sourcesFingerprint()}`);
  if (existsSync(folder)) return folder;
  removeOlder(begin);
  const unfinished = join(RECORDINGS, `${begin}unfinished-${process.pid}`);
  const { disk, store } = await openDiskLog(unfinished);
  await fillStore(store, recordedBatches(length, kind));
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
