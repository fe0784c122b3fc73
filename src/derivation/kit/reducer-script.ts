/** A list of messages for trying a reducer, as an author writes it in JSON: what is left out is filled in. */
import { z } from "zod";
import type { ChannelId } from "../../channel/channel-id.ts";
import { type Address, ZERO_ADDRESS } from "../../crypto/address.ts";
import { isHex } from "../../primitives/hex.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import type { ReducerInit, ReducerMessage } from "../sandbox/reducer-input.ts";

/** A beginning and messages. */
export type ReducerScript = {
  readonly init: ReducerInit;
  readonly messages: readonly ReducerMessage[];
};

/** The place in the JSON that does not fit, in words for its author. */
export type ScriptRejection = { readonly code: "ScriptMalformed"; readonly text: string };

const hex = z.string().refine((text) => isHex(text), "bytes are 0x and pairs of small hex digits");
const bytesOf = (text: string): Uint8Array => Uint8Array.fromHex(text.slice(2));
const amount = z.string().regex(/^[0-9]{1,78}$/, "an amount is digits in quotes");

/** What each participant brings in unless the script says otherwise: enough to see where it goes. */
const STAKE = "100";

const CHALLENGE_DURATION_SEC = 86_400;

const scriptSchema = z.strictObject({
  /** How many take part. */
  participants: z.int().min(1).max(16).default(2),
  /** What each brings in, for each asset. */
  stakes: z.array(z.array(amount)).max(16).optional(),
  parameters: hex.default("0x"),
  challengeDurationSec: z.int().min(0).default(CHALLENGE_DURATION_SEC),
  messages: z.array(
    z.strictObject({
      sender: z.int().min(0),
      type: z.string(),
      payload: hex.default("0x"),
      turn: z.int().min(0).optional(),
      timeMs: z.int().min(0).optional(),
    }),
  ),
});

/** A beginning for so many, who bring in 100 each, and no messages. */
export const EMPTY_SCRIPT: ReducerScript = scriptOf(scriptSchema.parse({ messages: [] }));

/** Reads a script. */
export function parseScript(text: string): Result<ReducerScript, ScriptRejection> {
  const parsed = z.string().transform(toJson).pipe(scriptSchema).safeParse(text);
  if (parsed.success) return accept(scriptOf(parsed.data));
  return reject({ code: "ScriptMalformed", text: z.prettifyError(parsed.error) });
}

function toJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: `not JSON: ${error}` });
    return z.NEVER;
  }
}

function scriptOf({
  challengeDurationSec,
  messages,
  parameters,
  participants,
  stakes = [Array.from({ length: participants }, () => STAKE)],
}: z.output<typeof scriptSchema>): ReducerScript {
  return {
    init: {
      channelId: `0x${"c0".repeat(32)}` as ChannelId,
      participants: Array.from({ length: participants }, (_, index) => participantAt(index)),
      assets: stakes.map((amounts) => ({ asset: ZERO_ADDRESS, amounts: amounts.map(BigInt) })),
      challengeDurationSec,
      parameters: bytesOf(parameters),
    },
    messages: messages.map(({ payload, sender, timeMs, turn, type }, index) => ({
      ...{ turn: turn ?? index + 1, sender, type, payload: bytesOf(payload) },
      timeMs: timeMs ?? (index + 1) * 1_000,
    })),
  };
}

/** Addresses that are easy to tell apart. */
function participantAt(index: number): Address {
  return `0x${(index + 1).toString(16).padStart(2, "0").repeat(20)}` as Address;
}
