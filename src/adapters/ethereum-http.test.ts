/** Tests of JSON-RPC over HTTP against servers that behave well, badly, and not at all. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import type { NodeError } from "../primitives/node-error.ts";
import { connectEthereumHttp } from "./ethereum-http.ts";

const TIMEOUT_MS = 2_000;

/** Serves one kind of answer while `use` runs, on a port that the system chooses. */
async function answering(
  answer: (request: Request) => Response | Promise<Response>,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer });
  try {
    await use(`http://127.0.0.1:${server.port}/key-that-is-secret`);
  } finally {
    await server.stop(true);
  }
}

function fault(url: string, timeoutMs: number = TIMEOUT_MS): Promise<NodeError> {
  return connectEthereumHttp(url, { timeoutMs })
    .request("eth_chainId", [])
    .then(
      (result) => Promise.reject(new Error(`it answered ${String(result)}`)),
      (error: NodeError) => error,
    );
}

describe("connectEthereumHttp", () => {
  unit("sends a JSON-RPC call and returns its result", async () => {
    const echo = async (request: Request): Promise<Response> => {
      const { id, jsonrpc, method, params } = (await request.json()) as Record<string, unknown>;
      return Response.json({ jsonrpc, id, result: { method, params } });
    };

    await answering(echo, async (url) => {
      const rpc = connectEthereumHttp(url, { timeoutMs: TIMEOUT_MS });
      const result = await rpc.request("eth_getBalance", ["0x01", "latest"]);
      expect(result).toEqual({ method: "eth_getBalance", params: ["0x01", "latest"] });
    });
  });

  unit("passes an error of the endpoint on with its code, message and data", async () => {
    const error = { code: 3, message: "execution reverted: no", data: "0x1234" };

    await answering(
      () => Response.json({ jsonrpc: "2.0", id: 1, error }),
      async (url) => {
        const { code, data, message } = await fault(url);
        expect(code).toBe("RpcRefused");
        expect(data).toEqual({ method: "eth_chainId", ...error });
        expect(message).toBe("eth_chainId was refused: execution reverted: no");
      },
    );
  });

  unit("reads the error in an answer that has the HTTP status of an error", async () => {
    const body = { jsonrpc: "2.0", id: 1, error: { code: -32_600, message: "bad call" } };

    await answering(
      () => Response.json(body, { status: 400 }),
      async (url) => expect((await fault(url)).data["code"]).toBe(-32_600),
    );
  });

  unit("says that nobody answers on a port where nobody listens", async () => {
    let closed = "";
    await answering(
      () => new Response(),
      async (url) => {
        closed = url;
      },
    );

    const { code, message } = await fault(closed);
    expect(code).toBe("RpcUnreachable");
    expect(message).toContain("nobody answers; start it, or correct the address");
  });

  unit("gives up on an endpoint that does not answer in time", async () => {
    const { promise: never, resolve } = Promise.withResolvers<Response>();

    await answering(
      () => never,
      async (url) => {
        const { code, message } = await fault(url, 20);
        expect(code).toBe("RpcUnreachable");
        expect(message).toContain("no answer came in 20 ms");
        resolve(new Response());
      },
    );
  });

  adversarial("calls a server of web pages no Ethereum endpoint", async () => {
    await answering(
      () => new Response("<html>welcome</html>"),
      async (url) => {
        const { code, message } = await fault(url);
        expect(code).toBe("RpcUnreachable");
        expect(message).toContain("does not speak JSON-RPC");
      },
    );
  });

  adversarial("calls JSON that is no answer no Ethereum endpoint", async () => {
    for (const text of ["[]", "7", "null", '"0x1"', "{}"]) {
      await answering(
        () => new Response(text),
        async (url) => expect((await fault(url)).code).toBe("RpcUnreachable"),
      );
    }
  });

  adversarial("tells a refused key from an endpoint that is busy", async () => {
    for (const [status, code] of [
      [401, "RpcRefused"],
      [404, "RpcRefused"],
      [429, "RpcUnreachable"],
      [503, "RpcUnreachable"],
    ] as const) {
      await answering(
        () => new Response("no", { status }),
        async (url) => {
          const found = await fault(url);
          expect(found.code).toBe(code);
          expect(found.message).toContain(`HTTP status ${status}`);
        },
      );
    }
  });

  adversarial("never shows the part of an address that may hold a key", async () => {
    await answering(
      () => new Response("no", { status: 401 }),
      async (url) => {
        const { data, message } = await fault(url);
        expect(`${message} ${JSON.stringify(data)}`).not.toContain("secret");
      },
    );
    expect((await fault("not a url")).message).toContain("an address that is not a URL");
  });
});
