/** The limits of the secure transport. Each one bounds what others can make this node keep, send or compute. */
import { assert } from "../../primitives/assert.ts";
import { FRAME_BYTES_MAX } from "../limits.ts";

/** Versions of this protocol that this program speaks. */
export const SECURE_VERSIONS: readonly number[] = [1];

/** Largest frame of a handshake: 1 KiB. All that a stranger may send at once. */
export const HANDSHAKE_BYTES_MAX = 1_024;

/**
 * Size of the first frame of a handshake: 512 bytes, most of it padding. No answer to a stranger is larger, so
 * nobody can use this node to send more than he sends himself.
 */
export const INITIATION_BYTES = 512;

/** What sealing adds to a frame: type, index, counter, kind and tag, 30 bytes. */
export const SEALED_BYTES = 30;

/** Largest frame on the raw wire: what adapters must carry. */
export const RAW_FRAME_BYTES_MAX: number = FRAME_BYTES_MAX + SEALED_BYTES;

/** Handshakes of strangers that are under way at once. The oldest gives way. */
export const HALF_OPEN_MAX = 64;

/** The same for those who are known: who show a ticket, or are where a peer is. A pool of their own. */
export const HALF_OPEN_KNOWN_MAX = 64;

/** Handshakes under way from one endpoint: one that was given up, one that replaces it, and two to spare. */
export const HALF_OPEN_PER_ENDPOINT_MAX = 4;

/** Longest time of a handshake: 10 seconds, which is four repetitions. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Time until the first repetition of a handshake frame: half a second. Doubles. */
export const HANDSHAKE_REPEAT_MS = 500;

/** Time between two attempts to reach a peer: half a second, doubling up to a minute, less up to a half of chance. */
export const REDIAL_MS: { readonly min: number; readonly max: number } = { min: 500, max: 60_000 };

/** Failures that a refusal counts for: 16 seconds. What it is about will not change at once. */
export const REFUSAL_FAILURES = 5;

/** Time between pings: 15 seconds. */
export const PING_MS = 15_000;

/** Pings in a row without a sign of life after which a peer is lost: 45 seconds. */
export const SILENT_PINGS_MAX = 3;

/** Frames after which keys change: 2^20. Far from where AES-GCM wears out, 2^32 blocks. */
export const REKEY_FRAMES: number = 2 ** 20;

/** Frames after which a session sends no more, should the change of keys fail all the time. */
export const SESSION_FRAMES_MAX: number = 2 ** 22;

/** Pings after which keys change: an hour. */
export const REKEY_PINGS = 240;

/** How much later the one who answered changes the keys, should the other one not do it: 5 minutes. */
export const REKEY_PINGS_GRACE = 20;

/** Pings for which a replaced session can still be read: 30 seconds at least, longer than a frame is under way. */
export const FADING_PINGS = 2;

/** Replaced sessions of one peer that can still be read. */
export const FADING_MAX = 3;

/** Two sessions that begin within this time from both sides are of two who dialed each other at once. */
export const SIMULTANEOUS_MS = 10_000;

/** Time between two handshakes because of hints that a session is unknown: anybody may forge those. */
export const HINT_MS = 5_000;

/** Hints that this node gives: 10 in a second. */
export const HINT_RATE: BucketSize = { perSecond: 10, burst: 20 };

/** Handshakes that one endpoint may begin: one in a second, five at once. */
export const ENDPOINT_RATE: BucketSize = { perSecond: 1, burst: 5 };

/** Handshakes of all strangers together: 50 in a second, some 2 % of a processor. */
export const STRANGERS_RATE: BucketSize = { perSecond: 50, burst: 100 };

/** The same for those who are known, who take nothing from strangers: a ticket may be stolen. */
export const KNOWN_RATE: BucketSize = STRANGERS_RATE;

/** Forged frames that are tried in one handshake: each costs some 100 us, and an honest one has none. */
export const FORGED_MAX = 8;

/**
 * Frames that prove nothing, from one endpoint: of handshakes, of unknown sessions, forged, repeated, or of no form. An
 * honest one sends some ten, and a thousand at most to a session that has just ended.
 */
export const UNPROVEN_RATE: BucketSize = { perSecond: 64, burst: 1_024 };

/** Endpoints whose rate is remembered. The one that was quiet longest is forgotten. */
export const ENDPOINTS_MAX = 1_024;

/** Bytes that one handshake, session or record of a peer costs, rather more than less: 2 KiB. */
export const KEPT_BYTES_EACH = 2_048;

/** Bytes that a peer may send: 16 MiB in a second. */
export const PEER_BYTES_RATE: BucketSize = { perSecond: 2 ** 24, burst: 2 ** 25 };

/** Messages that a peer may send: 10,000 in a second, above what an engine can answer. */
export const PEER_MESSAGES_RATE: BucketSize = { perSecond: 10_000, burst: 20_000 };

/** Peers that are connected at once. */
export const PEERS_MAX = 1_024;

/** Peers whose rate, faults and bans are remembered. */
export const PEER_RECORDS_MAX = 4_096;

/** Faults after which a peer is dropped; one is forgotten in each `FAULT_FORGOTTEN_MS`. */
export const FAULTS_MAX = 10;

/** Time after which one fault is forgotten: 10 seconds. */
export const FAULT_FORGOTTEN_MS = 10_000;

/** The first ban: a minute. Each one doubles it, up to a day. */
export const BAN_MS: { readonly min: number; readonly max: number } = {
  min: 60_000,
  max: 86_400_000,
};

/** How fast a bucket fills, and how much it holds. */
export type BucketSize = { readonly perSecond: number; readonly burst: number };

assert(INITIATION_BYTES <= HANDSHAKE_BYTES_MAX, "the first frame is one of a handshake");
assert(REKEY_FRAMES < SESSION_FRAMES_MAX, "keys change before the session ends");
assert(PEER_BYTES_RATE.burst > RAW_FRAME_BYTES_MAX, "any one frame fits into the bucket");
