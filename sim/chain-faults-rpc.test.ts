/** Tests of what endpoints do to the answers that nodes get. */
import { describe, expect } from "bun:test";
import { withTimeout } from "../src/chain/rpc-patience.ts";
import type { Hex } from "../src/primitives/hex.ts";
import { NodeError } from "../src/primitives/node-error.ts";
import { chainOfFile } from "../test/chain-of-file.ts";
import { adversarial, integration, unit } from "../test/kind.ts";
import { notesOf, onRawChain, type RawChain } from "../test/raw-chain.ts";
import type { ChainSetup, RpcConditions } from "./chain-conditions.ts";
import { isInjected } from "./chain-faults-rpc.ts";
import { addressOf } from "./simulated-chain.ts";
import type { World } from "./world.ts";

const evm = chainOfFile("evm");

type Log = { readonly blockNumber: Hex; readonly blockHash: Hex; readonly logIndex: Hex };

type Block = { readonly number: Hex; readonly hash: Hex; readonly parentHash: Hex };

/** Plays a story in which Alice's endpoints are as said. All others are calm. */
function withEndpoints(
  rpcs: readonly Partial<RpcConditions>[],
  story: (raw: RawChain) => Promise<void>,
  others: ChainSetup = {},
): Promise<World> {
  return onRawChain({ chain: evm(), conditions: { ...others, rpcs: { alice: rpcs } } }, story);
}

function logsOf({ ask, world }: RawChain, endpoint = 0, range = {}): Promise<readonly Log[]> {
  const { adjudicator: address } = world.options.chain.deployment;
  const filter = { address, fromBlock: "0x0", toBlock: "latest", ...range };
  return ask("alice", "eth_getLogs", [filter], endpoint) as Promise<readonly Log[]>;
}

async function newest({ ask }: RawChain, endpoint = 0): Promise<Block> {
  return (await ask("alice", "eth_getBlockByNumber", ["latest", false], endpoint)) as Block;
}

async function numbers(raw: RawChain): Promise<readonly number[]> {
  const [seen, real] = [await newest(raw), await raw.ask("bob", "eth_blockNumber")];
  return [Number(seen.number), Number(real)];
}

/** Puts deposits into the next block. */
async function depositAll({ blocks, deposit, send }: RawChain, count: number): Promise<void> {
  const nonces = Array.from({ length: count }, (_, nonce) => nonce);
  for (const nonce of nonces) await send("irene", nonce, deposit(nonce, 0n));
  await blocks(1);
}

describe("isInjected", () => {
  unit(
    "is true for an endpoint that is too slow in virtual time, and for no real one",
    async () => {
      const clock = {
        nowMs: () => 0,
        after: (_: number, run: () => void) => {
          run();
          return () => undefined;
        },
      };
      const slow = withTimeout({ request: () => new Promise(() => undefined) }, clock, 1);
      const late = await slow.request("eth_blockNumber", []).catch((error: unknown) => error);
      const away = new NodeError("RpcUnreachable", "nobody is there", { data: { path: "/tmp/x" } });

      expect([late, away].map(isInjected)).toEqual([true, false]);
    },
  );
});

