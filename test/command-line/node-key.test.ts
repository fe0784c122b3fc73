/** Tests of `channels node key`. */
import { describe, expect } from "bun:test";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyOf } from "../../sim/actors.ts";
import { addressOf } from "../../sim/simulated-chain.ts";
import { integration } from "../kind.ts";
import { runHere } from "./here.ts";
import { inPlace } from "./program.ts";

/** Deriving keys takes a second each on an idle machine. */
const TIMEOUT_MS = 240_000;

const IMPORTED = { IRENES: keyOf("irene"), CHANNELS_KEY_PASSWORD: "a password" };

describe("channels node key", () => {
  integration(
    "writes a key that is encrypted, for its owner alone, and tells whose it is",
    () =>
      inPlace(async ({ cwd }) => {
        const run = (args: readonly string[], env: Readonly<Record<string, string>> = IMPORTED) =>
          runHere(["node", "key", ...args], { cwd, env });
        const file = join(cwd, "key.json");
        const imported = await run(["import", "--file", "key.json", "--key-env", "IRENES"]);

        expect(imported).toEqual({ exitCode: 0, stdout: `${addressOf("irene")}\n`, stderr: "" });
        expect(statSync(file).mode & 0o777).toBe(0o600);
        expect(readFileSync(file, "utf8")).not.toContain(keyOf("irene").slice(2));
        const again = await run(["new", "--file", "key.json"]);
        expect(again.exitCode).toBe(2);
        expect(again.stderr).toContain("key.json is there already: name another file");
        const claimed = await run(["show-address", "--file", "key.json", "--json"], {});
        expect(JSON.parse(claimed.stdout)).toEqual({
          address: addressOf("irene"),
          file: "key.json",
        });
        const wrong = await run(["show-address", "--file", "key.json"], {
          CHANNELS_KEY_PASSWORD: "b",
        });
        expect(wrong).toMatchObject({ exitCode: 2, stdout: "" });
        expect(wrong.stderr).toContain("the password does not open key.json");
      }),
    TIMEOUT_MS,
  );

  integration(
    "makes another key each time, with the password of a file",
    () =>
      inPlace(async ({ cwd }) => {
        writeFileSync(join(cwd, "password"), "a password\n", { mode: 0o600 });
        const make = (file: string) =>
          runHere(["node", "key", "new", "--file", file, "--password-file", "password"], {
            cwd,
            env: {},
          });
        const [one, other] = [await make("one.json"), await make("other.json")];

        expect(one.stdout).toMatch(/^0x[0-9a-f]{40}\n$/);
        expect(one.stdout).not.toBe(other.stdout);
        chmodSync(join(cwd, "password"), 0o644);
        const refused = await make("third.json");
        expect(refused.exitCode).toBe(2);
        expect(refused.stderr).toContain(
          "password can be read by others than its owner: chmod 600",
        );
      }),
    TIMEOUT_MS,
  );

  integration("says what is missing, and where a password or a key goes", () =>
    inPlace(async ({ cwd }) => {
      const make = (name: string, env: Readonly<Record<string, string>>) =>
        runHere(["node", "key", name, "--file", "key.json"], { cwd, env });

      const unlocked = await make("new", {});
      expect(unlocked.exitCode).toBe(2);
      expect(unlocked.stderr).toContain("there is no password: give --password-file");
      const keyless = await make("import", { CHANNELS_KEY: "0x12" });
      expect(keyless.exitCode).toBe(2);
      expect(keyless.stderr).toContain("CHANNELS_KEY holds no private key");
    }),
  );
});
