/**
 * Writes a copy of the repository with one planted bug in it: `bun planted/plant.ts <bug> <folder>`. The folder must
 * be new. Ends with 2 when it is not, or when no bug has that name.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { applyPatch } from "./apply-patch.ts";
import { PLANTED_BUGS } from "./bugs.ts";
import { copyRepository } from "./copy-repository.ts";

const [name = "", folder = ""] = process.argv.slice(2);
const bug = PLANTED_BUGS.find((one) => one.name === name);
if (bug === undefined) {
  end(`no planted bug is called "${name}"; there are ${PLANTED_BUGS.map((one) => one.name)}`);
} else if (folder === "" || existsSync(folder)) {
  end("name a folder that is not there yet");
} else {
  mkdirSync(folder, { recursive: true });
  copyRepository(resolve(import.meta.dir, ".."), folder);
  applyPatch(folder, readFileSync(join(import.meta.dir, `${name}.patch`), "utf8"));
  process.stdout.write(`${bug.sentence}\n`);
}

function end(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 2;
}
