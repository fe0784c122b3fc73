/** `docs/RPC.md`: every method of a node's API, written from the table that the server works by. */
import { API_ERRORS, type ApiErrorName } from "../../src/node/api/api-error.ts";
import type { NamedMethod } from "../../src/node/api/method.ts";
import { METHODS } from "../../src/node/api/method-table.ts";
import { errorsOf, paramsSchema, resultSchema } from "../../src/node/api/open-rpc.ts";

const INTRODUCTION = `# The API of a node

JSON-RPC 2.0 by POST to \`/api/v1\`, at most 1 MiB and 100 requests in a batch, or over a WebSocket at
\`/api/v1/subscribe\`. A token from \`channels node token\` goes into the header \`Authorization: Bearer ...\`, or as
\`authtoken\` beside the parameters. This page is written from the method table by \`bun run documents\`; a running node
serves the same at \`/openrpc.json\`. Why it is so: docs/adr/0036-api.md.

Also served: \`/healthz\` (200 while the node lives), \`/readyz\` (200 while it takes work), \`/metrics\` (to this machine,
elsewhere with a token of the scope \`read\`).

Amounts are decimal text in the asset's smallest unit, ids and addresses hex, times milliseconds since 1970. Scopes,
each with all before it: \`read\`, \`pay\` (spends what channels hold), \`manage\` (opens, closes, disputes).

From TypeScript, with the types of every method, and events that survive a lost connection:

\`\`\`ts
import { connectNode } from "channels/client";

const node = connectNode({ url: "http://127.0.0.1:4005", token });
await node.call("payments_pay", { channelId, amount: "5", idempotencyKey: "invoice 17" });
for await (const { offset, type } of node.events({ from: 0 })) console.log(offset, type);
\`\`\`

From a shell:

\`\`\`sh
curl -s http://127.0.0.1:4005/api/v1 -H "Authorization: Bearer $(channels node token)" -d '{"jsonrpc":"2.0","id":1,"method":"node_info","params":{}}'
\`\`\``;

const GO_NITRO = `## go-nitro's methods

For go-nitro's clients, unchanged: parameters are \`{"authtoken": "...", "payload": {...}}\`, big integers are bare numbers.
Every WebSocket that shows a token hears \`objective_completed\`, \`ledger_channel_updated\` and
\`payment_channel_updated\`; \`?notifications=none\` in the address turns them off.`;

/** The whole document. */
export function rpcDocument(): string {
  const methods = [...METHODS.values()];
  const own = methods.filter(({ form }) => form === "Named");
  const nitro = methods.filter(({ form }) => form === "Payload");
  const parts = [
    INTRODUCTION,
    table(methods),
    "## Methods",
    ...own.map(section),
    GO_NITRO,
    ...nitro.map(section),
    errorTable(),
  ];
  return `${parts.join("\n\n")}\n`;
}

function table(methods: readonly NamedMethod[]): string {
  const rows = methods.map(
    ({ name, scope, summary }) => `| [${name}](#${anchorOf(name)}) | ${scope} | ${summary} |`,
  );
  return ["| method | scope | what it does |", "| --- | --- | --- |", ...rows].join("\n");
}

const anchorOf = (name: string): string => name.toLowerCase().replace(/[^\w-]/g, "");

function section(method: NamedMethod): string {
  const { description, example, form, name, scope, summary } = method;
  const errors = errorsOf(method).map((error) => `${error} (${API_ERRORS[error].code})`);
  const params = form === "Payload" ? { payload: example } : example;
  const request = { jsonrpc: "2.0", id: 1, method: name, params };
  return [
    `### ${name}`,
    `${summary[0]?.toUpperCase()}${summary.slice(1)}. Scope: ${scope}.`,
    ...(description === undefined ? [] : [description]),
    `Parameters: \`${shapeOf(paramsSchema(method))}\``,
    `Result: \`${shapeOf(resultSchema(method))}\``,
    `Errors: ${errors.join(", ")}.`,
    `\`\`\`json\n${JSON.stringify(request)}\n\`\`\``,
  ].join("\n\n");
}

function errorTable(): string {
  const rows = (Object.keys(API_ERRORS) as ApiErrorName[]).map((name) => {
    const { code, help, message } = API_ERRORS[name];
    return `| ${code} | ${name} | ${message} | ${help} |`;
  });
  return [
    "## Errors",
    "",
    "| code | name | message | what to do |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

type Schema = {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly pattern?: string;
};

/** What the patterns of texts are called. */
const PATTERNS: Readonly<Record<string, string>> = {
  "^0x[0-9a-fA-F]{40}$": "address",
  "^0x[0-9a-fA-F]{64}$": "bytes32",
  "^0x[0-9a-fA-F]{130}$": "signature",
  "^(?:0|[1-9]\\d{0,77})$": "amount",
  "^(?:0x)?[0-9a-fA-F]{0,64}$": "bytes32",
  "^0x(?:[0-9a-fA-F]{2}){0,4096}$": "bytes",
};

/** A schema in short, as people write types. */
function shapeOf(schema: unknown): string {
  const { anyOf, const: only, enum: choices, items, pattern, type } = schema as Schema;
  if (only !== undefined) return JSON.stringify(only);
  if (choices !== undefined) return choices.map((one) => JSON.stringify(one)).join(" or ");
  if (anyOf !== undefined) return anyOf.map(shapeOf).join(" or ");
  if (type === "array") return `[${shapeOf(items ?? {})}, ...]`;
  if (type === "object") return objectShape(schema as Schema);
  if (pattern !== undefined) return PATTERNS[pattern] ?? "text";
  if (type === "string") return "text";
  return typeof type === "string" ? type : "anything";
}

function objectShape({ additionalProperties, properties = {}, required = [] }: Schema): string {
  const fields = Object.entries(properties).map(
    ([name, one]) => `${name}${required.includes(name) ? "" : "?"}: ${shapeOf(one)}`,
  );
  const isOpen = typeof additionalProperties === "object" && fields.length === 0;
  if (isOpen) return `{name: ${shapeOf(additionalProperties)}, ...}`;
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}
