/** Amounts that no contract could hold: neither the arithmetic of a ledger nor the wire takes them. */
import { describe, expect } from "bun:test";
import { applyProposal } from "../../src/channel/ledger-outcome.ts";
import type { LedgerProposal } from "../../src/channel/ledger-proposal.ts";
import { virtualFundId } from "../../src/channel/objective-id.ts";
import { AMOUNT_MAX, type Outcome } from "../../src/channel/outcome.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { encodeMessage } from "../../src/messages/codec.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { adversarial } from "../kind.ts";
import { SAMPLE_CHANNEL_ID } from "../sample-messages.ts";
import { NO_SIGNATURE } from "./virtual-scene.ts";

const LEDGER_ID = `0x${"1f".repeat(32)}` as typeof SAMPLE_CHANNEL_ID;
const parties = [
  `0x${"00".repeat(12)}${"a1".repeat(20)}`,
  `0x${"00".repeat(12)}${"b0".repeat(20)}`,
];

const outcome: Outcome = [
  {
    asset: ZERO_ADDRESS,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: parties.map((destination) => ({
      destination: destination as Outcome[number]["allocations"][number]["destination"],
      amount: 10n,
      allocationType: 0,
      metadata: "0x",
    })),
  },
];

const [left, right] = assertDefined(outcome[0], "the exit").allocations.map(
  ({ destination }) => destination,
);

const addition: LedgerProposal & { readonly type: "Add" } = {
  type: "Add",
  target: SAMPLE_CHANNEL_ID,
  guarantee: { left: assertDefined(left, "left"), right: assertDefined(right, "right") },
  shares: [{ asset: ZERO_ADDRESS, left: 3n, right: 2n }],
  fee: 1n,
};

const removal = (amount: bigint): LedgerProposal => ({
  type: "Remove",
  target: SAMPLE_CHANNEL_ID,
  shares: [{ asset: ZERO_ADDRESS, left: amount, right: 5n - amount }],
  refund: 0n,
});

const send = (proposal: LedgerProposal): Uint8Array =>
  encodeMessage({
    type: "LedgerProposal",
    channelId: LEDGER_ID,
    turnNum: 2,
    baseTurnNum: 1,
    changes: [{ objectiveId: virtualFundId(SAMPLE_CHANNEL_ID), proposal }],
    evidence: [[]],
    signature: NO_SIGNATURE,
  });

describe("an amount that no contract could hold", () => {
  for (const amount of [-1n, AMOUNT_MAX + 1n]) {
    for (const [what, proposal] of [
      [
        "the left share",
        { ...addition, shares: [{ asset: ZERO_ADDRESS, left: amount, right: 2n }] },
      ],
      [
        "the right share",
        { ...addition, shares: [{ asset: ZERO_ADDRESS, left: 3n, right: amount }] },
      ],
      ["the fee", { ...addition, fee: amount }],
    ] as const) {
      adversarial(
        `is refused as ${what} of a guarantee, and never leaves the node: ${amount}`,
        () => {
          const applied = applyProposal("enforceable", LEDGER_ID, outcome, proposal);
          expect(applied).toEqual({ ok: false, reason: { code: "AmountOutOfRange", amount } });
          expect(() => send(proposal)).toThrow();
        },
      );
    }
  }

  adversarial("is refused as a share that somebody gets back, whatever the sum", () => {
    const added = applyProposal("enforceable", LEDGER_ID, outcome, addition);
    expect(added.ok).toBe(true);
    if (!added.ok) return;
    for (const amount of [-1n, 6n]) {
      const applied = applyProposal("enforceable", LEDGER_ID, added.value, removal(amount));
      expect(applied).toEqual({ ok: false, reason: { code: "AmountOutOfRange", amount: -1n } });
      expect(() => send(removal(amount))).toThrow();
    }
    expect(send(removal(3n)).length).toBeGreaterThan(0);
  });
});
