/** Messages as bytes on the wire: canonical MessagePack, one value and one encoding. */
import { INTERMEDIARIES_MAX } from "../channel/channel-use.ts";
import { LEDGER_CHANGES_MAX } from "../channel/ledger-proposal.ts";
import * as channel from "../channel/schema.ts";
import type { Result } from "../primitives/result.ts";
import { boolean, decode, encode, type Schema, text, uint, uint256 } from "../primitives/schema.ts";
import { list, optional, record, refine, union } from "../primitives/schema-composite.ts";
import type { Message } from "./message.ts";

/** Characters of a refusal's code. */
const CODE_BYTES_MAX = 64;

/** Signatures that one message forwards: one for each participant of the largest channel. */
const SIGNATURES_MAX = 255;

const { channelId, objectiveId, signature, turnNum, variablePart } = channel;

/** Letters only: what a peer writes here is shown to people and kept in logs. */
const rejectionCode = refine(
  text(CODE_BYTES_MAX),
  (code) => /^[A-Za-z]+$/.test(code),
  "a code of letters",
);

/** Of the participants of a virtual channel: the two who pay each other, and those between them. */
const signatures = list(signature, INTERMEDIARIES_MAX + 2);

/** Rounds and counts, which a program can always add one to. */
const COUNT_MAX: number = 2 ** 48 - 1;
const count = uint(COUNT_MAX);

/** The wire contract. Numbers are for ever; a changed message gets a new one. */
export const messageSchema: Schema<Message> = union("type", {
  Prefund: [
    1,
    record({
      fixedPart: channel.fixedPart,
      outcome: channel.outcome,
      appData: channel.appData,
      signature,
    }),
  ],
  SignedState: [
    2,
    record({
      objectiveId,
      channelId,
      variablePart,
      signature,
      baseSignatures: list(signature, SIGNATURES_MAX),
      moverSignature: optional(signature),
    }),
  ],
  UpdateRequest: [3, record({ objectiveId, channelId, turnNum, change: channel.change })],
  DefundRequest: [4, record({ objectiveId, channelId })],
  ObjectiveRejection: [5, record({ objectiveId, channelId, code: rejectionCode })],
  ResyncRequest: [6, record({ round: count })],
  HeldChannel: [
    7,
    record({
      fixedPart: channel.fixedPart,
      outcome: channel.outcome,
      appData: channel.appData,
      openedBy: channel.participantIndex,
      passedTurnNum: optional(turnNum),
    }),
  ],
  HeldState: [
    8,
    record({
      channelId,
      objectiveId: optional(objectiveId),
      variablePart,
      signatures: list(optional(signature), SIGNATURES_MAX),
      updatesAsked: count,
    }),
  ],
  ResyncAnswer: [9, record({ round: count, isCertain: boolean })],
  ObjectiveQuery: [10, record({ objectiveId, channelId })],
  ObjectiveFate: [11, record({ objectiveId, channelId, code: optional(rejectionCode) })],
  TurnPassed: [12, record({ channelId, turnNum })],
  VirtualPrefund: [
    13,
    record({
      fixedPart: channel.fixedPart,
      outcome: channel.outcome,
      appData: channel.appData,
      fees: channel.fees,
      ledgerId: channelId,
      signatures,
    }),
  ],
  CompletePrefund: [14, record({ objectiveId, channelId, signatures })],
  Voucher: [
    15,
    record({
      channelId,
      counter: channel.voucherCounter,
      amounts: channel.voucherAmounts,
      signature,
      counted: optional(channel.receiptedVoucher),
      postfundSignatures: signatures,
    }),
  ],
  LedgerProposal: [
    16,
    record({
      channelId,
      turnNum,
      baseTurnNum: turnNum,
      changes: channel.ledgerChanges,
      evidence: list(signatures, LEDGER_CHANGES_MAX),
      signature,
    }),
  ],
  LedgerCountersignature: [17, record({ channelId, turnNum, signature })],
  LedgerRefusal: [18, record({ channelId, turnNum, code: rejectionCode })],
  TopUpRequest: [19, record({ objectiveId, channelId, asset: channel.address, amount: uint256 })],
  WithdrawalRequest: [
    20,
    record({
      objectiveId,
      channelId,
      nonce: channel.channelNonce,
      amounts: channel.withdrawnAmounts,
    }),
  ],
  SuccessorSignatures: [
    21,
    record({ objectiveId, channelId, baseTurnNum: turnNum, signatures: list(signature, 2) }),
  ],
  HeldVirtual: [
    22,
    record({
      fixedPart: channel.fixedPart,
      outcome: channel.outcome,
      appData: channel.appData,
      fees: channel.fees,
      ledgerId: optional(channelId),
      code: optional(rejectionCode),
    }),
  ],
  HeldStep: [
    23,
    record({
      channelId,
      turnNum,
      baseTurnNum: turnNum,
      changes: channel.ledgerChanges,
      isRefused: boolean,
    }),
  ],
  HeldVouchers: [24, record({ channelId, ...channel.channelVouchers })],
  HeldSuccessor: [
    25,
    record({
      channelId,
      nonce: channel.channelNonce,
      amounts: channel.withdrawnAmounts,
      openedBy: channel.participantIndex,
      outcome: channel.outcome,
      passedTurnNum: optional(turnNum),
      variablePart: channel.variablePart,
      signature,
    }),
  ],
});

/** Writes a message. */
export function encodeMessage(message: Message): Uint8Array {
  return encode(messageSchema, message);
}

/** Reads a message from a peer's bytes; anything but the one encoding of a message is refused. */
export function decodeMessage(
  bytes: Uint8Array,
): Result<Message, { readonly code: "Undecodable"; readonly problem: string }> {
  return decode(messageSchema, bytes);
}
