/** The published VirtualPaymentApp: it supports exactly the claims that the rule off chain does, for the same reasons. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import virtualPaymentApp from "@statechannels/nitro-protocol/dist/artifacts/contracts/VirtualPaymentApp.sol/VirtualPaymentApp.json" with {
  type: "json",
};
import fc from "fast-check";
import { encodeAbiParameters, parseAbiParameters } from "viem";
import { startEvm } from "../../sim/chain/evm.ts";
import type { LocalChain } from "../../sim/chain/local-chain.ts";
import { testAccount } from "../../sim/chain/test-account.ts";
import { appCases, appCasesTimeoutMs } from "../../test/app-cases.ts";
import { askApp } from "../../test/force-move-app.ts";
import { property } from "../../test/kind.ts";
import {
  ALICE,
  postfundOf,
  SOME_TOKEN,
  virtualChannel,
  virtualExit,
} from "../../test/sample-payments.ts";
import {
  type VirtualPaymentRefusal,
  virtualPaymentRefusal,
} from "../../test/virtual-payment-rule.ts";
import { channelIdOf } from "../channel/channel-id.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import type { Outcome } from "../channel/outcome.ts";
import type { VariablePart } from "../channel/state.ts";
import { promiseHash } from "../channel/voucher.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import type { Hex } from "../primitives/hex.ts";
import type { SupportClaim } from "../protocols/payment-rule.ts";

const CASES = appCases(200);
const TIMEOUT_MS = appCasesTimeoutMs(CASES);
const APP = `0x${"a8".repeat(20)}` as Address;
const CHANNEL = virtualChannel(APP);

let chain: LocalChain;

beforeAll(async () => {
  chain = await startEvm({ accounts: [] });
  await chain.rpc.request("hardhat_setCode", [APP, virtualPaymentApp.deployedBytecode]);
});
afterAll(() => chain.stop());

const VOUCHER = parseAbiParameters(
  "(uint256 amount, (uint8 v, bytes32 r, bytes32 s) signature) voucher",
);

/** A voucher as go-nitro's app data has it. */
function voucherData(amount: bigint, signature: Signature): Hex {
  const r = signature.slice(0, 66) as Hex;
  const s: Hex = `0x${signature.slice(66, 130)}`;
  const v = Number.parseInt(signature.slice(130), 16);
  return encodeAbiParameters(VOUCHER, [{ amount, signature: { v, r, s } }]);
}

/** A voucher as the payer of a one-way channel signs it. */
function promised(channel: FixedPart, amount: bigint, by = ALICE): Signature {
  return by.signHash(
    promiseHash("go-nitro", channelIdOf(channel), { counter: 1, amounts: [amount] }),
  );
}

/** Asks both, who must say the same. Gives the reason, or undefined where the claim is supported. */
async function judge(claim: SupportClaim): Promise<VirtualPaymentRefusal | undefined> {
  const ours = virtualPaymentRefusal(claim);
  const { reason, reverted, supported } = await askApp(chain.rpc, APP, claim);
  expect(supported).toBe(ours === undefined);
  // Whatever this app refuses, it refuses by a revert; a panic has no words.
  expect(reverted).toBe(ours !== undefined);
  if (ours !== undefined && ours !== "panic") expect(reason).toContain(ours);
  return ours;
}

const redeeming = (amount: bigint, held: bigint, appData: Hex): SupportClaim => {
  const after = [virtualExit(ZERO_ADDRESS, [held - amount, amount])];
  return {
    fixedPart: CHANNEL,
    proof: [
      { variablePart: postfundOf([virtualExit(ZERO_ADDRESS, [held, 0n])]), signedBy: 0b111n },
    ],
    candidate: {
      variablePart: { outcome: after, appData, turnNum: 2, isFinal: false },
      signedBy: 0b100n,
    },
  };
};

describe("a voucher of a one-way channel for coins", () => {
  property(
    "is money: whatever the payer signed up to what the channel holds can be redeemed by the payee",
    async () => {
      const amounts = fc
        .bigInt(0n, 2n ** 128n)
        .chain((held) => fc.record({ held: fc.constant(held), paid: fc.bigInt(0n, held) }));
      const run = fc.asyncProperty(amounts, async ({ held, paid }) => {
        const claim = redeeming(paid, held, voucherData(paid, promised(CHANNEL, paid)));
        expect(await judge(claim)).toBeUndefined();
      });
      await fc.assert(run, { numRuns: CASES / 4 });
    },
    TIMEOUT_MS,
  );
});

/** A claim that is right in all but a few things. */
type Recipe = {
  readonly held: bigint;
  readonly paid: bigint;
  readonly bends: readonly (readonly [kind: number, by: number])[];
};

