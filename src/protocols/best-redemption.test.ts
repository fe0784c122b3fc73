/** Whatever was paid, heard or lost: each end can enforce what it counts as its own, alone. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import fc from "fast-check";
import { type PaymentJudges, startJudges } from "../../test/judged-payments.ts";
import { adversarial, property, unit } from "../../test/kind.ts";
import {
  hearing,
  opening,
  type Payer,
  payers,
  paying,
  record,
  unopenedPayer,
  type VoucherMessage,
} from "../../test/paying-ends.ts";
import { ALICE, BOB, SOME_TOKEN, virtualCoins, virtualExit } from "../../test/sample-payments.ts";
import type { Outcome } from "../channel/outcome.ts";
import { paymentVoucherHash, voucherReceiptHash } from "../channel/payment-voucher.ts";
import { decodeRedemption, type ReceiptedVoucher, redemptionState } from "../channel/redemption.ts";
import { TURN } from "../channel/state.ts";
import type { Voucher } from "../channel/voucher.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import { bestRedemption, type Redemption } from "./best-redemption.ts";
import type { SupportClaim } from "./payment-rule.ts";
import { accountsOf } from "./payments.ts";

let judges: PaymentJudges;

beforeAll(async () => {
  judges = await startJudges();
});
afterAll(() => judges.stop());

/** Stories per run; each is judged twice by the contract. */
const STORIES = 120;

/** A test's own time limit: some seconds on a slow machine. */
const TIMEOUT_MS = 120_000;

const FUNDING: Outcome = [virtualExit(ZERO_ADDRESS, [9n, 4n]), virtualExit(SOME_TOKEN, [0n, 6n])];

/** One step of a story: somebody pays, or the oldest message of a direction arrives or is lost. */
type Step = {
  readonly kind: "pay" | "hear" | "lose";
  readonly by: "alice" | "bob";
  readonly asset: number;
  readonly amount: bigint;
};

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("pay", "pay", "hear", "hear", "lose"),
  by: fc.constantFrom("alice", "bob"),
  asset: fc.integer({ min: 0, max: 1 }),
  amount: fc.bigInt({ min: 1n, max: 9n }),
});

type Told = {
  readonly alice: Payer;
  readonly bob: Payer;
  /** Every voucher that an end ever heard, and every receipt that it was given. */
  readonly heard: { readonly alice: VoucherMessage[]; readonly bob: VoucherMessage[] };
};

function tell(steps: readonly Step[]): Told {
  const { alice, bob } = payers(FUNDING);
  const ends = { alice, bob };
  const sent = { alice: [] as VoucherMessage[], bob: [] as VoucherMessage[] };
  const heard = { alice: [] as VoucherMessage[], bob: [] as VoucherMessage[] };
  for (const { amount, asset, by, kind } of steps) {
    const account = accountAt(ends[by], asset);
    if (kind === "pay") {
      const able = amount % (account.remaining + 1n);
      if (able > 0n) sent[by].push(paying(ends[by], { asset: account.asset, amount: able }));
      continue;
    }
    const message = sent[by].shift();
    const payee = by === "alice" ? "bob" : "alice";
    if (message === undefined || kind === "lose") continue;
    expect(hearing(ends[payee], message).ok).toBe(true);
    heard[payee].push(message);
  }
  return { alice, bob, heard };
}

function accountAt({ channel }: Payer, asset: number) {
  const accounts = accountsOf(channel);
  if (!accounts.ok) throw new Error("an end has accounts");
  return assertDefined(accounts.value[asset], "an account");
}

/** What an end counts as hers, per asset. */
const due = (payer: Payer): readonly bigint[] =>
  [0, 1].map((asset) => accountAt(payer, asset).remaining);

/** What a redemption pays an end, per asset. */
function pays({ candidate }: Redemption, { channel }: Payer): readonly bigint[] {
  const place = channel.myIndex === 0 ? 0 : 1;
  return candidate.variablePart.outcome.map(
    ({ allocations }) => assertDefined(allocations[place], "an allocation").amount,
  );
}

const atLeast = (paid: readonly bigint[], wanted: readonly bigint[]): boolean =>
  paid.every((amount, index) => amount >= (wanted[index] ?? 0n));

function claimOf({ channel }: Payer, { candidate, proof }: Redemption): SupportClaim {
  const all = 0b111n;
  return {
    fixedPart: channel.fixedPart,
    proof: proof.map(({ variablePart }) => ({ variablePart, signedBy: all })),
    candidate: {
      variablePart: candidate.variablePart,
      signedBy: proof.length === 0 ? all : 1n << BigInt(channel.myIndex),
    },
  };
}

const best = (payer: Payer, shown?: ReceiptedVoucher): Redemption =>
  assertDefined(bestRedemption(payer.channel, payer.context, shown), "a redemption");

