/** The command `bun run bench`: its exit codes. */
import { describe, expect } from "bun:test";
import { join } from "node:path";
import { integration } from "../test/kind.ts";

function bench(...inputs: readonly string[]): { exitCode: number; error: string } {
  const command = [process.execPath, join(import.meta.dir, "run.ts"), ...inputs];
  const { exitCode, stderr } = Bun.spawnSync(command);
  return { exitCode, error: stderr.toString() };
}

describe("bun run bench", () => {
  integration("refuses an unknown name with 2 and the list of names", () => {
    const { exitCode, error } = bench("no-such-benchmark");

    expect(exitCode).toBe(2);
    expect(error).toContain('no benchmark is called "no-such-benchmark"');
    expect(error).toContain("names:");
  });

  integration(
    "refuses an unknown option, two names, and a document of one benchmark, with 2",
    () => {
      expect(bench("--fast").exitCode).toBe(2);
      expect(bench("one", "two").exitCode).toBe(2);
      const written = bench("one", "--write");
      expect(written.exitCode).toBe(2);
      expect(written.error).not.toContain("is called");
    },
  );
});
