/** The oracle of guarantees is alive, and so are those that look at vouchers. */
import { describe, expect } from "bun:test";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { LedgerProposal } from "../../src/channel/ledger-proposal.ts";
import type { ObjectiveId } from "../../src/channel/objective-id.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { adversarial, integration } from "../../test/kind.ts";
import { doctor, findingsOf, forge, type Watched } from "../../test/planted-fault.ts";
import { ETH } from "../assets.ts";
import type { World } from "../world.ts";

const chain = chainOfFile();

/** Alice and Bob over Irene: two ledger channels of Alice and Irene, of which the first is used. */
type Opened = Watched & {
  readonly target: ChannelId;
  readonly ledger: ChannelId;
  readonly spare: ChannelId;
};

type Plant = {
  readonly prepare?: (world: World) => void;
  readonly act?: (opened: Opened) => Promise<void>;
};

function findings({ act, prepare }: Plant): Promise<readonly string[]> {
  return findingsOf(chain(), {
    cast: ["alice", "irene", "bob"],
    prepare,
    story: async (watched) => {
      const { alice, bob, irene } = watched.actors;
      const ledger = await alice.openLedger(irene, [{ asset: ETH, amounts: [60n, 40n] }]);
      await irene.openLedger(bob, [{ asset: ETH, amounts: [50n, 50n] }]);
      const deposits = [{ asset: ETH, amounts: [6n, 4n] }];
      const target = await alice.openVirtual(bob, deposits, { via: [irene] });
      const spare = await alice.openLedger(irene, [{ asset: ETH, amounts: [20n, 20n] }]);
      await act?.({ ...watched, target, ledger, spare });
    },
  });
}

const SHARES = [{ asset: ZERO_ADDRESS, left: 6n, right: 4n }];
const signatureOf = (digits: string): Signature => `0x${digits.repeat(65)}` as Signature;

/** Alice and Irene make one change of a ledger channel, as Alice's log would tell it. */
function changed(
  { world }: Watched,
  channelId: ChannelId,
  proposal: LedgerProposal,
): readonly NodeEvent[] {
  const ledger = assertDefined(world.node("alice").engine.channel(channelId), "the ledger");
  const baseTurnNum = assertDefined(ledger.supported, "its state").variablePart.turnNum;
  const turnNum = baseTurnNum + 1;
  const changes = [{ objectiveId: "VirtualFund-0xc1" as ObjectiveId, proposal }];
  const step = { channelId, turnNum, baseTurnNum, changes };
  return [
    { type: "ProposalSigned", ...step, signature: signatureOf("a1") },
    { type: "ProposalReceived", ...step, by: 1, signature: signatureOf("b2") },
    { type: "SupportedStateAdvanced", channelId, turnNum },
  ];
}

describe("guarantees", () => {
  integration("are in order while a virtual channel is opened and closed", async () => {
    const found = await findings({
      act: ({ actors: { alice }, target }) => alice.closeChannel(target),
    });

    expect(found).toEqual([]);
  });

  adversarial("must not go while their channel is open", async () => {
    const found = await findings({
      act: async (opened) => {
        const { ledger, target } = opened;
        const removal = { type: "Remove", target, shares: SHARES, refund: 0n } as const;
        forge(opened, "alice", ...changed(opened, ledger, removal));
      },
    });

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /^guarantees: alice's log at offset \d+: alice counts on 0x\w+, and the ledger 0x\w+ guarantees 0 of its 10 of 0x0{40}$/,
    );
  });

  adversarial("must be there before the postfund is signed", async () => {
    const found = await findings({
      prepare: (world) => {
        doctor(world, "bob", (event) =>
          event.type === "SupportedStateAdvanced" && event.turnNum === 2
            ? { type: "ClockHeld", askedMs: 1, heldMs: 2 }
            : event,
        );
      },
    });

    expect(found[0]).toMatch(/^guarantees: bob's log at offset \d+: bob counts on 0x\w+, and the /);
  });

  adversarial("count once, in one of the ledger channels of the same two", async () => {
    const found = await findings({
      act: async (opened) => {
        const { spare, target, world } = opened;
        const alice = assertDefined(world.node("alice").engine.channel(spare), "the ledger");
        const [left, right] = alice.fundingOutcome[0]?.allocations ?? [];
        const guarantee = {
          left: assertDefined(left, "Alice's").destination,
          right: assertDefined(right, "Irene's").destination,
        };
        const addition = { type: "Add", target, guarantee, shares: SHARES, fee: 0n } as const;
        forge(opened, "alice", ...changed(opened, spare, addition));
      },
    });

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/alice counts on 0x\w+ in 0x\w+ for a second time$/);
  });
});

