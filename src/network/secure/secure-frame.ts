/**
 * What goes over the raw wire. Indexes name a session at the one who reads; each side draws its own.
 *
 *     Initiation    1  sender index 4   ticket 16            Noise message 1, padded to 512 bytes in all
 *     Response      2  sender index 4   receiver index 4   Noise message 2
 *     Confirmation  3                   receiver index 4   Noise message 3
 *     Sealed        4                   receiver index 4   counter 8  kind 1  ciphertext and tag
 *     Unknown       5                   receiver index 4   the index of a session that is not known
 */
import { assert } from "../../primitives/assert.ts";
import { concatBytes } from "../../primitives/bytes.ts";
import { viewOf } from "../../primitives/message-pack-reader.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import { readCounter, sealInto, TAG_BYTES, writeCounter } from "./cipher-state.ts";
import { KEY_BYTES } from "./key-exchange.ts";
import {
  HANDSHAKE_BYTES_MAX,
  INITIATION_BYTES,
  RAW_FRAME_BYTES_MAX,
  SEALED_BYTES,
} from "./secure-limits.ts";

const TYPE = { Initiation: 1, Response: 2, Confirmation: 3, Sealed: 4, Unknown: 5 } as const;

const INDEX_BYTES = 4;

/** Bytes of a ticket, by which one that was here before is told from strangers. Zeros: none. */
export const TICKET_BYTES = 16;

/** Bytes in front of what is sealed. */
export const HEAD_BYTES: number = SEALED_BYTES - TAG_BYTES;

const COUNTER_OFFSET = 1 + INDEX_BYTES;
const KIND_OFFSET = COUNTER_OFFSET + 8;
const INITIATION_HEAD_BYTES = 1 + INDEX_BYTES + TICKET_BYTES;
const UNKNOWN_BYTES = 1 + INDEX_BYTES;

/** Bytes of padding inside message 1. */
export const PADDING_BYTES: number = INITIATION_BYTES - INITIATION_HEAD_BYTES - KEY_BYTES;

/** What a sealed frame carries. The kind is authenticated, and not hidden. */
export type Kind = "Message" | "Ping" | "Pong" | "Accepted" | "Refused" | "Goodbye";

const KINDS: readonly Kind[] = ["Message", "Ping", "Pong", "Accepted", "Refused", "Goodbye"];

/** A frame, taken apart. Nothing of it is proved. */
export type SecureFrame =
  | {
      readonly type: "Initiation";
      readonly senderIndex: number;
      readonly ticket: Uint8Array;
      readonly message: Uint8Array;
    }
  | {
      readonly type: "Response";
      readonly senderIndex: number;
      readonly receiverIndex: number;
      readonly message: Uint8Array;
    }
  | { readonly type: "Confirmation"; readonly receiverIndex: number; readonly message: Uint8Array }
  | SealedFrame
  | { readonly type: "Unknown"; readonly receiverIndex: number };

/** A frame of a session. */
export type SealedFrame = {
  readonly type: "Sealed";
  readonly receiverIndex: number;
  readonly counter: number;
  readonly kind: Kind;
  /** All that stands in front, as it came: it is authenticated. */
  readonly head: Uint8Array;
  readonly sealed: Uint8Array;
};

/** Why bytes are no frame. */
export type SecureFrameRejection = { readonly code: "FrameTooLarge" | "FrameMalformed" };

/** The first frame of a handshake. */
export function initiationFrame(
  index: number,
  ticket: Uint8Array,
  message: Uint8Array,
): Uint8Array {
  assert(ticket.length === TICKET_BYTES, "a ticket has 16 bytes");
  const frame = concatBytes(headOf(TYPE.Initiation, index), ticket, message);
  assert(frame.length === INITIATION_BYTES, "message 1 is padded");
  return frame;
}

/** The second frame of a handshake. */
export function responseFrame(
  senderIndex: number,
  receiverIndex: number,
  message: Uint8Array,
): Uint8Array {
  const frame = concatBytes(headOf(TYPE.Response, senderIndex), indexBytes(receiverIndex), message);
  assert(frame.length <= INITIATION_BYTES, "an answer is not larger than what it answers");
  return frame;
}

