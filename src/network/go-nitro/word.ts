/** Something to be said to a node of go-nitro, and for how long. */
import type { Channel } from "../../channel/channel.ts";
import type { ObjectiveId } from "../../channel/objective-id.ts";
import type { SignedState } from "../../channel/signed-state.ts";
import type { GoNitroMessage, GoNitroPayload } from "../../messages/go-nitro/message.ts";
import { UNAWAITED_TIMES_MAX } from "./limits.ts";

/** The content of one line. */
export type Content = Omit<GoNitroMessage, "from" | "to">;

/**
 * What the state of this node gives reason to say. As long as it does, the word is said again and again: nobody
 * acknowledges it, and what the peer does next takes the reason away.
 */
export type Word = {
  /** Names it among all that is said to one peer about one channel. */
  readonly key: string;
  readonly content: Content;
  /** How often it is said at most; Infinity while this node waits for what follows. */
  readonly timesMax: number;
  /** Milliseconds between the first reason to say it and the first time that it is said. */
  readonly delayMs: number;
};

/** A line with nothing in it. */
export const NOTHING_SAID: Content = {
  payloads: [],
  ledgerProposals: [],
  payments: [],
  rejectedObjectives: [],
};

/** A word of payloads, which a Go node takes one behind the other. */
export function payloadWord(
  key: string,
  payloads: readonly GoNitroPayload[],
  isAwaited: boolean,
  delayMs = 0,
): Word {
  const timesMax = isAwaited ? Number.POSITIVE_INFINITY : UNAWAITED_TIMES_MAX;
  return { key, content: { ...NOTHING_SAID, payloads }, timesMax, delayMs };
}

/** A state with every signature that is known: a Go node takes them all, and may have lost another one's line. */
export function statePayload(
  { fixedPart }: Channel,
  objectiveId: ObjectiveId,
  { signatures, variablePart }: SignedState,
): GoNitroPayload {
  return { type: "SignedState", objectiveId, fixedPart, variablePart, signatures };
}
