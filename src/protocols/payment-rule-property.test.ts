/** The contract and the rule off chain agree on whatever is shown: good claims, and claims bent at random. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import fc from "fast-check";
import { appCases, appCasesTimeoutMs } from "../../test/app-cases.ts";
import {
  CHANNEL,
  claimChanged,
  exitChanged,
  type PaymentJudges,
  recovered,
  startJudges,
} from "../../test/judged-payments.ts";
import { property } from "../../test/kind.ts";
import {
  paidByAlice,
  paidByBob,
  postfundOf,
  SOME_TOKEN,
  virtualChannel,
  virtualExit,
} from "../../test/sample-payments.ts";
import type { Destination } from "../channel/destination.ts";
import { AMOUNT_MAX, type Outcome } from "../channel/outcome.ts";
import { COUNTER_MAX, redemptionTurn } from "../channel/payment-voucher.ts";
import { encodeRedemption, type ReceiptedVoucher, redeemedOutcome } from "../channel/redemption.ts";
import type { VariablePart } from "../channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import { type Hex, hexSizeBytes } from "../primitives/hex.ts";
import type { RecoveredState, SupportClaim } from "./payment-rule.ts";

let judges: PaymentJudges;

beforeAll(async () => {
  judges = await startJudges();
});
afterAll(() => judges.stop());

/** Claims per run: enough that each reason of the contract is given by some of them. */
const CASES = appCases(400);
const TIMEOUT_MS = appCasesTimeoutMs(CASES);

type Pair = readonly [bigint, bigint];

/** What a claim is made of before it is bent. */
type Recipe = {
  readonly funding: readonly Pair[];
  readonly counters: readonly [number, number];
  readonly paid: readonly Pair[];
  readonly signedBy: bigint;
  readonly bends: readonly { readonly kind: number; readonly by: number }[];
};

const amount = fc.oneof(
  { weight: 12, arbitrary: fc.bigInt({ min: 0n, max: 30n }) },
  { weight: 1, arbitrary: fc.constantFrom(AMOUNT_MAX, AMOUNT_MAX - 30n, 2n ** 255n) },
);
const pair = fc.tuple(amount, amount);
const counter = fc.constantFrom(0, 1, 2, 2 ** 16, COUNTER_MAX);
const assetCount = fc.integer({ min: 1, max: 2 });

const recipe: fc.Arbitrary<Recipe> = assetCount.chain((count) =>
  fc.record({
    funding: fc.array(pair, { minLength: count, maxLength: count }),
    counters: fc.tuple(counter, counter),
    paid: fc.array(pair, { minLength: count, maxLength: count }),
    signedBy: fc.constantFrom(0b001n, 0b100n, 0b101n, 0b111n),
    bends: fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      {
        weight: 3,
        arbitrary: fc.array(fc.record({ kind: fc.nat(99), by: fc.nat(2 ** 20) }), { maxLength: 2 }),
      },
    ),
  }),
);

/** The claim of a redemption that fits, where the amounts do. */
function cook({ counters, funding, paid, signedBy }: Recipe): SupportClaim {
  const outcome: Outcome = funding.map((amounts, index) =>
    virtualExit(index === 0 ? ZERO_ADDRESS : SOME_TOKEN, amounts),
  );
  const voucher = (index: 0 | 1): ReceiptedVoucher | undefined => {
    const amounts = paid.map((both) => both[index]);
    const by = index === 0 ? paidByAlice : paidByBob;
    return counters[index] === 0 ? undefined : by(CHANNEL, counters[index], ...amounts);
  };
  const [left, right] = [voucher(0), voucher(1)];
  const due = redeemedOutcome(outcome, left?.amounts, right?.amounts);
  const state: VariablePart = {
    outcome: due.ok && isEncodable(due.value) ? due.value : outcome,
    appData: encodeRedemption({ left, right }, outcome.length),
    turnNum: redemptionTurn(...counters),
    isFinal: false,
  };
  return {
    fixedPart: CHANNEL,
    proof: [recovered(postfundOf(outcome))],
    candidate: recovered(state, signedBy),
  };
}