describe("bestRedemption", () => {
  property(
    "the contract takes each end's, and it pays her what she counts as hers, whatever was paid, heard or lost",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const { alice, bob } = tell(steps);
          for (const end of [alice, bob]) {
            const redemption = best(end);
            expect(await judges.judge(claimOf(end, redemption))).toBe("");
            expect(atLeast(pays(redemption, end), due(end))).toBe(true);
          }
        }),
        { numRuns: STORIES },
      );
    },
    TIMEOUT_MS,
  );

  property(
    "no other vouchers that the other end has leave her with less, when she answers",
    async () => {
      fc.assert(
        fc.property(
          fc.array(step, { maxLength: 40 }),
          fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
          fc.boolean(),
          (steps, choices, isAlice) => {
            const told = tell(steps);
            const honest = isAlice ? told.alice : told.bob;
            const standing = dispute(told, isAlice, choices);
            expect(atLeast(pays(standing, honest), due(honest))).toBe(true);
          },
        ),
        { numRuns: 400 },
      );
    },
  );

  adversarial(
    "a voucher that its payer makes up, with any counter, counts for nothing",
    async () => {
      const { alice, bob } = payers(virtualCoins(9n, 4n));
      hearing(bob, paying(alice, { asset: ZERO_ADDRESS, amount: 8n }));
      const madeUp = { counter: 1_000, amounts: [1n] };
      const hash = paymentVoucherHash({ channelId: alice.channel.id, ...madeUp });
      const signature = ALICE.signHash(hash);
      const receipt = ALICE.signHash(voucherReceiptHash(hash));
      const state = redemptionState(virtualCoins(9n, 4n), {
        left: { ...madeUp, signature, receipt },
        right: undefined,
      });
      const variablePart = state.ok ? state.value : best(alice).candidate.variablePart;
      const claim = claimOf(alice, { ...best(bob), candidate: { variablePart, signatures: [] } });
      expect(await judges.judge(claim)).toBe("VoucherNotReceipted");
    },
  );

  unit("is the postfund before anybody has paid, and the prefund before that", () => {
    const { bob } = payers(virtualCoins(9n, 4n));
    const early = unopenedPayer(2, virtualCoins(9n, 4n));
    expect(bestRedemption(early.channel, early.context)).toBe(undefined);
    record(early, opening(early.channel, TURN.prefund));

    expect(best(early).candidate.variablePart.turnNum).toBe(TURN.prefund);
    expect(best(bob).candidate.variablePart.turnNum).toBe(TURN.postfund);
    expect([best(early).proof, best(bob).proof]).toEqual([[], []]);
  });

  unit("counts what the other end has shown on the chain", () => {
    const { alice, bob } = payers(virtualCoins(9n, 4n));
    hearing(bob, paying(alice, { asset: ZERO_ADDRESS, amount: 8n }));
    hearing(alice, paying(bob, { asset: ZERO_ADDRESS, amount: 1n }));
    const shown = decodeRedemption(best(bob).candidate.variablePart.appData, 1);

    const [before, after] = [best(alice), best(alice, shown.ok ? shown.value.left : undefined)];

    expect([pays(before, alice), pays(after, alice)]).toEqual([[10n], [2n]]);
    expect([before, after].map(({ candidate }) => candidate.variablePart.turnNum)).toEqual([2, 3]);
  });
});

/** The other end shows what it wants in turn with the honest one's best; the highest turn stands. */
function dispute(
  { alice, bob, heard }: Told,
  isAlice: boolean,
  choices: readonly number[],
): Redemption {
  const [honest, other] = isAlice ? [alice, bob] : [bob, alice];
  const hers = vouchersOf(heard[isAlice ? "bob" : "alice"]);
  let standing: Redemption = { ...best(honest), proof: [], candidate: postfund(honest) };
  let shown: ReceiptedVoucher | undefined;
  for (const choice of choices) {
    const received = pick(hers.received, choice);
    const paid = pick([...hers.receipted, ...known(honest, standing)], Math.floor(choice / 7));
    const bid = redemptionOf(other, received && receiptedBy(other, honest, received), paid);
    if (bid !== undefined && turnOf(bid) > turnOf(standing)) {
      standing = bid;
      shown = received ? newest(shown, receiptedBy(other, honest, received)) : shown;
    }
    const answer = best(honest, shown);
    if (turnOf(answer) > turnOf(standing)) standing = answer;
  }
  return standing;
}

const turnOf = ({ candidate }: Redemption): number => candidate.variablePart.turnNum;

const postfund = ({ channel }: Payer) => ({
  variablePart: assertDefined(channel.supported, "the postfund").variablePart,
  signatures: [],
});

function newest(one: ReceiptedVoucher | undefined, other: ReceiptedVoucher): ReceiptedVoucher {
  return one !== undefined && one.counter > other.counter ? one : other;
}

/** What somebody can show who heard these messages, besides what stands on the chain. */
function vouchersOf(messages: readonly VoucherMessage[]) {
  return {
    received: messages,
    receipted: messages.flatMap(({ counted }) => (counted === undefined ? [] : [counted])),
  };
}

/** Vouchers of the other end that the honest one has receipted on the chain. */
function known({ channel }: Payer, standing: Redemption): readonly ReceiptedVoucher[] {
  const { appData } = standing.candidate.variablePart;
  const decoded = decodeRedemption(appData, FUNDING.length);
  if (!decoded.ok) return [];
  const voucher = channel.myIndex === 0 ? decoded.value.right : decoded.value.left;
  return voucher === undefined ? [] : [voucher];
}

/** One of the items, or none. */
function pick<Item>(items: readonly Item[], choice: number): Item | undefined {
  return items[choice % (items.length + 1)];
}

function receiptedBy(payee: Payer, { channel }: Payer, voucher: Voucher): ReceiptedVoucher {
  const { amounts, counter, signature } = voucher;
  const hash = paymentVoucherHash({ channelId: channel.id, counter, amounts });
  const account = payee.channel.myIndex === 0 ? ALICE : BOB;
  return { counter, amounts, signature, receipt: account.signHash(voucherReceiptHash(hash)) };
}

function redemptionOf(
  by: Payer,
  received: ReceiptedVoucher | undefined,
  paid: ReceiptedVoucher | undefined,
): Redemption | undefined {
  const [left, right] = by.channel.myIndex === 0 ? [paid, received] : [received, paid];
  const state = redemptionState(FUNDING, { left, right });
  if (!state.ok) return undefined;
  return { candidate: { variablePart: state.value, signatures: [] }, proof: [postfund(by)] };
}
