/** The catalogue of marks: every situation that has a name, and what it is. Source: ADR 0031. */
import { CHAIN_MARKS } from "./marks/chain-marks.ts";
import { CHANNEL_MARKS } from "./marks/channel-marks.ts";
import { NODE_MARKS } from "./marks/node-marks.ts";
import { REFUSAL_MARKS } from "./marks/refusal-marks.ts";

/** The name of a mark, as `area/situation`. */
export type MarkName =
  | keyof typeof CHANNEL_MARKS
  | keyof typeof CHAIN_MARKS
  | keyof typeof NODE_MARKS
  | keyof typeof REFUSAL_MARKS;

/** Each mark in a sentence. */
export const MARKS: Readonly<Record<MarkName, string>> = {
  ...CHANNEL_MARKS,
  ...CHAIN_MARKS,
  ...NODE_MARKS,
  ...REFUSAL_MARKS,
};