describe("an endpoint", () => {
  integration("can be out of reach for a while", async () => {
    const world = await withEndpoints([{}], async ({ ask, chain }) => {
      chain.pauseRpc("alice", 30);
      await expect(ask("alice", "eth_blockNumber")).rejects.toMatchObject({
        code: "RpcUnreachable",
      });
      await expect(ask("bob", "eth_blockNumber")).resolves.toBeString();
      await chain.mineUntil(chain.newestSec() + 36);
      await expect(ask("alice", "eth_blockNumber")).resolves.toBeString();
    });

    expect(notesOf(world)).toEqual(["the endpoint is out of reach for 30 s"]);
  });

  integration("answers some questions by an error", async () => {
    let failed = 0;
    const world = await withEndpoints([{ errorFraction: 0.5 }], async ({ ask }) => {
      for (let count = 0; count < 40; count++) {
        await ask("alice", "eth_chainId").catch((error) => {
          expect(error).toMatchObject({ code: "RpcRefused", data: { code: -32_603 } });
          failed += 1;
        });
      }
    });

    expect(failed).toBeWithin(10, 30);
    expect(notesOf(world)).toHaveLength(failed);
  });

  integration("loses the answer to a transaction that arrives", async () => {
    const world = await withEndpoints([{ lostAnswerFraction: 1 }], async (raw) => {
      const sending = raw.send("alice", 0);
      await expect(sending).rejects.toMatchObject({ code: "RpcUnreachable" });
      await raw.blocks(1);

      const params = [addressOf("alice"), "latest"];
      expect(await raw.ask("bob", "eth_getTransactionCount", params)).toBe("0x1");
    });

    expect(notesOf(world)).toEqual(["a transaction arrives, and its answer is lost"]);
  });

  integration("answers as slowly as it is told", async () => {
    const slow = await withEndpoints([{ latencyMs: [2_500, 2_500] }], async ({ ask, world }) => {
      const before = world.virtualMs;
      await ask("alice", "eth_chainId");

      expect(world.virtualMs - before).toBe(2_500);
    });

    expect(notesOf(slow)).toEqual(["the endpoint takes up to 2500 ms"]);
  });

  integration("sees the chain some blocks behind, whatever it is asked", async () => {
    await withEndpoints([{ staleBlocks: 2 }], async (raw) => {
      const { ask, blocks, send } = raw;
      const hash = await send("irene", 0);
      await depositAll({ ...raw, send: (who, nonce, call) => send(who, nonce + 1, call) }, 1);
      const [seen = 0, real = 0] = await numbers(raw);
      const ahead = `0x${real.toString(16)}`;
      const { hash: headHash } = (await ask("bob", "eth_getBlockByNumber", [
        ahead,
        false,
      ])) as Block;

      expect(seen).toBe(real - 2);
      expect(await ask("alice", "eth_blockNumber")).toBe(`0x${seen.toString(16)}`);
      expect(await ask("alice", "eth_getBlockByNumber", [ahead, false])).toBeNull();
      expect(await ask("alice", "eth_getBlockByHash", [headHash, false])).toBeNull();
      expect(await ask("alice", "eth_getTransactionReceipt", [hash])).toBeNull();
      expect(await ask("alice", "eth_getTransactionByHash", [hash])).toMatchObject({
        hash,
        blockHash: null,
      });
      expect(await ask("alice", "eth_getTransactionCount", [addressOf("irene"), "latest"])).toBe(
        "0x0",
      );
      expect(await ask("alice", "eth_getTransactionCount", [addressOf("irene"), "pending"])).toBe(
        "0x2",
      );
      await expect(ask("alice", "eth_getBalance", [addressOf("irene"), ahead])).rejects.toThrow(
        "header not found",
      );
      expect(await logsOf(raw)).toEqual([]);
      expect(await logsOf(raw, 0, { fromBlock: ahead, toBlock: ahead })).toEqual([]);
      await blocks(2);
      expect(await ask("alice", "eth_getTransactionReceipt", [hash])).not.toBeNull();
      expect(await logsOf(raw)).toHaveLength(1);
    });
  });

  integration("sees no new block for a while, then all at once", async () => {
    await withEndpoints([{ frozen: [{ fromSec: 30, forSec: 40 }] }], async (raw) => {
      const { blocks, world } = raw;
      await world.pause(30_000);
      const [first = 0] = await numbers(raw);
      await blocks(3);
      expect(await numbers(raw)).toEqual([first, first + 3]);
      await blocks(2);

      expect(await numbers(raw)).toEqual([first + 5, first + 5]);
    });
  });

  integration("is behind for as long as a script says", async () => {
    await withEndpoints([{}], async (raw) => {
      const { blocks, chain } = raw;
      await blocks(4);
      chain.troubleRpc("alice", 24, { staleBlocks: 3 });
      const [seen = 0, real = 0] = await numbers(raw);
      expect(seen).toBe(real - 3);
      await blocks(3);

      expect(await numbers(raw)).toEqual([real + 3, real + 3]);
    });
  });

  integration("of several can be the only one in trouble", async () => {
    const world = await withEndpoints([{}, {}], async (raw) => {
      raw.chain.troubleRpc("alice", 24, { lies: "Hashes" }, 1);
      await raw.blocks(1);
      const [truth, lie] = [await newest(raw), await newest(raw, 1)];
      await raw.blocks(2);

      expect(lie.hash).not.toBe(truth.hash);
      expect(await newest(raw, 1)).toEqual(await newest(raw));
      expect(raw.world.faults.assumptions).toEqual([]);
      raw.chain.troubleRpc("alice", 24, { lies: "Hashes" });
    });

    expect(world.faults.assumptions).toEqual(["no endpoint of alice tells the truth"]);
  });

  integration("does not stand between a script and the truth", async () => {
    await withEndpoints([{ errorFraction: 1, latencyMs: [9_000, 9_000] }], async ({ world }) => {
      const truth = world.door.truthOf("alice");
      const before = world.virtualMs;

      expect(await truth.request("eth_chainId", [])).toBe("0x7a69");
      expect(world.virtualMs - before).toBeWithin(1, 11);
    });
  });
});

