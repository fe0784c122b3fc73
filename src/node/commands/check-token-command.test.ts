/** Tests of `contracts check-token`, run in this process against an Anvil of their own. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { Command, CommanderError } from "commander";
import { TEST_TOKENS, type TestTokenName } from "../../../contracts/test-tokens.ts";
import { startAnvil } from "../../../sim/chain/anvil.ts";
import type { LocalChain } from "../../../sim/chain/local-chain.ts";
import { adversarial, unit } from "../../../test/kind.ts";
import type { Hex } from "../../primitives/hex.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { addContractsCommands } from "./deploy-command.ts";

const at = (place: number): Hex => `0x${place.toString(16).padStart(40, "0")}`;

const NAMES = Object.keys(TEST_TOKENS) as TestTokenName[];

/** Where each token is. */
const addressOf = (name: TestTokenName): Hex => at(0x7000 + NAMES.indexOf(name));

type Ended = { readonly text: string; readonly exitCode: number; readonly error: unknown };

/** Runs the command as the program would. */
async function run(...args: readonly string[]): Promise<Ended> {
  const printed: string[] = [];
  let exitCode = 0;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  const plain = (text: string): string => text;
  addContractsCommands(program, {
    out: (text) => printed.push(text),
    progress: () => {},
    finish: (code) => {
      exitCode = code;
    },
    paint: { bold: plain, dim: plain, green: plain, red: plain, yellow: plain },
  });
  try {
    await program.parseAsync(["contracts", "check-token", ...args], { from: "user" });
    return { text: printed.join("\n"), exitCode, error: undefined };
  } catch (error) {
    return { text: printed.join("\n"), exitCode, error };
  }
}

describe("contracts check-token", () => {
  let chain: LocalChain;
  let rpc: readonly [string, string];
  beforeAll(async () => {
    chain = await startAnvil({ accounts: [], tellUrl: true });
    rpc = ["--rpc", (chain as { readonly url?: string }).url ?? ""];
    for (const name of NAMES) {
      const code = TEST_TOKENS[name].deployedBytecode;
      await chain.rpc.request("anvil_setCode", [addressOf(name), code]);
    }
  });
  afterAll(() => chain.stop());

  unit("prints what it found, one line for each check, and what follows", async () => {
    const good = await run(addressOf("PlainToken"), ...rpc);
    const bad = await run(addressOf("NoReturnToken").toUpperCase().replace("X", "x"), ...rpc);

    expect(good.exitCode).toBe(0);
    expect(good.text).toEndWith("13 passed, 0 warned, 0 failed: channels can hold this token");
    expect(bad.exitCode).toBe(1);
    const lines = bad.text.split("\n");
    expect(lines[0]).toBe(
      `${addressOf("NoReturnToken")} on chain 31337 at block 0, for the published adjudicator`,
    );
    expect(lines).toContain(
      "  failed  ReturnValue    transfer answers nothing, transferFrom nothing",
    );
    expect(lines).toContain(
      "                         -> the published adjudicator takes deposits and can never pay them out; the hardened one can",
    );
    expect(lines.at(-1)).toEndWith("failed: do not allow this token");
  });

  unit("checks for the hardened adjudicator when asked, and warnings fail nothing", async () => {
    const { exitCode, text } = await run(addressOf("NoReturnToken"), ...rpc, "--hardened");

    expect(exitCode).toBe(0);
    expect(text).toContain("12 passed, 1 warned, 0 failed");
  });

  unit("gives programs the same as JSON", async () => {
    const { exitCode, text } = await run(addressOf("FeeToken"), ...rpc, "--json");

    const report = JSON.parse(text);
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({ chainId: "31337", adjudicator: "published", passed: false });
    const faults = report.checks.filter(({ outcome }: { outcome: string }) => outcome === "failed");
    expect(faults.map(({ code }: { code: string }) => code)).toEqual(["TransferFee", "Payout"]);
  });

  adversarial("ends with 2 where there is nothing to try, and names the way out", async () => {
    const { error } = await run(addressOf("HookRegistry"), ...rpc);
    const again = await run(addressOf("HookRegistry"), ...rpc, "--holder", at(0x5005));

    expect(error).toBeInstanceOf(CommanderError);
    expect(error).toMatchObject({ exitCode: 2 });
    expect(String(error)).toContain("--holder <address>");
    expect(String(again.error)).toContain(`${at(0x5005)} owns too little`);
  });

  adversarial("refuses what is no address and no URL", async () => {
    for (const address of ["0x12", at(0), "hello"]) {
      expect(String((await run(address, ...rpc)).error)).toContain("40 hexadecimal digits");
    }
    const { error } = await run(at(1), "--rpc", "localhost");
    expect(String(error)).toContain("Write it as http://host:port");
  });

  adversarial("passes on that there is no endpoint", async () => {
    const { error } = await run(at(1), "--rpc", "http://127.0.0.1:1");

    expect(error).toBeInstanceOf(NodeError);
    expect(error).toMatchObject({ code: "RpcUnreachable" });
  });
});