describe("vouchers", () => {
  const voucher = (counter: number, amount: bigint, digits: string) => ({
    counter,
    amounts: [amount],
    counted: undefined,
    signature: signatureOf(digits),
  });

  adversarial("have one content for each counter", async () => {
    const found = await findings({
      act: async (opened) => {
        const channelId = opened.target;
        forge(opened, "alice", {
          type: "VoucherIssued",
          channelId,
          to: 2,
          ...voucher(1, 1n, "11"),
        });
        forge(opened, "bob", {
          type: "VoucherReceived",
          channelId,
          by: 0,
          ...voucher(1, 2n, "22"),
        });
      },
    });

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /^double signature: bob's log at offset \d+: 0xa11ce\w+ signed voucher 1 of 0x\w+ twice, the other one in alice's log at offset \d+$/,
    );
  });

  adversarial("grow in their counter and in every amount", async () => {
    const found = await findings({
      act: async (opened) => {
        const channelId = opened.target;
        const received = { type: "VoucherReceived", channelId, by: 0 } as const;
        const [one, less] = [voucher(2, 5n, "11"), voucher(1, 4n, "22")];
        forge(opened, "bob", { ...received, ...one }, { ...received, ...less });
      },
    });

    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(
      /^monotone: bob's log at offset \d+: the counter of .* goes from 2 to 1$/,
    );
    expect(found[1]).toMatch(/: the voucher of participant 0 of 0x\w+ goes from 5 to 4$/);
  });

  adversarial("promise no more than their payer has in the channel", async () => {
    const found = await findings({
      act: async (opened) => {
        const channelId = opened.target;
        forge(opened, "bob", {
          type: "VoucherReceived",
          channelId,
          by: 0,
          ...voucher(1, 7n, "11"),
        });
      },
    });

    expect(found[0]).toMatch(
      /^guarantees: bob's log at offset \d+: voucher 1 of 0x\w+ promises what nobody could redeem \(Overdrawn\)$/,
    );
  });

  adversarial("pay out of what was paid back only against a receipt", async () => {
    const found = await findings({
      act: async (opened) => {
        const channelId = opened.target;
        const back = voucher(1, 3n, "11");
        const issued: NodeEvent = { type: "VoucherIssued", channelId, to: 0, ...back };
        const received = { type: "VoucherReceived", channelId, by: 0 } as const;
        const counted = { ...back, receipt: signatureOf("33") };
        const bare: NodeEvent = { ...received, ...voucher(1, 7n, "22") };
        const shown: NodeEvent = { ...received, ...voucher(2, 8n, "44"), counted };
        forge(opened, "bob", issued, bare, shown);
      },
    });

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /: voucher 1 of 0x\w+ promises what nobody could redeem \(Overdrawn\)$/,
    );
  });

  adversarial("are not taken before the channel is open", async () => {
    const found = await findings({
      prepare: (world) => {
        doctor(world, "bob", (event) => {
          const isPostfund = event.type === "StateReceived" && event.variablePart.turnNum === 1;
          if (!isPostfund || event.variablePart.outcome[0]?.allocations[0]?.amount !== 6n)
            return event;
          const { channelId } = event;
          return { type: "VoucherReceived", channelId, by: 0, ...voucher(1, 1n, "11") };
        });
      },
    });

    expect(found.join()).toMatch(/voucher 1 of 0x\w+ is taken before the channel is open/);
  });
});
