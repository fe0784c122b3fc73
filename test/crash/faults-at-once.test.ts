/**
 * Everything at once: lost frames, slow links, and nodes that die in the middle of paying each other. For more runs:
 * `CHANNELS_STORMS=1000 bun test test/crash/faults-at-once.test.ts`.
 */
import { describe, expect } from "bun:test";
import type { ActorName } from "../../sim/actors.ts";
import { drawBetween } from "../../sim/keyed-random.ts";
import { type RunResult, runScenario } from "../../sim/run-scenario.ts";
import { type Actor, defineScenario, type Scenario, type Stage } from "../../sim/scenario.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { crash } from "../kind.ts";

/** Runs per number of participants. Thousands held when the test was written. */
const SEEDS = Number(process.env["CHANNELS_STORMS"] ?? 6);

/** Payments of one run, asked for without waiting for the one before. */
const PAYMENTS = 8;

/** Longest that all runs of one test may take, in milliseconds. */
const TIME_MAX_MS = 120_000 + 6_000 * SEEDS;

const chain = chainOfFile();

describe("a channel whose nodes crash on a network that loses frames", () => {
  for (const cast of [
    ["alice", "bob"],
    ["alice", "bob", "irene"],
  ] as const) {
    crash(
      `of ${cast.length}: every payment is made or refused, and the channel closes`,
      async () => {
        for (let seed = 1; seed <= SEEDS; seed++) {
          // A snapshot every few events, at another place in each run: lives begin from all kinds of them.
          const eventsPerSnapshot = 5 + (seed % 23);
          const options = { seed, chain: chain(), signatures: "fast", eventsPerSnapshot } as const;
          expectHeld(seed, await runScenario(storyOf(seed, cast), options));
        }
      },
      TIME_MAX_MS,
    );
  }
});

function expectHeld(seed: number, { objectives, violations }: RunResult): void {
  const open = objectives.filter(({ status }) => status !== "Completed" && status !== "Rejected");
  expect({ seed, violations, open }).toEqual({ seed, violations: [], open: [] });
}

function storyOf(seed: number, cast: readonly ActorName[]): Scenario {
  return defineScenario({
    name: "faults-at-once",
    summary: "payments at random moments, crashes at random moments",
    cast,
    network: { dropFraction: 0.2, duplicateFraction: 0.2, latencyMs: [1, 3_000] },
    script: (stage) =>
      play(stage, cast, (key, n, bounds) => drawBetween(bounds, seed, "story", key, n)),
  });
}

type Draw = (key: string, n: number, bounds: readonly [number, number]) => number;

async function play(
  stage: Stage<ActorName>,
  cast: readonly ActorName[],
  draw: Draw,
): Promise<void> {
  const actors = cast.map((name) => stage[name]);
  const pick = (key: string, n: number, from: readonly Actor[]): Actor =>
    assertDefined(from[draw(key, n, [0, from.length - 1])], "an actor");
  const [first] = actors;
  const opener = assertDefined(first, "an opener");
  const amounts = actors.map(() => 1_000n);
  const channel = await opener.openChannel(actors.slice(1), [{ asset: stage.eth, amounts }]);

  const down = new Set<Actor>();
  const underway: Promise<unknown>[] = [];
  for (let n = 0; n < PAYMENTS; n++) {
    const payer = pick("payer", n, actors);
    const payee = pick(
      "payee",
      n,
      actors.filter((actor) => actor !== payer),
    );
    const amount = BigInt(draw("amount", n, [1, 5]));
    if (!down.has(payer)) underway.push(payer.tryToPay(channel, payee, stage.eth, amount));
    await stage.pause(draw("pause", n, [0, 4_000]));
    const victim = pick("victim", n, actors);
    if (draw("crash", n, [0, 2]) > 0 || down.has(victim)) continue;
    down.add(victim);
    underway.push(crashFor(stage, victim, draw("down", n, [1, 8_000]), down));
  }
  await Promise.all(underway);
  await pick("closer", 0, actors).closeChannel(channel);
}

async function crashFor(
  stage: Stage<ActorName>,
  victim: Actor,
  durationMs: number,
  down: Set<Actor>,
): Promise<void> {
  victim.crash();
  await stage.pause(durationMs);
  await victim.restart();
  down.delete(victim);
}
