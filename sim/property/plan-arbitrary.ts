/** Plans as fast-check takes them. */
import fc from "fast-check";
import { checkPlan } from "../search/check-plan.ts";
import { type DrawOptions, drawPlan } from "../search/draw-plan.ts";
import type { Plan } from "../search/plan.ts";
import { smallerPlans } from "./smaller-plans.ts";

/** Highest seed that is drawn: what 32 bits hold without a sign. */
const SEED_MAX = 2 ** 31 - 1;

/** Draws plans from seeds, and shrinks any plan that can be run: what failed once, and what a user gave as an example. */
export class PlanArbitrary extends fc.Arbitrary<Plan> {
  readonly #options: DrawOptions;

  constructor(options: DrawOptions) {
    super();
    this.#options = options;
  }

  override generate(chance: fc.Random): fc.Value<Plan> {
    return new fc.Value(drawPlan(chance.nextInt(0, SEED_MAX), this.#options), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Plan {
    if (typeof value !== "object" || value === null || !("wishes" in value)) return false;
    return checkPlan(value as Plan).length === 0;
  }

  override shrink(plan: Plan): fc.Stream<fc.Value<Plan>> {
    return fc.stream(smallerPlans(plan)).map((smaller) => new fc.Value(smaller, undefined));
  }
}