const recipes: fc.Arbitrary<Recipe> = fc.record({
  held: fc.bigInt(0n, 40n),
  paid: fc.bigInt(0n, 40n),
  bends: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 4, arbitrary: fc.array(fc.tuple(fc.nat(15), fc.nat(99)), { maxLength: 2 }) },
  ),
});

type Bend = (claim: SupportClaim, by: number, recipe: Recipe) => SupportClaim;

const candidate = (claim: SupportClaim, change: Partial<VariablePart>): SupportClaim => ({
  ...claim,
  candidate: { ...claim.candidate, variablePart: { ...claim.candidate.variablePart, ...change } },
});

const postfund = (claim: SupportClaim, change: Partial<VariablePart>): SupportClaim => ({
  ...claim,
  proof: claim.proof.map((state) => ({
    ...state,
    variablePart: { ...state.variablePart, ...change },
  })),
});

const shares = (left: bigint, right: bigint): Outcome => [virtualExit(ZERO_ADDRESS, [left, right])];

/** Ways to bend a claim, by a number. */
const BENDS: readonly Bend[] = [
  (claim, by) => candidate(claim, { turnNum: by % 4 }),
  (claim, by) => postfund(claim, { turnNum: by % 3 }),
  (claim, by) => ({ ...claim, candidate: { ...claim.candidate, signedBy: BigInt(by % 16) } }),
  (claim, by) => ({
    ...claim,
    proof: claim.proof.map((state) => ({ ...state, signedBy: BigInt(by % 16) })),
  }),
  (claim) => ({ ...claim, proof: [...claim.proof, ...claim.proof] }),
  // Without a proof it is a state that all may have signed, or not.
  (claim, by) => ({
    ...candidate(claim, { turnNum: by % 3 }),
    proof: [],
    candidate: { ...candidate(claim, { turnNum: by % 3 }).candidate, signedBy: BigInt(by % 16) },
  }),
  (claim, by, { paid }) => {
    const signature = promised(CHANNEL, paid, testAccount(1 + (by % 3)));
    return candidate(claim, { appData: voucherData(paid, signature) });
  },
  // A voucher of another channel, and one with a signature that recovers nobody.
  (claim, _, { paid }) =>
    candidate(claim, { appData: voucherData(paid, promised(virtualChannel(APP, 2n), paid)) }),
  (claim, _, { paid }) =>
    candidate(claim, { appData: voucherData(paid, `0x${"00".repeat(64)}1b` as Signature) }),
  (claim, by, { held, paid }) =>
    candidate(claim, { outcome: shares(held > paid ? held - paid : 0n, BigInt(by)) }),
  (claim, by, { paid }) => candidate(claim, { outcome: shares(BigInt(by), paid) }),
  (claim, by, { held }) => postfund(claim, { outcome: shares(held, BigInt(by)) }),
  (claim) => candidate(claim, { outcome: [virtualExit(SOME_TOKEN, [1n, 1n])] }),
  (claim, by) =>
    postfund(claim, { outcome: by % 2 === 0 ? [] : [virtualExit(SOME_TOKEN, [9n, 0n])] }),
  (claim) =>
    candidate(claim, { outcome: [...claim.candidate.variablePart.outcome, ...shares(1n, 1n)] }),
  // Fewer allocations than two: the contract looks at places that are not there.
  (claim, by) => {
    const cut = claim.candidate.variablePart.outcome.map((exit) => ({
      ...exit,
      allocations: exit.allocations.slice(0, by % 2),
    }));
    return candidate(claim, { outcome: cut });
  },
];

describe("any claim", () => {
  property(
    "is judged alike off chain and by the contract, for the same reason",
    async () => {
      const reasons = new Map<string, number>();
      const run = fc.asyncProperty(recipes, async (recipe) => {
        const { bends, held, paid } = recipe;
        const isCovered = paid <= held;
        const appData = voucherData(paid, promised(CHANNEL, paid));
        const whole = redeeming(isCovered ? paid : held, held, appData);
        const claim = bends.reduce(
          (one, [kind, by]) => (BENDS[kind % BENDS.length] ?? ((same) => same))(one, by, recipe),
          whole,
        );
        const reason = (await judge(claim)) ?? "supported";
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      });
      await fc.assert(run, { numRuns: CASES });

      expect(reasons.get("supported") ?? 0).toBeGreaterThan(CASES / 10);
      // Every reason of the contract is given by some claim.
      expect(reasons.size).toBe(14);
    },
    TIMEOUT_MS,
  );
});