/** The third frame of a handshake. */
export function confirmationFrame(receiverIndex: number, message: Uint8Array): Uint8Array {
  const frame = concatBytes(headOf(TYPE.Confirmation, receiverIndex), message);
  assert(frame.length <= HANDSHAKE_BYTES_MAX, "frames of handshakes are small");
  return frame;
}

/** A frame of a session. */
export function sealedFrame(
  receiverIndex: number,
  { counter, key, kind, plain }: Sealable,
): Uint8Array {
  const frame = new Uint8Array(plain.length + SEALED_BYTES);
  const view = viewOf(frame);
  frame[0] = TYPE.Sealed;
  view.setUint32(1, receiverIndex);
  writeCounter(view, COUNTER_OFFSET, counter);
  frame[KIND_OFFSET] = KINDS.indexOf(kind);
  const head = frame.subarray(0, HEAD_BYTES);
  sealInto(frame, HEAD_BYTES, { key, counter, head, plain });
  return frame;
}

/** What is to be sealed. */
export type Sealable = {
  readonly key: Uint8Array;
  readonly counter: number;
  readonly kind: Kind;
  readonly plain: Uint8Array;
};

/** Says that a session is not known here. */
export function unknownFrame(receiverIndex: number): Uint8Array {
  return headOf(TYPE.Unknown, receiverIndex);
}

/** Takes bytes apart that nobody has checked. The parts are views of them. */
export function readSecureFrame(bytes: Uint8Array): Result<SecureFrame, SecureFrameRejection> {
  const type = bytes[0];
  const sizeMax = type === TYPE.Sealed ? RAW_FRAME_BYTES_MAX : HANDSHAKE_BYTES_MAX;
  if (bytes.length > sizeMax) return reject({ code: "FrameTooLarge" });
  const frame = bytes.length < UNKNOWN_BYTES ? undefined : readByType(bytes, viewOf(bytes));
  return frame === undefined ? reject({ code: "FrameMalformed" }) : accept(frame);
}

function readByType(bytes: Uint8Array, view: DataView): SecureFrame | undefined {
  const index = view.getUint32(1);
  switch (bytes[0]) {
    case TYPE.Initiation:
      return bytes.length === INITIATION_BYTES ? readInitiation(index, bytes) : undefined;
    case TYPE.Response:
      return bytes.length > 1 + 2 * INDEX_BYTES ? readResponse(index, bytes, view) : undefined;
    case TYPE.Confirmation:
      return { type: "Confirmation", receiverIndex: index, message: bytes.subarray(UNKNOWN_BYTES) };
    case TYPE.Sealed:
      return bytes.length >= SEALED_BYTES ? readSealed(index, bytes, view) : undefined;
    case TYPE.Unknown:
      return bytes.length === UNKNOWN_BYTES ? { type: "Unknown", receiverIndex: index } : undefined;
    default:
      return undefined;
  }
}

function readInitiation(senderIndex: number, bytes: Uint8Array): SecureFrame {
  const ticket = bytes.subarray(1 + INDEX_BYTES, INITIATION_HEAD_BYTES);
  return {
    type: "Initiation",
    senderIndex,
    ticket,
    message: bytes.subarray(INITIATION_HEAD_BYTES),
  };
}

function readResponse(senderIndex: number, bytes: Uint8Array, view: DataView): SecureFrame {
  const receiverIndex = view.getUint32(1 + INDEX_BYTES);
  const message = bytes.subarray(1 + 2 * INDEX_BYTES);
  return { type: "Response", senderIndex, receiverIndex, message };
}

function readSealed(
  receiverIndex: number,
  bytes: Uint8Array,
  view: DataView,
): SecureFrame | undefined {
  const counter = readCounter(view, COUNTER_OFFSET);
  const kind = KINDS[bytes[KIND_OFFSET] ?? KINDS.length];
  if (counter > Number.MAX_SAFE_INTEGER || kind === undefined) return undefined;
  return {
    type: "Sealed",
    receiverIndex,
    counter,
    kind,
    head: bytes.subarray(0, HEAD_BYTES),
    sealed: bytes.subarray(HEAD_BYTES),
  };
}

function headOf(type: number, index: number): Uint8Array {
  return concatBytes(Uint8Array.of(type), indexBytes(index));
}

function indexBytes(index: number): Uint8Array {
  const bytes = new Uint8Array(INDEX_BYTES);
  viewOf(bytes).setUint32(0, index);
  return bytes;
}
