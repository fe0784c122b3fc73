/** What each proposal makes of the outcome of a ledger channel, and what it cannot make. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, property, unit } from "../../test/kind.ts";
import {
  addition,
  FOLLOWERS_ACCOUNT,
  LEADERS_ACCOUNT,
  ledgerOutcome,
  removal,
  TOKEN,
  targetAt,
} from "../../test/ledger-pair.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { Profile } from "./channel-use.ts";
import { encodeGuarantee } from "./guarantee.ts";
import { GUARANTEES_MAX } from "./ledger-limits.ts";
import {
  applyProposal,
  freeBalance,
  guaranteeCount,
  guaranteesFor,
  includesGuarantee,
  partiesOf,
  readLedgerExit,
} from "./ledger-outcome.ts";
import type { LedgerProposal } from "./ledger-proposal.ts";
import { AMOUNT_MAX, type Outcome, totalOf } from "./outcome.ts";

const LEDGER = targetAt(999);
const EMPTY = ledgerOutcome([[60n, 40n]]);
const TWO_ASSETS = ledgerOutcome([
  [60n, 40n],
  [7n, 7n],
]);
const topUp = { type: "TopUp", by: 0, asset: ZERO_ADDRESS, amount: 9n } as const;
const merge = { type: "Merge", by: 0, asset: ZERO_ADDRESS } as const;

function apply(outcome: Outcome, ...proposals: readonly LedgerProposal[]): Outcome {
  return applyAs("enforceable", outcome, ...proposals);
}

function applyAs(
  profile: Profile,
  outcome: Outcome,
  ...proposals: readonly LedgerProposal[]
): Outcome {
  return proposals.reduce((before, proposal) => {
    const after = applyProposal(profile, LEDGER, before, proposal);
    if (!after.ok) throw new Error(after.reason.code);
    return after.value;
  }, outcome);
}

function codeOf(outcome: Outcome, proposal: LedgerProposal): string | undefined {
  const after = applyProposal("enforceable", LEDGER, outcome, proposal);
  return after.ok ? undefined : after.reason.code;
}

/** Amounts of the first asset in their order. */
const amountsOf = ([exit]: Outcome): readonly bigint[] =>
  exit?.allocations.map(({ amount }) => amount) ?? [];

