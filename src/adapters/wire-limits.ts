/** How much a wire takes upon itself, in bytes, connections and time. */
import { assert } from "../primitives/assert.ts";

/** Every bound of a wire. No bound can be switched off. */
export type WireLimits = {
  /** Bytes of the largest frame, sent or taken. */
  readonly frameSizeMax: number;
  /** Bytes that wait for one connection to take them. Beyond that the newest frame is dropped. */
  readonly queuedBytesMax: number;
  /** Bytes that wait for one place to be connected to. Beyond that the newest frame is dropped. */
  readonly waitingBytesMax: number;
  /** Bytes that wait on the whole wire, and so the memory of all its queues. */
  readonly totalQueuedBytesMax: number;
  /** Connections that others have opened. */
  readonly inboundMax: number;
  /** Of those, from one host; of IPv6, from one network of 64 bits, which is what one host commonly has. */
  readonly inboundPerHostMax: number;
  /** Places that are remembered: connected to, being dialed, or backed off from. */
  readonly placesMax: number;
  /** Milliseconds until an attempt to connect has failed. */
  readonly dialTimeoutMs: number;
  /** Milliseconds after which an accepted connection without one whole frame is closed. */
  readonly halfOpenMs: number;
  /** Milliseconds after which a reader that took nothing, or a frame that does not end, closes the connection. */
  readonly stalledMs: number;
  /** What holds for an accepted connection until it is trusted. */
  readonly strangers: StrangerLimits;
};

/** Bounds for those who have not proven who they are. */
export type StrangerLimits = {
  readonly frameSizeMax: number;
  readonly queuedBytesMax: number;
  /** Frames that a connection may bring as long as nobody vouches for it: each one costs time, however small it is. */
  readonly framesMax: number;
  /** Milliseconds until the connection of one who is still a stranger is closed. */
  readonly closedAfterMs: number;
};

const KIB = 1_024;

/** No time at all after which a stranger must go: for wires on which nobody is ever trusted. */
const NEVER_MS = Number.POSITIVE_INFINITY;

/** 128 KiB: the largest message of a peer with all its evidence, twice over. */
const FRAME_SIZE_MAX = 128 * KIB;

/** 4 MiB: what a good line carries in the time that a message takes around the earth. */
const QUEUED_BYTES_MAX = 4 * KIB * KIB;

/**
 * What holds where nothing else is said. Strangers are held to the bounds of everybody, because whoever opens the wire
 * may have no way to tell who is one; give `strangers` where `trust` is called.
 */
export const WIRE_LIMITS: WireLimits = {
  frameSizeMax: FRAME_SIZE_MAX,
  queuedBytesMax: QUEUED_BYTES_MAX,
  waitingBytesMax: 256 * KIB,
  totalQueuedBytesMax: 64 * KIB * KIB,
  inboundMax: 1_024,
  inboundPerHostMax: 64,
  placesMax: 1_024,
  dialTimeoutMs: 10_000,
  halfOpenMs: 10_000,
  stalledMs: 30_000,
  strangers: {
    frameSizeMax: FRAME_SIZE_MAX,
    queuedBytesMax: QUEUED_BYTES_MAX,
    framesMax: Number.POSITIVE_INFINITY,
    closedAfterMs: NEVER_MS,
  },
};

/**
 * For wires below a handshake: its frames are small, few, and over in ten seconds. A thousand strangers who read
 * nothing cost 16 MiB. An honest one sends some ten frames, repetitions included; without a limit one connection could
 * bring a million of four bytes in a second, and nobody else would be heard.
 */
export const HANDSHAKE_STRANGERS: StrangerLimits = {
  frameSizeMax: KIB,
  queuedBytesMax: 16 * KIB,
  framesMax: 64,
  closedAfterMs: 10_000,
};

assert(
  WIRE_LIMITS.waitingBytesMax >= WIRE_LIMITS.frameSizeMax,
  "the largest frame can wait for its place",
);
assert(
  HANDSHAKE_STRANGERS.queuedBytesMax * WIRE_LIMITS.inboundMax < WIRE_LIMITS.totalQueuedBytesMax,
  "strangers alone never fill the queues",
);

/** The default limits with some of them changed. */
export function wireLimits(changed: Partial<WireLimits> = {}): WireLimits {
  return { ...WIRE_LIMITS, ...changed };
}
