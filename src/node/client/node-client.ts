/**
 * A client of a node's API: every method with the types of its parameters and its result, and the events of the log
 * from any offset on, over as many connections as that takes.
 */
import type { EventView, NodeMethods } from "../api/api-types.ts";
import type { GameMethods } from "../api/game-types.ts";
import { parseJson, writeJson } from "../api/json-text.ts";
import type { NitroMethods } from "../api/nitro-types.ts";
import type { ClientOptions, FollowOptions } from "./client-options.ts";
import { followEvents } from "./event-stream.ts";
import { NodeCallError, resultIn } from "./node-call-error.ts";

/** Every method: our own, and go-nitro's. */
export type ClientMethods = NodeMethods & GameMethods & NitroMethods;

/** A connection with a node. */
export type NodeClient = {
  /** Calls a method. Throws `NodeCallError`, also when the node cannot be reached. */
  readonly call: <Name extends keyof ClientMethods>(
    method: Name,
    params: ClientMethods[Name]["params"],
  ) => Promise<ClientMethods[Name]["result"]>;
  /**
   * The events from an offset on, in order, none left out and none twice, as long as somebody reads. A lost
   * connection is made anew. Throws `NodeCallError` where the node refuses.
   */
  readonly events: (options?: FollowOptions) => AsyncGenerator<EventView>;
};

/** Milliseconds of one request. */
const TIMEOUT_MS = 70_000;

/** go-nitro's methods take their parameters as `payload`. */
const PAYLOAD_METHODS: ReadonlySet<string> = new Set([
  "get_auth_token",
  "get_address",
  "version",
  "create_ledger_channel",
  "close_ledger_channel",
  "create_payment_channel",
  "close_payment_channel",
  "pay",
  "create_voucher",
  "receive_voucher",
  "get_payment_channel",
  "get_ledger_channel",
  "get_payment_channels_by_ledger",
  "get_all_ledger_channels",
] satisfies (keyof NitroMethods)[]);

/** A client of the node at this address. Nothing is sent before the first call. */
export function connectNode(options: ClientOptions): NodeClient {
  let count = 0;
  return {
    call: async (method, params) => {
      count += 1;
      const form = PAYLOAD_METHODS.has(method) ? { payload: params } : params;
      const request = { jsonrpc: "2.0", id: count, method, params: form };
      return resultIn(await post(options, writeJson(request))) as never;
    },
    events: (how = {}) => followEvents(options, how),
  };
}

async function post(
  { isOwn = false, timeoutMs = TIMEOUT_MS, token, url }: ClientOptions,
  body: string,
): Promise<unknown> {
  try {
    const response = await fetch(new URL("/api/v1", url), {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      signal: AbortSignal.timeout(timeoutMs),
      ...(isOwn ? { tls: { rejectUnauthorized: false } } : {}),
    });
    const text = await response.text();
    return parsed(text, url);
  } catch (cause) {
    if (cause instanceof NodeCallError) throw cause;
    throw new NodeCallError("Unreachable", `no node answers at ${url}: ${whyNot(cause)}`, {
      cause,
    });
  }
}

/** The runtime asks back whether the computer can reach the URL, which helps nobody. */
function whyNot(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const isRefused = "code" in cause && /ConnectionRefused|ECONNREFUSED/.test(String(cause.code));
  return isRefused ? "the connection was refused" : cause.message;
}

function parsed(text: string, url: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new NodeCallError("NotANode", `${url} answers, but is no node's API`, { cause });
  }
}