describe("an addition", () => {
  unit(
    "locks up both parts before the balances, in the order of the targets, and pays the fee",
    () => {
      const outcome = apply(EMPTY, addition(2, [5n, 3n], 2n), addition(1, [4n, 1n]));

      expect(amountsOf(outcome)).toEqual([5n, 8n, 49n, 38n]);
      expect(outcome[0]?.allocations[0]).toEqual({
        destination: targetAt(1) as never,
        amount: 5n,
        allocationType: 2,
        metadata: encodeGuarantee({ left: LEADERS_ACCOUNT, right: FOLLOWERS_ACCOUNT }),
      });
    },
  );

  unit("takes the parts of the other side when the follower is on the left", () => {
    const guarantee = { left: FOLLOWERS_ACCOUNT, right: LEADERS_ACCOUNT };

    expect(amountsOf(apply(EMPTY, { ...addition(1, [5n, 3n], 2n), guarantee }))).toEqual([
      8n,
      59n,
      33n,
    ]);
  });

  unit("stands behind the balances in the go-nitro profile", () => {
    const outcome = applyAs("go-nitro", EMPTY, addition(2), addition(1, [1n, 1n]));

    expect(amountsOf(outcome)).toEqual([54n, 36n, 2n, 8n]);
    expect(outcome[0]?.allocations[2]?.allocationType).toBe(1);
  });

  unit("keeps both balances at zero", () => {
    expect(amountsOf(apply(EMPTY, addition(1, [60n, 40n])))).toEqual([100n, 0n, 0n]);
  });

  unit("locks up every asset that it names, and takes the fee of the first", () => {
    const shares = [
      { asset: TOKEN, left: 1n, right: 2n },
      { asset: ZERO_ADDRESS, left: 3n, right: 4n },
    ];
    const outcome = apply(TWO_ASSETS, { ...addition(1), shares, fee: 1n });

    expect(outcome.map((exit) => exit.allocations.map(({ amount }) => amount))).toEqual([
      [7n, 57n, 36n],
      [3n, 5n, 6n],
    ]);
    expect(guaranteeCount(outcome)).toBe(2);
  });

  adversarial("is refused with a code for each way to be wrong", () => {
    const self = { ...addition(1), target: LEDGER };
    const account = { ...addition(1), target: LEADERS_ACCOUNT as never };
    const stranger = {
      ...addition(1),
      guarantee: { left: LEADERS_ACCOUNT, right: LEADERS_ACCOUNT },
    };
    const twice = { ...addition(1), shares: [...addition(1).shares, ...addition(2).shares] };
    const token = { ...addition(1), shares: [{ asset: TOKEN, left: 1n, right: 1n }] };

    expect(codeOf(EMPTY, self)).toBe("TargetNotAChannel");
    expect(codeOf(EMPTY, account)).toBe("TargetNotAChannel");
    expect(codeOf(EMPTY, stranger)).toBe("NotTheParties");
    expect(codeOf(EMPTY, twice)).toBe("SharesMalformed");
    expect(codeOf(EMPTY, { ...addition(1), shares: [] })).toBe("SharesMalformed");
    expect(codeOf(EMPTY, addition(1, [0n, 0n]))).toBe("SharesMalformed");
    expect(codeOf(EMPTY, token)).toBe("AssetMismatch");
    expect(codeOf(EMPTY, addition(1, [-1n, 3n]))).toBe("AmountOutOfRange");
    expect(codeOf(EMPTY, addition(1, [AMOUNT_MAX, 1n]))).toBe("AmountOutOfRange");
    expect(codeOf(EMPTY, addition(1, [1n, 1n], -1n))).toBe("AmountOutOfRange");
    expect(codeOf(EMPTY, addition(1, [61n, 0n]))).toBe("InsufficientFunds");
    expect(codeOf(EMPTY, addition(1, [60n, 0n], 1n))).toBe("InsufficientFunds");
    expect(codeOf(apply(EMPTY, addition(1)), addition(1))).toBe("GuaranteeExists");
  });

  adversarial("does not fit above as many guarantees as a ledger may have", () => {
    const wide = ledgerOutcome([[1_000n, 1_000n]]);
    const many = Array.from({ length: GUARANTEES_MAX }, (_, at) => addition(at, [1n, 1n]));

    expect(codeOf(apply(wide, ...many), addition(500))).toBe("GuaranteesFull");
    expect(codeOf(apply(wide, ...many.slice(1)), addition(500))).toBeUndefined();
  });
});

describe("a removal", () => {
  const funded = apply(EMPTY, addition(1, [5n, 3n], 2n));

  unit("gives back what each side gets, and the fee where it was not earned", () => {
    expect(amountsOf(apply(funded, removal(1, [1n, 7n])))).toEqual([54n, 46n]);
    expect(apply(funded, removal(1, [5n, 3n], 2n))).toEqual(EMPTY);
  });

  unit("gives the left side its part when that is the follower", () => {
    const guarantee = { left: FOLLOWERS_ACCOUNT, right: LEADERS_ACCOUNT };
    const other = apply(EMPTY, { ...addition(1), guarantee });

    expect(amountsOf(apply(other, removal(1, [1n, 7n])))).toEqual([64n, 36n]);
  });

  adversarial("is refused with a code for each way to be wrong", () => {
    const both = [...removal(1).shares, { asset: TOKEN, left: 0n, right: 1n }];
    const poor = ledgerOutcome([[60n, 3n]]);

    expect(codeOf(EMPTY, removal(1))).toBe("GuaranteeMissing");
    expect(codeOf(funded, removal(1, [5n, 4n]))).toBe("SharesDoNotAddUp");
    expect(codeOf(apply(TWO_ASSETS, addition(1)), { ...removal(1), shares: both })).toBe(
      "SharesDoNotAddUp",
    );
    expect(codeOf(funded, removal(1, [9n, -1n]))).toBe("AmountOutOfRange");
    expect(codeOf(apply(poor, addition(1)), removal(1, [8n, 0n], 1n))).toBe("InsufficientFunds");
  });
});

