/** What the events of a log claim that somebody signed. */
import { encodeState } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash, Signature } from "../crypto/signature.ts";
import { signatureBackend } from "../crypto/signatures.ts";
import type { History } from "../engine/causal-history.ts";
import type { NodeEvent } from "../events/event.ts";
import { toHex } from "../primitives/hex.ts";

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

/**
 * The claims of an event, in a log whose events so far made `history`. Signatures in messages and calls
 * are not among them: the causal rules see to it that each is one that an event before it holds.
 */
export function claimsOf(
  { channels }: History,
  offset: number,
  event: NodeEvent,
): readonly SignatureClaim[] {
  if (!("channelId" in event)) return [];
  const created = channels.get(event.channelId)?.created;
  if (created === undefined) return [];
  const { fixedPart, myIndex } = created;
  const { participants } = fixedPart;
  const { channelId } = event;
  switch (event.type) {
    case "StateSigned":
    case "StateReceived": {
      const by = event.type === "StateSigned" ? myIndex : event.by;
      const encoded = encodeState(channelId, event.variablePart);
      const signers = participants.slice(by, by + 1);
      return [{ offset, encoded, signature: event.signature, signers }];
    }
    case "ChannelResynced": {
      const encoded = encodeState(channelId, event.variablePart);
      return event.signatures.flatMap((signature, by) =>
        signature === undefined
          ? []
          : [{ offset, encoded, signature, signers: participants.slice(by, by + 1) }],
      );
    }
    case "ChallengeRegistered":
      return [event.candidate, ...event.proof].flatMap(({ signatures, variablePart }) => {
        const encoded = encodeState(channelId, variablePart);
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

/** True for signatures that no function of this program can check yet: on vouchers and on proposals. */
export function isBeyondCheck({ type }: NodeEvent): boolean {
  return (
    type === "VoucherIssued" ||
    type === "VoucherReceived" ||
    type === "ProposalSigned" ||
    type === "ProposalReceived"
  );
}

/** True when the claim is so. */
export function isTrue({ encoded, signature, signers }: SignatureClaim): boolean {
  const hash = toHex(keccak256(encoded)) as Hash;
  const signer = signatureBackend.recoverSigner(hash, signature);
  return signer !== undefined && signers.includes(signer);
}
