/** Tests of `list`, `new`, `compare` and `step`. */
import { afterAll, describe, expect } from "bun:test";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { integration } from "../kind.ts";
import { inPlace, type Place } from "./program.ts";

const kept = mkdtempSync(join(tmpdir(), "channels-kept-runs-"));

afterAll(() => rmSync(kept, { recursive: true, force: true }));

/** Keeps a run in a folder of the place. Each folder with the same words has a run of its own, made once for all. */
async function keep(
  { cwd, run }: Place,
  folder: string,
  ...args: readonly string[]
): Promise<void> {
  const made = join(kept, [folder, ...args].join("-"));
  if (!existsSync(made)) {
    await run("run", "direct-fund", "--chain", "evm", "--keep", made, ...args);
  }
  cpSync(made, join(cwd, folder), { recursive: true });
}

/** Finds the first entry of a trace whose line holds a text; the event in it is text in a text. */
function entryFinder(path: string): (part: string) => number {
  const { entries } = JSON.parse(readFileSync(path, "utf8"));
  return (part) => entries.findIndex((entry: unknown) => JSON.stringify(entry).includes(part));
}

describe("channels list", () => {
  integration("gives each scenario a line with its summary, or one JSON document", async () => {
    await inPlace(async ({ run }) => {
      const [text, json] = [await run("list"), await run("list", "--json")];

      expect([text.exitCode, json.exitCode]).toEqual([0, 0]);
      const scenarios: readonly { readonly name: string; readonly summary: string }[] = JSON.parse(
        json.stdout,
      );
      expect(scenarios.map(({ name }) => name)).toContain("demo");
      const lines = text.stdout.trimEnd().split("\n");
      expect(lines).toHaveLength(scenarios.length);
      for (const [index, { name, summary }] of scenarios.entries()) {
        expect(lines[index]).toMatch(new RegExp(`^ {2}${name} +\\S`));
        expect(lines[index]).toEndWith(summary);
      }
    });
  });
});

describe("channels new", () => {
  integration(
    "writes a scenario outside the repository that passes, by path and by name",
    async () => {
      await inPlace(async ({ cwd, run }) => {
        const written = await run("new", "my-story");
        const byPath = await run("run", join(cwd, "my-story.scenario.ts"), "--chain", "evm");
        const byName = await run("run", "my-story", "--chain", "evm", "--set", "amount=2");

        expect(written.stdout).toMatch(
          /^wrote my-story\.scenario\.ts; run it with: .*channels run/,
        );
        expect([written.exitCode, byPath.exitCode, byName.exitCode]).toEqual([0, 0, 0]);
        expect(byPath.stdout).toContain("PASSED  my-story: the run is what its diagram says");
      });
    },
  );

  integration("does not overwrite a file", async () => {
    await inPlace(async ({ cwd, run }) => {
      await run("new", "my-story");
      await Bun.write(join(cwd, "my-story.scenario.ts"), "mine");

      const { exitCode, stderr } = await run("new", "my-story");

      expect(exitCode).toBe(2);
      expect(stderr).toContain("exists already, and is left as it is");
      expect(readFileSync(join(cwd, "my-story.scenario.ts"), "utf8")).toBe("mine");
    });
  });
});

describe("channels compare", () => {
  integration("ends with 0 for equal runs, whose files are equal to the byte", async () => {
    await inPlace(async (place) => {
      await Promise.all([keep(place, "a"), keep(place, "b")]);

      const { exitCode, stdout } = await place.run("compare", "a/trace.json", "b/trace.json");

      expect(exitCode).toBe(0);
      expect(stdout).toStartWith("the runs are the same: ");
      const [a, b] = ["a", "b"].map((name) => readFileSync(join(place.cwd, name, "trace.json")));
      expect(a?.equals(b ?? Buffer.of())).toBeTrue();
    });
  });

  integration("ends with 1 and shows the first step that differs, and what else does", async () => {
    await inPlace(async (place) => {
      await Promise.all([keep(place, "a"), keep(place, "b", "--seed", "2")]);

      const { exitCode, stdout } = await place.run("compare", "a/trace.json", "b/trace.json");

      expect(exitCode).toBe(1);
      expect(stdout).toContain("seed: 1 -> 2");
      expect(stdout).toMatch(/step \d+ is the first that differs:\n +- .*\n +\+ /);
      expect(stdout).toMatch(/traceHash: 0x[0-9a-f]{64} -> 0x[0-9a-f]{64}/);
    });
  });
});

describe("channels step", () => {
  integration("walks next, back and to a number, and stays where there is no step", async () => {
    await inPlace(async (place) => {
      await keep(place, "a");
      const stdin = "back\nnext\n\nb\ngoto 7\ngoto 99999\ngoto x\nquit\nnext\n";

      const { exitCode, stdout } = await place.start(["step", "a/trace.json"], { stdin }).ended;

      const answers = stdout.trimEnd().split("\n").slice(2);
      expect(exitCode).toBe(0);
      expect(answers.map((line) => /^\[ *(\d+)\]/.exec(line)?.[1] ?? line.slice(0, 18))).toEqual([
        ...["0", "this is the first ", "1", "2", "1", "7"],
        ...["goto needs a numbe", "goto needs a numbe"],
      ]);
    });
  });

  integration(
    "says why: a frame by its sending, a receipt by its frame, a deposit by its block",
    async () => {
      await inPlace(async (place) => {
        await keep(place, "a");
        const { entries } = JSON.parse(readFileSync(join(place.cwd, "a/trace.json"), "utf8"));
        const indexOf = (part: string): number =>
          entries.findIndex((entry: unknown) => JSON.stringify(entry).includes(part));
        // The first frames are greetings, which no event caused.
        const sent = indexOf('\\"type\\":\\"MessageSent\\"');
        const message = entries.findIndex(
          ({ type }: { readonly type: string }, index: number) => index > sent && type === "Frame",
        );
        const steps = [
          message,
          indexOf('\\"type\\":\\"MessageReceived\\"'),
          indexOf('\\"type\\":\\"DepositDetected\\"'),
          indexOf('\\"type\\":\\"ChannelCreated\\"'),
        ];
        const stdin = steps.map((index) => `goto ${index}\nwhy\n`).join("");

        const { stdout } = await place.start(["step", "a/trace.json"], { stdin }).ended;

        const [, , , , sending, , frame, , block, , script] = stdout.split("\n");
        expect(sending).toMatch(/event {3}alice #\d+: MessageSent \(Prefund, message 1\)$/);
        expect(frame).toMatch(/ frame {3}alice -> bob: message 1,/);
        expect(block).toMatch(/ block {3}\d+: 1 transactions/);
        expect(script).toBe("nothing before it: the script, or time, began it");
      });
    },
  );

  integration("says what an event changed in its node", async () => {
    await inPlace(async (place) => {
      await keep(place, "a");
      const indexOf = entryFinder(join(place.cwd, "a/trace.json"));
      const created = indexOf('\\"type\\":\\"ObjectiveCreated\\"');
      const stdin = `goto ${created}\ndiff\ngoto ${indexOf('"type":"Frame"')}\ndiff\nwhat\n`;

      const { stdout } = await place.start(["step", "a/trace.json"], { stdin }).ended;

      expect(stdout).toContain("alice #1: ObjectiveCreated\nobjectives.DirectFunding-0x");
      expect(stdout).toMatch(/^objectives\.\S+\.status: nothing -> Unapproved$/m);
      expect(stdout).toContain("only events change a node; this step is none");
      expect(stdout).toContain("that is no command; these are:");
    });
  });
});
