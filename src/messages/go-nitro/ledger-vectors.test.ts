/** The ledger states that proposals of go-nitro lead to are those that go-nitro signs. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, golden, property, unit } from "../../../test/kind.ts";
import vectors from "../../../test/vectors/go-nitro-messages.json";
import nitro from "../../../test/vectors/nitro.json";
import type { ChannelId } from "../../channel/channel-id.ts";
import {
  channelDestination,
  type Destination,
  externalDestination,
} from "../../channel/destination.ts";
import { encodeGuarantee } from "../../channel/guarantee.ts";
import { applyProposal } from "../../channel/ledger-outcome.ts";
import {
  directDefundId,
  directFundId,
  type ObjectiveId,
  updateId,
  virtualDefundId,
  virtualFundId,
} from "../../channel/objective-id.ts";
import type { Allocation, Outcome } from "../../channel/outcome.ts";
import { stateHash } from "../../channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../../crypto/address.ts";
import type { Signature } from "../../crypto/signature.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import { assertDefined } from "../../primitives/assert.ts";
import type { Result } from "../../primitives/result.ts";
import { decodeGoNitro, encodeGoNitro } from "./codec.ts";
import type { GoNitroProposal, GoNitroSignedProposal } from "./message.ts";
import { goNitroObjectiveOf } from "./objective.ts";
import { goNitroProposalOf, ledgerProposalOf, objectiveOfProposal } from "./proposal.ts";

const { derived } = nitro;
const { vectors: stated } = vectors;

const agreesWith = (id: keyof typeof stated | keyof typeof derived, run: () => void): void =>
  golden(`proposals do what the vector ${id} says`, run);

const addressOfActor = (name: keyof typeof nitro.actors): Address =>
  nitro.actors[name].address.toLowerCase() as Address;
const alice = externalDestination(addressOfActor("alice"));
const bob = externalDestination(addressOfActor("bob"));
const irene = externalDestination("0x111a00868581f73ab42feef67d235ca09ca1e8db" as Address);

type Claim = readonly [destination: Destination, amount: bigint];
type Locked = readonly [target: ChannelId, amount: bigint, left: Destination, right: Destination];

const simple = ([destination, amount]: Claim): Allocation => ({
  destination,
  amount,
  allocationType: 0,
  metadata: "0x",
});

/** As go-nitro encodes the outcome of a ledger. */
function ledgerOf(leader: Claim, follower: Claim, ...locked: readonly Locked[]): Outcome {
  const guarantees = locked.map(([target, amount, left, right]) => ({
    destination: channelDestination(target),
    amount,
    allocationType: 1,
    metadata: encodeGuarantee({ left, right }),
  }));
  const allocations = [simple(leader), simple(follower), ...guarantees];
  return [{ asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" }, allocations }];
}

const ledgerId = derived["ledger-state-0"].expected.channelId as ChannelId;
const first = "0x0100000000000000000000000000000000000000000000000000000000000000" as ChannelId;
const start = ledgerOf([alice, 200n], [bob, 300n], [first, 5n, alice, bob]);

/** The proposal as a peer reads it. */
function sent(ledgerProposal: GoNitroSignedProposal): GoNitroSignedProposal {
  const line = encodeGoNitro({
    to: addressOfActor("bob"),
    from: addressOfActor("alice"),
    payloads: [],
    ledgerProposals: [ledgerProposal],
    payments: [],
    rejectedObjectives: [],
  });
  const received = decodeGoNitro(line);
  return assertDefined(received.ok ? received.value.ledgerProposals[0] : undefined, "a proposal");
}

/** The outcome after a proposal, or the code of its refusal. */
function outcomeAfter(outcome: Outcome, proposal: GoNitroProposal): Outcome | string {
  const known = ledgerProposalOf(outcome, proposal);
  if (!known.ok) return known.reason.code;
  const applied = applyProposal("go-nitro", ledgerId, outcome, known.value);
  return applied.ok ? applied.value : applied.reason.code;
}

const state = (outcome: Outcome | string) => {
  if (typeof outcome === "string") throw new Error(outcome);
  return { outcome, appData: "0x", turnNum: 1, isFinal: false } as const;
};

type AfterVector = {
  readonly stateHash: string;
  readonly sigAlice: string;
  readonly sigBob: string;
};

/** The proposal comes signed by Alice, and the state that she signed is the one that it leads to. */
function expectSigned(proposal: GoNitroProposal, expected: AfterVector): Outcome {
  const signature = expected.sigAlice as Signature;
  const received = sent({ ledgerId, turnNum: 1, proposal, signature });
  const after = state(outcomeAfter(start, received.proposal));
  const hash = stateHash(received.ledgerId, after);

  expect<string>(hash).toBe(expected.stateHash);
  expect(signatureBackend.recoverSigner(hash, received.signature)).toBe(addressOfActor("alice"));
  expect(signatureBackend.recoverSigner(hash, expected.sigBob as Signature)).toBe(
    addressOfActor("bob"),
  );
  return after.outcome;
}

const amountsOf = (outcome: Outcome | string): readonly bigint[] =>
  state(outcome).outcome.flatMap(({ allocations }) => allocations.map(({ amount }) => amount));

describe("proposals of go-nitro", () => {
  agreesWith("ledger-add-1", () => {
    const { expected, input } = stated["ledger-add-1"];
    const add: GoNitroProposal = {
      type: "Add",
      target: input.add.target as ChannelId,
      left: alice,
      right: bob,
      amount: BigInt(input.add.amount),
      leftDeposit: BigInt(input.add.leftDeposit),
    };
    const after = expectSigned(add, derived["ledger-state-1-after-add"].expected);

    expect(amountsOf(after).slice(0, 2).map(String)).toEqual([expected.leader, expected.follower]);
    expect(outcomeAfter(after, add)).toBe("GuaranteeExists");
    expect(outcomeAfter(start, { ...add, amount: 201n, leftDeposit: 201n })).toBe(
      "InsufficientFunds",
    );
  });

  agreesWith("ledger-remove-1", () => {
    const { expected, input } = stated["ledger-remove-1"];
    const remove: GoNitroProposal = {
      type: "Remove",
      target: input.remove.target as ChannelId,
      leftAmount: BigInt(input.remove.leftAmount),
    };
    const after = expectSigned(remove, derived["ledger-state-1-after-remove"].expected);

    expect(amountsOf(after).map(String)).toEqual([expected.leader, expected.follower]);
    expect(outcomeAfter(after, remove)).toBe("GuaranteeMissing");
    expect(outcomeAfter(start, { ...remove, leftAmount: 10n })).toBe("ShareAboveGuarantee");
  });

  agreesWith("virtualfund-single-hop", () => {
    const { expectedGuarantee } = stated["virtualfund-single-hop"].input;
    const ledger = ledgerOf([alice, 6n], [irene, 4n]);
    const add: GoNitroProposal = {
      type: "Add",
      target: virtualChannel,
      left: alice,
      right: irene,
      amount: BigInt(expectedGuarantee.amount),
      leftDeposit: BigInt(expectedGuarantee.leftDeposit),
    };

    expect<Outcome | string>(outcomeAfter(ledger, add)).toEqual(
      ledgerOf([alice, 0n], [irene, 0n], [virtualChannel, 10n, alice, irene]),
    );
    expect<string>(objectiveOfProposal(add)).toBe(
      derived["setup-virtual-single-hop"].expected.objectiveId,
    );
  });

  agreesWith("virtualdefund-single-hop", () => {
    const { leftAmount } = stated["virtualdefund-single-hop"].expected.removeProposal;
    // The hub leads this ledger: the left side is the follower.
    const ledger = ledgerOf([irene, 0n], [alice, 0n], [virtualChannel, 10n, alice, irene]);
    const remove: GoNitroProposal = {
      type: "Remove",
      target: virtualChannel,
      leftAmount: BigInt(leftAmount),
    };

    expect<Outcome | string>(outcomeAfter(ledger, remove)).toEqual(
      ledgerOf([irene, 4n], [alice, 6n]),
    );
    expect(objectiveOfProposal(remove)).toBe(virtualDefundId(virtualChannel));
  });

  agreesWith("ledger-json-LedgerOutcome", () => {
    const { AssetAddress, Follower, Guarantees, Leader } = JSON.parse(
      stated["ledger-json-LedgerOutcome"].expected.json,
    );
    const [guarantee] = Object.values(Guarantees) as {
      readonly [Name in "Target" | "Left" | "Right"]: string;
    }[];
    const { Left, Right, Target } = assertDefined(guarantee, "a guarantee");
    const ledger = ledgerOf(
      [Leader.Destination, BigInt(Leader.Amount)],
      [Follower.Destination, BigInt(Follower.Amount)],
      [Target as ChannelId, 1n, Left as Destination, Right as Destination],
    );
    const remove: GoNitroProposal = { type: "Remove", target: Target as ChannelId, leftAmount: 1n };

    expect(ledgerProposalOf(ledger, remove)).toEqual({
      ok: true,
      value: {
        type: "Remove",
        target: Target as ChannelId,
        shares: [{ asset: AssetAddress, left: 1n, right: 0n }],
        refund: 0n,
      },
    });
    expect(amountsOf(outcomeAfter(ledger, remove))).toEqual([3n, 7n]);
  });
});

const virtualChannel = derived["setup-virtual-single-hop"].expected.channelId as ChannelId;

const add: GoNitroProposal = {
  type: "Add",
  target: virtualChannel,
  left: alice,
  right: bob,
  amount: 5n,
  leftDeposit: 3n,
};

const codeOf = <Value>(result: Result<Value, { readonly code: string }>): string =>
  result.ok ? "none" : result.reason.code;

describe("ledgerProposalOf and goNitroProposalOf", () => {
  property("a proposal is the same after both, whoever is left", () => {
    const amounts = fc.bigInt({ min: 0n, max: 2n ** 255n });
    fc.assert(
      fc.property(amounts, amounts, fc.boolean(), (leftAmount, rest, isSwapped) => {
        const amount = leftAmount + rest;
        const [left, right] = isSwapped ? [bob, alice] : [alice, bob];
        const proposals: readonly GoNitroProposal[] = [
          { type: "Add", target: virtualChannel, left, right, amount, leftDeposit: leftAmount },
          { type: "Remove", target: first, leftAmount },
        ];
        const ledger = ledgerOf([alice, 0n], [bob, 0n], [first, amount, left, right]);

        for (const proposal of proposals) {
          const known = ledgerProposalOf(ledger, proposal);
          expect(known.ok && goNitroProposalOf(known.value)).toEqual({ ok: true, value: proposal });
        }
      }),
    );
  });

  adversarial("a left side that puts in more than both is refused", () => {
    expect(outcomeAfter(start, { ...add, leftDeposit: 6n })).toBe("DepositAboveGuarantee");
  });

  adversarial("left and right that are not the two parties are refused", () => {
    expect(outcomeAfter(start, { ...add, left: irene })).toBe("NotTheParties");
    expect(outcomeAfter(start, { ...add, left: bob })).toBe("NotTheParties");
  });

  adversarial("a removal of what is a participant's own money is refused", () => {
    const target = alice as string as ChannelId;
    const remove: GoNitroProposal = { type: "Remove", target, leftAmount: 1n };

    expect(codeOf(ledgerProposalOf(start, remove))).toBe("GuaranteeMissing");
  });

  unit("a ledger of two assets, or of none, has no such proposals", () => {
    expect(codeOf(ledgerProposalOf([...start, ...start], add))).toBe("NotOneAsset");
    expect(codeOf(ledgerProposalOf([], add))).toBe("NotOneAsset");
  });

  unit("fees, several assets and top-ups have no words in go-nitro", () => {
    const share = { asset: ZERO_ADDRESS, left: 1n, right: 2n };
    const plain = { type: "Remove", target: first, shares: [share], refund: 0n } as const;

    expect(codeOf(goNitroProposalOf(plain))).toBe("none");
    expect(codeOf(goNitroProposalOf({ ...plain, refund: 1n }))).toBe("NotInGoNitro");
    expect(codeOf(goNitroProposalOf({ ...plain, shares: [share, share] }))).toBe("NotInGoNitro");
    expect(codeOf(goNitroProposalOf({ ...plain, shares: [] }))).toBe("NotInGoNitro");
    expect(
      codeOf(goNitroProposalOf({ type: "TopUp", by: 0, asset: ZERO_ADDRESS, amount: 1n })),
    ).toBe("NotInGoNitro");
  });
});

describe("goNitroObjectiveOf", () => {
  unit("the name of an objective says its protocol and its channel", () => {
    const names = {
      DirectFund: directFundId(first),
      DirectDefund: directDefundId(first),
      VirtualFund: virtualFundId(first),
      VirtualDefund: virtualDefundId(first),
    };

    for (const [type, name] of Object.entries(names)) {
      expect<unknown>(goNitroObjectiveOf(name)).toEqual({
        ok: true,
        value: { type, channelId: first },
      });
    }
  });

  adversarial("names at which go-nitro would stop are refused", () => {
    const names = [
      updateId(first, 0, 0),
      "say-hello-to-my-little-friend",
      "constructor-0x",
      `constructor-${first}`,
      `VirtualFund-${first.toUpperCase()}`,
      `VirtualFund-${first}00`,
      `VirtualFund-${first}\n`,
      "",
    ];

    for (const name of names) {
      expect(codeOf(goNitroObjectiveOf(name as ObjectiveId))).toBe("UnknownObjective");
    }
  });
});
