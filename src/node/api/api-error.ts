/** What can go wrong with a request, by number and name. The numbers below -32007 are go-nitro's, or JSON-RPC's own. */
import { type Result, reject } from "../../primitives/result.ts";

/** The name of an error. */
export type ApiErrorName =
  | "ParseError"
  | "InvalidRequest"
  | "MethodNotFound"
  | "InvalidParams"
  | "InternalError"
  | "RequestUnmarshal"
  | "ParamsUnmarshal"
  | "InvalidToken"
  | "Refused"
  | "NotFound"
  | "ScopeMissing"
  | "TooManyRequests"
  | "TooLarge"
  | "KeyReused"
  | "WrongTransport"
  | "DatabaseFailed";

/** Each error with its number, its text, and who mends it. */
export const API_ERRORS: Readonly<
  Record<ApiErrorName, { readonly code: number; readonly message: string; readonly help: string }>
> = {
  ParseError: { code: -32_700, message: "Parse error", help: "The body is no JSON." },
  InvalidRequest: {
    code: -32_600,
    message: "Invalid Request",
    help: "No JSON-RPC 2.0 request: jsonrpc, id and method are needed.",
  },
  MethodNotFound: { code: -32_601, message: "Method not found", help: "There is no such method." },
  InvalidParams: {
    code: -32_602,
    message: "Invalid params",
    help: "A parameter is missing, of the wrong type or out of range; `data.problems` says which.",
  },
  InternalError: {
    code: -32_603,
    message: "Internal error",
    help: "This program is at fault; or, of go-nitro's methods, what was asked is refused.",
  },
  RequestUnmarshal: {
    code: -32_010,
    message: "Could not unmarshal request object",
    help: "The JSON is neither an object nor a list.",
  },
  ParamsUnmarshal: {
    code: -32_009,
    message: "Could not unmarshal params object",
    help: "Of go-nitro's methods: `params.payload` has the wrong form.",
  },
  InvalidToken: {
    code: -32_008,
    message: "Invalid auth token",
    help: "The token is missing, forged or expired. Make one with `channels node token`.",
  },
  Refused: {
    code: -32_000,
    message: "Refused",
    help: "The node cannot do it as things are; `data.code` says why. Nothing has changed.",
  },
  NotFound: { code: -32_001, message: "Not found", help: "Nothing here has this id." },
  ScopeMissing: {
    code: -32_002,
    message: "The token does not allow this",
    help: "Make a token with the scope in `data.scope`.",
  },
  TooManyRequests: {
    code: -32_003,
    message: "Too many requests",
    help: "Wait as long as `data.retryAfterMs` says.",
  },
  TooLarge: {
    code: -32_004,
    message: "Too large",
    help: "The body, its nesting, or the batch is above the limit in `data.max`.",
  },
  KeyReused: {
    code: -32_005,
    message: "This idempotency key was used for something else",
    help: "Draw a new key for a new wish.",
  },
  WrongTransport: {
    code: -32_006,
    message: "Not over this connection",
    help: "Subscriptions need a WebSocket.",
  },
  DatabaseFailed: {
    code: -32_007,
    message: "The database of the tables failed",
    help: "Start it, or make room; `data.code` says what it is. The node goes on without it.",
  },
};

/** Why a request is not answered. The caller is at fault, or the moment. */
export type ApiFault = {
  readonly error: ApiErrorName;
  /** Instead of the error's own text. */
  readonly message?: string;
  readonly data?: Readonly<Record<string, unknown>>;
};

/** What a method comes to. */
export type ApiResult<Value> = Result<Value, ApiFault>;

/** An answer that is an error. */
export function fault(
  error: ApiErrorName,
  data?: ApiFault["data"],
  message?: string,
): Result<never, ApiFault> {
  return reject({
    error,
    ...(data === undefined ? {} : { data }),
    ...(message === undefined ? {} : { message }),
  });
}
