/** ConsensusApp, as the app of ledgers and of direct channels: the adjudicator supports what is supported off chain. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import consensusApp from "@statechannels/nitro-protocol/dist/artifacts/contracts/ConsensusApp.sol/ConsensusApp.json" with {
  type: "json",
};
import adjudicator from "@statechannels/nitro-protocol/dist/artifacts/contracts/NitroAdjudicator.sol/NitroAdjudicator.json" with {
  type: "json",
};
import fc from "fast-check";
import { startEvm } from "../../sim/chain/evm.ts";
import type { LocalChain } from "../../sim/chain/local-chain.ts";
import { testAccount } from "../../sim/chain/test-account.ts";
import { askAdjudicator } from "../../test/adjudicator-support.ts";
import { appCases, appCasesTimeoutMs } from "../../test/app-cases.ts";
import { property } from "../../test/kind.ts";
import { channelIdOf } from "../channel/channel-id.ts";
import { externalDestination } from "../channel/destination.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import { applyProposal, guaranteeCount } from "../channel/ledger-outcome.ts";
import type { LedgerProposal } from "../channel/ledger-proposal.ts";
import { isLedgerOutcome } from "../channel/ledger-shape.ts";
import { AMOUNT_MAX, type Outcome, totalOf } from "../channel/outcome.ts";
import { isSupported, type SignedState, withSignature } from "../channel/signed-state.ts";
import { stateHash, type VariablePart } from "../channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import { signatureBackend } from "../crypto/signatures.ts";
import type { Hex } from "../primitives/hex.ts";
import { consensusRule } from "../protocols/app-rule.ts";
import type { Claim } from "./adjudicator.ts";

const CASES = appCases(100);
const TIMEOUT_MS = appCasesTimeoutMs(CASES);

const ADJUDICATOR = `0x${"ad".repeat(20)}` as Address;
const APP = `0x${"ac".repeat(20)}` as Address;
const TOKEN = `0x${"70".repeat(20)}` as Address;

let chain: LocalChain;

beforeAll(async () => {
  chain = await startEvm({ accounts: [] });
  await chain.rpc.request("hardhat_setCode", [ADJUDICATOR, adjudicator.deployedBytecode]);
  await chain.rpc.request("hardhat_setCode", [APP, consensusApp.deployedBytecode]);
});
afterAll(() => chain.stop());

const channelOf = (count: number, nonce = 1n): FixedPart => ({
  participants: Array.from({ length: count }, (_, index) => testAccount(index + 1).address),
  channelNonce: nonce,
  appDefinition: APP,
  challengeDurationSec: 60,
});

const amount = fc.oneof(fc.bigInt(0n, 50n), fc.constantFrom(AMOUNT_MAX, 2n ** 255n));
const bytes = (maxLength: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ maxLength }).map((some): Hex => `0x${some.toHex()}`);

const allocations = fc.array(
  fc.record({
    destination: fc.nat(4).map((index) => externalDestination(testAccount(index + 1).address)),
    amount,
    allocationType: fc.constantFrom(0 as const, 1 as const, 2 as const),
    metadata: bytes(70),
  }),
  { maxLength: 3 },
);

const outcomes: fc.Arbitrary<Outcome> = fc.array(
  fc.record({
    asset: fc.constantFrom(ZERO_ADDRESS, TOKEN),
    assetMetadata: fc.record({ assetType: fc.constantFrom(0, 1, 2, 3), metadata: bytes(40) }),
    allocations,
  }),
  { maxLength: 2 },
) as fc.Arbitrary<Outcome>;

const states: fc.Arbitrary<VariablePart> = fc.record({
  outcome: outcomes,
  appData: bytes(70),
  turnNum: fc.constantFrom(0, 1, 7, 2 ** 48 - 1),
  isFinal: fc.boolean(),
});

/** Who signs, by the place among the participants or beyond them, and whether this state or another one. */
const signings = fc.array(
  fc.record({ who: fc.nat(5), isOther: fc.nat(9).map((number) => number === 0) }),
  { maxLength: 6 },
);

