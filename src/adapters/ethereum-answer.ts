/** What a JSON-RPC answer means: a result, or a refusal. Shared by all adapters of an Ethereum chain. */
import { NodeError } from "../primitives/node-error.ts";

/** The error part of an answer. `data` holds what a reverted call returned, as hex, when it returned any. */
export type RpcFault = {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
};

/** Takes the result out of an answer. Throws `NodeError` with `RpcRefused` when it is an error. */
export function resultOfAnswer(method: string, answer: unknown): unknown {
  if (!isRecord(answer)) throw refusal(method, noAnswer("it is not a JSON object"));
  if (isRecord(answer["error"])) throw refusal(method, faultOf(answer["error"]));
  if (!("result" in answer)) throw refusal(method, noAnswer("it has neither result nor error"));
  return answer["result"];
}

/** The refusal of one call, with the fault's parts in `NodeError.data`. */
export function refusal(method: string, { code, message, data }: RpcFault): NodeError {
  return new NodeError("RpcRefused", `${method} was refused: ${message}`, {
    data: { method, code, message, ...(data === undefined ? {} : { data }) },
  });
}

function faultOf(error: Record<string, unknown>): RpcFault {
  const { code, message, data } = error;
  return {
    code: typeof code === "number" ? code : 0,
    message: typeof message === "string" ? message : "no reason given",
    data,
  };
}

/** An answer that no JSON-RPC server gives; -32700 is the protocol's own code for what cannot be read. */
function noAnswer(why: string): RpcFault {
  return { code: -32_700, message: `the answer cannot be read: ${why}` };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
