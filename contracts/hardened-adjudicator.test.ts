/** The hardened adjudicator beside the published one: the same calls, and where they differ. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import fc from "fast-check";
import { encodeFunctionData, parseAbi } from "viem";
import {
  type ContractCall,
  concludeAndTransferAllAssetsCall,
  concludeCall,
  depositCall,
  transferAllAssetsCall,
  transferCall,
} from "../src/chain/adjudicator.ts";
import { approveCall } from "../src/chain/erc20.ts";
import { channelIdOf } from "../src/channel/channel-id.ts";
import type { Outcome } from "../src/channel/outcome.ts";
import { encodeOutcome } from "../src/channel/outcome-encoding.ts";
import { ZERO_ADDRESS } from "../src/crypto/address.ts";
import { toHex } from "../src/primitives/hex.ts";
import {
  CHALLENGE_SEC,
  callOf,
  type Life,
  lives,
  nextChannel,
  outcomeOf,
  partsOf,
  payTo,
  signaturesOf,
  ZERO_HASH,
} from "../test/adjudicator-lives.ts";
import {
  AdjudicatorPair,
  type Books,
  type Deed,
  HARDENED,
  PAIR_TOKEN,
  PUBLISHED,
} from "../test/adjudicator-pair.ts";
import { adversarial, integration, property } from "../test/kind.ts";
import { ALICE, BOB } from "../test/sample-payments.ts";
import { mintCall, TEST_TOKEN } from "./test-token.ts";
import { TEST_TOKENS, type TestTokenName } from "./test-tokens.ts";

/** Lives of channels that are compared, twelve calls each; `bun run apps` compares 1,000. */
const CASES = Number(process.env["CHANNELS_ADJUDICATOR_CASES"] ?? 40);
const TIMEOUT_MS = 600_000;

/** Why the published adjudicator refuses calls; all but those that no life makes. */
const REFUSALS = [
  "!unanimous",
  "Channel finalized.",
  "Channel not finalized.",
  "Indices must be sorted",
  "State must be final",
  "cannot transfer a guarantee",
  "held != expectedHeld",
  "incorrect fingerprint",
  "not a guarantee allocation",
  "turnNumRecord decreased.",
  "turnNumRecord not increased.",
];

const approveBoth = async (pair: AdjudicatorPair): Promise<void> => {
  await pair.send(mintCall(PAIR_TOKEN, ALICE.address, 10n ** 9n));
  await pair.send(approveCall(PAIR_TOKEN, PUBLISHED, 10n ** 8n));
  await pair.send(approveCall(PAIR_TOKEN, HARDENED, 10n ** 8n));
};

describe("with a token as tokens should be", () => {
  let pair: AdjudicatorPair;
  beforeAll(async () => {
    pair = await AdjudicatorPair.start(TEST_TOKEN.deployedBytecode);
    await approveBoth(pair);
  });
  afterAll(() => pair.stop());

  /** Lives a life on both, and counts the functions that did something. */
  async function live(life: Life, done: Map<number, number>, refusals: Set<string>): Promise<void> {
    const parts = partsOf(life);
    const { channel } = parts;
    const channelId = channelIdOf(channel);
    let { held } = await pair.books(PUBLISHED, channelId);
    for (const [kind, variant] of life.steps) {
      const call = callOf(parts, [kind, variant], held);
      if (call === undefined) {
        await pair.wait(CHALLENGE_SEC);
        continue;
      }
      const [published, hardened] = await pair.both(call);
      expect(hardened).toEqual(published);
      refusals.add(published.refusal.replace(/.*reverted: /, ""));
      const books = await pair.books(PUBLISHED, channelId);
      expect(await pair.books(HARDENED, channelId)).toEqual(books);
      held = books.held;
      if (published.status === "0x1") done.set(kind, (done.get(kind) ?? 0) + 1);
    }
  }

  property(
    "both do the same with every call: logs, refusals, status, holdings and what they own",
    async () => {
      const done = new Map<number, number>();
      const refusals = new Set<string>();

      await fc.assert(
        fc.asyncProperty(lives, (life) => live(life, done, refusals)),
        { numRuns: CASES },
      );

      // Every function did something, so that more than refusals was compared.
      expect([...done.keys()].sort((one, other) => one - other)).toEqual([
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
      ]);
      // And was refused for every reason that a life has room for.
      expect([...refusals]).toEqual(expect.arrayContaining(REFUSALS));
    },
    TIMEOUT_MS,
  );
});

