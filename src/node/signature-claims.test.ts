/** Every signature in a log that can be checked is checked, against the one who is said to have made it. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import { channelIdOf } from "../channel/channel-id.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import { stateHash, type VariablePart } from "../channel/state.ts";
import { voucherHash } from "../channel/voucher.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash, PrivateKey, Signature } from "../crypto/signature.ts";
import { signatureBackend } from "../crypto/signatures.ts";
import { createHistory, type History } from "../engine/causal-history.ts";
import { learnEvent } from "../engine/causal-rules.ts";
import type { NodeEvent } from "../events/event.ts";
import { toHex } from "../primitives/hex.ts";
import { claimsOf, isBeyondCheck, isTrue } from "./signature-claims.ts";

const MINE = toHex(keccak256(Uint8Array.of(1))) as PrivateKey;
const THEIRS = toHex(keccak256(Uint8Array.of(2))) as PrivateKey;
const PEER: Address = signatureBackend.addressOf(THEIRS);

const fixedPart: FixedPart = {
  participants: [signatureBackend.addressOf(MINE), PEER],
  channelNonce: 7n,
  appDefinition: ZERO_ADDRESS,
  challengeDurationSec: 60,
};
const channelId = channelIdOf(fixedPart);
const variablePart: VariablePart = { outcome: [], appData: "0x", turnNum: 0, isFinal: false };
const objectiveId = `DirectFunding-${channelId}` as const;

const sign = (hash: Hash, key: PrivateKey): Signature => signatureBackend.signHash(hash, key);
const onState = (key: PrivateKey): Signature => sign(stateHash(channelId, variablePart), key);
const onVoucher = (key: PrivateKey): Signature => sign(voucherHash(channelId, 5n), key);

/** A log that knows the channel. */
function known(): History {
  const history = createHistory();
  learnEvent(history, {
    type: "ChannelCreated",
    channelId,
    fixedPart,
    myIndex: 0,
    outcome: [],
    appData: "0x",
    use: { type: "Direct" },
  });
  return history;
}

/** What becomes of the signatures of an event, in their order. */
function judged(event: object): readonly boolean[] {
  return claimsOf(known(), 3, event as NodeEvent).map(isTrue);
}

/** Each kind of event with the signatures that it should hold. */
function events(mine: Signature, theirs: Signature, forVoucher: Signature): readonly object[] {
  const shown = { channelId, objectiveId, variablePart, signatures: [mine, theirs] };
  const state = { channelId, objectiveId, variablePart };
  const message = { ...shown, type: "HeldState", updatesAsked: 0 };
  return [
    { ...state, type: "StateSigned", signature: mine },
    { ...state, type: "StateReceived", by: 1, signature: theirs },
    { ...shown, type: "ChannelResynced" },
    { type: "MessageSent", to: PEER, sequence: 1, message },
    { type: "VoucherReceived", channelId, by: 1, amount: 5n, signature: forVoucher },
  ];
}

describe("claimsOf", () => {
  unit("claims what states, vouchers and answers to a peer say, and all of it is true", () => {
    const right = events(onState(MINE), onState(THEIRS), onVoucher(THEIRS)).map(judged);

    expect(right).toEqual([[true], [true], [true, true], [true, true], [true]]);
    const issued = { type: "VoucherIssued", channelId, to: 1, amount: 5n };
    expect(judged({ ...issued, signature: onVoucher(MINE) })).toEqual([true]);
  });

  adversarial("finds what somebody else signed, and what was signed about something else", () => {
    const swapped = events(onState(THEIRS), onState(MINE), onVoucher(MINE)).map(judged);
    const other = onVoucher(THEIRS);

    expect(swapped.flat()).toEqual(Array(7).fill(false));
    expect(events(other, other, onState(THEIRS)).flatMap(judged)).toEqual(Array(7).fill(false));
  });

  unit("leaves out a slot that nobody has signed", () => {
    const message = { type: "HeldState", channelId, variablePart, signatures: [undefined, "0x"] };

    expect(judged({ type: "MessageSent", to: PEER, sequence: 1, message })).toEqual([false]);
  });

  unit("claims nothing of a proposal, which is counted as beyond check", () => {
    const proposal = { type: "ProposalReceived", channelId, by: 1, signature: onState(THEIRS) };

    expect(judged(proposal)).toEqual([]);
    expect(isBeyondCheck(proposal as unknown as NodeEvent)).toBeTrue();
  });
});
