/** Eve follows each strategy once: she really does it, and nobody else crashes, stands still or loses money. */

import { describe, expect } from "bun:test";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { adversarial, invariant } from "../../test/kind.ts";
import { ETH } from "../assets.ts";
import { balanceOf } from "../balances.ts";
import { readCapsuleFile } from "../commands/capsule-file.ts";
import { honestOf, type Plan } from "../search/plan.ts";
import { type PlanResult, runPlan } from "../search/run-plan.ts";
import { addressOf } from "../simulated-chain.ts";
import type { World } from "../world.ts";
import { paidBy, type StoryName, storyWith } from "./adversary-stories.ts";
import type { Move } from "./move.ts";
import { STRATEGIES, STRATEGY_NAMES, type StrategyName } from "./strategies.ts";

const model = chainOfFile("model");

/** Milliseconds for one run: a tenth of a second alone, and much more on a machine under load. */
const RUN_TIME_MAX_MS = 120_000;

/** What every actor begins with, in wei. */
const BEGINNING_WEI = 100n * 10n ** 18n;

/** One strategy at work. */
type Case = {
  readonly story: StoryName;
  readonly fromMs?: number;
  readonly settings?: Move["settings"];
  /** What goes wrong for others, where she waits for that. */
  readonly faults?: Plan["faults"];
  /** What is then not promised to them any more. */
  readonly assumptions?: readonly string[];
  /** What the trace says that she did. */
  readonly deed: string;
};

