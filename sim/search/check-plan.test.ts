/** What is wrong with a plan is said. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { checkPlan } from "./check-plan.ts";
import { drawPlan } from "./draw-plan.ts";
import type { Plan } from "./plan.ts";
import type { Wish } from "./wish.ts";

const OPENING: Wish = {
  id: 0,
  atMs: 0,
  by: "alice",
  type: "OpenDirect",
  others: ["bob"],
  amounts: [{ asset: "eth", amounts: [5n, 5n] }],
};
const PAYMENT: Wish = {
  id: 1,
  atMs: 10,
  by: "bob",
  type: "Pay",
  channel: 0,
  to: "alice",
  asset: "eth",
  amount: 1n,
};
const PLAN: Plan = {
  ...drawPlan(1, { faults: false, cast: ["alice", "bob"] }),
  fees: {},
  watched: [],
  wishes: [OPENING, PAYMENT],
};

const WRONG: readonly (readonly [problem: string, change: Partial<Plan>])[] = [
  ["the cast has fewer than two actors", { cast: ["alice"], wishes: [] }],
  ["somebody is twice in the cast", { cast: ["alice", "bob", "bob"] }],
  [
    "igor keeps the tower and cannot be in the cast",
    { cast: ["alice", "bob", "igor"], watched: ["bob"] },
  ],
  ["a fee names irene, who is not in the cast", { fees: { irene: 1n } }],
  ["the time of wish 0 is not a whole number from 0 on", { wishes: [{ ...OPENING, atMs: -1 }] }],
  ["two have the name wish 0", { wishes: [OPENING, { ...OPENING, atMs: 3 }] }],
  ["wish 1 is about channel 0, which no earlier wish opens", { wishes: [PAYMENT, OPENING] }],
  ["wish 1 has an amount below 0", { wishes: [OPENING, { ...PAYMENT, amount: -1n }] }],
  [
    "wish 0 names an asset twice",
    { wishes: [{ ...OPENING, amounts: [...OPENING.amounts, ...OPENING.amounts] }] },
  ],
  ["wish 0 opens a channel with nobody", { wishes: [{ ...OPENING, others: [], amounts: [] }] }],
  [
    "wish 0 has not one amount for each who puts something in",
    { wishes: [{ ...OPENING, amounts: [{ asset: "eth", amounts: [1n] }] }] },
  ],
  [
    "fault 3 takes back none or more than 64 blocks",
    { faults: [{ id: 3, atMs: 0, type: "Reorg", depth: 65 }] },
  ],
  [
    "fault 3 has 1.5 as a fraction",
    {
      faults: [
        { id: 3, atMs: 0, type: "LossyLink", from: "alice", to: "bob", fraction: 1.5, forMs: 1 },
      ],
    },
  ],
  [
    "a span of fault 3 is not a whole number from 0 on",
    { faults: [{ id: 3, atMs: 0, type: "Freeze", node: "bob", forMs: 0.5 }] },
  ],
  [
    "fault 3 names eve, who is not in the cast",
    { faults: [{ id: 3, atMs: 0, type: "Freeze", node: "eve", forMs: 5 }] },
  ],
  [
    "move 2 names eve, who is not in the cast",
    { moves: [{ id: 2, by: "eve", strategy: "silent", fromMs: 0, settings: {} }] },
  ],
];

describe("checkPlan", () => {
  unit("finds nothing wrong with a plan that can be run", () => {
    expect(checkPlan(PLAN)).toEqual([]);
  });

  unit("says what is wrong, and nothing else", () => {
    const said = WRONG.map(([, change]) => checkPlan({ ...PLAN, ...change }));

    expect(said).toEqual(WRONG.map(([problem]) => [problem]));
  });
});
