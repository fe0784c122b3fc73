/** Tests of `contracts deploy`, run in this process against an Anvil of their own. */
import { describe, expect } from "bun:test";
import { Command, CommanderError } from "commander";
import { keyOf } from "../../../sim/actors.ts";
import { startAnvil } from "../../../sim/chain/anvil.ts";
import { addressOf } from "../../../sim/simulated-chain.ts";
import { adversarial, unit } from "../../../test/kind.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { addContractsCommands } from "./deploy-command.ts";

/** An environment variable that nothing else reads. */
const VARIABLE = "CHANNELS_TEST_KEY";

const plain = (text: string): string => text;
const SILENT = {
  progress: () => {},
  finish: () => {},
  paint: { bold: plain, dim: plain, green: plain, red: plain, yellow: plain },
};

/** Runs the command as the program would, and gives what it printed or how it failed. */
async function deploy(key: string, ...args: readonly string[]): Promise<string | Error> {
  const printed: string[] = [];
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addContractsCommands(program, {
    ...SILENT,
    out: (text) => printed.push(text),
  });
  process.env[VARIABLE] = key;
  try {
    const all = ["contracts", "deploy", "--key-env", VARIABLE, ...args];
    await program.parseAsync(all, { from: "user" });
    return printed.join("\n");
  } catch (error) {
    return error as Error;
  } finally {
    delete process.env[VARIABLE];
  }
}

/** A chain that makes a block as soon as somebody waits for one: Anvil's own automatic mining. */
async function withChain(use: (url: string) => Promise<void>): Promise<void> {
  const alice = { address: addressOf("alice"), balanceWei: 10n ** 20n };
  const chain = await startAnvil({ accounts: [alice], tellUrl: true });
  try {
    await chain.rpc.request("evm_setAutomine", [true]);
    await use(chain.url ?? "");
  } finally {
    await chain.stop();
  }
}

/** Answers every call with this result. */
async function withServer(result: unknown, use: (url: string) => Promise<void>): Promise<void> {
  const fetch = (): Response => Response.json({ jsonrpc: "2.0", id: 1, result });
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
  try {
    await use(`http://127.0.0.1:${server.port}`);
  } finally {
    await server.stop(true);
  }
}

const GOOD_KEY: string = keyOf("alice");

describe("contracts deploy", () => {
  unit("prints the contracts and their code hashes, for people and for programs", async () => {
    await withChain(async (url) => {
      const text = await deploy(GOOD_KEY, "--rpc", url, "--token");
      const json = await deploy(GOOD_KEY.slice(2).toUpperCase(), "--rpc", url, "--json");

      expect(text).toStartWith("chain 31337: every contract is in place and has the code");
      const { adjudicator, chainId, codeHashes, token } = JSON.parse(String(json));
      expect({ chainId, token }).toEqual({ chainId: "31337", token: undefined });
      expect(text).toContain(`  adjudicator        ${adjudicator}\n`);
      expect(text).toContain(`code ${codeHashes.virtualPaymentApp}\n`);
      expect(text).toContain("\n  token              0x");
    });
  });

  unit("deploys the hardened adjudicator beside the published one", async () => {
    await withChain(async (url) => {
      const published = JSON.parse(String(await deploy(GOOD_KEY, "--rpc", url, "--json")));
      const text = await deploy(GOOD_KEY, "--rpc", url, "--json", "--hardened");

      const hardened = JSON.parse(String(text));
      expect(hardened.adjudicator).not.toBe(published.adjudicator);
      expect(hardened.codeHashes.adjudicator).not.toBe(published.codeHashes.adjudicator);
      expect(hardened.codeHashes.ledgerApp).toBe(published.codeHashes.ledgerApp);
    });
  });

  unit("says what the paying account owns when it cannot pay", async () => {
    await withChain(async (url) => {
      const error = await deploy(keyOf("bob"), "--rpc", url);

      expect(error).toBeInstanceOf(NodeError);
      expect(String(error)).toEndWith(`(the paying account ${addressOf("bob")} owns 0 wei)`);
    });
  });

  adversarial("refuses what is no key, and never repeats it", async () => {
    const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    const wrong = ["12ab".repeat(15), `${"12ab".repeat(15)}12ag`, "0".repeat(64), order];
    for (const key of wrong) {
      const error = await deploy(key, "--rpc", "http://127.0.0.1:1");

      expect(error).toBeInstanceOf(CommanderError);
      expect(error).toMatchObject({ exitCode: 2 });
      expect(String(error)).toContain(`${VARIABLE} holds no private key`);
      expect(String(error)).not.toContain(key.slice(0, 8));
    }
  });

  unit("asks for a key where there is none", async () => {
    const error = await deploy(" ", "--rpc", "http://127.0.0.1:1");

    expect(error).toMatchObject({ exitCode: 2 });
    expect(String(error)).toContain(`into the environment variable ${VARIABLE}`);
  });

  adversarial("refuses a URL that is none, and a wait that is no number of seconds", async () => {
    for (const url of ["localhost:8545", "ftp://host", ""]) {
      expect(String(await deploy(GOOD_KEY, "--rpc", url))).toContain(
        "Write it as http://host:port",
      );
    }
    for (const seconds of ["0", "1.5", "86401", "x"]) {
      const error = await deploy(GOOD_KEY, "--rpc", "http://127.0.0.1:1", "--timeout", seconds);
      expect(String(error)).toContain("a whole number from 1 to 86400");
    }
  });

  adversarial("takes an answer that is no chain id for no chain", async () => {
    await withServer("hello", async (url) => {
      const error = await deploy(GOOD_KEY, "--rpc", url);

      expect(error).toMatchObject({ exitCode: 3 });
      expect(String(error)).toContain("gives no chain id");
    });
  });

  adversarial("keeps the test token off chains that are not local", async () => {
    await withServer("0x1", async (url) => {
      const error = await deploy(GOOD_KEY, "--rpc", url, "--token");

      expect(error).toMatchObject({ exitCode: 2 });
      expect(String(error)).toContain("--token is for local chains (31337 or 1337)");
    });
  });
});
