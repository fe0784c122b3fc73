/** Tests of `channels run`: what it prints, what it writes, and how it judges. */
import { describe, expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { integration, patientIntegration } from "../kind.ts";
import { inPlace } from "./program.ts";
import { writeStory } from "./stories.ts";

const OPEN = "await alice.openChannel([bob], [{ asset: eth, amounts: [6n, 4n] }]);";

describe("channels run", () => {
  integration("shows the diagram, the wallets, the cost and the seed on Anvil", async () => {
    await inPlace(async ({ leftovers, run }) => {
      const { exitCode, stderr, stdout } = await run("run", "demo", "--welcome");

      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toMatch(/^ +0\.\d{3} s {2}alice -> bob: prefund$/m);
      expect(stdout).toMatch(/^ +\d+\.000 s {2}chain -> all: pays out 100 TOK$/m);
      expect(stdout).toMatch(/^ {2}bob +TOK +1000 +1020 +\+20$/m);
      expect(stdout).toMatch(/^ {2}on chain +5 transactions, \d+ gas, 0\.\d+ ETH in fees$/m);
      expect(stdout).toMatch(/^ {2}chain +anvil$/m);
      expect(stdout).toMatch(/^ {2}seed +1$/m);
      expect(stdout).toMatch(/^ {2}trace hash +0x[0-9a-f]{64}$/m);
      expect(stdout).toContain("PASSED  demo");
      expect(stdout).toContain("What to try next");
      expect(await leftovers()).toEqual([]);
    });
  });

  integration("says that no contract ran where the model stood in for them", async () => {
    await inPlace(async ({ run }) => {
      const { exitCode, stderr, stdout } = await run("run", "direct-fund", "--chain", "model");

      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toMatch(/^ {2}chain +model \(no contract ran; gas by a table\)$/m);
      expect(stdout).toContain("PASSED  direct-fund");
    });
  });

  integration("prints one JSON document, with amounts as decimal text", async () => {
    await inPlace(async ({ run }) => {
      const { exitCode, stderr, stdout } = await run(
        ...["run", "direct-fund", "--chain", "evm", "--seed", "4294967295", "--json"],
      );

      const document = JSON.parse(stdout);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(document).toMatchObject({
        scenario: "direct-fund",
        seed: 4_294_967_295,
        chain: "evm",
        passed: true,
        transactions: 2,
        violations: [],
      });
      expect(document.objectives.map(({ status }: { status: string }) => status)).toEqual([
        "Completed",
        "Completed",
      ]);
      for (const key of ["virtualMs", "wallMs", "messages"]) {
        expect(document[key]).toBeGreaterThan(0);
      }
      expect(document.gasUsed).toMatch(/^\d+$/);
      const [alice] = document.balances;
      const lost = BigInt(alice.before.ETH) - BigInt(alice.after.ETH);
      expect(lost).toBe(6n + BigInt(alice.feesWei));
      expect(BigInt(alice.difference.ETH)).toBe(-lost);
    });
  });

  patientIntegration("runs again in a second process and finds the same trace", async () => {
    await inPlace(async ({ leftovers, run }) => {
      const text = await run("run", "direct-fund", "--chain", "evm", "--twice");
      const json = await run("run", "direct-fund", "--chain", "evm", "--twice", "--json");

      expect(text.exitCode).toBe(0);
      expect(text.stdout).toContain("SAME    a second process gave the same trace hash");
      const { traceHash, twice } = JSON.parse(json.stdout);
      expect(twice).toEqual({ isSame: true, traceHash });
      expect(await leftovers()).toEqual([]);
    });
  });

  integration("fails with the first difference where two processes differ", async () => {
    await inPlace(async ({ cwd, run }) => {
      const path = writeStory(cwd, { script: `await pause(process.pid); ${OPEN}` });

      const { exitCode, stdout } = await run("run", path, "--chain", "evm", "--twice");

      expect(exitCode).toBe(1);
      expect(stdout).toContain("FAILED  a second process gave another run, 0x");
      expect(stdout).toMatch(/step \d+ is the first that differs:\n {2}- .*\n {2}\+ /);
    });
  });

  integration("changes a parameter with --set, and the seed changes the run", async () => {
    await inPlace(async ({ run }) => {
      const hashOf = async (...args: readonly string[]): Promise<string> => {
        const { stdout } = await run("run", "demo", "--chain", "evm", "--json", ...args);
        const { parameters, traceHash } = JSON.parse(stdout);
        return `${parameters.updates} ${traceHash}`;
      };
      const [first, again, seeded, fewer] = await Promise.all([
        hashOf("--seed", "1"),
        hashOf(),
        hashOf("--seed", "2"),
        hashOf("--set", "updates=2"),
      ]);

      expect(first).toBe(again);
      expect(seeded).toStartWith("10 ");
      expect(fewer).toStartWith("2 ");
      expect(new Set([first, seeded, fewer]).size).toBe(3);
    });
  });

  integration("names the stand-in where signatures are fast", async () => {
    await inPlace(async ({ run }) => {
      const { exitCode, stdout } = await run(
        ...["run", "direct-fund", "--chain", "evm", "--signatures", "fast", "--json"],
      );

      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout).signatures).not.toMatch(/^(?:native|noble)$/);
    });
  });

  integration("keeps the trace and the logs, and the diagram as Mermaid", async () => {
    await inPlace(async ({ cwd, run }) => {
      const args = ["run", "direct-fund", "--chain", "evm", "--diagram", "out/run.mmd"];
      const { exitCode } = await run(...args, "--keep", "kept/here");

      expect(exitCode).toBe(0);
      expect(readdirSync(join(cwd, "kept", "here")).sort()).toEqual(["alice", "bob", "trace.json"]);
      const log = await run("log", "export", "kept/here/alice");
      const exported = log.stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(exported.map(({ offset }) => offset)).toEqual([...exported.keys()]);
      const trace = JSON.parse(readFileSync(join(cwd, "kept/here/trace.json"), "utf8"));
      const [alice] = trace.logs;
      expect(exported.map(({ hash }) => hash)).toEqual(
        alice.records.map((record: string) => record.slice(0, 66)),
      );
      const diagram = readFileSync(join(cwd, "out/run.mmd"), "utf8");
      expect(diagram).toContain("sequenceDiagram\n  participant alice\n");
      expect(diagram).toContain("  chain-->>all: holds 10 wei\n");
    });
  });

  integration("fails where the diagram has one wrong arrow, and shows the difference", async () => {
    await inPlace(async ({ cwd, run }) => {
      const diagram = "sequence`\nalice->>bob: prefund\nalice->>bob: prefund\n`";
      const path = writeStory(cwd, { diagram, script: OPEN });

      const { exitCode, stdout } = await run("run", path, "--chain", "evm");

      expect(exitCode).toBe(1);
      expect(stdout).toContain("FAILED  diagram: the run differs from the diagram");
      expect(stdout).toContain("  - alice->>bob: prefund\n");
      expect(stdout).toContain("  + bob->>alice: prefund\n");
    });
  });

  integration("fails where the script throws, and says at which line", async () => {
    await inPlace(async ({ cwd, run }) => {
      const path = writeStory(cwd, { script: "throw new RangeError('of the script');" });

      const { exitCode, stderr } = await run("run", path, "--chain", "evm");

      expect(exitCode).toBe(1);
      expect(stderr).toContain("error: the run of story broke, in its script or in channels:");
      expect(stderr).toContain("RangeError: of the script");
      expect(stderr).toContain(`${path}:`);
    });
  });
});
