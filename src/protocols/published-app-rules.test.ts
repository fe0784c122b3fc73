/** The example apps' rules against their contracts: what the rule takes is what the contract supports. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import fc from "fast-check";
import { encodeAbiParameters, parseAbiParameters } from "viem";
import { startEvm } from "../../sim/chain/evm.ts";
import type { LocalChain } from "../../sim/chain/local-chain.ts";
import { testAccount } from "../../sim/chain/test-account.ts";
import { appCases, appCasesTimeoutMs } from "../../test/app-cases.ts";
import { askApp } from "../../test/force-move-app.ts";
import { property, unit } from "../../test/kind.ts";
import { compilePublishedApps, type PublishedApp } from "../../test/published-apps.ts";
import { externalDestination } from "../channel/destination.ts";
import type { Outcome } from "../channel/outcome.ts";
import type { VariablePart } from "../channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import { sha256 } from "../crypto/sha256.ts";
import { fromHex, type Hex, toHex } from "../primitives/hex.ts";
import { consensusRule } from "./app-rule.ts";
import type { AppRule } from "./protocol.ts";
import {
  countingRule,
  hashLockedSwapRule,
  singleAssetPaymentsRule,
  trivialRule,
} from "./published-app-rules.ts";

/** Transitions of each app, each asked of the contract. */
const CASES = appCases(75);

/** With the compiler and four contracts: two seconds on a quiet machine. */
const COMPILE_MS = appCasesTimeoutMs(2 * CASES);

const ADDRESSES: Readonly<Record<PublishedApp, Address>> = {
  TrivialApp: `0x${"a1".repeat(20)}` as Address,
  CountingApp: `0x${"a2".repeat(20)}` as Address,
  SingleAssetPayments: `0x${"a3".repeat(20)}` as Address,
  HashLockedSwap: `0x${"a4".repeat(20)}` as Address,
};

let chain: LocalChain;

beforeAll(async () => {
  chain = await startEvm({ accounts: [] });
  for (const [name, code] of Object.entries(await compilePublishedApps())) {
    await chain.rpc.request("hardhat_setCode", [ADDRESSES[name as PublishedApp], code]);
  }
}, COMPILE_MS);
afterAll(() => chain.stop());

/** Whether the contract supports the last state by those before it, each signed by its mover alone. */
async function isSupported(app: PublishedApp, states: readonly VariablePart[]): Promise<boolean> {
  const participants = states.map((_, index) => testAccount(index + 1).address);
  const signed = states.map((variablePart) => ({
    variablePart,
    signedBy: 1n << BigInt(variablePart.turnNum % states.length),
  }));
  const { supported } = await askApp(chain.rpc, ADDRESSES[app], {
    fixedPart: {
      participants,
      channelNonce: 1n,
      appDefinition: ADDRESSES[app],
      challengeDurationSec: 60,
    },
    proof: signed.slice(0, -1),
    candidate: signed.at(-1) ?? { variablePart: stateOf({}), signedBy: 0n },
  });
  return supported;
}

const KEY: Hex = "0x6b6579";
const HASH = toHex(sha256(fromHex(KEY)));

const lock = (hash: Hex, preimage: Hex): Hex =>
  encodeAbiParameters(parseAbiParameters("(bytes32 hash, bytes preimage)"), [{ hash, preimage }]);

const counter = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;

type StateParts = {
  readonly turnNum?: number;
  readonly amounts?: readonly bigint[];
  readonly assets?: number;
  readonly destination?: number;
  readonly allocationType?: number;
  readonly appData?: Hex;
};

/** A state that pays each amount to the participant in its place, of one asset or of several. */
function stateOf(parts: StateParts): VariablePart {
  const { allocationType = 0, amounts = [6n, 4n], assets = 1, destination = 1 } = parts;
  const { appData = "0x", turnNum = 4 } = parts;
  const allocations = amounts.map((amount, index) => ({
    destination: externalDestination(testAccount(index + destination).address),
    amount,
    allocationType,
    metadata: "0x" as const,
  }));
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  const tokens = [ZERO_ADDRESS, `0x${"70".repeat(20)}` as Address];
  const outcome: Outcome = tokens
    .slice(0, assets)
    .map((asset) => ({ asset, assetMetadata, allocations }));
  return { outcome, appData, turnNum, isFinal: false };
}

/** One value nine times in ten, else one of the others. */
function usually<Value>(value: Value, ...others: readonly Value[]): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.constant(value) },
    { weight: 1, arbitrary: fc.constantFrom(value, ...others) },
  );
}

/** States in a row, each with its own app data and amounts, and mostly of one shape. */
function inARow(
  firstTurn: fc.Arbitrary<number>,
  states: readonly fc.Arbitrary<Pick<StateParts, "appData" | "amounts">>[],
): fc.Arbitrary<readonly VariablePart[]> {
  const shape = fc.record({
    assets: usually(1, 0, 2),
    destination: usually(1, 2),
    allocationType: usually(0, 1, 2),
  });
  const made = states.map((state) =>
    fc.tuple(
      state,
      fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: shape }),
    ),
  );
  // Without a shape of its own, which is rare, a state has that of the row.
  return fc
    .tuple(firstTurn, shape, fc.tuple(...made))
    .map(([first, common, row]) =>
      row.map(([own, odd], index) =>
        stateOf({ ...own, ...(odd ?? common), turnNum: first + index }),
      ),
    );
}

/**
 * Asks both about chains of states: the contract about the last, by all before it; the rule about each
 * step. Besides the contract's rule stands ours, that money only moves between what is there.
 */
