/** Every signature in a log that can be checked is checked, against the one who is said to have made it. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import { channelIdOf } from "../channel/channel-id.ts";
import type { ChannelUse } from "../channel/channel-use.ts";
import { externalDestination } from "../channel/destination.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import { applyProposal } from "../channel/ledger-outcome.ts";
import type { LedgerChange } from "../channel/ledger-proposal.ts";
import { virtualFundId } from "../channel/objective-id.ts";
import type { Outcome } from "../channel/outcome.ts";
import { paymentVoucherHash, voucherReceiptHash } from "../channel/payment-voucher.ts";
import { stateHash, type VariablePart } from "../channel/state.ts";
import { voucherHash } from "../channel/voucher.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash, PrivateKey, Signature } from "../crypto/signature.ts";
import { signatureBackend } from "../crypto/signatures.ts";
import type { NodeEvent } from "../events/event.ts";
import { toHex } from "../primitives/hex.ts";
import { createHistory, type History } from "./causal-history.ts";
import { learnEvent } from "./causal-rules.ts";
import { claimsOf, isTrue } from "./signature-claims.ts";

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
const promise = { channelId, counter: 3, amounts: [5n, 7n] };
const onVoucher = (key: PrivateKey): Signature => sign(paymentVoucherHash(promise), key);
const onGoNitroVoucher = (key: PrivateKey): Signature => sign(voucherHash(channelId, 5n), key);

const virtualUse = (profile: "enforceable" | "go-nitro"): ChannelUse => ({
  type: "Virtual",
  profile,
  fees: [],
  left: undefined,
  right: undefined,
});
const LEDGER_USE: ChannelUse = { type: "Ledger", profile: "enforceable" };

/** What a peer showed of both directions, were I the first of the two. */
function vouchersShown(mine: PrivateKey, theirs: PrivateKey): object {
  const receipt = (key: PrivateKey): Signature =>
    sign(voucherReceiptHash(paymentVoucherHash(promise)), key);
  const issued = { ...promise, signature: onVoucher(mine) };
  const received = { ...promise, signature: onVoucher(theirs) };
  const issuedReceipted = { ...issued, receipt: receipt(theirs) };
  const receivedReceipted = { ...received, receipt: receipt(mine) };
  const shown = { issued, received, issuedReceipted, receivedReceipted };
  return { type: "VouchersResynced", channelId, by: 1, ...shown };
}

/** A log that knows the channel. */
function known(use: ChannelUse, outcome: Outcome = []): History {
  const history = createHistory();
  const opening = { channelId, fixedPart, myIndex: 0, outcome, appData: "0x" } as const;
  learnEvent(history, { type: "ChannelCreated", ...opening, use });
  return history;
}

/** What becomes of the signatures of an event, in their order. */
function judged(event: object, use: ChannelUse = virtualUse("enforceable")): readonly boolean[] {
  const history = known(use);
  learnEvent(history, event as NodeEvent);
  return claimsOf(history, 3, event as NodeEvent).map(isTrue);
}

const parties: readonly Outcome[number]["allocations"][number][] = fixedPart.participants.map(
  (participant) => ({
    destination: externalDestination(participant),
    amount: 10n,
    allocationType: 0,
    metadata: "0x",
  }),
);
const ledgerOutcome: Outcome = [
  { asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" }, allocations: parties },
];
const target = `0x${"7a".repeat(32)}` as const as typeof channelId;
const change: LedgerChange = {
  objectiveId: virtualFundId(target),
  proposal: {
    type: "Add",
    target,
    guarantee: {
      left: externalDestination(fixedPart.participants[0] as Address),
      right: externalDestination(PEER),
    },
    shares: [{ asset: ZERO_ADDRESS, left: 6n, right: 4n }],
    fee: 0n,
  },
};

/** The state of turn 2 that adds a guarantee, signed. */
function onProposal(key: PrivateKey): Signature {
  const outcome = applyProposal("enforceable", channelId, ledgerOutcome, change.proposal);
  if (!outcome.ok) throw new Error(outcome.reason.code);
  const state = { outcome: outcome.value, appData: "0x", turnNum: 2, isFinal: false } as const;
  return sign(stateHash(channelId, state), key);
}

/** What becomes of a proposal in a ledger channel that has just begun. */
function judgedProposal(event: object): readonly boolean[] {
  const history = known(LEDGER_USE, ledgerOutcome);
  const postfund = { outcome: ledgerOutcome, appData: "0x", turnNum: 1, isFinal: false } as const;
  const opened = { channelId, objectiveId, variablePart: postfund, signature: onState(MINE) };
  learnEvent(history, { ...opened, type: "StateSigned" } as unknown as NodeEvent);
  const proposal = { channelId, turnNum: 2, baseTurnNum: 1, changes: [change], ...event };
  learnEvent(history, proposal as unknown as NodeEvent);
  return claimsOf(history, 3, proposal as unknown as NodeEvent).map(isTrue);
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
    { ...promise, type: "VoucherReceived", by: 1, signature: forVoucher },
  ];
}

