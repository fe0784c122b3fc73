/** Which program this is, so that machines that play one campaign can tell whether they run the same. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { version } from "../../package.json";

/** What decides what a seed comes to: our code, the contracts, and the libraries with their versions. */
const SOURCES = ["{src,sim}/**/*.ts", "contracts/**/*.{ts,json}", "bun.lock"] as const;

/** The version for people, and a hash over all of it. */
export function presentProgram(): string {
  const root = join(import.meta.dir, "..", "..");
  const hash = createHash("sha256");
  const paths = SOURCES.flatMap((pattern) => [...new Glob(pattern).scanSync({ cwd: root })]);
  for (const path of paths.filter((name) => !name.endsWith(".test.ts")).sort()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  }
  return `channels ${version} ${hash.digest("hex").slice(0, 12)} on Bun ${Bun.version}`;
}
