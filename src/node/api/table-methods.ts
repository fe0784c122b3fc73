/** Methods that ask the tables of a channel of messages. They read, and nothing else. */
import { z } from "zod";
import { QUESTION_LIMITS } from "../../derivation/sql/ask-tables.ts";
import { accept } from "../../primitives/result.ts";
import { cellJson } from "../derivation/cell-text.ts";
import type { TablesRejection } from "../derivation/channel-tables.ts";
import { derivationText, questionText, storedText } from "../derivation/derivation-text.ts";
import { type ApiFault, type ApiResult, fault } from "./api-error.ts";
import { count, hash } from "./api-schemas.ts";
import type { NodeMethods, QueryAnswer, QueryParams } from "./api-types.ts";
import { channelIdIn } from "./asking.ts";
import { EXAMPLE } from "./examples.ts";
import type { ApiContext, MethodsOf } from "./method.ts";

/** Characters of a question: more than any that is answered has. */
const QUERY_CHARS_MAX = 16_384;

/** Values that a question may be asked with, and characters of one. */
const PARAMETERS_MAX = 64;
const PARAMETER_CHARS_MAX = 4_096;

const { bytesMax, rowsMax, timeMsMax } = QUESTION_LIMITS;

/** A cell, or a value that a question is asked with. */
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const parameter = z.union([
  z.string().max(PARAMETER_CHARS_MAX),
  z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER),
  z.boolean(),
  z.null(),
]);

/** The methods by name. */
export const tableMethods: MethodsOf<Pick<NodeMethods, "channels_query">> = {
  channels_query: {
    scope: "read",
    summary: "asks in SQL what the messages of a channel come to, now or after the first so many",
    description: `Of channels of a message log. The tables are those that the channel's reducer declares. One \`select\`, \`with\` or \`values\`, of words and functions that every database answers alike; \`$1\` is the first of \`parameters\`. An answer has at most ${rowsMax} rows and ${bytesMax} bytes, and may take ${timeMsMax} ms. Integers of 64 bits and more come as decimal text, bytes as hex. A refusal names its reason in \`data.code\`: \`NoMessageLog\` for a channel of another kind, \`ReducerUnknown\` where the node has not the module, \`LogTooShort\` for a moment that has not come, and others for what the question may not do.`,
    params: z.strictObject({
      channelId: hash,
      query: z.string().min(1).max(QUERY_CHARS_MAX),
      parameters: z.array(parameter).max(PARAMETERS_MAX).optional(),
      at: count.optional(),
    }),
    result: z.strictObject({
      messages: count,
      ofMessages: count,
      columns: z.array(z.string()),
      rows: z.array(z.array(value)),
    }),
    errors: ["Refused", "NotFound", "TooManyRequests", "DatabaseFailed"],
    example: {
      channelId: EXAMPLE.channelId,
      query: "select player, wins from players order by wins desc",
    },
    run: (params, context) => context.asking.enter(() => ask(params, context)),
  },
};

async function ask(
  { at, channelId: named, parameters = [], query: text }: QueryParams,
  { tables }: ApiContext,
): Promise<ApiResult<QueryAnswer>> {
  if (tables === undefined)
    return fault("Refused", { code: "NoTables" }, "Refused: no tables here");
  const channelId = channelIdIn(named);
  const answer = await tables.ask(channelId, { text, parameters }, at);
  if (!answer.ok) return fault(...faultOf(answer.reason, channelId));
  const { rows, ...rest } = answer.value;
  return accept({ ...rest, rows: rows.map((row) => row.map(cellJson)) });
}

type FaultParts = readonly [
  error: ApiFault["error"],
  data: NonNullable<ApiFault["data"]>,
  message?: string,
];

function faultOf(reason: TablesRejection, channelId: string): FaultParts {
  if (reason.code === "ChannelUnknown") return ["NotFound", { channelId }];
  if (reason.code === "DatabaseFailed") {
    const { code, message } = reason.error;
    return ["DatabaseFailed", { code }, message];
  }
  const { code } = reason;
  const data = code === "LogTooShort" ? { code, messages: reason.messages } : { code };
  return ["Refused", data, `Refused: ${textOf(reason)}`];
}

type Refusal = Exclude<TablesRejection, { readonly code: "ChannelUnknown" | "DatabaseFailed" }>;

function textOf(reason: Refusal): string {
  switch (reason.code) {
    case "ReducerUnknown":
      return `this node has not the module of reducer ${reason.reducerId}: put it into the folder "reducers" of its data directory`;
    case "NoMessageLog":
    case "LogNotEmpty":
    case "TooManyParticipants":
    case "AllocationsWrong":
    case "StakesWrong":
    case "ChainBroken":
    case "LogIncomplete":
      return storedText(reason);
    case "ReducerRefused":
    case "TablesRefused":
    case "MessageRefused":
    case "ProjectionMismatch":
      return derivationText(reason);
    case "LogTooShort":
      return "so many messages were not written yet";
    default:
      return `the question: ${questionText(reason)}`;
  }
}