describe("claimsOf", () => {
  unit("claims what states, vouchers and answers to a peer say, and all of it is true", () => {
    const right = events(onState(MINE), onState(THEIRS), onVoucher(THEIRS)).map((event) =>
      judged(event),
    );

    expect(right).toEqual([[true], [true], [true, true], [true, true], [true]]);
    const issued = { ...promise, type: "VoucherIssued", to: 1 };
    expect(judged({ ...issued, signature: onVoucher(MINE) })).toEqual([true]);
  });

  adversarial("finds what somebody else signed, and what was signed about something else", () => {
    const swapped = events(onState(THEIRS), onState(MINE), onVoucher(MINE)).map((event) =>
      judged(event),
    );
    const other = onVoucher(THEIRS);

    expect(swapped.flat()).toEqual(Array(7).fill(false));
    expect(events(other, other, onState(THEIRS)).flatMap((event) => judged(event))).toEqual(
      Array(7).fill(false),
    );
  });

  unit("leaves out a slot that nobody has signed", () => {
    const message = { type: "HeldState", channelId, variablePart, signatures: [undefined, "0x"] };

    expect(judged({ type: "MessageSent", to: PEER, sequence: 1, message })).toEqual([false]);
  });

  unit("claims vouchers by the app of their channel: go-nitro signs an amount alone", () => {
    const received = { ...promise, type: "VoucherReceived", by: 1 };
    const goNitro = { ...received, signature: onGoNitroVoucher(THEIRS) };

    expect(judged(goNitro, virtualUse("go-nitro"))).toEqual([true]);
    expect(judged(goNitro)).toEqual([false]);
    expect(judged({ ...received, signature: onVoucher(THEIRS) }, virtualUse("go-nitro"))).toEqual([
      false,
    ]);
  });

  unit("claims both directions of vouchers that a peer showed, with their receipts", () => {
    expect(judged(vouchersShown(MINE, THEIRS))).toEqual(Array(6).fill(true));
    expect(judged({ ...vouchersShown(MINE, THEIRS), received: undefined }).length).toBe(5);
  });

  adversarial("finds vouchers that a peer showed and the wrong one has signed", () => {
    expect(judged(vouchersShown(THEIRS, MINE))).toEqual(Array(6).fill(false));
  });

  unit("claims of a proposal the state that it leads to", () => {
    const mine = { type: "ProposalSigned", signature: onProposal(MINE) };
    const theirs = { type: "ProposalReceived", by: 1, signature: onProposal(THEIRS) };

    expect(judgedProposal(mine)).toEqual([true]);
    expect(judgedProposal(theirs)).toEqual([true]);
  });

  adversarial("finds a proposal that another signed, or that was signed for other changes", () => {
    const theirs = { type: "ProposalReceived", by: 1, signature: onProposal(THEIRS) };

    expect(judgedProposal({ ...theirs, signature: onProposal(MINE) })).toEqual([false]);
    expect(judgedProposal({ ...theirs, turnNum: 3 })).toEqual([false]);
    expect(judgedProposal({ ...theirs, changes: [] })).toEqual([false]);
  });
});
