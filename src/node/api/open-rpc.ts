/** The API described for programs, in the form of OpenRPC 1.3. Source: spec.open-rpc.org. */
import { z } from "zod";
import { API_ERRORS, type ApiErrorName } from "./api-error.ts";
import type { NamedMethod } from "./method.ts";

/** A JSON Schema. */
type Schema = Readonly<Record<string, unknown>>;

/** Errors that every request can meet. */
const ANYWHERE: readonly ApiErrorName[] = ["TooManyRequests", "TooLarge", "InternalError"];

/** The document. */
export function openRpcDocument(
  methods: readonly NamedMethod[],
  version: string,
): Readonly<Record<string, unknown>> {
  return {
    openrpc: "1.3.2",
    info: {
      title: "channels node",
      version,
      description:
        "JSON-RPC 2.0 by POST to /api/v1, or over a WebSocket at /api/v1/subscribe. Methods whose parameter is `payload` are go-nitro's, and take their token as `authtoken` beside it.",
    },
    methods: methods.map(describe),
  };
}

/** Parameters of a method as JSON Schema. */
export function paramsSchema({ params }: NamedMethod): Schema {
  return jsonSchema(params, "input");
}

/** The result of a method as JSON Schema. */
export function resultSchema({ result }: NamedMethod): Schema {
  return jsonSchema(result, "output");
}

/** Everything that a request for this method can be answered with instead of a result. */
export function errorsOf({ errors, form, scope }: NamedMethod): readonly ApiErrorName[] {
  const wrong: ApiErrorName = form === "Payload" ? "ParamsUnmarshal" : "InvalidParams";
  const token: readonly ApiErrorName[] = scope === "none" ? [] : ["InvalidToken", "ScopeMissing"];
  return [...new Set([...errors, wrong, ...token, ...ANYWHERE])];
}

function describe(method: NamedMethod): Schema {
  const { description, example, form, name, scope, summary } = method;
  const schema = paramsSchema(method);
  const params =
    form === "Payload"
      ? [
          { name: "authtoken", schema: { type: "string" } },
          { name: "payload", schema },
        ]
      : paramsOf(schema);
  const given = form === "Payload" ? { payload: example } : (example as object);
  return {
    name,
    summary,
    ...(description === undefined ? {} : { description }),
    "x-scope": scope,
    paramStructure: "by-name",
    params,
    result: { name: "result", schema: resultSchema(method) },
    errors: errorsOf(method).map((error) => {
      const { code, message } = API_ERRORS[error];
      return { code, message };
    }),
    examples: [
      {
        name: "example",
        params: Object.entries(given).map(([key, value]) => ({ name: key, value })),
      },
    ],
  };
}

/** One parameter for each field. */
function paramsOf(schema: Schema): readonly Schema[] {
  const required = (schema["required"] ?? []) as readonly string[];
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  return Object.entries(properties).map(([name, one]) => ({
    name,
    required: required.includes(name),
    schema: one,
  }));
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
