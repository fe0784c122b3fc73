/** `docs/API.md`: what a user of the library imports, written from the sources. */
import { resolve } from "node:path";
import packageFile from "../../package.json" with { type: "json" };
import { type DeclaredFile, declaredFiles } from "./api-declarations.ts";

const ROOT = resolve(import.meta.dir, "../..");

const INTRODUCTION = `# What a program can import

Each heading is an entry of \`exports\` in \`package.json\`, with the comment and the declaration of each thing
that it exports. This page is written from the sources by \`bun run documents\`; a test compares it.`;

/** The whole document. */
export async function apiDocument(): Promise<string> {
  const entries = Object.entries(packageFile.exports);
  const files = await declaredFiles(
    ROOT,
    entries.map(([, path]) => path.replace("./", "")),
  );
  const sections = files.map((file, index) => section(entries[index]?.[0] ?? "", file));
  return `${[INTRODUCTION, ...sections].join("\n\n")}\n`;
}

function section(entry: string, { declarations, doc }: DeclaredFile): string {
  const name = entry.replace("./", `${packageFile.name}/`);
  const exports = declarations.map((declaration, index) => {
    // The signatures of an overload stand under one heading.
    const isFirst = declarations[index - 1]?.name !== declaration.name;
    const head = isFirst ? [`### ${declaration.name}`] : [];
    const words = declaration.doc === "" ? [] : [declaration.doc];
    return [...head, ...words, `\`\`\`ts\n${declaration.code}\n\`\`\``].join("\n\n");
  });
  return [`## ${name}`, doc, ...exports].join("\n\n");
}
