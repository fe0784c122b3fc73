/**
 * Writes a patch from an edited copy of the source, or all of them anew against today's:
 * `bun planted/write-patch.ts <number-name> <copy>`, or `bun planted/write-patch.ts --refresh`.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { applyPatch } from "./apply-patch.ts";
import { copyRepository } from "./copy-repository.ts";

const ROOT = resolve(import.meta.dir, "..");

/** Lines around a change: so few that a line which comes in beside it does not matter. */
const CONTEXT_LINES = 1;

const [name, copy] = process.argv.slice(2);
if (name === "--refresh") refreshAll();
else if (name === undefined || copy === undefined || !/^\d\d-[a-z-]+$/.test(name)) {
  process.stderr.write("give a name such as 07-late-answer and an edited copy, or --refresh\n");
  process.exit(2);
} else writeFileSync(join(import.meta.dir, `${name}.patch`), difference(resolve(copy)));

/** What the copy has otherwise below `src`. */
function difference(folder: string): string {
  const command = ["diff", "-r", `-U${CONTEXT_LINES}`, join(ROOT, "src"), join(folder, "src")];
  const { exitCode, stderr, stdout } = Bun.spawnSync(command);
  if (exitCode !== 1) throw new Error(`no difference: ${stderr}`);
  return stdout
    .toString()
    .replaceAll(/^diff .*\n/gm, "")
    .replaceAll(`--- ${ROOT}/`, "--- a/")
    .replaceAll(`+++ ${folder}/`, "+++ b/")
    .replaceAll(/^((?:---|\+\+\+) [^\t\n]+)\t.*$/gm, "$1")
    .replaceAll(/^(@@ -\S+ \+\S+ @@).*$/gm, "$1");
}

function refreshAll(): void {
  for (const file of readdirSync(import.meta.dir).filter((one) => one.endsWith(".patch"))) {
    const folder = mkdtempSync(join(tmpdir(), "channels-planted-"));
    try {
      copyRepository(ROOT, folder, ["src"]);
      applyPatch(folder, readFileSync(join(import.meta.dir, file), "utf8"));
      writeFileSync(join(import.meta.dir, file), difference(folder));
    } catch (error) {
      process.stderr.write(`${file}: ${error instanceof Error ? error.message : String(error)}\n`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
