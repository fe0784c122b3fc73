/** Plans drawn from seeds: the same again, of every kind, and such as can be run. */
import { describe, expect } from "bun:test";
import { property, unit } from "../../test/kind.ts";
import { STRATEGY_NAMES } from "../adversaries/strategies.ts";
import { FAULT_TYPES } from "../faults/fault.ts";
import { checkPlan } from "./check-plan.ts";
import { WISH_TYPES } from "./draw-kinds.ts";
import { drawPlan } from "./draw-plan.ts";
import { honestOf } from "./plan.ts";

const SEEDS = Array.from({ length: 500 }, (_, seed) => seed);
const PLANS = SEEDS.map((seed) => drawPlan(seed));

describe("drawPlan", () => {
  unit("the same seed gives the same plan, and another one another", () => {
    const plans = SEEDS.slice(0, 50);

    expect(plans.map((seed) => drawPlan(seed))).toEqual(PLANS.slice(0, 50));
    expect(new Set(PLANS.map((plan) => Bun.inspect(plan))).size).toBe(500);
  });

  property("every plan can be run", () => {
    const problems = PLANS.flatMap((plan) => checkPlan(plan).map((what) => [plan.seed, what]));

    expect(problems).toEqual([]);
  });

  unit(
    "500 seeds draw every strategy, nobody cheats in two of five, and somebody is always honest",
    () => {
      const drawn = new Set(PLANS.flatMap((plan) => plan.moves.map(({ strategy }) => strategy)));
      const honest = PLANS.filter(({ moves }) => moves.length === 0).length;

      expect([...drawn].sort()).toEqual([...STRATEGY_NAMES].sort());
      expect(Math.abs(honest - 200)).toBeLessThan(40);
      expect(PLANS.filter((plan) => honestOf(plan).length === 0)).toEqual([]);
      expect(drawPlan(1, { adversaries: false }).moves).toEqual([]);
    },
  );

  unit("500 seeds draw every kind of wish and of fault, and every way to end", () => {
    const wishes = new Set(PLANS.flatMap((plan) => plan.wishes.map(({ type }) => type)));
    const faults = new Set(PLANS.flatMap((plan) => plan.faults.map(({ type }) => type)));
    const ends = new Set(PLANS.map(({ end }) => end));

    expect([...wishes].sort()).toEqual([...WISH_TYPES].sort());
    expect([...faults].sort()).toEqual([...FAULT_TYPES].sort());
    expect(ends.size).toBe(3);
  });

  unit("most plans are small, and one in 500 is not", () => {
    const counts = Array.from({ length: 2_000 }, (_, seed) => drawPlan(seed).wishes.length);
    counts.sort((one, other) => one - other);

    expect(counts[0]).toBeGreaterThan(0);
    expect(counts[1_000]).toBeLessThanOrEqual(12);
    const big = counts.filter((count) => count >= 100).length;
    expect(Math.abs(big - 5)).toBeLessThan(4);
  });

  unit(
    "no fees rise where a transaction that no miner takes must be replaced by a dearer one",
    () => {
      const stuck = PLANS.filter(({ chain }) => (chain.stuckFraction ?? 0) > 0);
      const dear = stuck.filter(({ faults }) => faults.some(({ type }) => type === "FeeSpike"));

      expect(stuck.length).toBeGreaterThan(10);
      expect(dear).toEqual([]);
    },
  );

  unit("without faults nothing is lost, taken back or withheld", () => {
    for (const seed of SEEDS.slice(0, 100)) {
      const { chain, faults, network } = drawPlan(seed, { faults: false });

      expect(faults).toEqual([]);
      expect(Object.keys(chain)).toEqual(["profile", "pollMs"]);
      expect([network.dropFraction, network.duplicateFraction]).toEqual([undefined, undefined]);
    }
  });

  unit("options fix who is there, what is asked and what goes wrong", () => {
    const cast = ["alice", "irene", "bob"] as const;
    for (const seed of SEEDS.slice(0, 100)) {
      const options = {
        cast,
        wishesMax: 5,
        faults: ["Crash"],
        kinds: ["OpenDirect", "Pay"],
      } as const;
      const plan = drawPlan(seed, options);
      const types = plan.wishes.map(({ type }) => type);

      expect(plan.cast).toEqual(cast);
      expect(types.length).toBeLessThanOrEqual(5);
      expect(types.filter((type) => type !== "OpenDirect" && type !== "Pay")).toEqual([]);
      expect(plan.faults.filter(({ type }) => type !== "Crash")).toEqual([]);
    }
  });
});
