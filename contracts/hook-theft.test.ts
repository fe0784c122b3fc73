/** Why tokens with sender hooks are never allowed: both adjudicators can be emptied by one deposit. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { encodeFunctionData, parseAbi } from "viem";
import {
  type ContractCall,
  concludeCall,
  depositCall,
  transferCall,
} from "../src/chain/adjudicator.ts";
import { approveCall } from "../src/chain/erc20.ts";
import { channelIdOf } from "../src/channel/channel-id.ts";
import { externalDestination } from "../src/channel/destination.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import { ALLOCATION_TYPE, type Outcome } from "../src/channel/outcome.ts";
import { encodeOutcome } from "../src/channel/outcome-encoding.ts";
import { stateHash } from "../src/channel/state.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { type Hex, toHex } from "../src/primitives/hex.ts";
import {
  AdjudicatorPair,
  HARDENED,
  PAIR_APP,
  PAIR_TOKEN,
  PUBLISHED,
} from "../test/adjudicator-pair.ts";
import { adversarial } from "../test/kind.ts";
import { ALICE, BOB } from "../test/sample-payments.ts";
import { mintCall } from "./test-token.ts";
import { TEST_TOKENS } from "./test-tokens.ts";

const THIEF = `0x${"e0".repeat(20)}` as Address;
const REGISTRY = "0x1820a4b7618bde71dce8cdc73aab6c95905fad24" as Address;
const ZERO_HASH = `0x${"00".repeat(32)}` as Hash;
const SENDER_HOOK = "0x29ddb589b1fb5fc7cf394961c1adf5f8c6454761adf795e67fe149f658abe895";

const ABI = parseAbi([
  "function act(address target, bytes data)",
  "function arm(address target, bytes data)",
  "function setInterfaceImplementer(address account, bytes32 name, address implementer)",
]);

type ThiefFunction = "act" | "arm";

const asThief = (functionName: ThiefFunction, { data, to }: ContractCall): ContractCall => ({
  to: THIEF,
  data: encodeFunctionData({ abi: ABI, functionName, args: [to, data] }),
  valueWei: 0n,
});

const channelOf = (channelNonce: bigint): FixedPart => ({
  participants: [ALICE.address, BOB.address],
  channelNonce,
  appDefinition: PAIR_APP,
  challengeDurationSec: 60,
});

let pair: AdjudicatorPair;

beforeAll(async () => {
  pair = await AdjudicatorPair.start(TEST_TOKENS.HookedToken.deployedBytecode);
  await pair.place(REGISTRY, TEST_TOKENS.HookRegistry.deployedBytecode);
  await pair.place(THIEF, TEST_TOKENS.HookThief.deployedBytecode);
  const args = [THIEF, SENDER_HOOK, THIEF] as const;
  const functionName = "setInterfaceImplementer";
  const data = encodeFunctionData({ abi: ABI, functionName, args });
  await pair.send(asThief("act", { to: REGISTRY, data, valueWei: 0n }));
});
afterAll(() => pair.stop());

/** Others' channel holds 100 tokens, the thief's holds 10 and is final. */
async function setUp(adjudicator: Address): Promise<FixedPart> {
  const theirs = channelIdOf(channelOf(1n));
  const own = channelOf(2n);
  const channelId = channelIdOf(own);
  await pair.send(mintCall(PAIR_TOKEN, ALICE.address, 110n));
  await pair.send(mintCall(PAIR_TOKEN, THIEF, 10n));
  await pair.send(approveCall(PAIR_TOKEN, adjudicator, 110n));
  await pair.send(asThief("act", approveCall(PAIR_TOKEN, adjudicator, 100n)));
  const deposit = { asset: PAIR_TOKEN, expectedHeld: 0n };
  await pair.send(depositCall(adjudicator, { ...deposit, channelId: theirs, amount: 100n }));
  await pair.send(depositCall(adjudicator, { ...deposit, channelId, amount: 10n }));
  const state = { outcome, appData: "0x", turnNum: 1, isFinal: true } as const;
  const hash = stateHash(channelId, state);
  const signatures: readonly Hex[] = [ALICE, BOB].map(({ signHash }) => signHash(hash));
  await pair.send(concludeCall(adjudicator, own, state, signatures));
  return own;
}

/** The thief's channel pays the thief. */
const outcome: Outcome = [
  {
    asset: PAIR_TOKEN,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: [
      {
        destination: externalDestination(THIEF),
        amount: 10n,
        allocationType: ALLOCATION_TYPE.simple,
        metadata: "0x",
      },
    ],
  },
];

const payout = (adjudicator: Address, channel: FixedPart): ContractCall =>
  transferCall(adjudicator, {
    assetIndex: 0,
    channelId: channelIdOf(channel),
    outcomeBytes: toHex(encodeOutcome(outcome)),
    stateHash: ZERO_HASH,
    indices: [0],
  });

describe("a token that asks its sender", () => {
  for (const [name, adjudicator] of [
    ["published", PUBLISHED],
    ["hardened", HARDENED],
  ] as const) {
    adversarial(`lets a depositor take others' tokens from the ${name} adjudicator`, async () => {
      const own = await setUp(adjudicator);
      const before = await pair.tokensOf(THIEF);

      await pair.send(asThief("arm", payout(adjudicator, own)));
      const channelId = channelIdOf(own);
      const again = { asset: PAIR_TOKEN, channelId, expectedHeld: 10n, amount: 1n };
      await pair.send(asThief("act", depositCall(adjudicator, again)));

      // Ten were paid out in the midst of the deposit of one, and the books say that all are still there.
      const { held, owned } = await pair.books(adjudicator, channelId);
      const theirs = await pair.books(adjudicator, channelIdOf(channelOf(1n)));
      expect((await pair.tokensOf(THIEF)) - before).toBe(9n);
      expect((held[1] ?? 0n) + (theirs.held[1] ?? 0n)).toBe(111n);
      expect(owned[1]).toBe(101n);
    });
  }
});
