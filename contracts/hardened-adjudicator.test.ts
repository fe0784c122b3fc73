/** The hardened adjudicator beside the published one: the same calls, and where they differ. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import fc from "fast-check";
import { encodeFunctionData, parseAbi } from "viem";
import {
  type ContractCall,
  challengeCall,
  checkpointCall,
  concludeAndTransferAllAssetsCall,
  concludeCall,
  depositCall,
  reclaimCall,
  transferAllAssetsCall,
  transferCall,
} from "../src/chain/adjudicator.ts";
import { approveCall } from "../src/chain/erc20.ts";
import { channelIdOf } from "../src/channel/channel-id.ts";
import { channelDestination, externalDestination } from "../src/channel/destination.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import { encodeGuarantee } from "../src/channel/guarantee.ts";
import { ALLOCATION_TYPE, type Allocation, type Outcome } from "../src/channel/outcome.ts";
import { encodeOutcome } from "../src/channel/outcome-encoding.ts";
import { stateHash, type VariablePart } from "../src/channel/state.ts";
import { challengeHash } from "../src/channel/state-challenge.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { type Hex, toHex } from "../src/primitives/hex.ts";
import {
  AdjudicatorPair,
  type Books,
  type Deed,
  HARDENED,
  PAIR_APP,
  PAIR_TOKEN,
  PUBLISHED,
} from "../test/adjudicator-pair.ts";
import { adversarial, integration, property } from "../test/kind.ts";
import { ALICE, BOB } from "../test/sample-payments.ts";
import { mintCall, TEST_TOKEN } from "./test-token.ts";
import { TEST_TOKENS, type TestTokenName } from "./test-tokens.ts";

/** Lives of channels that are compared, ten calls each; CHANNELS_ADJUDICATOR_CASES=2000 takes two minutes. */
const CASES = Number(process.env["CHANNELS_ADJUDICATOR_CASES"] ?? 40);
const TIMEOUT_MS = 600_000;

const ZERO_HASH = `0x${"00".repeat(32)}` as Hash;
const CHALLENGE_SEC = 60;

let nonce = 0n;

/** A channel of Alice and Bob that nobody used before. */
function nextChannel(): FixedPart {
  const participants = [ALICE.address, BOB.address];
  const channelNonce = nonce++;
  return {
    participants,
    channelNonce,
    appDefinition: PAIR_APP,
    challengeDurationSec: CHALLENGE_SEC,
  };
}

function outcomeOf(
  assets: readonly Address[],
  allocationsOf: (asset: Address) => Outcome[number]["allocations"],
): Outcome {
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  return assets.map((asset) => ({ asset, assetMetadata, allocations: allocationsOf(asset) }));
}

const simple = (destination: Allocation["destination"], amount: bigint): Allocation => ({
  destination,
  amount,
  allocationType: ALLOCATION_TYPE.simple,
  metadata: "0x",
});

const payTo = (to: Address, amount: bigint): Allocation => simple(externalDestination(to), amount);

const signaturesOf = (channel: FixedPart, state: VariablePart): readonly Hex[] => {
  const hash = stateHash(channelIdOf(channel), state);
  return [ALICE, BOB].map(({ signHash }) => signHash(hash));
};

/** What happens to one channel: what it pays, and the calls in their order, each with a number that varies it. */
type Life = {
  readonly amounts: readonly bigint[];
  readonly assets: readonly Address[];
  readonly isGuaranteeing: boolean;
  readonly turnNum: number;
  readonly isFinal: boolean;
  readonly steps: readonly (readonly [kind: number, variant: number])[];
};

const lives: fc.Arbitrary<Life> = fc.record({
  amounts: fc.array(fc.bigInt(0n, 6n), { minLength: 3, maxLength: 3 }),
  assets: fc.constantFrom([ZERO_ADDRESS], [PAIR_TOKEN], [ZERO_ADDRESS, PAIR_TOKEN]),
  isGuaranteeing: fc.boolean(),
  turnNum: fc.nat(3),
  // What is not final cannot be concluded, so most are.
  isFinal: fc.nat(4).map((number) => number > 0),
  steps: fc.array(fc.tuple(fc.nat(11), fc.nat(9)), { minLength: 6, maxLength: 14 }),
});

