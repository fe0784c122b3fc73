/** Property tests as users write them: what is drawn, what holds, and what a failure shrinks to. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { integration, property, unit } from "../../test/kind.ts";
import { checkPlan } from "../search/check-plan.ts";
import { drawPlan } from "../search/draw-plan.ts";
import type { ChannelCommand } from "./channel-commands.ts";
import { channelCommands, channelPlans, expectCommandsHold, expectHolds } from "./property.ts";
import { sizeOf, smallerPlans } from "./smaller-plans.ts";

const CAST = ["alice", "irene", "bob"] as const;
const CALM = { faults: false, adversaries: false } as const;

/** Time for a test of many runs, in milliseconds. */
const TIME_MS = 120_000;

/** What is thrown, and why. */
async function thrownBy(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    return [error, cause].map(String).join("\n");
  }
  return "nothing";
}

describe("channelPlans", () => {
  property(
    "whatever is drawn can be run, and so can all that it shrinks to, which is smaller",
    () => {
      fc.assert(
        fc.property(channelPlans({ wishesMax: 20 }), (plan) => {
          expect(checkPlan(plan)).toEqual([]);
          for (const smaller of smallerPlans(plan)) {
            expect(checkPlan(smaller)).toEqual([]);
            expect(sizeOf(smaller)).toBeLessThan(sizeOf(plan));
          }
        }),
        { numRuns: 8 },
      );
    },
  );

  unit("a failure shrinks to what it takes", () => {
    const isPaid = fc.property(channelPlans(), ({ wishes }) =>
      wishes.every(({ type }) => type !== "PayVirtually"),
    );

    const { counterexample } = fc.check(isPaid);
    const [plan] = counterexample ?? [];

    expect(plan?.wishes.map(({ type }) => type)).toEqual(["OpenVirtual", "PayVirtually"]);
    expect([plan?.faults, plan?.moves, plan?.network]).toEqual([[], [], {}]);
  });
});

describe("expectHolds", () => {
  integration(
    "all ends well where nothing goes wrong",
    async () => {
      const plans = channelPlans({ ...CALM, cast: ["alice", "bob"], wishesMax: 3 });

      await fc.assert(
        fc.asyncProperty(plans, async (plan) => {
          const { wishes } = await expectHolds(plan);

          expect(wishes.size).toBeGreaterThan(0);
        }),
        { numRuns: 3 },
      );
    },
    TIME_MS,
  );

  integration("what cannot be run is told, and so is what breaks", async () => {
    const plan = drawPlan(1, { ...CALM, cast: ["alice", "bob"] });
    const broken = { ...plan, chain: { ...plan.chain, rpcs: {} }, cast: ["alice"] as const };

    expect(await thrownBy(() => expectHolds(broken))).toContain("fewer than two actors");
  });
});

describe("channelCommands", () => {
  integration(
    "users open, pay and close, and nodes come back to what the model says",
    async () => {
      const words: string[] = [];

      await fc.assert(
        fc.asyncProperty(channelCommands({ cast: CAST }), async (commands) => {
          await expectCommandsHold(commands, { cast: CAST });
          words.push(String(commands));
        }),
        { numRuns: 6 },
      );

      for (const verb of [
        "opens direct",
        "opens ledger",
        "opens virtual",
        "pays",
        "closes",
        "is back",
      ]) {
        expect(words.some((text) => text.includes(verb))).toBe(true);
      }
    },
    TIME_MS,
  );

  integration(
    "a command of a user's own goes along, and what breaks shrinks to it alone",
    async () => {
      const theft: ChannelCommand = {
        check: ({ book }) => book.some(({ isClosed, type }) => !isClosed && type === "Direct"),
        run: async (model) => {
          model.book = model.book.map((one) => ({
            ...one,
            funds: [{ asset: "eth", amounts: [1n, 0n] }],
          }));
          await Promise.resolve();
        },
        toString: () => "the model forgets",
      };
      const forget = channelCommands({
        cast: CAST,
        commandsMax: 10,
        more: [theft, theft, theft, theft].map((one) => fc.constant(one)),
      });

      const message = await thrownBy(() =>
        fc.assert(
          fc.asyncProperty(forget, async (commands) => {
            await expectCommandsHold(commands, { cast: CAST });
          }),
          { numRuns: 40 },
        ),
      );

      expect(message).toContain("the model forgets");
      expect(message).toContain("should be");
      expect(message).not.toContain("crashes");
    },
    TIME_MS,
  );
});
