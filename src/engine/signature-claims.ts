/** What the events of a log claim that somebody signed. */
import type { ChannelEvent } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { ChannelUse, Profile } from "../channel/channel-use.ts";
import { encodeReceipt } from "../channel/payment-voucher.ts";
import type { ReceiptedVoucher } from "../channel/redemption.ts";
import { encodeState } from "../channel/state.ts";
import { encodePromise, type Voucher, type VoucherEvent } from "../channel/voucher.ts";
import type { Address } from "../crypto/address.ts";
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash, Signature, SignatureBackend } from "../crypto/signature.ts";
import { signatureBackend } from "../crypto/signatures.ts";
import type { NodeEvent } from "../events/event.ts";
import { toHex } from "../primitives/hex.ts";
import type { ChannelHistory, History } from "./causal-history.ts";

/** A signature, and whose it must be. Plain data, so that another thread can take it. */
export type SignatureClaim = {
  /** Of the event that holds it. */
  readonly offset: number;
  /** What was signed, before it is hashed. */
  readonly encoded: Uint8Array;
  readonly signature: Signature;
  /** One of these must have signed. */
  readonly signers: readonly Address[];
};

type Resynced = ChannelEvent & { readonly type: "ChannelResynced" };

/** An event, where it stands, and who the participants of its channel are. */
type Place = {
  readonly offset: number;
  readonly channelId: ChannelId;
  readonly participants: readonly Address[];
};

/**
 * The claims of an event, in a log whose events up to this one made `history`. Signatures in calls and in most
 * messages are not among them: the causal rules see to it that each is one that an event before it holds.
 */
export function claimsOf(
  { channels }: History,
  offset: number,
  event: NodeEvent,
): readonly SignatureClaim[] {
  const channelId = channelOf(event);
  const channel = channelId && channels.get(channelId);
  if (channel === undefined) return [];
  const { created } = channel;
  const { fixedPart, myIndex } = created;
  const { participants } = fixedPart;
  const place = { offset, channelId: created.channelId, participants };
  switch (event.type) {
    case "StateSigned":
      return claimOf(place, encodeState(place.channelId, event.variablePart), event, myIndex);
    case "StateReceived":
      return claimOf(place, encodeState(place.channelId, event.variablePart), event, event.by);
    case "ProposalSigned":
      return proposalClaims(place, channel, event, myIndex);
    case "ProposalReceived":
      return proposalClaims(place, channel, event, event.by);
    case "VoucherIssued":
      return voucherClaims(place, created, event, [myIndex, event.to]);
    case "VoucherReceived":
      return voucherClaims(place, created, event, [event.by, myIndex]);
    case "VouchersResynced":
      return resyncedClaims(place, created, event);
    case "ChannelResynced":
      return slotClaims(place, event);
    case "MessageSent":
      return event.message.type === "HeldState" ? slotClaims(place, event.message) : [];
    case "ChallengeRegistered":
      return [event.candidate, ...event.proof].flatMap(({ signatures, variablePart }) => {
        const encoded = encodeState(place.channelId, variablePart);
        return signatures.map((signature) => ({
          offset,
          encoded,
          signature,
          signers: participants,
        }));
      });
    default:
      return [];
  }
}

function channelOf(event: NodeEvent): ChannelId | undefined {
  if ("channelId" in event) return event.channelId;
  return event.type === "MessageSent" && event.message.type === "HeldState"
    ? event.message.channelId
    : undefined;
}

function claimOf(
  { offset, participants }: Place,
  encoded: Uint8Array,
  { signature }: { readonly signature: Signature },
  by: number,
): readonly SignatureClaim[] {
  return [{ offset, encoded, signature, signers: participants.slice(by, by + 1) }];
}

/** One for each participant whose slot is filled. */
function slotClaims(
  place: Place,
  { signatures, variablePart }: Pick<Resynced, "signatures" | "variablePart">,
): readonly SignatureClaim[] {
  const encoded = encodeState(place.channelId, variablePart);
  return signatures.flatMap((signature, by) =>
    signature === undefined ? [] : claimOf(place, encoded, { signature }, by),
  );
}

/** On the state that the proposal leads to; none where it leads nowhere, which the causal rules tell. */
function proposalClaims(
  place: Place,
  { states }: ChannelHistory,
  event: { readonly turnNum: number; readonly signature: Signature },
  by: number,
): readonly SignatureClaim[] {
  const proposed = states.get(event.turnNum);
  return proposed === undefined ? [] : claimOf(place, proposed.encoded, event, by);
}

/** On the voucher, by who pays; and on the one that it counts, by who is paid, with the payer's receipt. */
function voucherClaims(
  place: Place,
  { channelId, use }: ChannelHistory["created"],
  voucher: Voucher & Partial<Pick<VoucherEvent, "counted">>,
  [payer, payee]: readonly [number, number],
): readonly SignatureClaim[] {
  const claims = claimOf(place, encodePromise(profileOf(use), channelId, voucher), voucher, payer);
  const { counted } = voucher;
  if (counted === undefined) return claims;
  return [...claims, ...receiptedClaims(place, { channelId, use }, counted, [payee, payer])];
}

/** What a peer showed of both directions: the newest vouchers, and the newest that the other end has counted. */
function resyncedClaims(
  place: Place,
  created: ChannelHistory["created"],
  event: ChannelEvent & { readonly type: "VouchersResynced" },
): readonly SignatureClaim[] {
  const { by, issued, issuedReceipted, received, receivedReceipted } = event;
  const { myIndex } = created;
  const mine = [myIndex, by] as const;
  const theirs = [by, myIndex] as const;
  return [
    ...(issued === undefined ? [] : voucherClaims(place, created, issued, mine)),
    ...(received === undefined ? [] : voucherClaims(place, created, received, theirs)),
    ...(issuedReceipted === undefined
      ? []
      : receiptedClaims(place, created, issuedReceipted, mine)),
    ...(receivedReceipted === undefined
      ? []
      : receiptedClaims(place, created, receivedReceipted, theirs)),
  ];
}

/** On a voucher by who pays, and on its receipt by who is paid. */
function receiptedClaims(
  place: Place,
  { channelId, use }: Pick<ChannelHistory["created"], "channelId" | "use">,
  voucher: ReceiptedVoucher,
  [payer, payee]: readonly [number, number],
): readonly SignatureClaim[] {
  const encoded = encodePromise(profileOf(use), channelId, voucher);
  const receipt = encodeReceipt(toHex(keccak256(encoded)) as Hash);
  return [
    ...claimOf(place, encoded, voucher, payer),
    ...claimOf(place, receipt, { signature: voucher.receipt }, payee),
  ];
}

function profileOf(use: ChannelUse): Profile {
  return use.type === "Virtual" ? use.profile : "enforceable";
}

/** True when the claim is so. */
export function isTrue(claim: SignatureClaim): boolean {
  return isTrueTo(signatureBackend, claim);
}

/** True when the claim is so for who recovers signers like this. */
export function isTrueTo(
  { recoverSigner }: Pick<SignatureBackend, "recoverSigner">,
  { encoded, signature, signers }: SignatureClaim,
): boolean {
  const signer = recoverSigner(toHex(keccak256(encoded)) as Hash, signature);
  return signer !== undefined && signers.includes(signer);
}
