/** Tests of shrinking, against rules that say of a plan whether it fails: no world is run. */
import { describe, expect } from "bun:test";
import { giantPlan } from "../../test/giant-plan.ts";
import { invariant, property, unit } from "../../test/kind.ts";
import { planText } from "./capsule-plan.ts";
import type { Plan } from "./plan.ts";
import { type ShrinkOptions, type Shrunk, shrink } from "./shrink.ts";
import { onlyWishes } from "./shrink-parts.ts";
import { type FailureHints, shrinkPlan } from "./shrink-plan.ts";
import { stepsOf, type Verdict } from "./shrink-trial.ts";
import { isOpening, peopleOf } from "./wish.ts";

/** Says of a plan when it fails; undefined when it does not. */
type Rule = (plan: Plan) => number | undefined;

const OTHER: Verdict = { type: "Other" };

const judgeBy =
  (rule: Rule) =>
  async (plan: Plan): Promise<Verdict> => {
    const atMs = rule(plan);
    return atMs === undefined ? OTHER : { type: "Same", atMs };
  };

const NOBODY: FailureHints = { atMs: Number.MAX_SAFE_INTEGER, named: [], mayLeaveBucket: true };

function shrinkBy(plan: Plan, rule: Rule, options: Partial<ShrinkOptions> = {}): Promise<Shrunk> {
  return shrink(plan, shrinkPlan(plan, NOBODY), { judge: judgeBy(rule), ...options });
}

/**
 * A bug that needs a voucher in a virtual channel whose payer's ledger channel was topped up before, and a node of the
 * channel that was away after.
 */
const voucherBehindCrash: Rule = ({ faults, wishes }) => {
  for (const opening of wishes.filter(isOpening)) {
    if (opening.type !== "OpenVirtual") continue;
    const paid = wishes.find((wish) => wish.type === "PayVirtually" && wish.channel === opening.id);
    const topUp = wishes.find((wish) => wish.type === "TopUp" && wish.atMs <= opening.atMs);
    const people = peopleOf(opening);
    const crash = faults.find((fault) => fault.type === "Crash" && people.includes(fault.node));
    if (paid !== undefined && topUp !== undefined && crash !== undefined) {
      return Math.max(paid.atMs, crash.atMs);
    }
  }
  return undefined;
};