describe("with a token that does not do what it is told", () => {
  /** Ends a channel that holds 10 tokens for Bob, by one call, on both adjudicators. */
  async function payBob(
    name: TestTokenName,
    before: (pair: AdjudicatorPair) => Promise<void> = async () => {},
  ): Promise<{
    readonly deeds: readonly [Deed, Deed];
    readonly books: readonly [Books, Books];
    readonly bob: bigint;
  }> {
    const pair = await AdjudicatorPair.start(TEST_TOKENS[name].deployedBytecode);
    try {
      await approveBoth(pair);
      const channel = nextChannel();
      const channelId = channelIdOf(channel);
      const deposit = { asset: PAIR_TOKEN, channelId, expectedHeld: 0n, amount: 10n };
      await pair.both((to) => depositCall(to, deposit));
      await before(pair);
      const outcome = outcomeOf([PAIR_TOKEN], () => [payTo(BOB.address, 10n)]);
      const state = { outcome, appData: "0x", turnNum: 2, isFinal: true } as const;
      const signatures = signaturesOf(channel, state);
      const deeds = await pair.both((to) =>
        concludeAndTransferAllAssetsCall(to, channel, state, signatures),
      );
      const books = [await pair.books(PUBLISHED, channelId), await pair.books(HARDENED, channelId)];
      const bob = await pair.tokensOf(BOB.address);
      return { deeds, books: books as unknown as readonly [Books, Books], bob };
    } finally {
      await pair.stop();
    }
  }

  const stop = (isStopped: boolean): ContractCall => {
    const abi = parseAbi(["function stop(bool)"]);
    const data = encodeFunctionData({ abi, args: [isStopped] });
    return { to: PAIR_TOKEN, data, valueWei: 0n };
  };

  adversarial("false without a revert is a loss for ever on the published one alone", async () => {
    const { bob, books, deeds } = await payBob("FalseToken", (pair) => pair.send(stop(true)));

    expect(deeds.map(({ status }) => status)).toEqual(["0x1", "0x0"]);
    expect(deeds[1].refusal).toContain("SafeERC20: ERC20 operation did not succeed");
    // Booked as paid, and still there: nobody has a claim on it any more.
    expect(books.map(({ held }) => held[1])).toEqual([0n, 10n]);
    expect(books.map(({ owned }) => owned[1])).toEqual([10n, 10n]);
    expect(bob).toBe(0n);
  });

  adversarial(
    "no answer locks the money on the published one, and the hardened one pays",
    async () => {
      const { bob, books, deeds } = await payBob("NoReturnToken");

      expect(deeds.map(({ status }) => status)).toEqual(["0x0", "0x1"]);
      expect(books.map(({ held }) => held[1])).toEqual([10n, 0n]);
      expect(bob).toBe(10n);
    },
  );

  integration("the hardened one pays what it kept, coins at once and tokens later", async () => {
    const pair = await AdjudicatorPair.start(TEST_TOKENS.FalseToken.deployedBytecode);
    try {
      await approveBoth(pair);
      const channel = nextChannel();
      const channelId = channelIdOf(channel);
      for (const asset of [ZERO_ADDRESS, PAIR_TOKEN]) {
        const deposit = { asset, channelId, expectedHeld: 0n, amount: 10n };
        await pair.send(depositCall(HARDENED, deposit));
      }
      const outcome = outcomeOf([ZERO_ADDRESS, PAIR_TOKEN], () => [payTo(BOB.address, 10n)]);
      const state = { outcome, appData: "0x", turnNum: 2, isFinal: true } as const;
      await pair.send(stop(true));
      await pair.send(concludeCall(HARDENED, channel, state, signaturesOf(channel, state)));

      const all = { channelId, outcome, stateHash: ZERO_HASH };
      const ofAsset = (assetIndex: number, now: Outcome): ContractCall => {
        const outcomeBytes = toHex(encodeOutcome(now));
        return transferCall(HARDENED, { ...all, assetIndex, outcomeBytes, indices: [0] });
      };
      await expect(pair.send(transferAllAssetsCall(HARDENED, all))).rejects.toThrow("SafeERC20");
      await expect(pair.send(ofAsset(1, outcome))).rejects.toThrow("SafeERC20");
      await pair.send(ofAsset(0, outcome));
      expect((await pair.books(HARDENED, channelId)).held).toEqual([0n, 10n]);

      await pair.send(stop(false));
      const [, tokens] = outcome;
      const coinsPaid = outcomeOf([ZERO_ADDRESS], () => [payTo(BOB.address, 0n)]);
      await pair.send(ofAsset(1, tokens === undefined ? [] : [...coinsPaid, tokens]));
      expect((await pair.books(HARDENED, channelId)).held).toEqual([0n, 0n]);
      expect(await pair.tokensOf(BOB.address)).toBe(10n);
    } finally {
      await pair.stop();
    }
  });

  integration("both pay by a token that answers true", async () => {
    const { bob, deeds } = await payBob("PlainToken");

    expect(deeds.map(({ status }) => status)).toEqual(["0x1", "0x1"]);
    expect(bob).toBe(20n);
  });
});
