/** Launchers above a program: which count, and that the death of one is noticed. */
import { afterEach, describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { integration, unit } from "../../test/kind.ts";
import { chainOf, type ProcessEntry } from "./ancestors.ts";

type Table = Readonly<Record<number, ProcessEntry>>;

const process_ = (parentId: number, ...command: string[]): ProcessEntry => ({ parentId, command });

const TERMINAL = process_(1, "/bin/bash", "-l");
const NPM = process_(10, "npm exec bun@1.4.5 start");
const SHELL = process_(20, "sh", "-c", "bun start");
const BUN = process_(30, "/cache/bin/bun.exe", "run", "start");
const PROGRAM = process_(40, "bun", "bin/channels.ts");

function idsAbove(id: number, table: Table): readonly number[] {
  return chainOf(id, (wanted) => table[wanted]).map(({ parentId }) => parentId);
}

describe("chainOf", () => {
  unit("follows bun, the shell that npm started, and npm, and stops at the terminal", () => {
    const table = { 10: TERMINAL, 20: NPM, 30: SHELL, 40: BUN, 50: PROGRAM };

    expect(idsAbove(50, table)).toEqual([40, 30, 20]);
  });

  unit("takes node for a launcher only where it runs npm", () => {
    const withNpm = { 10: TERMINAL, 20: process_(10, "node", "/usr/bin/npx"), 30: PROGRAM };
    const withServer = { 10: TERMINAL, 20: process_(10, "node", "server.js"), 30: PROGRAM };

    expect(idsAbove(30, { ...withNpm, 30: process_(20, "bun") })).toEqual([20]);
    expect(idsAbove(30, { ...withServer, 30: process_(20, "bun") })).toEqual([]);
  });

  unit("leaves out a shell that no launcher started", () => {
    const script = process_(10, "bash", "-c", "bun start; echo done");

    expect(idsAbove(30, { 10: TERMINAL, 20: script, 30: process_(20, "bun") })).toEqual([]);
  });

  unit("is empty for a process that does not exist, and for a child of the first one", () => {
    expect(idsAbove(99, {})).toEqual([]);
    expect(idsAbove(2, { 1: process_(0, "bun"), 2: process_(1, "bun") })).toEqual([]);
  });

  unit("ends in a process table that runs in a circle", () => {
    expect(idsAbove(2, { 2: process_(3, "bun"), 3: process_(2, "bun") }).length).toBe(32);
  });
});

/** Longest time in which a death may go unnoticed: what the user was promised. */
const NOTICED_MAX_MS = 2000;

const INNER = `
  import { watchAncestors } from ${JSON.stringify(join(import.meta.dir, "ancestors.ts"))};
  watchAncestors(() => {
    console.log("orphaned");
    process.exit(0);
  });
  console.log("watching");
  setTimeout(() => process.exit(1), 20_000);
`;

/** Starts a shell as npm does, and waits for it. */
const OUTER = `
  const child = Bun.spawn(["sh", "-c", \`"\${process.execPath}" inner.ts; true\`], {
    stdout: "inherit",
  });
  await child.exited;
`;

let folder: string | undefined;
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

describe.skipIf(process.platform === "win32")("watchAncestors", () => {
  integration(
    "notices within two seconds that the outermost launcher was killed",
    async () => {
      folder = mkdtempSync(join(tmpdir(), "ancestors-"));
      await Bun.write(join(folder, "inner.ts"), INNER);
      await Bun.write(join(folder, "outer.ts"), OUTER);
      const outermost = Bun.spawn([process.execPath, "outer.ts"], { cwd: folder, stdout: "pipe" });
      const printed = outermost.stdout.pipeThrough(new TextDecoderStream()).getReader();
      expect((await printed.read()).value).toBe("watching\n");

      outermost.kill("SIGKILL");
      const killedAtMs = performance.now();

      expect((await printed.read()).value).toBe("orphaned\n");
      expect(performance.now() - killedAtMs).toBeLessThan(NOTICED_MAX_MS);
    },
    60_000,
  );

  integration(
    "stays silent after it was stopped",
    async () => {
      const stopped = INNER.replace("watchAncestors(() =>", "const stop = watchAncestors(() =>")
        .replace('console.log("watching")', 'stop(); console.log("watching")')
        .replace("20_000", "1200");
      folder = mkdtempSync(join(tmpdir(), "ancestors-"));
      await Bun.write(join(folder, "inner.ts"), stopped);
      await Bun.write(join(folder, "outer.ts"), OUTER);
      const outermost = Bun.spawn([process.execPath, "outer.ts"], { cwd: folder, stdout: "pipe" });
      const printed = outermost.stdout.pipeThrough(new TextDecoderStream()).getReader();
      expect((await printed.read()).value).toBe("watching\n");

      outermost.kill("SIGKILL");

      expect((await printed.read()).done).toBe(true);
    },
    60_000,
  );

  integration(
    "stays silent while the launchers live",
    async () => {
      folder = mkdtempSync(join(tmpdir(), "ancestors-"));
      await Bun.write(join(folder, "inner.ts"), INNER.replace("20_000", "1200"));
      const inner = Bun.spawn([process.execPath, "inner.ts"], { cwd: folder, stdout: "pipe" });

      expect(await inner.stdout.text()).toBe("watching\n");
      expect(await inner.exited).toBe(1);
    },
    60_000,
  );
});
