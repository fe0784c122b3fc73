/** What a file offers to others, read from the declarations that the compiler writes for it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One thing that a file exports. */
export type Declaration = {
  readonly name: string;
  /** The words of its comment, in paragraphs as they were written. */
  readonly doc: string;
  /** TypeScript without the body: what a caller has to know. */
  readonly code: string;
};

/** A file with the words that it opens with, and its exports in their order. */
export type DeclaredFile = {
  readonly doc: string;
  readonly declarations: readonly Declaration[];
};

/** Runs the compiler once for all `paths`, which are relative to `root`. */
export async function declaredFiles(
  root: string,
  paths: readonly string[],
): Promise<readonly DeclaredFile[]> {
  const folder = mkdtempSync(join(tmpdir(), "channels-api-"));
  try {
    await writeDeclarations(root, paths, folder);
    return paths.map((path) => {
      const written = readFileSync(join(folder, path.replace(/\.ts$/, ".d.ts")), "utf8");
      return {
        doc: openingOf(readFileSync(join(root, path), "utf8")),
        declarations: declarationsIn(written),
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function writeDeclarations(
  root: string,
  paths: readonly string[],
  folder: string,
): Promise<void> {
  const compiler = join(root, "node_modules", ".bin", "tsc");
  const forDeclarations = ["--declaration", "--emitDeclarationOnly", "--noCheck"];
  const asInProject = [
    "--module",
    "Preserve",
    "--target",
    "ESNext",
    "--allowImportingTsExtensions",
  ];
  const places = ["--ignoreConfig", "--rootDir", root, "--outDir", folder];
  const { exited, stdout } = Bun.spawn(
    [process.execPath, "--bun", compiler, ...forDeclarations, ...asInProject, ...places, ...paths],
    { cwd: root },
  );
  const said = await new Response(stdout).text();
  if ((await exited) !== 0) throw new Error(`the compiler wrote no declarations: ${said}`);
}

const DECLARED =
  /(?:^\/\*\*(?<doc>(?:(?!\*\/)[\s\S])*)\*\/\n)?^export (?:declare )?(?<code>(?:abstract )?(?:function|class|type|const) (?<name>\w+)[\s\S]*?)(?=\n(?:\/\*\*|export |import |declare |type )|\n*$(?![\s\S]))/gm;

/** The exports in the text of a `.d.ts` file. */
export function declarationsIn(text: string): readonly Declaration[] {
  return [...text.matchAll(DECLARED)].map(({ groups }) => ({
    name: groups?.["name"] ?? "",
    doc: wordsOf(groups?.["doc"] ?? ""),
    code: withoutPrivate(groups?.["code"] ?? ""),
  }));
}

/** The words that a source opens with. The compiler keeps them only sometimes. */
function openingOf(source: string): string {
  return wordsOf(/^\/\*\*([\s\S]*?)\*\//.exec(source)?.[1] ?? "");
}

function withoutPrivate(code: string): string {
  return code
    .replace(/^ +(?:#private|private constructor\(.*\));\n/gm, "")
    .replace(/^(?: {4})+/gm, (indent) => " ".repeat(indent.length / 2));
}

function wordsOf(comment: string): string {
  return comment.replace(/^\s*\* ?/gm, "").trim();
}
