/** An end of a virtual channel loses the end of its log: both pay as before, back what they were paid as well. */
import { describe, expect } from "bun:test";
import { storyWith } from "../../sim/adversaries/adversary-stories.ts";
import type { Plan } from "../../sim/search/plan.ts";
import { runPlan } from "../../sim/search/run-plan.ts";
import type { Wish } from "../../sim/search/wish.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { crash } from "../kind.ts";

const model = chainOfFile("model");

/** Alice pays Bob, who has put in nothing, 7; one of them loses appends; Bob pays 3 of it back, and Alice pays 1 more. */
function planWith(node: "alice" | "bob", appends: number): Plan {
  const coins = (left: bigint, right: bigint) =>
    [{ asset: "eth", amounts: [left, right] }] as const;
  const pay = (atMs: number, by: "alice" | "bob", amount: bigint) =>
    ({ atMs, by, type: "PayVirtually", channel: 2, asset: "eth", amount }) as const;
  const wishes = [
    { atMs: 0, by: "alice", type: "OpenLedger", other: "irene", amounts: coins(90n, 90n) },
    { atMs: 0, by: "irene", type: "OpenLedger", other: "bob", amounts: coins(90n, 90n) },
    {
      atMs: 100_000,
      by: "alice",
      type: "OpenVirtual",
      payee: "bob",
      via: ["irene"],
      amounts: coins(20n, 0n),
    },
    pay(110_000, "alice", 3n),
    pay(112_000, "alice", 4n),
    pay(125_000, "bob", 2n),
    pay(126_000, "bob", 1n),
    pay(128_000, "alice", 1n),
  ] as const;
  return {
    ...storyWith("payer", []),
    cast: ["alice", "irene", "bob"],
    wishes: wishes.map((wish, id): Wish => ({ ...wish, id })),
    faults: [{ id: 1, atMs: 116_000, type: "LostTail", node, appends, awayMs: 500 }],
  };
}

/** What was promised last to each of them, as their own logs have it. */
async function promisedIn(plan: Plan): Promise<Record<string, unknown>> {
  const { trace, violations } = await runPlan(plan, { chain: model(), signatures: "fast" });
  expect(violations).toEqual([]);
  const last: Record<string, unknown> = {};
  for (const item of trace) {
    if (item.type !== "Event" || !item.event.includes('"VoucherReceived"')) continue;
    last[item.node] = JSON.parse(item.event).amounts;
  }
  return last;
}

describe("payments behind a loss", () => {
  for (const node of ["alice", "bob"] as const) {
    for (const appends of [1, 3, 5]) {
      crash(`go on in both directions when ${node} lost ${appends} appends`, async () => {
        expect(await promisedIn(planWith(node, appends))).toEqual({ alice: ["3"], bob: ["8"] });
      });
    }
  }
});