/** A life as the calls that it makes; `held` is what the published adjudicator holds of both assets now. */
function callsOf(life: Life): {
  readonly channel: FixedPart;
  readonly callOf: (
    kind: number,
    variant: number,
    held: readonly bigint[],
  ) => ((adjudicator: Address) => ContractCall) | undefined;
} {
  const channel = nextChannel();
  const target = nextChannel();
  const channelId = channelIdOf(channel);
  const targetOutcome = outcomeOf(life.assets, () => [
    payTo(ALICE.address, 1n),
    payTo(BOB.address, 1n),
  ]);
  const guarantee: Allocation = {
    destination: channelDestination(channelIdOf(target)),
    amount: 2n,
    allocationType: ALLOCATION_TYPE.guarantee,
    metadata: encodeGuarantee({
      left: externalDestination(ALICE.address),
      right: externalDestination(BOB.address),
    }),
  };
  const [first = 0n, second = 0n, third = 0n] = life.amounts;
  const outcome = outcomeOf(life.assets, () => [
    ...(life.isGuaranteeing ? [guarantee] : []),
    payTo(ALICE.address, first),
    payTo(BOB.address, second),
    simple(channelDestination(channelIdOf(target)), third),
  ]);
  const { isFinal, turnNum } = life;
  const state: VariablePart = { outcome, appData: "0x", turnNum, isFinal };
  const ended: VariablePart = { ...state, outcome: targetOutcome, isFinal: true };
  const signatures = signaturesOf(channel, state);
  const candidate = { variablePart: state, signatures };
  const claim = { fixedPart: channel, proof: [], candidate };
  const hash = stateHash(channelId, state);
  const outcomeBytes = toHex(encodeOutcome(outcome));

  const callOf = (kind: number, variant: number, held: readonly bigint[]) => {
    const assetIndex = variant % life.assets.length;
    const asset = life.assets[assetIndex] ?? ZERO_ADDRESS;
    const shownHash = variant < 6 ? ZERO_HASH : hash;
    switch (kind) {
      case 0:
      case 1:
      case 2: {
        const now = held[asset === ZERO_ADDRESS ? 0 : 1] ?? 0n;
        const expectedHeld = variant === 9 ? now + 1n : now;
        const deposit = { asset, channelId, expectedHeld, amount: BigInt(variant) };
        return (to: Address) => depositCall(to, deposit);
      }
      case 3:
        return (to: Address) => concludeCall(to, channel, state, signatures);
      case 4:
        return (to: Address) =>
          concludeAndTransferAllAssetsCall(
            to,
            channel,
            state,
            signatures.slice(variant > 7 ? 1 : 0),
          );
      case 5:
        return (to: Address) => challengeCall(to, claim, ALICE.signHash(challengeHash(hash)));
      case 6:
        return (to: Address) => checkpointCall(to, claim);
      case 7:
        return (to: Address) =>
          transferAllAssetsCall(to, { channelId, outcome, stateHash: shownHash });
      case 8: {
        const places = [[], [0], [1], [0, 1], [1, 2], [1, 0], [2], [3], [1, 3], [9]];
        const indices = places[variant] ?? [];
        return (to: Address) =>
          transferCall(to, { assetIndex, channelId, outcomeBytes, stateHash: shownHash, indices });
      }
      case 9:
        return (to: Address) => concludeCall(to, target, ended, signaturesOf(target, ended));
      case 10:
        return (to: Address) =>
          reclaimCall(to, {
            sourceChannelId: channelId,
            sourceStateHash: shownHash,
            sourceOutcomeBytes: outcomeBytes,
            sourceAssetIndex: assetIndex,
            indexOfTargetInSource: variant === 5 ? 1 : 0,
            targetStateHash: ZERO_HASH,
            targetOutcomeBytes: toHex(encodeOutcome(targetOutcome)),
            targetAssetIndex: assetIndex,
          });
      default:
        return undefined;
    }
  };
  return { channel, callOf };
}

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
  async function live(life: Life, done: Map<number, number>): Promise<void> {
    const { callOf, channel } = callsOf(life);
    const channelId = channelIdOf(channel);
    let { held } = await pair.books(PUBLISHED, channelId);
    for (const [kind, variant] of life.steps) {
      const call = callOf(kind, variant, held);
      if (call === undefined) {
        await pair.wait(CHALLENGE_SEC);
        continue;
      }
      const [published, hardened] = await pair.both(call);
      expect(hardened).toEqual(published);
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

      await fc.assert(
        fc.asyncProperty(lives, (life) => live(life, done)),
        { numRuns: CASES },
      );

      // Every function did something, so that more than refusals was compared.
      expect([...done.keys()].sort((one, other) => one - other)).toEqual([
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
      ]);
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
