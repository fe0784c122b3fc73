/** A copy of the repository in which a bug can be planted. */
import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** All that a simulation reads, and what its types are checked by. */
const PARTS: readonly string[] = [
  "src",
  "sim",
  "scenarios",
  "contracts",
  "test",
  "bin",
  "planted",
  "reducers",
  "package.json",
  "tsconfig.json",
  "bunfig.toml",
];

/** Copies the parts into an empty folder. The libraries are not copied, but linked to. */
export function copyRepository(
  root: string,
  folder: string,
  parts: readonly string[] = PARTS,
): void {
  for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
}
