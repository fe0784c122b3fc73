/** `bun run documents`: writes the documents that are generated. */
import { join, resolve } from "node:path";
import { generatedDocuments } from "./generated-documents.ts";

const ROOT = resolve(import.meta.dir, "../..");

for (const [path, text] of await generatedDocuments()) {
  await Bun.write(join(ROOT, path), text);
  process.stdout.write(`${path}\n`);
}
