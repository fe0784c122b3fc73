/** A campaign plays each seed once, whatever becomes of the processes that play them. */
import { describe, expect } from "bun:test";
import { integration, unit } from "../../test/kind.ts";
import type { PlanResult } from "../search/run-plan.ts";
import { Campaign, type Tally } from "./campaign.ts";
import { differenceOf } from "./repeat.ts";
import { Workers } from "./workers.ts";

/** Processes start and compile: a loaded machine takes many times what an idle one does. */
const TIME_MAX_MS = 120_000;

const SETTINGS = {
  chain: "model",
  signatures: "fast",
  repeatFraction: 0,
  wishesMax: 2,
} as const;

function campaignOf(seeds: number, onProgress: (tally: Tally) => void = () => {}): Campaign {
  return new Campaign({
    settings: SETTINGS,
    budget: { type: "Seeds", seeds },
    from: 100,
    workers: 2,
    onNewBucket: () => {},
    onProgress,
  });
}

describe("a campaign", () => {
  integration(
    "plays every seed once, and collects what they reached",
    async () => {
      const campaign = campaignOf(4);
      expect(await campaign.run()).toBeUndefined();
      const { buckets, coverage, messages, seeds } = campaign.tally;
      expect(seeds).toBe(4);
      expect([...buckets.keys()]).toEqual([]);
      expect(messages).toBeGreaterThan(0);
      expect(coverage.count().marks).toBeGreaterThan(0);
    },
    TIME_MAX_MS,
  );

  integration(
    "goes on without a seed that does not come to its end, and tells of it",
    async () => {
      const told: string[] = [];
      const campaign = new Campaign({
        settings: SETTINGS,
        budget: { type: "Seeds", seeds: 2 },
        from: 100,
        workers: 1,
        onNewBucket: ({ message }) => told.push(message),
        onProgress: () => {},
        players: (doors) => new Workers({ ...doors, seedMsMax: 1 }),
      });
      expect(await campaign.run()).toBeUndefined();
      expect(campaign.tally.seeds).toBe(2);
      expect([...campaign.tally.buckets.keys()]).toEqual(["process-124"]);
      expect(told).toEqual(["the seed was not played to its end within half an hour"]);
    },
    TIME_MAX_MS,
  );

  integration(
    "plays the seeds of a process that was killed again, and counts each once",
    async () => {
      let isKilled = false;
      const campaign = campaignOf(4, () => {
        const [first] = campaign.pids;
        if (isKilled || first === undefined) return;
        isKilled = true;
        process.kill(first, "SIGKILL");
      });
      expect(await campaign.run()).toBeUndefined();
      expect(isKilled).toBe(true);
      expect(campaign.tally.seeds).toBe(4);
      expect([...campaign.tally.buckets.keys()]).toEqual([]);
    },
    TIME_MAX_MS,
  );

  integration(
    "goes on when a process is killed before it could play, where others have played",
    async () => {
      const known = new Set<number>();
      let killed = 0;
      const kill = (pid: number | undefined): void => {
        if (pid === undefined) return;
        known.add(pid);
        process.kill(pid, "SIGKILL");
        killed += 1;
      };
      const campaign = campaignOf(6, () => {
        if (known.size > 0) return;
        for (const pid of campaign.pids) known.add(pid);
        kill(campaign.pids[0]);
      });
      // Whoever takes its place is killed as soon as it is there.
      const watch = setInterval(() => {
        if (killed === 1) kill(campaign.pids.find((pid) => !known.has(pid)));
      }, 1);
      expect(await campaign.run()).toBeUndefined();
      clearInterval(watch);
      expect(killed).toBe(2);
      expect(campaign.tally.seeds).toBe(6);
    },
    TIME_MAX_MS,
  );
});

describe("differenceOf", () => {
  const result: PlanResult = {
    violations: [],
    assumptions: [],
    traceHash: "0x",
    trace: [],
    virtualMs: 1_000,
    messages: 7,
    transactions: 2,
    wishes: new Map([[1, { type: "Skipped" }]]),
  };

  unit("finds none between runs that came to the same, on whatever chain", () => {
    expect(differenceOf(result, { ...result, traceHash: "0x01" })).toBeUndefined();
  });

  unit("names what is another in the second run", () => {
    expect(differenceOf(result, { ...result, messages: 8 })).toBe("messages: 7 and then 8");
    const violations = [{ oracle: "solvency", message: "alice is short of 1 wei" }];
    expect(differenceOf(result, { ...result, violations })).toContain("solvency");
  });
});
