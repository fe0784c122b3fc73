/** Tests of JSON-RPC over a Unix socket, against servers that cut and join bytes as they like. */
import { describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { adversarial, concurrency, crash, property, unit } from "../../test/kind.ts";
import { NodeError } from "../primitives/node-error.ts";
import { connectEthereumIpc, keepEthereumIpc } from "./ethereum-ipc.ts";
import { JsonSplitter } from "./ethereum-ipc-splitter.ts";

type Call = { readonly id: number; readonly method: string; readonly params: readonly unknown[] };

/** Serves a socket while `use` runs. `onCall` hears each call and may write to the socket. */
async function serving(
  onCall: (call: Call, socket: Socket) => void,
  use: (path: string) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "channels-test-"));
  const path = join(directory, "ipc");
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const splitter = new JsonSplitter();
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      const chunk = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
      for (const text of splitter.push(chunk)) onCall(JSON.parse(text) as Call, socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    await use(path);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const answer = (id: number, result: unknown): string =>
  JSON.stringify({ jsonrpc: "2.0", id, result });

describe("connectEthereumIpc", () => {
  unit("says that nobody listens where nobody does", async () => {
    const absent = connectEthereumIpc(join(tmpdir(), "channels-nobody-is-here"));

    await expect(absent).rejects.toMatchObject({ code: "RpcUnreachable" });
  });

  unit("passes an error of the endpoint on with its code, message and data", async () => {
    const error = { code: 3, message: "execution reverted", data: "0x" };

    await serving(
      ({ id }, socket) => socket.write(JSON.stringify({ jsonrpc: "2.0", id, error })),
      async (path) => {
        const ipc = await connectEthereumIpc(path);
        await expect(ipc.request("eth_call", [])).rejects.toMatchObject({
          code: "RpcRefused",
          data: { method: "eth_call", ...error },
        });
        ipc.close();
      },
    );
  });

  concurrency("gives each call its own answer when they come back in another order", async () => {
    const calls: Call[] = [];
    const backwards = (call: Call, socket: Socket): void => {
      calls.unshift(call);
      if (calls.length === 20) {
        socket.write(calls.map(({ id, params }) => answer(id, params[0])).join(""));
      }
    };

    await serving(backwards, async (path) => {
      const ipc = await connectEthereumIpc(path);
      const numbers = Array.from({ length: 20 }, (_, number) => number);
      const results = await Promise.all(numbers.map((number) => ipc.request("echo", [number])));
      expect(results).toEqual(numbers);
      ipc.close();
    });
  });

  unit("carries a call and an answer of several megabytes", async () => {
    const long = "ab".repeat(2_000_000);

    await serving(
      ({ id, params }, socket) => socket.write(answer(id, params[0])),
      async (path) => {
        const ipc = await connectEthereumIpc(path);
        const first = ipc.request("echo", [long]);
        const second = ipc.request("echo", ["after it"]);
        expect(await second).toBe("after it");
        expect(await first).toBe(long);
        ipc.close();
      },
    );
  });

  unit("rejects calls under way and later ones once the other side has gone", async () => {
    const lostError = (): NodeError => new NodeError("ChainDied", "gone");

    await serving(
      (_, socket) => socket.destroy(),
      async (path) => {
        const ipc = await connectEthereumIpc(path, { lostError });
        await expect(ipc.request("eth_chainId", [])).rejects.toMatchObject({ code: "ChainDied" });
        await expect(ipc.request("eth_chainId", [])).rejects.toMatchObject({ code: "ChainDied" });
      },
    );
  });

  unit("rejects calls under way when it is closed", async () => {
    await serving(
      () => {},
      async (path) => {
        const ipc = await connectEthereumIpc(path);
        const unanswered = ipc.request("eth_chainId", []);
        ipc.close();
        ipc.close();
        await expect(unanswered).rejects.toMatchObject({ code: "RpcUnreachable" });
      },
    );
  });

  adversarial("ignores texts that answer no call", async () => {
    const noise = ({ id }: Call, socket: Socket): void => {
      socket.write(`{nonsense}[1]{"id":"x"}${answer(999, "not yours")}${answer(id, "yours")}`);
    };

    await serving(noise, async (path) => {
      const ipc = await connectEthereumIpc(path);
      expect(await ipc.request("eth_chainId", [])).toBe("yours");
      ipc.close();
    });
  });
});

describe("keepEthereumIpc", () => {
  crash("connects again after the connection was lost", async () => {
    let calls = 0;
    await serving(
      ({ id }, socket) => {
        calls += 1;
        if (calls === 2) socket.destroy();
        else socket.write(answer(id, calls));
      },
      async (path) => {
        const ipc = keepEthereumIpc(path);
        expect(await ipc.request("eth_chainId", [])).toBe(1);
        await expect(ipc.request("eth_chainId", [])).rejects.toMatchObject({
          code: "RpcUnreachable",
        });
        expect(await ipc.request("eth_chainId", [])).toBe(3);
        ipc.close();
      },
    );
  });

  crash("waits for nobody, and finds who comes later", async () => {
    const directory = mkdtempSync(join(tmpdir(), "channels-test-"));
    const ipc = keepEthereumIpc(join(directory, "ipc"));
    await expect(ipc.request("eth_chainId", [])).rejects.toMatchObject({ code: "RpcUnreachable" });
    const server = createServer((socket) => {
      socket.on("data", () => socket.write(answer(1, "here")));
    });
    await new Promise<void>((resolve) => server.listen(join(directory, "ipc"), resolve));

    expect(await ipc.request("eth_chainId", [])).toBe("here");

    ipc.close();
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });
});

describe("JsonSplitter", () => {
  property("finds the same texts however the bytes are cut", () => {
    const record = fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue(), { maxKeys: 4 });
    const cuts = fc.array(fc.nat(2_000), { maxLength: 20 });

    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 5 }),
        cuts,
        fc.boolean(),
        (values, places, spaced) => {
          const texts = values.map((value) => JSON.stringify(value));
          const bytes = new TextEncoder().encode(texts.join(spaced ? "\n" : ""));
          const splitter = new JsonSplitter();
          const edges = [0, ...places, bytes.length].map((place) => Math.min(place, bytes.length));
          edges.sort((left, right) => left - right);
          const found = edges.flatMap((edge, index) =>
            splitter.push(bytes.subarray(edges[index - 1] ?? 0, edge)),
          );
          expect(found).toEqual(texts);
        },
      ),
    );
  });

  adversarial("drops what stands between texts, closing brackets included", () => {
    const splitter = new JsonSplitter();

    expect(splitter.push(Buffer.from('} ] "x" {"a":"}"} 7 [2]'))).toEqual(['{"a":"}"}', "[2]"]);
  });
});
