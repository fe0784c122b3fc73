/** Tests of starting Anvil where it is missing, broken, or dies. */
import { describe, expect } from "bun:test";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NodeError } from "../../src/primitives/node-error.ts";
import { crash, unit } from "../../test/kind.ts";
import { startAnvil } from "./anvil.ts";
import { anvilBinary } from "./anvil-binary.ts";

/** Runs a shell script in the place of Anvil and tells how the start failed. */
async function failureOf(script: string): Promise<NodeError> {
  const directory = mkdtempSync(join(tmpdir(), "channels-test-"));
  const binary = join(directory, "anvil");
  writeFileSync(binary, `#!/bin/sh\n${script}\n`);
  chmodSync(binary, 0o755);
  try {
    return await startAnvil({ accounts: [], binary }).then(
      () => Promise.reject(new Error("it started")),
      (error: NodeError) => error,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describe("anvilBinary", () => {
  unit("finds the program of this system", () => {
    expect(anvilBinary()).toEndWith("/bin/anvil");
  });

  unit("says in one line what to do where there is none", () => {
    expect(() => anvilBinary("plan9", "mips")).toThrow(
      'the chain "anvil" is not installed: @foundry-rs/anvil-plan9-mips is missing; run "bun install", or use another chain',
    );
  });
});

describe("startAnvil", () => {
  unit("says that the program does not run here, in the program's own words", async () => {
    const { code, data, message } = await failureOf("echo 'no such loader' >&2; exit 7");

    expect(code).toBe("ChainMissing");
    expect(data).toEqual({ exitCode: 7, complaint: "no such loader" });
    expect(message).toContain('Anvil is installed but does not run here ("no such loader")');
  });

  unit("says that it ended when somebody killed it before it answered", async () => {
    for (const signal of ["KILL", "TERM"]) {
      const { code, message } = await failureOf(`kill -${signal} $$; sleep 60`);

      expect(code).toBe("ChainDied");
      expect(message).toBe("the local chain (Anvil) ended unexpectedly; start the run again");
    }
  });

  unit("says the same of a program that cannot be executed at all", async () => {
    const absent = startAnvil({ accounts: [], binary: "/nonexistent/anvil" });

    await expect(absent).rejects.toMatchObject({ code: "ChainMissing", data: { exitCode: 127 } });
  });

  unit("gives Anvil none of our environment, and a home that is removed with it", async () => {
    const { data } = await failureOf('env | sort >&2; echo "$HOME" >&2; exit 1');

    const lines = String(data["complaint"]).split("\n");
    const names = lines.slice(0, -1).map((line) => line.split("=")[0]);
    expect(names.filter((name) => !["PWD", "OLDPWD", "_", "SHLVL"].includes(name ?? ""))).toEqual([
      "HOME",
      "PATH",
    ]);
    expect(() => readdirSync(lines.at(-1) ?? "")).toThrow("ENOENT");
  });

  crash("rejects the call under way and every later one when Anvil dies", async () => {
    const chain = await startAnvil({ accounts: [] });
    // Millions of blocks: Anvil is gone before the answer.
    const slow = chain.rpc.request("anvil_mine", ["0xffffff"]);
    process.kill(chain.pid, "SIGKILL");

    await expect(slow).rejects.toMatchObject({ code: "ChainDied" });
    expect((await chain.died).code).toBe("ChainDied");
    const later = chain.rpc.request("eth_chainId", []);
    await expect(later).rejects.toMatchObject({ code: "ChainDied" });
    await chain.stop();
  });
});