async function compare(
  app: PublishedApp,
  rule: AppRule,
  states: readonly VariablePart[],
): Promise<boolean> {
  const steps = states.slice(1).map((to, index) => [states[index] ?? to, to] as const);
  const isOurs = steps.every(([from, to]) => rule(from, to).ok);
  const keepsMoney = steps.every(([from, to]) => consensusRule(from, to).ok);
  const isTheirs = await isSupported(app, states);

  expect({ states, supported: isOurs }).toEqual({ states, supported: isTheirs && keepsMoney });
  return isOurs;
}

/** Runs the comparison over many chains, and shows that neither verdict is rare. */
async function compareMany(
  app: PublishedApp,
  rule: AppRule,
  chains: fc.Arbitrary<readonly VariablePart[]>,
): Promise<void> {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(chains, async (states) => {
      if (await compare(app, rule, states)) taken++;
    }),
    { numRuns: CASES },
  );
  expect(taken).toBeGreaterThan(CASES / 20);
  expect(taken).toBeLessThan(CASES);
}

describe("the rule of", () => {
  property(
    "CountingApp is its contract's",
    async () => {
      const last = counter(2n ** 256n - 1n);
      const amounts = usually([1n, 2n], [2n, 1n], [1n, 1n]);
      const before = usually<Hex>(counter(1n), counter(0n), last, "0x", "0x00", `${counter(1n)}00`);
      const after = usually<Hex>(
        counter(2n),
        counter(1n),
        counter(3n),
        last,
        "0x",
        `${counter(2n)}00`,
      );
      const rows = inARow(fc.nat(5), [
        fc.record({ appData: before, amounts }),
        fc.record({ appData: after, amounts }),
      ]);

      await compareMany("CountingApp", countingRule, rows);
      // What counts on in a careless reading: around the end of the numbers, and from half a word.
      for (const [from, to] of [
        [last, counter(0n)],
        ["0x00", counter(1n)],
      ] as const) {
        const row = [stateOf({ appData: from, turnNum: 3 }), stateOf({ appData: to })];
        expect(await compare("CountingApp", countingRule, row)).toBe(false);
      }
    },
    COMPILE_MS,
  );

  property(
    "SingleAssetPayments is its contract's, for two and for three participants",
    async () => {
      const ofTwo = fc.constantFrom([3n, 3n], [2n, 4n], [4n, 2n], [2n, 3n]);
      const ofThree = fc.constantFrom([3n, 3n, 3n], [2n, 4n, 3n], [2n, 3n, 4n], [2n, 5n, 2n]);
      const two = fc.record({ amounts: ofTwo });
      const three = fc.record({ amounts: ofThree });

      const rule = singleAssetPaymentsRule;
      await compareMany("SingleAssetPayments", rule, inARow(fc.nat(5), [two, two]));
      await compareMany("SingleAssetPayments", rule, inARow(fc.nat(5), [three, three, three]));
    },
    COMPILE_MS,
  );

  property(
    "HashLockedSwap is its contract's, from turn 3 to turn 4 and afterwards",
    async () => {
      const locked = usually<Hex>(lock(HASH, "0x"), lock(counter(0n), KEY), "0x", counter(1n));
      const opened = usually<Hex>(
        lock(HASH, KEY),
        lock(counter(0n), KEY),
        lock(HASH, "0x00"),
        "0x",
      );
      const row = inARow(usually(3, 4, 5), [
        fc.record({ appData: locked, amounts: usually([1n, 2n], [2n, 1n], [2n, 1n, 0n]) }),
        fc.record({ appData: opened, amounts: usually([2n, 1n], [1n, 2n], [2n, 1n, 0n]) }),
      ]);

      // Of a second asset the contract knows nothing: see below.
      const isOfOneAsset = ({ outcome }: VariablePart): boolean => outcome.length < 2;
      const rows = row.filter((states) => states.every(isOfOneAsset));
      await compareMany("HashLockedSwap", hashLockedSwapRule, rows);

      // Two who swap beside a third.
      const three = [
        stateOf({ turnNum: 3, amounts: [1n, 2n, 3n], appData: lock(HASH, "0x") }),
        stateOf({ amounts: [2n, 1n, 3n], appData: lock(HASH, KEY) }),
      ];
      expect(await compare("HashLockedSwap", hashLockedSwapRule, three)).toBe(false);
    },
    COMPILE_MS,
  );

  property(
    "TrivialApp takes what the contract takes, as long as the money stays",
    async () => {
      const state = fc.record({ amounts: fc.constantFrom([1n, 2n], [2n, 1n], [2n, 2n]) });

      await compareMany("TrivialApp", trivialRule, inARow(fc.nat(5), [state, state]));
    },
    COMPILE_MS,
  );
});

describe("the rule of HashLockedSwap", () => {
  const from = (turnNum: number): VariablePart => stateOf({ turnNum, appData: lock(HASH, "0x") });

  unit("lets a hash be agreed upon before the swap, and no money move", () => {
    const kept = stateOf({ turnNum: 3, appData: lock(HASH, "0x") });
    const moved = stateOf({ turnNum: 3, amounts: [4n, 6n] });

    expect(hashLockedSwapRule(from(2), kept).ok).toBe(true);
    expect(hashLockedSwapRule(from(2), moved)).toEqual({
      ok: false,
      reason: { code: "AppRefuses", why: "nothing moves before the swap" },
    });
  });

  unit("takes one asset alone, where the contract looks at the first", () => {
    const swap = { amounts: [4n, 6n], appData: lock(HASH, KEY) };
    const two = { ...from(3), outcome: stateOf({ assets: 2 }).outcome };

    expect(hashLockedSwapRule(from(3), stateOf(swap)).ok).toBe(true);
    expect(hashLockedSwapRule(two, stateOf({ ...swap, assets: 2 })).ok).toBe(false);
  });
});