/** What a node that checks every signature knows of the state: those of participants, over this state. */
function knownOffChain(
  channel: FixedPart,
  variablePart: VariablePart,
  signatures: readonly Signature[],
): SignedState {
  const hash = stateHash(channelIdOf(channel), variablePart);
  const nobody: SignedState = {
    variablePart,
    signatures: channel.participants.map(() => undefined),
  };
  return signatures.reduce((state, signature) => {
    const index = channel.participants.indexOf(
      signatureBackend.recoverSigner(hash, signature) ?? ZERO_ADDRESS,
    );
    return index < 0 ? state : withSignature(state, index, signature);
  }, nobody);
}

function signaturesOf(channel: FixedPart, variablePart: VariablePart): readonly Signature[] {
  const hash = stateHash(channelIdOf(channel), variablePart);
  return channel.participants.map((_, index) => testAccount(index + 1).signHash(hash));
}

function signAll(channel: FixedPart, variablePart: VariablePart): Claim {
  const candidate = { variablePart, signatures: signaturesOf(channel, variablePart) };
  return { fixedPart: channel, proof: [], candidate };
}

describe("a state of any shape", () => {
  property(
    "is supported on chain exactly when everybody's signature is known off chain, and by itself alone",
    async () => {
      const verdicts = new Map<string, number>();
      const claims = fc.record({
        count: fc.integer({ min: 2, max: 4 }),
        state: states,
        signing: signings,
        isUnanimous: fc.boolean(),
        isProven: fc.nat(5).map((number) => number === 0),
      });
      const run = fc.asyncProperty(claims, async (made) => {
        const channel = channelOf(made.count);
        const hash = stateHash(channelIdOf(channel), made.state);
        const others = stateHash(channelIdOf(channelOf(made.count, 2n)), made.state);
        const odd = made.signing.map(({ isOther, who }) =>
          testAccount(who + 1).signHash(isOther ? others : hash),
        );
        const whole = made.isUnanimous ? signaturesOf(channel, made.state) : [];
        const signatures = [...odd, ...whole];
        const candidate = { variablePart: made.state, signatures };
        const proof = made.isProven ? [candidate] : [];

        const isOurs = isSupported(knownOffChain(channel, made.state, signatures));
        const claim = { fixedPart: channel, proof, candidate };
        const { reason, supported } = await askAdjudicator(chain.rpc, ADJUDICATOR, claim);
        expect(supported).toBe(isOurs && !made.isProven);
        if (!supported) expect(reason).toContain(made.isProven ? "|proof|!=0" : "!unanimous");
        const verdict = `${isOurs} ${made.isProven}`;
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      });
      await fc.assert(run, { numRuns: CASES });

      // Each of the four cases is looked at, and not by one claim alone.
      expect(verdicts.size).toBe(4);
      expect(Math.min(...verdicts.values())).toBeGreaterThan(CASES / 50);
    },
    TIMEOUT_MS,
  );
});

describe("a direct channel", () => {
  const exits: fc.Arbitrary<Outcome> = fc
    .array(fc.tuple(fc.bigInt(0n, 9n), fc.bigInt(0n, 9n)), { minLength: 1, maxLength: 2 })
    .map((pairs) =>
      pairs.map((pair, index) => simpleExit(index === 0 ? ZERO_ADDRESS : TOKEN, pair)),
    );

  property(
    "can show every state that its rule lets it sign, and each pays out what was deposited",
    async () => {
      let taken = 0;
      const steps = fc.tuple(
        exits,
        fc.oneof({ weight: 3, arbitrary: fc.nat(9) }, { weight: 1, arbitrary: exits }),
        fc.boolean(),
      );
      const run = fc.asyncProperty(steps, async ([outcome, change, isFinal]) => {
        const from: VariablePart = { outcome, appData: "0x", turnNum: 1, isFinal: false };
        const next = typeof change === "number" ? shifted(outcome, BigInt(change)) : change;
        const to: VariablePart = { outcome: next, appData: "0x", turnNum: 2, isFinal };
        if (!consensusRule(from, to).ok) return;
        taken++;

        const { supported } = await askAdjudicator(
          chain.rpc,
          ADJUDICATOR,
          signAll(channelOf(2), to),
        );
        expect(supported).toBe(true);
        expect(to.outcome.map(totalOf)).toEqual(from.outcome.map(totalOf));
      });
      await fc.assert(run, { numRuns: CASES });
      expect(taken).toBeGreaterThan(CASES / 3);
      expect(taken).toBeLessThan(CASES);
    },
    TIMEOUT_MS,
  );
});

