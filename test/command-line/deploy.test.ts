/** Tests of `channels contracts deploy` on an Anvil of its own. */
import { describe, expect } from "bun:test";
import { keyOf } from "../../sim/actors.ts";
import { startAnvil } from "../../sim/chain/anvil.ts";
import { addressOf } from "../../sim/simulated-chain.ts";
import { integration } from "../kind.ts";
import { inPlace } from "./program.ts";

/** Milliseconds between blocks of the test's chain. */
const BLOCK_INTERVAL_MS = 100;

/** Gives a chain that makes blocks by itself, on which Alice owns 100 coins and Bob none. */
async function withChain(use: (url: string) => Promise<void>): Promise<void> {
  const alice = { address: addressOf("alice"), balanceWei: 100n * 10n ** 18n };
  const chain = await startAnvil({ accounts: [alice], tellUrl: true });
  let timestampSec = 1_700_000_000;
  let mining = Promise.resolve();
  const timer = setInterval(() => {
    timestampSec += 12;
    mining = mining.then(() => chain.mine(timestampSec));
  }, BLOCK_INTERVAL_MS);
  try {
    await use(chain.url ?? "");
  } finally {
    clearInterval(timer);
    await mining;
    await chain.stop();
  }
}

describe("channels contracts deploy", () => {
  integration(
    "deploys, and finds all in place the second time",
    async () => {
      await withChain(async (url) => {
        await inPlace(async ({ start }) => {
          const deploy = ["contracts", "deploy", "--rpc", url];
          const alice = { CHANNELS_DEPLOYER_KEY: keyOf("alice") };
          const first = await start([...deploy, "--token"], { env: alice }).ended;
          const bob = { PAYER: keyOf("bob") };
          const json = [...deploy, "--token", "--json", "--key-env", "PAYER"];
          const second = await start(json, { env: bob }).ended;

          expect(first.exitCode).toBe(0);
          expect(first.stdout).toStartWith("chain 31337: every contract is in place");
          expect(second.exitCode).toBe(0);
          const { chainId, codeHashes, ...addresses } = JSON.parse(second.stdout);
          expect(chainId).toBe("31337");
          expect(Object.keys(codeHashes)).toEqual(Object.keys(addresses));
          for (const address of Object.values(addresses))
            expect(first.stdout).toContain(`${address}`);
        });
      });
    },
    120_000,
  );

  integration("says who pays and what she owns when the money does not suffice", async () => {
    await withChain(async (url) => {
      await inPlace(async ({ start }) => {
        const env = { CHANNELS_DEPLOYER_KEY: keyOf("bob") };
        const { exitCode, stderr } = await start(["contracts", "deploy", "--rpc", url], { env })
          .ended;

        expect(exitCode).toBe(3);
        expect(stderr).toContain(`(the paying account ${addressOf("bob")} owns 0 wei)`);
      });
    });
  });

  integration("ends with 3 where nobody answers, and where no chain does", async () => {
    const server = Bun.serve({ port: 0, fetch: () => new Response("hello") });
    await inPlace(async ({ start }) => {
      const env = { CHANNELS_DEPLOYER_KEY: keyOf("alice") };
      const saidAt = async (url: string): Promise<string> => {
        const { exitCode, stderr } = await start(["contracts", "deploy", "--rpc", url], { env })
          .ended;
        return `${exitCode} ${stderr}`;
      };

      expect(await saidAt("http://127.0.0.1:1/secret")).toBe(
        "3 error: no Ethereum endpoint at 127.0.0.1:1: nobody answers; start it, or correct the address\n",
      );
      expect(await saidAt(`http://127.0.0.1:${server.port}`)).toContain("does not speak JSON-RPC");
    });
    await server.stop(true);
  });
});