describe("logs", () => {
  adversarial("are told twice", async () => {
    const world = await withEndpoints([{ duplicateLogFraction: 1 }], async (raw) => {
      await depositAll(raw, 2);
      const [first, , third, ...others] = await logsOf(raw);

      expect(others).toEqual([]);
      expect(third).toEqual(first as Log);
    });

    expect(notesOf(world)).toEqual(["the endpoint tells a log twice"]);
  });

  adversarial("are told in a wrong order", async () => {
    await withEndpoints([{ reorderedLogFraction: 1 }], async (raw) => {
      await depositAll(raw, 3);
      const told = (await logsOf(raw)).map(({ logIndex }) => Number(logIndex));

      expect(told).toEqual([2, 1, 0]);
    });
  });

  adversarial("come late, each by its own number of blocks", async () => {
    const late = { lateLogFraction: 1, lateLogBlocks: [1, 3] } as const;
    await withEndpoints([late], async (raw) => {
      await depositAll(raw, 8);
      const counts: number[] = [];
      for (let block = 0; block < 4; block++) {
        counts.push((await logsOf(raw)).length);
        await raw.blocks(1);
      }

      expect(counts[0]).toBe(0);
      expect(counts[1]).toBeWithin(1, 8);
      expect(counts[3]).toBe(8);
    });
  });

  adversarial("are missing for ever, the same ones in each answer", async () => {
    const missing = { missingLogFraction: 0.5 };
    const world = await withEndpoints([missing, {}], async (raw) => {
      await depositAll(raw, 8);
      const told = await logsOf(raw);
      await raw.blocks(1);

      expect(told.length).toBeWithin(1, 8);
      expect(await logsOf(raw)).toEqual([...told]);
      expect(await logsOf(raw, 1)).toHaveLength(8);
    });

    expect(world.faults.assumptions).toEqual([]);
  });

  adversarial("are kept back by an endpoint that lies", async () => {
    const world = await withEndpoints([{}, { lies: "Logs" }], async (raw) => {
      await depositAll(raw, 1);

      expect(await logsOf(raw)).toHaveLength(1);
      expect(await logsOf(raw, 1)).toEqual([]);
    });

    expect(notesOf(world)).toEqual(["endpoint 2 keeps logs to itself"]);
  });

  adversarial("are told by an endpoint that lies no more", async () => {
    await withEndpoints([{}, { lies: "Logs" }], async (raw) => {
      await depositAll(raw, 1);
      raw.world.faults.endLies();

      expect(await logsOf(raw, 1)).toHaveLength(1);
    });
  });
});

describe("an endpoint that lies about hashes", () => {
  adversarial("is no part of the chain, and agrees with itself", async () => {
    await withEndpoints([{}, { lies: "Hashes" }], async (raw) => {
      await depositAll(raw, 1);
      const [truth, lie] = [await newest(raw), await newest(raw, 1)];
      const [log] = await logsOf(raw, 1);
      const byHash = await logsOf(raw, 1, {});
      const again = await raw.ask("alice", "eth_getBlockByHash", [lie.hash, false], 1);
      await raw.blocks(1);
      const { parentHash } = await newest(raw, 1);

      expect(lie.number).toBe(truth.number);
      expect(lie.hash).not.toBe(truth.hash);
      expect(again).toEqual(lie);
      expect(log?.blockHash).toBe(lie.hash);
      expect(byHash).toHaveLength(1);
      expect(parentHash).toBe(lie.hash);
      expect(await raw.ask("alice", "eth_getBlockByHash", [lie.hash, false])).toBeNull();
    });
  });

  adversarial("is no endpoint to rely on alone", async () => {
    const lying = await withEndpoints([{ lies: "Hashes" }], async () => {});

    expect(lying.faults.assumptions).toEqual(["no endpoint of alice tells the truth"]);
  });
});
