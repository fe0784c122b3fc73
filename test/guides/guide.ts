/** A guide as its reader sees it: blocks of commands and of code, and the output below them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** A fenced block. */
export type Block = {
  readonly language: string;
  readonly title: string;
  readonly text: string;
};

/** A block of commands, and what the guide says that they print; undefined when it does not say. */
export type Lesson = { readonly commands: readonly string[]; readonly output: string | undefined };

const FENCE = /^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm;

/** Where the guides are. */
const GUIDES: string = resolve(import.meta.dir, "../../docs/guides");

/** The text of a guide. */
export function readGuide(name: string): string {
  return readFileSync(join(GUIDES, name), "utf8");
}

/** All blocks of a guide, in order. */
export function blocksIn(markdown: string): readonly Block[] {
  return [...markdown.matchAll(FENCE)].map(([, language = "", title = "", text = ""]) => ({
    language,
    title,
    text,
  }));
}

/** The blocks of commands, each with the output that follows it. */
export function lessonsIn(markdown: string): readonly Lesson[] {
  const blocks = blocksIn(markdown);
  return blocks.flatMap(({ language, text }, index) => {
    if (language !== "sh") return [];
    const next = blocks[index + 1];
    const output = next?.language === "text" ? next.text : undefined;
    return [{ commands: text.trim().split("\n"), output }];
  });
}

/** Writes the outputs of the lessons that have one into the guide, in order. */
export function writeOutputs(name: string, outputs: readonly string[]): void {
  const left = [...outputs];
  const written = readGuide(name).replace(FENCE, (block: string, language: string) =>
    language === "text" ? `\`\`\`text\n${left.shift() ?? ""}\`\`\`` : block,
  );
  writeFileSync(join(GUIDES, name), written);
}
