/** Answers JSON-RPC 2.0: from the text of a request, or of a batch, to the text of the answer. */
import { z } from "zod";
import { NodeError } from "../../primitives/node-error.ts";
import { accept } from "../../primitives/result.ts";
import { checkToken, isAllowed, type TokenClaims } from "./access-token.ts";
import { API_ERRORS, type ApiFault, type ApiResult, fault } from "./api-error.ts";
import { JSON_DEPTH_MAX, jsonDepth, parseJson, writeJson } from "./json-text.ts";
import type { ApiContext, Caller, NamedMethod } from "./method.ts";
import { METHODS } from "./method-table.ts";
import type { RateLimit } from "./rate-limit.ts";

/** Requests in one batch. */
export const BATCH_MAX = 100;

/** What answering needs besides the request. */
export type DispatchParts = {
  readonly context: ApiContext;
  readonly secret: Uint8Array;
  readonly nowMs: () => number;
  readonly rates: RateLimit;
  /** Hears of each answer: the method, or `unknown`, and the name of the error, if it is one. */
  readonly onAnswer: (method: string, error: string | undefined) => void;
  /** Hears of a fault of this program, which the caller is told of without its text. */
  readonly onBug: (error: unknown) => void;
};

/** An id as it came, to be given back: a number of any size, a text, or null where there is none to be read. */
type RequestId = number | bigint | string | null;

const idSchema = z.union([
  z.number().int().nonnegative(),
  z.bigint().nonnegative(),
  z.string().max(256),
]);

const requestSchema = z.object({
  jsonrpc: z.literal("2.0"),
  id: idSchema,
  method: z.string().max(128),
  params: z.unknown().optional(),
});

type Request = z.infer<typeof requestSchema>;

/** Answers any text. Never throws: whatever comes is answered with a result or with a code. */
export async function answerText(
  parts: DispatchParts,
  text: string,
  caller: Caller,
): Promise<string> {
  const read = readRequest(text);
  if (!read.ok) return writeJson(errorAnswer(parts, "unknown", null, read.reason));
  if (!Array.isArray(read.value)) return writeJson(await answerOne(parts, read.value, caller));
  const answers: unknown[] = [];
  // One behind the other: payments of one batch are made in its order.
  for (const one of read.value) answers.push(await answerOne(parts, one, caller));
  return writeJson(answers);
}

function readRequest(text: string): ApiResult<unknown> {
  if (jsonDepth(text) > JSON_DEPTH_MAX) {
    return fault("TooLarge", { what: "nesting", max: JSON_DEPTH_MAX });
  }
  const parsed = parsedOrNothing(text);
  if (parsed === undefined) return fault("ParseError");
  if (typeof parsed !== "object" || parsed === null) return fault("RequestUnmarshal");
  if (!Array.isArray(parsed)) return accept(parsed);
  if (parsed.length === 0) return fault("InvalidRequest");
  return parsed.length > BATCH_MAX
    ? fault("TooLarge", { what: "batch", max: BATCH_MAX })
    : accept(parsed);
}

function parsedOrNothing(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    // The caller is told that it is no JSON; where it breaks off is of no use to anybody.
    return undefined;
  }
}

async function answerOne(parts: DispatchParts, value: unknown, caller: Caller): Promise<unknown> {
  const request = requestSchema.safeParse(value);
  if (!request.success) {
    return errorAnswer(parts, "unknown", idOf(value), { error: "InvalidRequest" });
  }
  const { id, method: name } = request.data;
  const method = METHODS.get(name);
  if (method === undefined) return errorAnswer(parts, "unknown", id, { error: "MethodNotFound" });
  const answer = await answerMethod(parts, method, request.data, caller);
  if (!answer.ok) return errorAnswer(parts, name, id, answer.reason);
  parts.onAnswer(name, undefined);
  return { jsonrpc: "2.0", id, result: answer.value };
}

