/** Runs plans with the source of one folder, be it this one or a copy of it. */
import { join } from "node:path";
import type { Plan } from "../sim/search/plan.ts";
import type { RunPlanOptions } from "../sim/search/run-plan.ts";
import type { SimulatedChain } from "../sim/simulated-chain.ts";
import type { Violation } from "../sim/violation.ts";

/** What is taken from the folder. */
type Source = {
  readonly runPlan: (
    plan: Plan,
    options: RunPlanOptions,
  ) => Promise<{ readonly violations: readonly Violation[] }>;
  readonly brokenBy: (error: unknown) => Violation;
};

/** One source, with a chain of its own. */
export class PlanRunner {
  readonly #source: Source;
  readonly #chain: SimulatedChain;
  /** What was thrown where nobody waits for it. */
  #loose: unknown[] = [];

  private constructor(source: Source, chain: SimulatedChain) {
    this.#source = source;
    this.#chain = chain;
  }

  /** Loads the source of the folder. */
  static async in(folder: string): Promise<PlanRunner> {
    const load = (path: string): Promise<unknown> => import(join(folder, "sim", path));
    const { runPlan } = (await load("search/run-plan.ts")) as Pick<Source, "runPlan">;
    const { brokenBy } = (await load("search/broken-run.ts")) as Pick<Source, "brokenBy">;
    const { startSimulatedChain } = (await load("simulated-chain.ts")) as {
      readonly startSimulatedChain: (tier: "model") => Promise<SimulatedChain>;
    };
    // A run that is over must not end the hunt.
    process.on("uncaughtException", ignore);
    process.on("unhandledRejection", ignore);
    return new PlanRunner({ runPlan, brokenBy }, await startSimulatedChain("model"));
  }

  /** What a run shows. An error of a simulated part is a finding like any other. */
  async violationsOf(plan: Plan, isReal: boolean): Promise<readonly Violation[]> {
    const { brokenBy, runPlan } = this.#source;
    const signatures = isReal ? "real" : "fast";
    const note = (error: unknown): void => void this.#loose.push(error);
    process.on("uncaughtException", note);
    process.on("unhandledRejection", note);
    this.#loose = [];
    try {
      const options = { chain: this.#chain, signatures, stopsAtFirst: true } as const;
      const { violations } = await runPlan(plan, options);
      // What is thrown as the nodes of the run end belongs to it.
      await Bun.sleep(0);
      return [...violations, ...this.#loose.map((error) => findingOf(error, brokenBy))];
    } catch (error) {
      return [findingOf(error, brokenBy)];
    } finally {
      process.off("uncaughtException", note);
      process.off("unhandledRejection", note);
    }
  }
}

function ignore(): void {}

/** What a campaign takes for a fault of the world outside is one of the copy here: the same chain serves the original. */
function findingOf(error: unknown, brokenBy: Source["brokenBy"]): Violation {
  try {
    return brokenBy(error);
  } catch {
    return { oracle: "error", message: error instanceof Error ? error.message : String(error) };
  }
}
