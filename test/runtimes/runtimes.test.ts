/** The same modules and messages give the same bytes in Bun, in Node.js and in a browser. */
import { describe, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { golden, integration } from "../kind.ts";
import known from "../vectors/reducer-transcripts.json" with { type: "json" };
import { type Browser, installedBrowser, runInBrowser } from "./browser.ts";
import { hasPackagedBrowser, withPackagedBrowser } from "./packaged-browser.ts";
import { transcripts } from "./reducer-transcript.ts";
import { transcriptTasks } from "./transcript-tasks.ts";

/** Milliseconds in which a browser is unpacked and its page answers, on a machine that is under load. */
const BROWSER_TIMEOUT_MS = 120_000;

/** One file that runs anywhere. */
async function portableSandbox(): Promise<string> {
  const built = await Bun.build({
    entrypoints: [join(import.meta.dir, "sandbox-page.ts")],
    target: "browser",
    format: "esm",
  });
  return (await built.outputs[0]?.text()) ?? "";
}

const withTasks = (told: string): string =>
  `globalThis.tasks = ${JSON.stringify(transcriptTasks)}; globalThis.told = ${told};\n`;

describe("the sandbox", () => {
  golden("gives the bytes that it always gave", () => {
    expect(transcripts(transcriptTasks)).toEqual(known);
  });

  integration("gives the same bytes in Node.js", async () => {
    const folder = mkdtempSync(join(tmpdir(), "channels-node-"));
    const file = join(folder, "sandbox.mjs");
    const told = "(lines) => process.stdout.write(JSON.stringify(lines))";
    writeFileSync(file, `${withTasks(told)}${await portableSandbox()}`);
    const { exitCode, stderr, stdout } = Bun.spawnSync(["node", file]);
    rmSync(folder, { recursive: true });

    expect([exitCode, stderr.toString()]).toEqual([0, ""]);
    expect(JSON.parse(stdout.toString())).toEqual(transcripts(transcriptTasks));
  });

  const installed = installedBrowser();
  const expectSameBytes = async (browser: Browser): Promise<void> => {
    const told = '(lines) => fetch("/told", { method: "POST", body: JSON.stringify(lines) })';
    const script = `${withTasks(told)}${await portableSandbox()}`;

    expect(await runInBrowser(browser, script)).toEqual(transcripts(transcriptTasks));
  };
  if (installed !== undefined || hasPackagedBrowser) {
    integration(
      "gives the same bytes in Chromium",
      () =>
        installed === undefined ? withPackagedBrowser(expectSameBytes) : expectSameBytes(installed),
      BROWSER_TIMEOUT_MS,
    );
  }
});
