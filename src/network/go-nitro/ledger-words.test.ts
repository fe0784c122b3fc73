/** Tests of what a Go node is told of a ledger, and of what it is never told. */
import { describe, expect } from "bun:test";
import { keyOf } from "../../../sim/actors.ts";
import { adversarial, unit } from "../../../test/kind.ts";
import { type Channel, createChannel } from "../../channel/channel.ts";
import { channelIdOf } from "../../channel/channel-id.ts";
import { externalDestination } from "../../channel/destination.ts";
import { createLedger, type WaitingStep } from "../../channel/ledger.ts";
import type { LedgerChange } from "../../channel/ledger-proposal.ts";
import { virtualDefundId, virtualFundId } from "../../channel/objective-id.ts";
import type { VariablePart } from "../../channel/state.ts";
import { ZERO_ADDRESS } from "../../crypto/address.ts";
import type { Signature } from "../../crypto/signature.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import { ledgerWords } from "./ledger-words.ts";

const NAMES = ["alice", "irene", "bob"] as const;
const [ALICE, IRENE, BOB] = NAMES.map((name) => signatureBackend.addressOf(keyOf(name)));
const MINE = `0x${"11".repeat(65)}` as Signature;
const HERS = `0x${"22".repeat(65)}` as Signature;

function partOf(turnNum: number, isFinal = false): VariablePart {
  const allocations = [ALICE, IRENE].map((party) => ({
    destination: externalDestination(party ?? ZERO_ADDRESS),
    amount: 5n,
    allocationType: 0,
    metadata: "0x" as const,
  }));
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  return {
    outcome: [{ asset: ZERO_ADDRESS, assetMetadata, allocations }],
    appData: "0x",
    turnNum,
    isFinal,
  };
}

function channelOf(participants: readonly (typeof ALICE)[], use: Channel["use"]): Channel {
  const fixedPart = {
    participants: participants.map((one) => one ?? ZERO_ADDRESS),
    channelNonce: BigInt(participants.length),
    appDefinition: ZERO_ADDRESS,
    challengeDurationSec: 0,
  };
  return createChannel({
    type: "ChannelCreated",
    channelId: channelIdOf(fixedPart),
    fixedPart,
    myIndex: 0,
    outcome: partOf(0).outcome,
    appData: "0x",
    use,
  });
}

const fees = [0n];
const TARGET = channelOf([ALICE, IRENE, BOB], {
  type: "Virtual",
  profile: "go-nitro",
  fees,
  left: undefined,
  right: undefined,
});

/** A ledger that alice leads, with one change under way. */
function proposing(change: LedgerChange): Channel {
  const ledger = channelOf([ALICE, IRENE], { type: "Ledger", profile: "go-nitro" });
  const step: WaitingStep = { turnNum: 2, baseTurnNum: 1, changes: [change], isRefused: false };
  return {
    ...ledger,
    supported: { variablePart: partOf(1), signatures: [MINE, HERS] },
    pending: new Map([[2, { variablePart: partOf(2), signatures: [MINE, undefined] }]]),
    ledger: { ...createLedger("go-nitro"), waiting: new Map([[2, step]]) },
  };
}

const sides = { left: externalDestination(ZERO_ADDRESS), right: externalDestination(ZERO_ADDRESS) };
const shares = [{ asset: ZERO_ADDRESS, left: 1n, right: 0n }];
const addition: LedgerChange = {
  objectiveId: virtualFundId(TARGET.id),
  proposal: { type: "Add", target: TARGET.id, guarantee: sides, shares, fee: 0n },
};
const removal: LedgerChange = {
  objectiveId: virtualDefundId(TARGET.id),
  proposal: { type: "Remove", target: TARGET.id, shares, refund: 0n },
};

/** What is proposed to irene while the target is as it is given. */
function proposed(change: LedgerChange, target: Channel): number {
  const channels = new Map([[target.id, target]]);
  const words = ledgerWords({ channels, objectives: new Map() }, proposing(change), []);
  return words.flatMap(({ content }) => content.ledgerProposals).length;
}

const signed = (turnNum: number, isFinal: boolean): Channel => ({
  ...TARGET,
  pending: new Map([
    [turnNum, { variablePart: partOf(turnNum, isFinal), signatures: [MINE, HERS, undefined] }],
  ]),
});

describe("ledgerWords", () => {
  unit("proposes a guarantee once the follower has signed the prefund that it is for", () => {
    expect(proposed(addition, TARGET)).toBe(0);
    expect(proposed(addition, signed(0, false))).toBe(1);
  });

  unit("proposes to take it out once the follower has signed the final state", () => {
    expect(proposed(removal, signed(0, false))).toBe(0);
    expect(proposed(removal, signed(2, true))).toBe(1);
  });

  adversarial("never proposes what names an objective that a Go node does not make of it", () => {
    const left = { ...removal, objectiveId: virtualFundId(TARGET.id) };
    expect(proposed(left, signed(2, true))).toBe(0);
    const charged = { ...addition.proposal, fee: 1n };
    expect(proposed({ ...addition, proposal: charged as never }, signed(0, false))).toBe(0);
    const unknown = channelOf([ALICE, BOB, IRENE], TARGET.use);
    expect(proposed(addition, unknown)).toBe(0);
  });

  unit(
    "says the end behind the postfund, and later where the peer leads and may lack an agreement",
    () => {
      const ledger = proposing(addition);
      const final = { variablePart: partOf(3, true), signatures: [undefined, MINE] };
      const closing: Channel = {
        ...ledger,
        myIndex: 1,
        finalSignedByMe: true,
        supported: { variablePart: partOf(2), signatures: [HERS, MINE] },
        pending: new Map([[3, final]]),
      };
      const view = { channels: new Map(), objectives: new Map() };
      const end = ledgerWords(view, closing, []).find(({ key }) => key === "end");
      expect(end?.delayMs).toBe(3_000);
      expect(end?.content.payloads).toHaveLength(1);

      const early = {
        ...closing,
        supported: { variablePart: partOf(1), signatures: [HERS, MINE] },
      };
      const other = ledgerWords(view, early, []).find(({ key }) => key === "end");
      expect(other?.delayMs).toBe(0);
      expect(
        other?.content.payloads.map(
          (one) => one.type === "SignedState" && one.variablePart.turnNum,
        ),
      ).toEqual([1, 3]);
    },
  );
});
