/** Messages of go-nitro as the lines of JSON that its nodes write and read. */
import type { ObjectiveId } from "../../channel/objective-id.ts";
import { assert, unreachable } from "../../primitives/assert.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import { channelId, signedProposal, signedState, voucher } from "./forms.ts";
import {
  address,
  bytesOfBase64,
  converted,
  type Form,
  list,
  plainText,
  struct,
} from "./json-form.ts";
import { type Json, JsonFailure, readJson, refuse } from "./json-reader.ts";
import type { GoNitroMessage, GoNitroPayload } from "./message.ts";

/**
 * Characters of a line: 1 MiB. go-nitro knows no limit. The largest state that fits one of our own messages
 * needs about 200,000 characters here, and a proposal about 1,000 at most, of which a leader sends its whole queue.
 */
export const GO_NITRO_LINE_LENGTH_MAX: number = 1024 * 1024;

/** Payloads, proposals, payments or rejections of one message. go-nitro sends one, or a ledger's whole queue. */
const ITEMS_MAX = 255;

/** The objective ids of go-nitro have 80 characters. They are letters, hyphens and digits, so none is escaped. */
const objectiveId = plainText<ObjectiveId>(/^[A-Za-z0-9-]{1,128}$/);

/** The payload types of go-nitro. Source: go-nitro, virtualdefund.go and protocols/interfaces.go. */
const PAYLOAD_TYPE = {
  SignedState: "SignedStatePayload",
  RequestFinalState: "RequestFinalStatePayload",
} as const;

/** JSON inside of JSON: Go writes the payload first, and then its bytes as base64. */
const embedded: Form<string> = {
  write: (text) => `"${new TextEncoder().encode(text).toBase64()}"`,
  read: (json, place) => textOf(bytesOfBase64(json, place)),
};

const payload: Form<GoNitroPayload> = converted(
  struct({ PayloadData: embedded, ObjectiveId: objectiveId, Type: plainText(/^[A-Za-z]*$/) }),
  {
    write: (held) => ({
      PayloadData: writtenPayload(held),
      ObjectiveId: held.objectiveId,
      Type: PAYLOAD_TYPE[held.type],
    }),
    read: ({ ObjectiveId: id, PayloadData, Type }, place) =>
      readPayload(id, Type, readJson(PayloadData, `${place}.PayloadData`), place),
  },
);

function writtenPayload(held: GoNitroPayload): string {
  switch (held.type) {
    case "SignedState":
      return signedState.write(held);
    case "RequestFinalState":
      return channelId.write(held.channelId);
    default:
      return unreachable(held);
  }
}

function readPayload(id: ObjectiveId, type: string, json: Json, place: string): GoNitroPayload {
  const inside = `${place}.PayloadData`;
  switch (type) {
    case PAYLOAD_TYPE.SignedState:
      return { type: "SignedState", objectiveId: id, ...signedState.read(json, inside) };
    case PAYLOAD_TYPE.RequestFinalState:
      return {
        type: "RequestFinalState",
        objectiveId: id,
        channelId: channelId.read(json, inside),
      };
    default:
      return refuse(place, "a payload of an unknown type");
  }
}

const message: Form<GoNitroMessage> = converted(
  struct({
    To: address,
    From: address,
    ObjectivePayloads: list(payload, ITEMS_MAX, "null"),
    LedgerProposals: list(signedProposal, ITEMS_MAX, "null"),
    Payments: list(voucher, ITEMS_MAX, "null"),
    RejectedObjectives: list(objectiveId, ITEMS_MAX, "null"),
  }),
  {
    write: (held) => ({
      To: held.to,
      From: held.from,
      ObjectivePayloads: held.payloads,
      LedgerProposals: held.ledgerProposals,
      Payments: held.payments,
      RejectedObjectives: held.rejectedObjectives,
    }),
    read: (written) => ({
      to: written.To,
      from: written.From,
      payloads: written.ObjectivePayloads,
      ledgerProposals: written.LedgerProposals,
      payments: written.Payments,
      rejectedObjectives: written.RejectedObjectives,
    }),
  },
);

/** Writes a message as go-nitro does, to the byte. The newline after it is the transport's. */
export function encodeGoNitro(value: GoNitroMessage): string {
  const line = message.write(value);
  assert(line.length <= GO_NITRO_LINE_LENGTH_MAX, "a message fits its line");
  return line;
}

/**
 * Reads a line, without its newline, of a peer whom nobody has checked. Refuses what go-nitro would not
 * write: the peer is at fault, nothing is stored, and nothing is thrown.
 */
export function decodeGoNitro(
  line: string | Uint8Array,
): Result<GoNitroMessage, { readonly code: "Undecodable"; readonly problem: string }> {
  try {
    if (line.length > GO_NITRO_LINE_LENGTH_MAX) return refuse("message", "a line that is too long");
    const text = typeof line === "string" ? line : textOf(line);
    return accept(message.read(readJson(text, "message"), "message"));
  } catch (error) {
    if (!(error instanceof JsonFailure)) throw error;
    return reject({ code: "Undecodable", problem: error.message });
  }
}

/** One character per byte. Those that are no ASCII are refused by whoever reads the text. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
