/**
 * Oracle: no signature is on the wire before the log of the one who made it holds it. So whatever was ever
 * sent is among what the logs were asked about, and no key signs behind the back of its log.
 */
import type { Signature } from "../../src/crypto/signature.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { decodeMessage } from "../../src/messages/codec.ts";
import { decodeFrame } from "../../src/network/frame.ts";
import { equalBytes } from "../../src/primitives/bytes.ts";
import { fromHex } from "../../src/primitives/hex.ts";
import type { TraceEntry } from "../trace.ts";

/** When each signature was first in a log: virtual milliseconds since the start. */
export type LoggedSignatures = Map<Signature, number>;

/**
 * Notes the signatures that a log holds with this event. A node's own come into its log first, and a peer's
 * only after they were sent: that is later.
 */
export function noteSignatures(logged: LoggedSignatures, event: NodeEvent, atMs: number): void {
  switch (event.type) {
    case "StateSigned":
    case "StateReceived":
    case "ProposalSigned":
    case "ProposalReceived":
      note(logged, event.signature, atMs);
      return;
    case "VoucherIssued":
    case "VoucherReceived":
      note(logged, event.signature, atMs);
      note(logged, event.counted?.signature, atMs);
      note(logged, event.counted?.receipt, atMs);
      return;
    case "ChannelResynced":
      for (const signature of event.signatures) note(logged, signature, atMs);
      return;
    default:
      return;
  }
}

function note(logged: LoggedSignatures, signature: Signature | undefined, atMs: number): void {
  if (signature !== undefined && !logged.has(signature)) logged.set(signature, atMs);
}

type FrameEntry = TraceEntry & { readonly type: "Frame" };

/**
 * The signatures that nodes sent and that no log held by then, in words. `isNode` tells those whose logs were
 * seen from the endpoints that a test speaks for.
 */
export function unloggedSignatures(
  entries: readonly TraceEntry[],
  logged: LoggedSignatures,
  isNode: (endpoint: string) => boolean,
): string[] {
  const sent = new Map<string, Uint8Array>();
  return entries.flatMap((entry) => {
    if (entry.type !== "Frame" || !isNode(entry.from)) return [];
    return unloggedIn(entry, logged, sent);
  });
}

function unloggedIn(
  { atMs, bytes, from, to }: FrameEntry,
  logged: LoggedSignatures,
  sent: Map<string, Uint8Array>,
): string[] {
  const frame = decodeFrame(fromHex(bytes));
  if (!frame.ok || frame.value.type !== "Data") return [];
  const { payload, sequence } = frame.value;
  const key = `${from}>${to} ${sequence}`;
  const before = sent.get(key);
  // Most frames that come twice say the same twice.
  if (before !== undefined && equalBytes(before, payload)) return [];
  sent.set(key, payload);
  const message = decodeMessage(payload);
  if (!message.ok) return [];
  return signaturesIn(message.value)
    .filter((signature) => (logged.get(signature) ?? Infinity) > atMs)
    .map(
      (signature) =>
        `${from}'s ${message.value.type} to ${to}, message ${sequence}, holds the signature ${signature}, which no log held at ${atMs} ms`,
    );
}

/** Every field of a message with signatures in it says so in its name, but for two. */
const FIELD_OF_SIGNATURES = /signature|receipt|evidence|counted/i;

function signaturesIn(message: object): Signature[] {
  return Object.entries(message).flatMap(([name, value]) =>
    FIELD_OF_SIGNATURES.test(name) ? signaturesOf(value) : [],
  );
}

function signaturesOf(value: unknown): Signature[] {
  if (typeof value === "string") return [value as Signature];
  if (Array.isArray(value)) return value.flatMap(signaturesOf);
  return typeof value === "object" && value !== null ? signaturesIn(value) : [];
}
