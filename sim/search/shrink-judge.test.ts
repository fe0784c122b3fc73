/** Tests of shrinking against worlds that run, with a fault planted in each: a node that shows a turn twice. */
import { describe, expect } from "bun:test";
import type { NodeEvent } from "../../src/events/event.ts";
import { integration, unit } from "../../test/kind.ts";
import { doctor } from "../../test/planted-fault.ts";
import type { ActorName } from "../actors.ts";
import { startSimulatedChain } from "../simulated-chain.ts";
import type { World } from "../world.ts";
import { bucketOf } from "./bucket.ts";
import { CALM_PLAN } from "./calm-plan.ts";
import { failureReportLines, REPORT_LINES_MAX } from "./failure-report.ts";
import type { Plan } from "./plan.ts";
import { runPlan } from "./run-plan.ts";
import { shrink } from "./shrink.ts";
import { createJudge } from "./shrink-judge.ts";
import { shrinkPlan } from "./shrink-plan.ts";
import { stepsOf } from "./shrink-trial.ts";
import type { Wish } from "./wish.ts";

/** From the fourth turn on, Bob's log says that he signed turn 3. */
function repeatTurn(event: NodeEvent): NodeEvent {
  if (event.type !== "StateSigned" || event.variablePart.turnNum < 4) return event;
  return { ...event, variablePart: { ...event.variablePart, turnNum: 3 } };
}

const plant = (world: World): void => doctor(world, "bob", repeatTurn);

const PAIRS: readonly (readonly [ActorName, ActorName])[] = [
  ["alice", "irene"],
  ["bob", "irene"],
];

/** Two channels with five payments each, and a slow link. */
const PLAN: Plan = {
  ...CALM_PLAN,
  seed: 77,
  cast: ["alice", "bob", "irene"],
  network: { latencyMs: [5, 300] },
  wishes: PAIRS.flatMap(([one, other], pair) => wishesOf(one, other, pair * 10)),
  faults: [
    { id: 1, atMs: 3_000, type: "SlowLink", from: "bob", to: "irene", latencyMs: [1, 9], forMs: 5 },
  ],
};

function wishesOf(one: ActorName, other: ActorName, first: number): readonly Wish[] {
  const amounts = [{ asset: "eth", amounts: [1_000n, 500n] }] as const;
  const opening: Wish = {
    id: first,
    atMs: 13,
    by: one,
    type: "OpenDirect",
    others: [other],
    amounts,
  };
  const payments = Array.from({ length: 5 }, (_, index): Wish => {
    const [by, to] = index % 2 === 0 ? [one, other] : [other, one];
    const id = first + index + 1;
    const amount = BigInt(index + 2);
    return {
      id,
      atMs: 60_000 + index * 9_111,
      by,
      type: "Pay",
      channel: first,
      to,
      asset: "eth",
      amount,
    };
  });
  return [opening, ...payments];
}

describe("a planted fault in running worlds", () => {
  integration(
    "is shrunk to the channel and the payments that it needs, and told in words",
    async () => {
      const chain = await startSimulatedChain("model");
      try {
        const [found] = (await runPlan(PLAN, { chain, signatures: "fast", prepare: plant }))
          .violations;
        expect(found?.oracle).toBe("monotone");
        const violation = found ?? { oracle: "", message: "" };
        const failure = { ...violation, bucket: bucketOf(violation) };
        const judge = createJudge({ failure, plan: PLAN, signatures: "fast" }, chain, plant);
        const hints = await judge.begin();
        if (hints === undefined) throw new Error("the plan does not fail");
        expect(hints.named).toEqual(["bob", "irene"]);

        const { plan } = await shrink(PLAN, shrinkPlan(PLAN, hints), { judge: judge.judge });

        expect(stepsOf(plan)).toBeLessThanOrEqual(3);
        expect([plan.cast.length, plan.faults.length]).toEqual([2, 0]);
        const again = await runPlan(plan, { chain, signatures: "fast", prepare: plant });
        expect(again.violations[0]?.oracle).toBe("monotone");
        const unplanted = await runPlan(plan, { chain, signatures: "fast" });
        expect(unplanted.violations).toEqual([]);
        const unfit = createJudge({ failure, plan, signatures: "fast" }, chain);
        expect(await unfit.begin()).toBeUndefined();
        const { assumptions, trace, virtualMs } = again;
        const plain = (text: string): string => text;
        const paint = { bold: plain, dim: plain, green: plain, red: plain, yellow: plain };
        const bucket = failure.bucket;
        const about = {
          plan,
          chain: "model",
          violation: failure,
          bucket,
          commands: ["look"],
        } as const;
        const report = failureReportLines({ ...about, assumptions, trace, virtualMs }, paint);
        expect(report.length).toBeLessThanOrEqual(REPORT_LINES_MAX);
        expect(report.join("\n")).toContain("promise  Turns and vouchers only rise.");
        expect(report.join("\n")).toMatch(/1\. \w+ opens a channel with \w+: \w+ puts in/);
      } finally {
        await chain.local.stop();
      }
    },
    120_000,
  );
});

describe("bucketOf", () => {
  unit(
    "is the same for other names, numbers and ids, and another for another oracle or text",
    () => {
      const message = "bob's log at offset 108: the signed turn of 0xc317e3b7 goes from 3 to 3";
      const alike = "alice's log at offset 7: the signed turn of 0xaa goes from 12 to 9";

      const bucket = bucketOf({ oracle: "monotone", message });

      expect(bucket).toMatch(/^[0-9a-f]{8}$/);
      expect(bucketOf({ oracle: "monotone", message: alike })).toBe(bucket);
      expect(bucketOf({ oracle: "fold", message })).not.toBe(bucket);
      expect(bucketOf({ oracle: "monotone", message, phase: "Update" })).not.toBe(bucket);
      expect(bucketOf({ oracle: "monotone", message: `${message} again` })).not.toBe(bucket);
    },
  );
});
