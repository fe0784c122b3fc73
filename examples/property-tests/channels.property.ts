/** Properties that hold for channels whoever uses them, whatever goes wrong, and whoever cheats. */
import { test } from "bun:test";
import { channelCommands, channelPlans, expectCommandsHold, expectHolds } from "channels/property";
import fc from "fast-check";

/** Time for one property, in milliseconds: what its runs take on a slow machine. */
const TIME_MS = 60_000;

const CAST = ["alice", "irene", "bob"] as const;

test(
  "all ends well among honest users",
  async () => {
    const plans = channelPlans({ faults: false, adversaries: false, wishesMax: 5 });

    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        await expectHolds(plan);
      }),
      { numRuns: 3, seed: 1 },
    );
  },
  TIME_MS,
);

test(
  "a crash loses nobody a payment",
  async () => {
    const plans = channelPlans({
      cast: ["alice", "bob"],
      kinds: ["OpenDirect", "Pay", "Close"],
      faults: ["Crash"],
      adversaries: false,
      wishesMax: 6,
    });

    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        await expectHolds(plan);
      }),
      { numRuns: 3, seed: 1 },
    );
  },
  TIME_MS,
);

test(
  "whatever users do step by step, everybody has what was paid to her",
  async () => {
    const commands = channelCommands({ cast: CAST });

    await fc.assert(
      fc.asyncProperty(commands, async (steps) => {
        await expectCommandsHold(steps, { cast: CAST });
      }),
      { numRuns: 8, seed: 1 },
    );
  },
  TIME_MS,
);