describe("a top-up", () => {
  unit("is an allocation behind all others, and joins the balance of whoever made it", () => {
    const running = apply(EMPTY, addition(1), topUp);

    expect(amountsOf(running)).toEqual([8n, 55n, 37n, 9n]);
    expect(amountsOf(apply(running, merge))).toEqual([8n, 64n, 37n]);
    expect(amountsOf(apply(EMPTY, { ...topUp, by: 1 }, { ...merge, by: 1 }))).toEqual([60n, 49n]);
  });

  adversarial("is refused with a code for each way to be wrong", () => {
    expect(codeOf(EMPTY, { ...topUp, amount: 0n })).toBe("AmountOutOfRange");
    expect(codeOf(EMPTY, { ...topUp, by: 2 })).toBe("UnknownParticipant");
    expect(codeOf(EMPTY, { ...topUp, asset: TOKEN })).toBe("AssetMismatch");
    expect(codeOf(apply(EMPTY, topUp), topUp)).toBe("TopUpRunning");
    expect(codeOf(EMPTY, merge)).toBe("TopUpMissing");
    expect(codeOf(apply(EMPTY, topUp), { ...merge, by: 1 })).toBe("UnknownParticipant");
  });
});

describe("reading a ledger's outcome", () => {
  const outcome = apply(EMPTY, addition(1), topUp);

  unit("tells guarantees, balances and top-up apart", () => {
    const exit = readLedgerExit("enforceable", assertDefined(outcome[0], "the coin"));

    expect(exit.guarantees).toEqual(guaranteesFor(outcome, targetAt(1)));
    expect(exit.balances.map(({ amount }) => amount)).toEqual([55n, 37n]);
    expect(exit.topUp?.amount).toBe(9n);
  });

  unit("finds what is guaranteed, free, and whose it is", () => {
    expect([
      includesGuarantee(outcome, targetAt(1)),
      includesGuarantee(outcome, targetAt(2)),
    ]).toEqual([true, false]);
    expect(guaranteeCount(outcome)).toBe(1);
    expect(freeBalance("enforceable", outcome, 1, ZERO_ADDRESS)).toBe(37n);
    expect(freeBalance("enforceable", outcome, 1, TOKEN)).toBeUndefined();
    expect(partiesOf("enforceable", outcome)).toEqual([LEADERS_ACCOUNT, FOLLOWERS_ACCOUNT]);
    expect(partiesOf("enforceable", [])).toBeUndefined();
  });

  property(
    "additions and removals in any order keep the sum; once all are undone nothing is left",
    () => {
      const step = fc.record({
        at: fc.nat(6),
        parts: fc.tuple(fc.bigInt(0n, 9n), fc.bigInt(1n, 9n)),
        fee: fc.bigInt(0n, 2n),
      });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
          const model = new Model();
          for (const { at, fee, parts } of steps) model.toggle(at, parts, fee);
          model.undoAll();
          expect(model.outcome).toEqual(EMPTY);
        }),
      );
    },
  );
});

/** A ledger, and what it takes to undo what was done to it. */
class Model {
  outcome = EMPTY;
  readonly #undo = new Map<number, LedgerProposal>();

  toggle(at: number, parts: readonly [bigint, bigint], fee: bigint): void {
    const undo = this.#undo.get(at);
    if (undo !== undefined) this.#remove(at, undo);
    else if (this.#try(addition(at, parts, fee))) this.#undo.set(at, removal(at, parts, fee));
  }

  /** Who has little left may need another one's refund first. */
  undoAll(): void {
    for (let rounds = this.#undo.size; rounds > 0; rounds--) {
      for (const [at, undo] of this.#undo) this.#remove(at, undo);
    }
  }

  #remove(at: number, undo: LedgerProposal): void {
    if (this.#try(undo)) this.#undo.delete(at);
  }

  #try(proposal: LedgerProposal): boolean {
    const next = applyProposal("enforceable", LEDGER, this.outcome, proposal);
    if (next.ok) this.outcome = next.value;
    expect(this.outcome.map(totalOf)).toEqual([100n]);
    return next.ok;
  }
}
