/**
 * The example project works as a user finds it. One of its properties is run, for the others take as long;
 * `CHANNELS_EXAMPLE=all bun test sim/property/example-project.test.ts` runs all of them.
 */
import { describe, expect } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { patientIntegration } from "../../test/kind.ts";

const ROOT = resolve(import.meta.dir, "../..");

/** Packages of the example's own; what `bun install` would put into its folder. */
const PACKAGES = ["fast-check", "bun-types"];

/** Not named as tests are, so that the tests of this repository leave it out. */
const PROPERTIES = "./channels.property.ts";

/** The properties that are run: all, or one. */
const CHOSEN =
  process.env["CHANNELS_EXAMPLE"] === "all"
    ? { arguments: [], says: " 3 pass" }
    : { arguments: ["--test-name-pattern", "a crash loses nobody"], says: " 1 pass" };

/** The example in a folder of its own, with its packages as an installation leaves them. */
function installedExample(): string {
  const folder = mkdtempSync(join(tmpdir(), "channels-example-"));
  cpSync(join(ROOT, "examples/property-tests"), folder, { recursive: true });
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  rmSync(join(folder, "node_modules/channels"), { recursive: true, force: true });
  symlinkSync(ROOT, join(folder, "node_modules/channels"));
  for (const name of PACKAGES) {
    symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
  }
  return folder;
}

describe("the example of property tests", () => {
  patientIntegration(
    "type-checks and passes in a project that only depends on this one",
    () => {
      const folder = installedExample();
      try {
        const compiler = join(ROOT, "node_modules/.bin/tsc");
        const checked = Bun.spawnSync([compiler, "-p", folder], { cwd: folder });
        const tested = Bun.spawnSync([process.execPath, "test", PROPERTIES, ...CHOSEN.arguments], {
          cwd: folder,
        });

        expect(checked.stdout.toString()).toBe("");
        expect(tested.stderr.toString()).toContain(CHOSEN.says);
        expect([checked.exitCode, tested.exitCode]).toEqual([0, 0]);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    240_000,
  );
});
