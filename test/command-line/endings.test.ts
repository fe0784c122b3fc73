/** Tests of how the program ends when it is ended, or the world outside fails: nothing is left. */
import { describe, expect } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { crash, integration } from "../kind.ts";
import { begun, inPlace, type Place, type Running } from "./program.ts";
import { ENDLESS, writeStory } from "./stories.ts";

/** Starts a run that does not end by itself, and waits until its chain is there. */
async function endlessRun(place: Place, launcher = false): Promise<Running> {
  const path = writeStory(place.cwd, { script: ENDLESS });
  const running = place.start(["run", path], { launcher });
  expect(await begun(() => place.anvils().length === 1)).toBeTrue();
  // Long enough that the deployment is over and the story has begun.
  await Bun.sleep(400);
  expect(running.process.exitCode).toBeNull();
  return running;
}

const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

describe("channels run, ended", () => {
  for (const [signal, code] of SIGNALS) {
    crash(
      `ends with ${code} on ${signal} in the middle of a run, and leaves nothing`,
      async () => {
        await inPlace(async (place) => {
          const running = await endlessRun(place);

          running.process.kill(signal);

          expect(await running.ended).toMatchObject({ exitCode: code, stderr: "" });
          expect(await place.leftovers()).toEqual([]);
        });
      },
      120_000,
    );
  }

  crash(
    "leaves nothing when it is interrupted while the chain starts",
    async () => {
      await inPlace(async (place) => {
        const running = place.start(["run", "demo"]);
        expect(await begun(() => place.anvils().length === 1)).toBeTrue();

        running.process.kill("SIGINT");

        expect(await running.ended).toMatchObject({ exitCode: 130, stderr: "" });
        expect(await place.leftovers()).toEqual([]);
      });
    },
    120_000,
  );

  crash(
    "leaves nothing when it is killed",
    async () => {
      await inPlace(async (place) => {
        const running = await endlessRun(place);

        running.process.kill("SIGKILL");

        await running.ended;
        expect(await place.leftovers()).toEqual([]);
      });
    },
    120_000,
  );

  crash(
    "leaves nothing when only the outermost process is killed",
    async () => {
      await inPlace(async (place) => {
        const running = await endlessRun(place, true);

        running.process.kill("SIGKILL");

        expect(await place.leftovers()).toEqual([]);
      });
    },
    120_000,
  );

  crash(
    "ends with 3 and one line within 5 s when Anvil is killed",
    async () => {
      await inPlace(async (place) => {
        const running = await endlessRun(place);
        const killedMs = performance.now();

        for (const pid of place.anvils()) process.kill(pid, "SIGKILL");

        const { exitCode, stderr } = await running.ended;
        expect(performance.now() - killedMs).toBeLessThan(5_000);
        expect(exitCode).toBe(3);
        expect(stderr).toBe(
          "error: the local chain (Anvil) ended unexpectedly; start the run again\n",
        );
        expect(await place.leftovers()).toEqual([]);
      });
    },
    120_000,
  );

  crash(
    "ends its second process with it",
    async () => {
      await inPlace(async (place) => {
        const isSecond = 'process.argv.includes("--print-trace")';
        const script = `if (${isSecond}) for (;;) await pause(1);`;
        const running = place.start(["run", writeStory(place.cwd, { script }), "--twice"]);
        expect(await begun(() => place.anvils().length === 2)).toBeTrue();

        const endedMs = performance.now();
        running.process.kill("SIGTERM");

        expect((await running.ended).exitCode).toBe(143);
        // It does not wait until the second process finds out by itself that it works for nobody.
        expect(performance.now() - endedMs).toBeLessThan(2_000);
        expect(await place.leftovers()).toEqual([]);
      });
    },
    120_000,
  );

  integration("ends with 3 where files cannot be written, and says which", async () => {
    await inPlace(async ({ cwd, run }) => {
      await Bun.write(join(cwd, "a-file"), "in the way");
      chmodSync(join(cwd, "a-file"), 0o400);

      const { exitCode, stderr } = await run(
        ...["run", "direct-fund", "--chain", "evm", "--keep", "a-file"],
      );

      expect(exitCode).toBe(3);
      expect(stderr).toMatch(/^error: a-file\/trace\.json cannot be written: /);
    });
  });
});
