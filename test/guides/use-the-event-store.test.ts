/** The guide "use the event store" tells the truth: its program runs, and prints what it shows. */
import { describe, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { exports as entries } from "../../package.json";
import { integration } from "../kind.ts";
import { blocksIn, readGuide } from "./guide.ts";

const ROOT = resolve(import.meta.dir, "../..");

const TIMEOUT_MS = 60_000;

const blocks = blocksIn(readGuide("use-the-event-store.md"));

const textOf = (wanted: string): string =>
  blocks.flatMap(({ language, text }) => (language === wanted ? [text] : [])).join("");

/** The program as it runs outside the package: what it imports by name, by path. */
function program(): string {
  return textOf("ts").replace(/"channels\/([a-z-]+)"/g, (name, entry: string) => {
    const path = (entries as Readonly<Record<string, string>>)[`./${entry}`];
    expect({ name, path }).toEqual({ name, path: expect.any(String) as never });
    return JSON.stringify(join(ROOT, path ?? ""));
  });
}

describe("the guide to the event store", () => {
  integration(
    "prints what it shows",
    () => {
      const folder = mkdtempSync(join(tmpdir(), "channels-guide-"));
      try {
        writeFileSync(join(folder, "ledger.ts"), program());
        const { exitCode, stderr, stdout } = Bun.spawnSync([process.execPath, "ledger.ts"], {
          cwd: folder,
          env: { ...process.env, NO_COLOR: "1" },
        });

        expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
        expect(stdout.toString()).toBe(textOf("text"));
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    TIMEOUT_MS,
  );
});
