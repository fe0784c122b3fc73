/** What tells one step of a run from its neighbours. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { entryLine } from "./entry-text.ts";

const LEDGER = `0x${"1e".repeat(32)}`;
const TARGET = `0x${"7a".repeat(32)}`;
const ASSET = `0x${"c0".repeat(20)}`;

const lineOf = (event: object): string =>
  entryLine({
    type: "Event",
    atMs: 1_500,
    node: "alice",
    offset: 7,
    event: JSON.stringify(event),
    record: "0x",
  }).trim();

describe("entryLine", () => {
  const add = { objectiveId: "VirtualFund-0x7a", proposal: { type: "Add", target: TARGET } };
  const merge = { objectiveId: "TopUp-0x1e", proposal: { type: "Merge", asset: ASSET, by: 0 } };

  unit("names the ledger of a proposal, its turn, and what it changes", () => {
    const signed = { type: "ProposalSigned", channelId: LEDGER, turnNum: 5, changes: [add, merge] };

    expect(lineOf(signed)).toBe(
      "1.500 s  event   alice #7: ProposalSigned (ledger 0x1e1e1e1e, turn 5, Add 0x7a7a7a7a, Merge 0xc0c0c0c0)",
    );
  });

  unit("names what was agreed to, and why something is refused", () => {
    const agreed = { type: "ProposalAgreed", channelId: LEDGER, ...add };
    const refused = { type: "ProposalRefused", channelId: LEDGER, turnNum: 5, code: "TimedOut" };

    expect(lineOf(agreed)).toEndWith("ProposalAgreed (ledger 0x1e1e1e1e, Add 0x7a7a7a7a)");
    expect(lineOf(refused)).toEndWith("ProposalRefused (ledger 0x1e1e1e1e, turn 5, TimedOut)");
  });

  unit("counts vouchers, and says what each promises", () => {
    const voucher = { type: "VoucherReceived", channelId: TARGET, counter: 3, amounts: ["9", "1"] };

    expect(lineOf(voucher)).toEndWith("VoucherReceived (number 3, 9 and 1 in all)");
  });

  unit("says no more than the type of an event that has nothing to tell it by", () => {
    expect(lineOf({ type: "ClockHeld", askedMs: 1 })).toEndWith("alice #7: ClockHeld");
  });
});
