/** JSON-RPC over a Unix socket: the fastest way to a chain on the same machine. */
import type { Socket } from "bun";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { NodeError } from "../primitives/node-error.ts";
import { resultOfAnswer } from "./ethereum-answer.ts";
import { JsonSplitter } from "./ethereum-ipc-splitter.ts";

/** A connection: `request`, and an end. */
export type EthereumIpc = EthereumRpc & {
  /** Ends the connection. Calls that have no answer yet are rejected. Calling it again does nothing. */
  readonly close: () => void;
};

/** How a connection behaves at its end. */
export type EthereumIpcOptions = {
  /** The error of every call that gets no answer, now or later. `RpcUnreachable` when not given. */
  readonly lostError?: () => NodeError;
};

/** Taken now: a simulation may forbid the global while it runs. */
const { connect } = Bun;

/**
 * Connects to a socket file. Any number of calls may be under way, and each gets its own answer; the
 * server may work on them in any order, so await one before the next where the order matters.
 *
 * Throws `NodeError` with `RpcUnreachable` when nobody listens at `path`.
 */
export async function connectEthereumIpc(
  path: string,
  { lostError = () => unreachableAt(path) }: EthereumIpcOptions = {},
): Promise<EthereumIpc> {
  const calls = new Calls(lostError);
  try {
    await connect({
      unix: path,
      socket: {
        open: (socket) => calls.open(socket),
        data: (_, bytes) => calls.receive(bytes),
        drain: () => calls.flush(),
        close: () => calls.lose(),
        error: () => calls.lose(),
      },
    });
  } catch (cause) {
    throw unreachableAt(path, cause);
  }
  return {
    request: (method, params) => calls.start(method, params),
    close: () => calls.close(),
  };
}

/**
 * A socket file that is connected to when a call is made, and again after the connection was lost. The calls
 * under way at that moment fail: whoever made them decides whether to make them again.
 *
 * Each call may throw `NodeError` with `RpcUnreachable` while nobody listens at `path`.
 */
export function keepEthereumIpc(path: string): EthereumIpc {
  let connection: Promise<EthereumIpc> | undefined;
  const forget = (lost: Promise<EthereumIpc>): void => {
    if (connection === lost) connection = undefined;
  };
  return {
    request: async (method, params) => {
      connection ??= connectEthereumIpc(path);
      const used = connection;
      try {
        return await (await used).request(method, params);
      } catch (error) {
        if (error instanceof NodeError && error.code === "RpcUnreachable") forget(used);
        throw error;
      }
    },
    close: () => {
      connection?.then(
        (ipc) => ipc.close(),
        () => {
          // There never was one.
        },
      );
    },
  };
}

function unreachableAt(path: string, cause?: unknown): NodeError {
  const message = `no Ethereum endpoint answers on the socket ${path}; start it, or correct the path`;
  return new NodeError("RpcUnreachable", message, { data: { path }, cause });
}

type Pending = {
  readonly method: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
};

/** Calls under way on one socket, and bytes that the socket has not taken yet. */
class Calls {
  readonly #lostError: () => NodeError;
  readonly #pending = new Map<number, Pending>();
  readonly #splitter = new JsonSplitter();
  #socket: Socket | undefined;
  #unsent: Uint8Array[] = [];
  #lastId = 0;
  #lost = false;

  constructor(lostError: () => NodeError) {
    this.#lostError = lostError;
  }

  open(socket: Socket): void {
    this.#socket = socket;
  }

  start(method: string, params: readonly unknown[]): Promise<unknown> {
    if (this.#lost) return Promise.reject(this.#lostError());
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#pending.set(id, { method, resolve, reject });
      const text = JSON.stringify({ jsonrpc: "2.0", id, method, params });
      this.#unsent.push(new TextEncoder().encode(text));
      // Bytes that wait for the socket go first; `drain` sends these after them.
      if (this.#unsent.length === 1) this.flush();
    });
  }

  /** Writes until the socket takes no more: a long text goes out in several writes. */
  flush(): void {
    for (let bytes = this.#unsent[0]; bytes !== undefined; bytes = this.#unsent[0]) {
      const sent = Math.max(0, this.#socket?.write(bytes) ?? 0);
      if (sent < bytes.length) {
        this.#unsent[0] = bytes.subarray(sent);
        return;
      }
      this.#unsent.shift();
    }
  }

  receive(bytes: Uint8Array): void {
    for (const text of this.#splitter.push(bytes)) this.#settle(text);
  }

  lose(): void {
    this.#lost = true;
    this.#unsent = [];
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(this.#lostError());
  }

  close(): void {
    this.#socket?.end();
    this.lose();
  }

  #settle(text: string): void {
    const answer = parseAnswer(text);
    const call = this.#pending.get(answer.id);
    if (call === undefined) return;
    this.#pending.delete(answer.id);
    try {
      call.resolve(resultOfAnswer(call.method, answer));
    } catch (refused) {
      call.reject(refused);
    }
  }
}

/** Texts that are no answer to a call, such as notices of a subscription, get an id that no call has. */
function parseAnswer(text: string): { readonly id: number } {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === "object" && answer !== null && "id" in answer) {
      const { id } = answer;
      if (typeof id === "number") return { ...answer, id };
    }
  } catch {
    // Not JSON: whoever waits for an answer learns when the connection ends.
  }
  return { id: 0 };
}