function simpleExit(asset: Address, [left, right]: readonly [bigint, bigint]): Outcome[number] {
  const claim = (place: number, owned: bigint) =>
    ({
      destination: externalDestination(testAccount(place).address),
      amount: owned,
      allocationType: 0,
      metadata: "0x",
    }) as const;
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  return { asset, assetMetadata, allocations: [claim(1, left), claim(2, right)] };
}

/** Moves some of the left one's money to the right one, as much as there is. */
function shifted(outcome: Outcome, by: bigint): Outcome {
  return outcome.map((exit) => {
    const [left, right] = exit.allocations;
    if (left === undefined || right === undefined) return exit;
    const moved = by < left.amount ? by : left.amount;
    const shares = [
      { ...left, amount: left.amount - moved },
      { ...right, amount: right.amount + moved },
    ];
    return { ...exit, allocations: shares };
  });
}

describe("a ledger channel", () => {
  const [alice, bob] = [1, 2].map((place) => externalDestination(testAccount(place).address));
  const share = fc.bigInt(0n, 6n);
  const opening: Outcome = [simpleExit(ZERO_ADDRESS, [30n, 30n]), simpleExit(TOKEN, [30n, 30n])];
  const changes = fc.array(
    fc.record({
      target: fc.nat(4),
      asset: fc.constantFrom(ZERO_ADDRESS, TOKEN),
      left: share,
      right: share,
      isRemove: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  );
  type Change = typeof changes extends fc.Arbitrary<readonly (infer One)[]> ? One : never;

  function proposalOf({ asset, isRemove, left, right, target }: Change): LedgerProposal {
    const shares = [{ asset, left, right }];
    const named = channelIdOf(channelOf(3, BigInt(100 + target)));
    if (isRemove) return { type: "Remove", target: named, shares, refund: 0n };
    if (alice === undefined || bob === undefined) throw new Error("both are there");
    return { type: "Add", target: named, guarantee: { left: alice, right: bob }, shares, fee: 0n };
  }

  property(
    "can show the outcome of every proposal that it takes, and none creates or destroys money",
    async () => {
      const channel = channelOf(2);
      const ledgerId = channelIdOf(channel);
      let taken = 0;
      let full = 0;
      const run = fc.asyncProperty(changes, async (made) => {
        let outcome = opening;
        for (const change of made) {
          const applied = applyProposal("enforceable", ledgerId, outcome, proposalOf(change));
          if (!applied.ok) continue;
          outcome = applied.value;
          taken++;
        }
        full = Math.max(full, guaranteeCount(outcome));
        expect(isLedgerOutcome("enforceable", opening, outcome)).toBe(true);
        expect(outcome.map(totalOf)).toEqual([60n, 60n]);
        const state = { outcome, appData: "0x", turnNum: 9, isFinal: false } as const;
        const verdict = await askAdjudicator(chain.rpc, ADJUDICATOR, signAll(channel, state));
        expect(verdict).toEqual({ supported: true, reason: "", reverted: false });
        const alone = signAll(channel, state).candidate.signatures.slice(1);
        const candidate = { variablePart: state, signatures: alone };
        const claim = { fixedPart: channel, proof: [], candidate };
        expect((await askAdjudicator(chain.rpc, ADJUDICATOR, claim)).supported).toBe(false);
      });
      await fc.assert(run, { numRuns: CASES });

      expect(taken).toBeGreaterThan(CASES);
      expect(full).toBeGreaterThan(3);
    },
    TIMEOUT_MS,
  );
});