function isEncodable(outcome: Outcome): boolean {
  const claims = outcome.flatMap(({ allocations }) => allocations);
  return claims.every((claim) => claim.amount <= AMOUNT_MAX);
}

type Bend = (state: RecoveredState, by: number) => RecoveredState;

const part =
  (bend: (variablePart: VariablePart, by: number) => Partial<VariablePart>): Bend =>
  ({ signedBy, variablePart }, by) => ({
    signedBy,
    variablePart: { ...variablePart, ...bend(variablePart, by) },
  });

/** Ways to bend a state, by a number. */
const BENDS: readonly Bend[] = [
  ({ variablePart }, by) => ({ variablePart, signedBy: BigInt(by % 16) }),
  part(({ isFinal }) => ({ isFinal: !isFinal })),
  part(({ turnNum }, by) => ({ turnNum: Math.max(0, turnNum + (by % 2 === 0 ? 1 : -1)) })),
  part((_, by) => ({ turnNum: by % 4 })),
  part(({ outcome }) => ({ outcome: outcome.slice(1) })),
  part(({ outcome }) => ({ outcome: [...outcome, ...outcome] })),
  part(({ outcome }, by) => ({
    outcome: exitChanged({ allocations: outcome[0]?.allocations.slice(by % 2) ?? [] }, outcome),
  })),
  part(({ outcome }, by) => ({
    outcome: claimChanged(by % 2, { allocationType: by % 4 }, outcome),
  })),
  part(({ outcome }, by) => ({
    outcome: claimChanged(by % 2, { metadata: `0x0${by % 2}` }, outcome),
  })),
  part(({ outcome }, by) => ({
    outcome: claimChanged(by % 2, { destination: `0x${"d0".repeat(32)}` as Destination }, outcome),
  })),
  part(({ outcome }, by) => ({ outcome: claimChanged(by % 2, { amount: BigInt(by) }, outcome) })),
  part(({ outcome }, by) => {
    const asset = `0x${"00".repeat(19)}0${by % 2}` as Address;
    return { outcome: exitChanged({ asset }, outcome) };
  }),
  part(({ outcome }, by) => {
    const assetMetadata = { assetType: by % 4, metadata: by % 3 === 0 ? "0x01" : "0x" } as const;
    return { outcome: exitChanged({ assetMetadata }, outcome) };
  }),
  part(({ appData }, by) => ({ appData: withByte(appData, by, by >> 10) })),
  part(({ appData }, by) => ({ appData: withByte(appData, by, 0) })),
  part(({ appData }, by) => ({ appData: appData.slice(0, 2 + 64 * (by % 30)) as Hex })),
];

function withByte(data: Hex, at: number, value: number): Hex {
  const place = 2 + 2 * (at % Math.max(1, hexSizeBytes(data)));
  const byte = (value % 256).toString(16).padStart(2, "0");
  return `${data.slice(0, place)}${byte}${data.slice(place + 2)}` as Hex;
}

/** Bends the candidate most of the time, else the postfund, the number of proofs or the channel. */
function bent(claim: SupportClaim, kind: number, by: number): SupportClaim {
  const bend = BENDS[kind % BENDS.length];
  if (bend === undefined || kind >= 98)
    return { ...claim, fixedPart: virtualChannel(CHANNEL.appDefinition, 2n) };
  if (kind >= 96) return { ...claim, proof: kind === 96 ? [] : [...claim.proof, ...claim.proof] };
  if (kind < 72) return { ...claim, candidate: bend(claim.candidate, by) };
  return { ...claim, proof: claim.proof.map((state) => bend(state, by)) };
}

describe("any claim", () => {
  property(
    "is judged alike off chain and by the contract, for the same reason, and none makes it revert",
    async () => {
      const reasons = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(recipe, async (made) => {
          const claim = made.bends.reduce((one, { by, kind }) => bent(one, kind, by), cook(made));
          const reason = await judges.judge(claim);
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        }),
        { numRuns: CASES },
      );

      // That the claims are not all refused for one reason, and that enough are good.
      expect(reasons.get("") ?? 0).toBeGreaterThan(CASES / 10);
      expect(reasons.size).toBeGreaterThan(15);
    },
    TIMEOUT_MS,
  );
});