const CASES: Readonly<Record<StrategyName, Case>> = {
  silent: { story: "hub", settings: { afterMessages: 10 }, deed: "falls silent" },
  "withheld-signature": {
    story: "hub",
    settings: { afterMessages: 12 },
    deed: "withholds a signature",
  },
  "close-refused": { story: "payer", deed: "withholds a signature" },
  "one-sided": { story: "hub", settings: { side: 1 }, deed: "withholds a signature" },
  refusal: { story: "direct", settings: { afterMessages: 6 }, deed: "refuses" },
  "bad-signature": { story: "direct", settings: { every: 3, kind: 1 }, deed: "signs badly" },
  equivocation: {
    story: "direct",
    settings: { order: 2, amount: 2 },
    deed: "signs two states for one turn",
  },
  "wrong-final": { story: "direct", deed: "signs a wrong end" },
  "turn-jump": { story: "direct", fromMs: 85_000, deed: "jumps ahead" },
  "altered-opening": { story: "payer", settings: { only: 1 }, deed: "changes a message" },
  "altered-state": { story: "direct", settings: { only: 0, every: 3 }, deed: "changes a message" },
  "altered-proposal": { story: "payer", settings: { only: 3 }, deed: "changes a message" },
  "altered-wish": { story: "ledger", settings: { only: 3 }, deed: "changes a message" },
  "altered-voucher": { story: "payer", settings: { every: 2 }, deed: "changes a message" },
  "altered-history": {
    story: "direct",
    settings: { only: 11 },
    faults: [{ id: 1, atMs: 103_000, type: "LostTail", node: "alice", appends: 4, awayMs: 500 }],
    assumptions: ["alice has forgotten what eve may not tell"],
    deed: "changes a message",
  },
  echo: { story: "payer", settings: { every: 2, afterMs: 5_000 }, deed: "says it again" },
  twin: { story: "direct", fromMs: 50_000, deed: "is there twice" },
  "crash-loop": {
    story: "hub",
    settings: { everyMs: 5_000, awayMs: 2_000, times: 15 },
    deed: "crashes",
  },
  "replayed-voucher": { story: "payer", settings: { kind: 1 }, deed: "plays a voucher again" },
  "reused-signature": { story: "payer", deed: "signs with an old signature" },
  "overspent-voucher": { story: "payer", deed: "promises what she has not" },
  "malleated-voucher": { story: "payer", settings: { besides: 1 }, deed: "malleates a voucher" },
  "disordered-vouchers": { story: "payer", deed: "holds a voucher back" },
  "late-voucher": { story: "payer", deed: "pays behind the end" },
  "disordered-proposals": { story: "payer", settings: { kind: 2 }, deed: "proposes in disorder" },
  "ghost-guarantee": { story: "hub", deed: "proposes a ghost" },
  "withheld-deposit": { story: "direct", deed: "keeps a deposit" },
  "claimed-deposit": { story: "direct", deed: "claims a deposit" },
  "fake-channels": { story: "direct", settings: { count: 3 }, deed: "opens a fake channel" },
  "short-challenge": { story: "direct", fromMs: 500, deed: "proposes short challenges" },
  "griefing-deposit": { story: "direct", deed: "deposits a few wei" },
  "liquidity-grief": {
    story: "payer",
    fromMs: 105_000,
    settings: { times: 4, amount: 9 },
    deed: "ties money up",
  },
  "message-flood": { story: "direct", settings: { count: 100 }, deed: "floods" },
  "giant-frames": { story: "direct", fromMs: 500, deed: "sends a giant" },
  "malformed-frames": {
    story: "direct",
    fromMs: 500,
    settings: { count: 12 },
    deed: "sends what is no frame",
  },
  "resync-spam": {
    story: "direct",
    fromMs: 92_000,
    settings: { count: 20 },
    deed: "asks for everything",
  },
  "false-head": { story: "direct", settings: { kind: 2, every: 5 }, deed: "lies about a log" },
  "withheld-history": {
    story: "direct",
    settings: { newest: 4 },
    faults: [{ id: 1, atMs: 103_000, type: "LostTail", node: "alice", appends: 4, awayMs: 500 }],
    assumptions: ["alice has forgotten what eve may not tell"],
    deed: "withholds what is new",
  },
  "forged-rejections": { story: "direct", deed: "forges a rejection" },
  "stale-challenge": { story: "direct", fromMs: 110_000, deed: "shows an old state" },
  "every-challenge": {
    story: "direct",
    fromMs: 110_000,
    settings: { times: 6 },
    deed: "shows an old state",
  },
  "late-challenge": { story: "hub", deed: "challenges" },
  "old-checkpoint": {
    story: "direct",
    fromMs: 92_000,
    settings: { times: 6 },
    deed: "shows an old state",
  },
  "challenge-loop": {
    story: "direct",
    fromMs: 110_000,
    settings: { times: 3 },
    deed: "challenges",
  },
  "front-run": { story: "direct", settings: { times: 6 }, deed: "runs in front" },
  "early-conclude": { story: "direct", deed: "concludes alone" },
  "flood-and-loot": { story: "payer", fromMs: 118_000, deed: "challenges" },
  "piecemeal-payout": { story: "direct", deed: "pays a piece out" },
  "false-move": { story: "game", settings: { kind: 0 }, deed: "signs a false move" },
  "forged-asking": { story: "game", fromMs: 101_500, deed: "forges a move of the other player" },
  "end-and-move": { story: "game", settings: { when: 2 }, deed: "asks for the end of a game" },
  "unsent-move": { story: "game", fromMs: 99_000, deed: "shows a move that she has not sent" },
  "sore-loser": { story: "game", settings: { forMs: 400_000 }, deed: "stops to play" },
};

/** Strategies that need another one beside them, without which nothing comes to the chain. */
const BESIDE: Partial<Record<StrategyName, StrategyName>> = { "late-challenge": "close-refused" };