describe("shrinkPlan", () => {
  invariant("a failure of 2,000 wishes comes down to the steps that it needs", async () => {
    const sizes: number[] = [];
    for (let seed = 1; seed <= 3; seed += 1) {
      const plan = giantPlan(seed, 2_000);
      expect(voucherBehindCrash(plan)).toBeDefined();

      const { isDone, plan: small, runs, steps } = await shrinkBy(plan, voucherBehindCrash);

      expect(isDone).toBe(true);
      expect(voucherBehindCrash(small)).toBeDefined();
      expect(runs).toBeLessThan(1_000);
      sizes.push(steps);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(12);
  });

  invariant("what is left cannot be made smaller by leaving out one step more", async () => {
    const { plan } = await shrinkBy(giantPlan(5, 400), voucherBehindCrash);

    const smaller = [
      ...plan.wishes.map(({ id }) => onlyWishes(plan, (wish) => wish.id !== id)),
      ...plan.faults.map((fault) => ({
        ...plan,
        faults: plan.faults.filter((one) => one !== fault),
      })),
    ];
    expect(smaller.filter((one) => voucherBehindCrash(one) !== undefined)).toEqual([]);
    expect(smaller.length).toBe(stepsOf(plan));
  });

  unit("makes calm what can be calm, and small and round what is a number", async () => {
    const { plan } = await shrinkBy(giantPlan(5, 400), voucherBehindCrash);

    const { chain, end, fees, network, seed, watched } = plan;
    expect({ chain, end, fees, network, seed, watched }).toEqual({
      chain: {},
      end: "Rest",
      fees: {},
      network: {},
      seed: 1,
      watched: [],
    });
    expect(plan.wishes.map(({ id }) => id)).toEqual(plan.wishes.map((_, index) => index + 1));
    expect(plan.wishes.every(({ atMs }) => atMs === 0)).toBe(true);
    expect(plan.faults.map(({ atMs }) => atMs)).toEqual([0]);
    expect(plan.cast[0]).toBe("alice");
  });

  unit("finds the least amount that still fails", async () => {
    const rule: Rule = ({ wishes }) =>
      wishes.some((wish) => wish.type === "Pay" && wish.amount >= 37n) ? 0 : undefined;
    const giant = giantPlan(1, 400).wishes;
    const payment = giant.find(({ type }) => type === "Pay");
    const opening = giant.find(({ type }) => type === "OpenDirect");
    const both = [opening, payment].flatMap((wish) => wish ?? []);
    expect(both).toHaveLength(2);
    const plan: Plan = {
      ...giantPlan(1, 1),
      wishes: both.map((wish) =>
        wish.type === "Pay" ? { ...wish, channel: opening?.id ?? 0, amount: 1_000n } : wish,
      ),
    };

    const small = (await shrinkBy(plan, rule)).plan;

    const paid = small.wishes.flatMap((wish) => (wish.type === "Pay" ? [wish.amount] : []));
    expect(paid).toHaveLength(1);
    expect(Number(paid[0])).toBeGreaterThanOrEqual(37);
    expect(Number(paid[0])).toBeLessThan(60);
  });
});

/** Fails in the wanted bucket with a crash and a payment, and in another one with a payment alone. */
const twoBuckets = async (plan: Plan): Promise<Verdict> => {
  const isPaid = plan.wishes.some(({ type }) => type === "Pay");
  const isCrashed = plan.faults.some(({ type }) => type === "Crash");
  if (!isPaid) return OTHER;
  return { type: isCrashed ? "Same" : "Alike", atMs: Number.MAX_SAFE_INTEGER };
};

describe("the failure that is held", () => {
  unit("stays in its bucket where that comes down to few steps", async () => {
    const plan = giantPlan(2, 300);

    const { plan: small } = await shrink(plan, shrinkPlan(plan, NOBODY), { judge: twoBuckets });

    expect(small.faults.map(({ type }) => type)).toEqual(["Crash"]);
    expect(small.wishes.map(({ type }) => type)).toEqual(["OpenDirect", "Pay"]);
  });

  unit(
    "leaves its bucket for another of the same oracle where too many steps are left",
    async () => {
      const plan = giantPlan(2, 300);
      const judge = async (candidate: Plan): Promise<Verdict> => {
        const verdict = await twoBuckets(candidate);
        const isMany = candidate.wishes.length > 40;
        return verdict.type === "Same" && !isMany ? { ...verdict, type: "Alike" } : verdict;
      };

      const held = { ...NOBODY, mayLeaveBucket: false };
      const strict = await shrink(plan, shrinkPlan(plan, held), { judge });
      const free = await shrink(plan, shrinkPlan(plan, NOBODY), { judge });

      expect(strict.plan.wishes.length).toBeGreaterThan(40);
      expect(free.plan.wishes.map(({ type }) => type)).toEqual(["OpenDirect", "Pay"]);
    },
  );

  unit("never becomes the failure of another oracle", async () => {
    const asked: Plan[] = [];
    const plan = giantPlan(4, 60);
    const judge = async (candidate: Plan): Promise<Verdict> => {
      asked.push(candidate);
      return OTHER;
    };

    const { plan: small } = await shrink(plan, shrinkPlan(plan, NOBODY), { judge });

    expect(asked.length).toBeGreaterThan(60);
    expect(small).toBe(plan);
  });
});

describe("a search that is stopped", () => {
  property("goes on with its verdicts to the same plan, wherever it was stopped", async () => {
    const plan = giantPlan(5, 400);
    const whole = await shrinkBy(plan, voucherBehindCrash);

    for (const share of [0, 0.1, 0.6, 0.99]) {
      const stopAfter = Math.floor(whole.runs * share);
      let runs = 0;
      const first = await shrinkBy(plan, voucherBehindCrash, {
        isStopped: () => runs++ >= stopAfter,
      });
      const known = first.verdicts;
      const second = await shrinkBy(plan, voucherBehindCrash, { known });

      expect([first.isDone, first.runs]).toEqual([false, stopAfter]);
      expect(second.runs).toBe(whole.runs - stopAfter);
      expect(planText(second.plan)).toBe(planText(whole.plan));
      expect(second.verdicts).toEqual(whole.verdicts);
    }
  });

  unit("has the smallest plan so far, which fails", async () => {
    const plan = giantPlan(5, 400);
    let runs = 0;

    const { isDone, plan: small } = await shrinkBy(plan, voucherBehindCrash, {
      isStopped: () => runs++ >= 20,
    });

    expect(isDone).toBe(false);
    expect(stepsOf(small)).toBeLessThan(stepsOf(plan));
    expect(voucherBehindCrash(small)).toBeDefined();
  });

  unit("tells how far it is", async () => {
    const told: number[] = [];

    const { steps } = await shrinkBy(giantPlan(6, 200), voucherBehindCrash, {
      onProgress: (progress) => told.push(progress.steps),
    });

    expect(told.length).toBeGreaterThan(30);
    expect(told).toEqual([...told].sort((one, other) => other - one));
    expect(told.at(-1)).toBe(steps);
  });
});
