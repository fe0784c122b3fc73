/** What goes over the wire between two sessions: messages one way, acknowledgements the other. */
import { type LogHead, logHeadSchema } from "../events/record-head.ts";
import { assert } from "../primitives/assert.ts";
import { type Result, reject } from "../primitives/result.ts";
import { decode, encode, rawBytes, type Schema, text, uint } from "../primitives/schema.ts";
import { list, optional, record, refine, union } from "../primitives/schema-composite.ts";
import {
  FRAME_BYTES_MAX,
  PAYLOAD_BYTES_MAX,
  RECEIVE_WINDOW,
  REFUSAL_CODE_LENGTH_MAX,
  SEQUENCE_MAX,
} from "./limits.ts";

/** Carries one message. */
export type DataFrame = {
  readonly type: "Data";
  /** The message's place in the sender's order, from 1. */
  readonly sequence: number;
  /**
   * The lowest sequence that the sender held unacknowledged when it sent this frame. All below is
   * settled, also where the receiver has forgotten it.
   */
  readonly lowest: number;
  readonly payload: Uint8Array;
};

/** A message that was settled by refusing it. */
export type Refusal = { readonly sequence: number; readonly code: string };

/** Tells the sender that all up to `upTo` is settled, and which of it was refused. */
export type AcknowledgedFrame = {
  readonly type: "Acknowledged";
  readonly upTo: number;
  /** Only what the sender may not know yet, so at most a window of it. */
  readonly refused: readonly Refusal[];
  /**
   * Where the log of the one who acknowledges ends, what it acknowledges included; undefined when it does not
   * say. With it the other one can tell later whether that log was cut or rewritten.
   */
  readonly head: LogHead | undefined;
};

/** The first words of a node that has just started: how far the conversation is, as its log has it. */
export type GreetingFrame = {
  readonly type: "Greeting";
  /** Drawn for this greeting, so that an answer to an earlier one is not taken for its own. */
  readonly nonce: number;
  readonly lastSent: number;
  readonly lastReceived: number;
};

/** The answer: how far the conversation is for the other side. */
export type WelcomeFrame = {
  readonly type: "Welcome";
  /** The greeting's. */
  readonly nonce: number;
  readonly lastSent: number;
  /** Everything up to this was settled by the one who greeted. */
  readonly settledUpTo: number;
  readonly lastReceived: number;
  /** The newest head that is known of the log of the one who greeted; undefined when none is. */
  readonly head: LogHead | undefined;
};

/** Any frame. */
export type Frame = DataFrame | AcknowledgedFrame | GreetingFrame | WelcomeFrame;

/** Why bytes are no frame. The peer is at fault; the session drops them and reports the code. */
export type FrameRejection = { readonly code: "FrameTooLarge" } | { readonly code: "Undecodable" };

/** Codes are words of a program. Nothing else of a peer's text reaches logs and screens. */
const REFUSAL_CODE = /^[A-Za-z]{1,64}$/;
assert(REFUSAL_CODE_LENGTH_MAX === 64, "the pattern of codes has their limit");

const sequence = uint(SEQUENCE_MAX);
const code = refine(text(REFUSAL_CODE_LENGTH_MAX), isRefusalCode, "a code that is no word");

const head = optional(logHeadSchema);

/**
 * The numbers of the cases are for ever: nodes of different versions share a wire. 2 and 4 are retired: they
 * were `Acknowledged` and `Welcome` without a head.
 */
const schema: Schema<Frame> = union("type", {
  Data: [1, record({ sequence, lowest: sequence, payload: rawBytes(PAYLOAD_BYTES_MAX) })],
  Acknowledged: [
    5,
    record({ upTo: sequence, refused: list(record({ sequence, code }), RECEIVE_WINDOW), head }),
  ],
  Greeting: [3, record({ nonce: sequence, lastSent: sequence, lastReceived: sequence })],
  Welcome: [
    6,
    record({
      nonce: sequence,
      lastSent: sequence,
      settledUpTo: sequence,
      lastReceived: sequence,
      head,
    }),
  ],
});

/** True for a code that may go over the wire: 1 to 64 letters. */
export function isRefusalCode(value: string): boolean {
  return REFUSAL_CODE.test(value);
}

/** Writes a frame for the wire. */
export function encodeFrame(frame: Frame): Uint8Array {
  return encode(schema, frame);
}

/** Reads bytes of a peer, which nobody has checked. */
export function decodeFrame(bytes: Uint8Array): Result<Frame, FrameRejection> {
  if (bytes.length > FRAME_BYTES_MAX) return reject({ code: "FrameTooLarge" });
  const decoded = decode(schema, bytes);
  return decoded.ok ? decoded : reject({ code: "Undecodable" });
}
