/** JSON-RPC over HTTP: chains on other machines. */
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { NodeError } from "../primitives/node-error.ts";
import { refusal, resultOfAnswer } from "./ethereum-answer.ts";

/** How patient a connection is. */
export type EthereumHttpOptions = {
  /** Milliseconds until a call without an answer fails. */
  readonly timeoutMs: number;
};

/**
 * Speaks to the endpoint at `url`. Looks at it only when a call is made.
 *
 * Each call may throw `NodeError`: `RpcUnreachable` when nobody answers in time, or when what answers is
 * no Ethereum endpoint; `RpcRefused` when it answers with an error.
 */
export function connectEthereumHttp(url: string, { timeoutMs }: EthereumHttpOptions): EthereumRpc {
  let lastId = 0;
  return {
    request: async (method, params) => {
      const body = JSON.stringify({ jsonrpc: "2.0", id: ++lastId, method, params });
      const { status, text } = await post(url, body, timeoutMs);
      const answer = parseJson(text);
      const isAnswer = answer !== undefined && ("result" in answer || "error" in answer);
      // Some endpoints give the status of an error together with the answer that explains it.
      if (isAnswer) return resultOfAnswer(method, answer);
      if (status !== 200) throw refusedStatus(url, method, status);
      throw unreachable(url, "what answers there does not speak JSON-RPC; correct the address");
    },
  };
}

async function post(
  url: string,
  body: string,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    const late = cause instanceof Error && cause.name === "TimeoutError";
    const why = late
      ? `no answer came in ${timeoutMs} ms; try again, or allow more time`
      : "nobody answers; start it, or correct the address";
    throw unreachable(url, why, cause);
  }
}

function parseJson(text: string): object | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === "object" && answer !== null ? answer : undefined;
  } catch {
    // Not JSON; the caller says what that means.
    return undefined;
  }
}

/** 429 and 5xx say "not now", the others "not you" or "not here". */
function refusedStatus(url: string, method: string, status: number): NodeError {
  if (status === 429 || status >= 500) {
    return unreachable(url, `it answers with HTTP status ${status}; try again later`);
  }
  const message = `the Ethereum endpoint ${hostOf(url)} answers with HTTP status ${status}; check its address and key`;
  return refusal(method, { code: status, message });
}

function unreachable(url: string, why: string, cause?: unknown): NodeError {
  const endpoint = hostOf(url);
  return new NodeError("RpcUnreachable", `no Ethereum endpoint at ${endpoint}: ${why}`, {
    data: { endpoint },
    cause,
  });
}

/** An endpoint's path and query often hold a key: messages name the host alone. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "an address that is not a URL";
}
