/** Samples of the answers that a log keeps for users who ask again. */
import type { Hash } from "../src/crypto/signature.ts";
import type { RequestEvent } from "../src/events/event.ts";
import { repeated, SAMPLE_OBJECTIVE_ID, SAMPLE_SIGNATURE } from "./sample-messages.ts";

const answered = {
  type: "RequestAnswered",
  key: repeated("6b", 32) as Hash,
  wish: repeated("77", 32) as Hash,
} as const;

/** Of a request, and of a payment. */
export const SAMPLE_ANSWERS: readonly RequestEvent[] = [
  { ...answered, objectiveId: SAMPLE_OBJECTIVE_ID, voucher: undefined },
  {
    ...answered,
    objectiveId: undefined,
    voucher: { counter: 3, amounts: [10n ** 18n, 0n], signature: SAMPLE_SIGNATURE },
  },
];