/** The id of what is otherwise no request, so that its sender finds the answer. */
function idOf(value: unknown): RequestId {
  const id = z.object({ id: idSchema }).safeParse(value);
  return id.success ? id.data.id : null;
}

async function answerMethod(
  parts: DispatchParts,
  method: NamedMethod,
  { params }: Request,
  caller: Caller,
): Promise<ApiResult<unknown>> {
  const given = paramsIn(method, params);
  const claims = claimsOf(parts, given.token, caller);
  const allowed = checkAllowed(parts, method, claims);
  if (!allowed.ok) return allowed;
  const known = claims.ok ? claims.value : undefined;
  try {
    const checked = method.params.safeParse(given.params);
    if (!checked.success) return wrongParams(method, checked.error);
    return await method.run(checked.data as never, parts.context, { ...caller, claims: known });
  } catch (error) {
    // A failed disk, or a bug: the operator must know, and the caller learns nothing of the inside.
    parts.onBug(error);
    return fault("InternalError", error instanceof NodeError ? { code: error.code } : undefined);
  }
}

/** The token and the parameters apart. A token beside the parameters is go-nitro's way; all methods take it. */
function paramsIn(
  { form }: NamedMethod,
  params: unknown,
): { readonly token: string | undefined; readonly params: unknown } {
  if (typeof params !== "object" || params === null || Array.isArray(params)) {
    return { token: undefined, params: params === undefined ? {} : params };
  }
  const { authtoken, ...rest } = params as { readonly authtoken?: unknown };
  const token = typeof authtoken === "string" && authtoken !== "" ? authtoken : undefined;
  if (form === "Named") return { token, params: rest };
  const { payload } = rest as { readonly payload?: unknown };
  return { token, params: payload ?? {} };
}

function claimsOf(
  { nowMs, secret }: DispatchParts,
  token: string | undefined,
  { claims }: Caller,
): ApiResult<TokenClaims> {
  if (token === undefined) return claims === undefined ? fault("InvalidToken") : accept(claims);
  const checked = checkToken(secret, token, nowMs());
  return checked.ok ? checked : fault("InvalidToken", { code: checked.reason.code });
}

/** The name under which those without a token are counted, all together. */
const NOBODY = "";

function checkAllowed(
  { nowMs, rates }: DispatchParts,
  { scope }: NamedMethod,
  claims: ApiResult<TokenClaims>,
): ApiResult<undefined> {
  const retryAfterMs = rates.take(claims.ok ? claims.value.name : NOBODY, 1, nowMs());
  if (retryAfterMs > 0) return fault("TooManyRequests", { retryAfterMs });
  if (scope === "none") return accept(undefined);
  if (!claims.ok) return claims;
  return isAllowed(claims.value.scopes, scope)
    ? accept(undefined)
    : fault("ScopeMissing", { scope });
}

/** Problems that one answer names. */
const PROBLEMS_MAX = 8;

function wrongParams({ form }: NamedMethod, { issues }: z.ZodError): ApiResult<never> {
  const problems = issues
    .slice(0, PROBLEMS_MAX)
    .map(
      ({ message, path }) =>
        `${path.map(String).join(".").slice(0, 200)}: ${message.slice(0, 200)}`,
    );
  return fault(form === "Payload" ? "ParamsUnmarshal" : "InvalidParams", { problems });
}

function errorAnswer(
  { onAnswer }: DispatchParts,
  method: string,
  id: RequestId,
  reason: ApiFault,
): unknown {
  onAnswer(method, reason.error);
  return { jsonrpc: "2.0", id, error: errorObject(reason) };
}

/** The error as JSON-RPC has it. */
export function errorObject({ data, error, message }: ApiFault): Readonly<Record<string, unknown>> {
  const { code, message: usual } = API_ERRORS[error];
  return { code, message: message ?? usual, ...(data === undefined ? {} : { data }) };
}
