/** What a person reads of outcomes and of changes of ledger channels. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { PlantedLog } from "../../test/planted-log.ts";
import { playVirtual } from "../../test/played-channels.ts";
import { sampleEvents } from "../../test/sample-events.ts";
import {
  allSampleMessages,
  SAMPLE_ADDRESS,
  SAMPLE_SIGNATURE,
  sampleMessages,
} from "../../test/sample-messages.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { ChannelUse } from "../channel/channel-use.ts";
import type { LedgerProposal } from "../channel/ledger-proposal.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { NodeEvent } from "../events/event.ts";
import { describeEvent } from "./event-text.ts";
import { describeAmounts, describeOutcome, describeProposal, describeUse } from "./money-text.ts";

const hub = new PlantedLog(playVirtual([0]).node(1).log);
const [first, second, target] = [0, 1, 2].map(
  (count) => hub.get("ChannelCreated", count).channelId,
) as [ChannelId, ChannelId, ChannelId];
const cut = (id: string): string => id.slice(0, 10);

const OTHER = `0x${"ab".repeat(20)}` as Address;

describe("describeEvent", () => {
  unit("names the ledger, the turn, and what the state changes in it", () => {
    const signed = hub.get("ProposalSigned", 0, { channelId: second });

    expect(describeEvent(signed, "Short")).toBe(
      `ledger ${cut(second)}, turn 2, guarantees 6 + 4 of 0x00000000 for ${cut(target)}, signature ${cut(signed.signature)}, built on turn 1`,
    );
  });

  unit("names the fee that comes with a guarantee, and the objective that wants it", () => {
    const agreed = hub.get("ProposalAgreed", 0, { channelId: first });

    expect(describeEvent(agreed, "Short")).toBe(
      `ledger ${cut(first)}, VirtualFund-${cut(target)}, guarantees 6 + 4 of 0x00000000 for ${cut(target)}, fee 1`,
    );
  });

  unit("tells what is set aside", () => {
    expect(describeEvent(hub.get("CapacityReserved", 0), "Short")).toBe(
      `ledger ${cut(first)}, VirtualFund-${cut(target)}, 4 of 0x00000000`,
    );
  });

  unit("counts signatures on a terminal, and shows them whole in a pipe", () => {
    const sent = hub.events.find(
      (event) => event.type === "MessageSent" && event.message.type === "LedgerProposal",
    );
    if (sent?.type !== "MessageSent") throw new Error("a proposal is sent");

    expect(describeEvent(sent, "Short")).toContain(", 3 signatures, ");
    expect(describeEvent(sent, "Whole")).toContain(", signatures 0x");
    expect(describeEvent(sent, "Whole")).toContain(`(VirtualFund-${target})`);
  });

  unit("leaves nothing that any event holds without a word for it", () => {
    const [held] = sampleMessages.HeldState;
    if (held === undefined) throw new Error("there is a sample");
    const halfSigned = { ...held, signatures: [undefined, SAMPLE_SIGNATURE] };
    const every: readonly NodeEvent[] = [
      ...Object.values(sampleEvents).flat(),
      ...[...allSampleMessages, halfSigned].map((message): NodeEvent => {
        return { type: "MessageSent", to: SAMPLE_ADDRESS, sequence: 1, message };
      }),
    ];
    for (const length of ["Short", "Whole"] as const) {
      const lines = every.map((event) => describeEvent(event, length));
      expect(lines.filter((line) => /undefined|\[object/.test(line))).toEqual([]);
    }
  });

  unit("tells what each side takes out of a ledger, and what the chain was read to hold", () => {
    const taken = { asset: ZERO_ADDRESS, leader: 3n, follower: 4n };
    expect(describeAmounts([taken], "Short")).toBe("3 + 4 of 0x00000000");
    const read = { asset: ZERO_ADDRESS, holdings: 9n };
    expect(describeAmounts([read], "Short")).toBe("9 of 0x00000000");
  });

  unit("tells first what a voucher promises, and to whom", () => {
    const voucher = {
      type: "VoucherIssued",
      channelId: target,
      to: 2,
      counter: 3,
      amounts: [5n],
      signature: "0x0123456789abcdef",
      counted: undefined,
    } as unknown as NodeEvent;

    expect(describeEvent(voucher, "Short")).toBe(
      `channel ${cut(target)}, 5 in all, to participant 2, counter 3, signature 0x01234567`,
    );
  });
});

describe("describeOutcome", () => {
  unit("keeps guarantees apart from what the participants hold", () => {
    const { outcome } = hub.get("ChannelCreated", 0);
    const [exit] = outcome;
    if (exit === undefined) throw new Error("a ledger holds an asset");
    const guarantee = { destination: target, amount: 10n, allocationType: 2, metadata: "0x" };
    const allocations = [guarantee, ...exit.allocations] as typeof exit.allocations;

    expect(describeOutcome(outcome, "Short")).toBe("pays 50 + 50 of 0x00000000");
    expect(describeOutcome([{ ...exit, allocations }], "Short")).toBe(
      `pays 50 + 50 of 0x00000000 beside 10 for ${cut(target)}`,
    );
    expect(describeOutcome([], "Short")).toBe("pays nothing");
  });
});

describe("describeProposal", () => {
  const shares = [
    { asset: ZERO_ADDRESS, left: 6n, right: 4n },
    { asset: OTHER, left: 1n, right: 0n },
  ];
  const cases: readonly (readonly [LedgerProposal, string])[] = [
    [
      { type: "Remove", target, shares, refund: 2n },
      `frees 6 + 4 of 0x00000000 and 1 + 0 of 0xabababab from ${cut(target)}, fee back 2`,
    ],
    [
      { type: "TopUp", by: 1, asset: OTHER, amount: 5n },
      "tops up 5 of 0xabababab for participant 1",
    ],
    [{ type: "Merge", by: 0, asset: OTHER }, "merges the top-up of 0xabababab for participant 0"],
  ];
  for (const [proposal, text] of cases) {
    unit(`tells what a ${proposal.type} does`, () => {
      expect(describeProposal(proposal, "Short")).toBe(text);
    });
  }
});

describe("describeUse", () => {
  const virtual = { type: "Virtual", profile: "enforceable", left: first, right: second } as const;
  const cases: readonly (readonly [ChannelUse, string])[] = [
    [{ type: "Direct" }, "pays directly"],
    [{ type: "Ledger", profile: "go-nitro" }, "go-nitro ledger"],
    [
      { ...virtual, fees: [1n, 2n] },
      `enforceable virtual channel over ${cut(first)} and ${cut(second)}, fees 3`,
    ],
    [
      { ...virtual, fees: [0n], left: undefined },
      `enforceable virtual channel over ${cut(second)}`,
    ],
  ];
  for (const [use, text] of cases) {
    unit(`says ${text.replace(/0x\w+/g, "a ledger")}`, () => {
      expect(describeUse(use, "Short")).toBe(text);
    });
  }
});

describe("describeAmounts", () => {
  unit("tells what a voucher promises, asset by asset", () => {
    expect(describeAmounts([5n, 7n], "Short")).toBe("5 in all and 7 in all");
  });
});