describe("an adversary", () => {
  for (const strategy of STRATEGY_NAMES) {
    const {
      assumptions = [],
      deed,
      faults = [],
      fromMs = 0,
      settings = {},
      story,
    } = CASES[strategy];

    adversarial(
      `who follows ${strategy} hurts nobody but herself`,
      async () => {
        const beside = BESIDE[strategy];
        const move: Move = { id: 1, by: "eve", strategy, fromMs, settings };
        const other: Move[] = beside ? [{ ...move, id: 2, strategy: beside, settings: {} }] : [];
        const plan = { ...storyWith(story, [move, ...other]), faults };
        const { losses, result } = await play(plan);

        expect(notesOf(result)).toContain(`Note over eve: ${deed}`);
        expect(result.violations).toEqual([]);
        expect(result.assumptions).toEqual(assumptions);
        expect(losses).toEqual([]);
      },
      RUN_TIME_MAX_MS,
    );
  }

  adversarial(
    "does not answer her own old states, as her node would",
    async () => {
      const old = { id: 1, by: "eve", strategy: "stale-challenge", fromMs: 110_000 } as const;
      const { result } = await play(storyWith("direct", [{ ...old, settings: {} }]));

      expect(notesOf(result)).toContain("Note over eve: keeps an answer");
    },
    RUN_TIME_MAX_MS,
  );

  adversarial(
    "has no second state signed of a turn that she withheld from one who lost his log",
    async () => {
      const file = "test/capsules/turn-that-a-cheat-begins-anew.capsule.json";
      const { result } = await play(readCapsuleFile(file).capsule.plan);

      expect(notesOf(result)).toContain("Note over alice: begins a turn anew");
      expect(notesOf(result)).toContain("Note over bob: refuses TurnPassedOver");
    },
    RUN_TIME_MAX_MS,
  );

  adversarial(
    "has no second voucher taken of a counter for which she withheld the receipt",
    async () => {
      const file = "test/capsules/voucher-that-a-cheat-says-anew.capsule.json";
      const { result } = await play(readCapsuleFile(file).capsule.plan);

      expect(notesOf(result)).toContain("Note over eve: says a voucher anew");
      const taken = result.trace.flatMap((item) =>
        item.type === "Event" && item.node === "bob" ? [item.event] : [],
      );
      expect(taken.filter((event) => event.includes('"VoucherReceived"')).join()).not.toContain(
        '"amounts":["8"]',
      );
    },
    RUN_TIME_MAX_MS,
  );

  adversarial(
    "may mix strategies, and does the same again for the same plan",
    async () => {
      const strategies: readonly StrategyName[] = ["message-flood", "twin", "every-challenge"];
      const moves = strategies.map((strategy, id): Move => {
        return { id, by: "eve", strategy, fromMs: 40_000 * id, settings: { times: 6 } };
      });
      const plan = storyWith("direct", moves);
      const first = await play(plan);
      const second = await play(plan);

      expect(first.losses).toEqual([]);
      expect(first.result.violations).toEqual([]);
      expect(second.result.traceHash).toBe(first.result.traceHash);
    },
    RUN_TIME_MAX_MS,
  );
});

describe("a payer", () => {
  adversarial(
    "pays nothing more in a virtual channel that is in dispute (seed 1088)",
    async () => {
      const settings = { state: 1, everyMs: 12_733, times: 4 };
      const move: Move = {
        id: 0,
        by: "eve",
        strategy: "stale-challenge",
        fromMs: 79_230,
        settings,
      };
      const { result } = await play(storyWith("hub", [move], 1_088));

      expect(result.wishes.get(3)).toEqual({ type: "Refused", code: "ChannelDisputed" });
      expect(result.violations).toEqual([]);
    },
    RUN_TIME_MAX_MS,
  );
});

describe("strategies", () => {
  invariant("have bounds in order, and say what they are", () => {
    for (const { attack, settings, summary } of Object.values(STRATEGIES)) {
      expect(summary.length).toBeGreaterThan(20);
      expect(attack).not.toBe("");
      for (const [min, max] of Object.values(settings)) expect(min).toBeLessThanOrEqual(max);
    }
  });

  invariant("are only set by the names that they give", () => {
    for (const [name, { settings = {} }] of Object.entries(CASES)) {
      const known = Object.keys(STRATEGIES[name as StrategyName].settings);
      expect(known).toEqual(expect.arrayContaining(Object.keys(settings)));
    }
  });
});

type Played = { readonly result: PlanResult; readonly losses: readonly string[] };

/** Runs the plan, and names everybody honest who has lost more than she paid. */
async function play(plan: Plan): Promise<Played> {
  const chain = model();
  let world: World | undefined;
  const prepare = (prepared: World): void => {
    world = prepared;
  };
  const result = await runPlan(plan, { chain, signatures: "fast", prepare });
  const losses: string[] = [];
  for (const name of honestOf(plan)) {
    const address = addressOf(name);
    const fees = (world?.miner.receipts ?? []).filter(({ from }) => from === address);
    const feesWei = fees.reduce((sum, { feeWei }) => sum + feeWei, 0n);
    const lostWei = BEGINNING_WEI - feesWei - (await balanceOf(chain, address, ETH));
    if (lostWei > paidBy(name, plan)) losses.push(`${name} lost ${lostWei} wei`);
  }
  return { result, losses };
}

function notesOf({ trace }: PlanResult): readonly string[] {
  return trace.flatMap((entry) => (entry.type === "Arrow" ? [entry.arrow] : []));
}
