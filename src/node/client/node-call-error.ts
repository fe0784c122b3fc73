/** Why a call of a node came to nothing. */

/** Why a call has no result: the node's own code, or `Unreachable` when there was no answer. */
export type NodeCallCode = number | "Unreachable" | "NotANode";

/** A call that failed. */
export class NodeCallError extends Error {
  override readonly name = "NodeCallError";
  /** One of `API_ERRORS`, by its number. */
  readonly code: NodeCallCode;
  /** What the node says besides: of a refusal, its `code`. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    code: NodeCallCode,
    message: string,
    { cause, data = {} }: { cause?: unknown; data?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.data = data;
  }
}

/** The result in an answer. Throws the error in it. */
export function resultIn(answer: unknown): unknown {
  if (typeof answer !== "object" || answer === null) {
    throw new NodeCallError("NotANode", "the answer is no JSON-RPC");
  }
  if ("result" in answer) return answer.result;
  const { code, data, message } = ("error" in answer ? answer.error : {}) as {
    readonly code?: number;
    readonly message?: string;
    readonly data?: Readonly<Record<string, unknown>>;
  };
  if (code === undefined) throw new NodeCallError("NotANode", "the answer is no JSON-RPC");
  throw new NodeCallError(code, message ?? `error ${code}`, data === undefined ? {} : { data });
}
