/** The limits of a session. Each one bounds what a peer can make this node keep or send. */
import { assert } from "../primitives/assert.ts";

/**
 * Largest payload: 65,536 bytes. A state with 100 guarantees needs about 26,000, and one signature for
 * each of 255 participants 17,000. Both nodes must hold the same value, so it belongs to the wire.
 */
export const PAYLOAD_BYTES_MAX = 65_536;

/** Largest frame: a payload and what wraps it, or a full list of refusals (64 of about 90 bytes). */
export const FRAME_BYTES_MAX: number = PAYLOAD_BYTES_MAX + 1_024;

/** Highest sequence number. A million messages in each second would reach it after nine years. */
export const SEQUENCE_MAX: number = 2 ** 48 - 1;

/**
 * Highest sequence that a peer may claim to have heard of this node: half of all. A node that lost its log
 * goes on behind such a claim, so one that reaches the end would leave it no numbers.
 */
export const SEQUENCE_CLAIM_MAX: number = 2 ** 47;

/** Sequences that may be under way to one peer. Less than what the peer takes, or frames are wasted. */
export const SEND_WINDOW = 32;

/** Sequences above the last settled one that are taken from a peer, delivered or waiting for others. */
export const RECEIVE_WINDOW = 64;

/**
 * Bytes that may wait for an earlier frame, per peer: 1 MiB, which is 16 of the largest payloads or a
 * whole window of usual ones. What does not fit comes again.
 */
export const EARLY_BYTES_MAX: number = 1_048_576;

/** Longest code of a refusal, in characters. Codes are words of this program, such as `WrongTurn`. */
export const REFUSAL_CODE_LENGTH_MAX = 64;

/** Time until the first repetition: 1 second, above the round trip and the write to disk of any peer. */
export const RESEND_AFTER_MS = 1_000;

/** Longest time between repetitions: 30 seconds. A peer that comes back is not kept waiting longer. */
export const RESEND_AFTER_MS_MAX = 30_000;

assert(SEND_WINDOW <= RECEIVE_WINDOW, "an honest sender stays inside the window of the receiver");
assert(EARLY_BYTES_MAX >= PAYLOAD_BYTES_MAX, "any one frame may wait for another");
assert(RESEND_AFTER_MS <= RESEND_AFTER_MS_MAX, "waiting starts short");
