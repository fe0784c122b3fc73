/** Tests of how commands for logs end: with the right code, and without a copy of the log left behind. */
import { describe, expect } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLogDirectory } from "../../src/node/log-directory.ts";
import { crash, integration } from "../kind.ts";
import { begun, inPlace, type Place } from "./program.ts";

function keep({ run }: Place): Promise<unknown> {
  return run("run", "direct-fund", "--chain", "evm", "--keep", "d");
}

describe("channels log", () => {
  crash(
    "leaves no copy when it is interrupted",
    async () => {
      await inPlace(async (place) => {
        await keep(place);
        const temporary = join(place.cwd, "..", "tmp");
        const running = place.start(["log", "verify", "d/alice", "--signatures"]);
        const isCopied = await begun(() => readdirSync(temporary).length > 0);

        running.process.kill("SIGINT");

        expect(isCopied).toBeTrue();
        expect([0, 130]).toContain((await running.ended).exitCode);
        expect(await place.leftovers()).toEqual([]);
      });
    },
    120_000,
  );

  integration(
    "ends with 3 where a node has the log open, and says which process",
    async () => {
      await inPlace(async (place) => {
        await keep(place);
        const held = await openLogDirectory(join(place.cwd, "d/alice"));
        try {
          for (const command of ["show", "verify", "archive"]) {
            const { exitCode, stderr, stdout } = await place.run("log", command, "d/alice");

            expect({ command, exitCode, stdout }).toEqual({ command, exitCode: 3, stdout: "" });
            expect(stderr).toStartWith("error: ");
            expect(stderr).toContain(String(process.pid));
          }
        } finally {
          await held.close();
        }
        expect((await place.run("log", "verify", "d/alice")).exitCode).toBe(0);
      });
    },
    120_000,
  );

  integration(
    "ends with 1 where a log is damaged, whatever is asked of it",
    async () => {
      await inPlace(async (place) => {
        await keep(place);
        const journal = join(place.cwd, "d/alice/journal");
        const bytes = new Uint8Array(await Bun.file(journal).arrayBuffer());
        bytes[3_000] = (bytes[3_000] ?? 0) ^ 1;
        writeFileSync(journal, bytes);

        const verified = await place.run("log", "verify", "d/alice");
        const shown = await place.run("log", "show", "d/alice");

        expect([verified.exitCode, shown.exitCode]).toEqual([1, 1]);
        expect(verified.stdout).toMatch(/^HashMismatch at offset \d+: /);
        expect(shown.stderr).toMatch(
          /^error: d\/alice cannot be read: the log is damaged at offset \d+: HashMismatch; "log verify" tells /,
        );
        expect(await place.leftovers()).toEqual([]);
      });
    },
    120_000,
  );
});
