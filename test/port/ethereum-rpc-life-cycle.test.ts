/** The money of a channel on the contracts, from deposit to payout, the same on every tier. */
import { beforeAll, describe, expect } from "bun:test";
import { encodeAbiParameters, keccak256, parseAbiParameters } from "viem";
import { mintCall } from "../../contracts/test-token.ts";
import { CHAIN_ROADS } from "../../sim/chain/chain-tiers.ts";
import { GENESIS_TIMESTAMP_SEC, type LocalChain } from "../../sim/chain/local-chain.ts";
import { type TestAccount, testAccount } from "../../sim/chain/test-account.ts";
import { receiptOf, sendCall, type TestReceipt } from "../../sim/chain/test-wallet.ts";
import {
  type AdjudicatorStatus,
  type ContractCall,
  challengeCall,
  checkpointCall,
  concludeAndTransferAllAssetsCall,
  concludeCall,
  decodeHoldings,
  decodeStatus,
  depositCall,
  holdingsCall,
  statusCall,
  transferAllAssetsCall,
  transferCall,
} from "../../src/chain/adjudicator.ts";
import { type AdjudicatorEvent, decodeAdjudicatorLog } from "../../src/chain/adjudicator-logs.ts";
import { checkDeployment, type Deployment, deployAll } from "../../src/chain/deployment.ts";
import {
  allowanceCall,
  approveCall,
  balanceOfCall,
  decodeTokenAmount,
} from "../../src/chain/erc20.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Hash, Signature } from "../../src/crypto/signature.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import { integration } from "../kind.ts";

const ALICE = testAccount(0xa11ce);
const BOB = testAccount(0xb0b);
const DEPLOYER = testAccount(1);
const CHALLENGE_DURATION_SEC = 600;
const ZERO_HASH = `0x${"00".repeat(32)}` as Hash;

/** Everything a tier did and said, in the order of the story. */
type Story = {
  readonly deployment: Deployment;
  readonly receipts: readonly Omit<TestReceipt, "logs">[];
  readonly events: readonly AdjudicatorEvent[];
  /** The filter of each block with a call: it says whose logs may be in it. */
  readonly blooms: readonly Hex[];
  readonly amounts: Readonly<Record<string, bigint>>;
  readonly statuses: Readonly<Record<string, AdjudicatorStatus>>;
};

describe("the life of channels", () => {
  const stories: Story[] = [];

  beforeAll(async () => {
    for (const { start } of CHAIN_ROADS) stories.push(await tell(start));
  });

  integration("pays the outcome in coins and in tokens, and leaves nothing behind", () => {
    for (const { amounts } of stories) {
      expect(amounts).toEqual({
        heldAfterAlice: 100n,
        heldAfterBoth: 150n,
        coinsToBob: 90n,
        heldAfterConclude: 0n,
        allowanceBefore: 1_000n,
        allowanceAfter: 0n,
        tokensToAlice: 400n,
        tokensToBob: 600n,
        coinsToBobByForce: 90n,
        heldAtEnd: 0n,
      });
    }
  });

  integration("reports each step by the contract's own event", () => {
    for (const { events } of stories) {
      expect(events.map(({ type }): string => type)).toEqual([
        ...["Deposited", "Deposited", "Concluded", "AllocationUpdated"],
        ...["Deposited", "Concluded", "AllocationUpdated", "AllocationUpdated"],
        ...["Deposited", "ChallengeRegistered", "ChallengeCleared", "Checkpointed"],
        ...["ChallengeRegistered", "AllocationUpdated"],
      ]);
    }
  });

  integration("shows in the status of a channel that a challenge runs", () => {
    for (const { statuses } of stories) {
      expect(statuses["unheardOf"]).toEqual({
        turnNumRecord: 0,
        finalizesAtSec: 0,
        fingerprint: 0n,
      });
      expect(statuses["challenged"]).toMatchObject({ turnNumRecord: 5 });
      expect(statuses["cleared"]).toMatchObject({ turnNumRecord: 6, finalizesAtSec: 0 });
    }
  });

  integration("has the same addresses, receipts and logs on every tier", () => {
    const [first, ...others] = stories.map(withoutBlockHashes).map(withoutGas);

    expect(others).toHaveLength(CHAIN_ROADS.length - 1);
    for (const other of others) expect(other).toEqual(assertDefined(first, "a story"));
  });

  integration("uses the same gas wherever the contracts themselves run", () => {
    const [first, ...others] = stories.flatMap(({ receipts }, road) =>
      CHAIN_ROADS[road]?.name === "model" ? [] : [receipts],
    );

    expect(others).toHaveLength(CHAIN_ROADS.length - 2);
    for (const other of others) expect(other).toEqual(assertDefined(first, "receipts"));
  });

  integration("is said by the model to cost what it costs, to a tenth", () => {
    const gasOf = (road: string): readonly number[] => {
      const story = stories[CHAIN_ROADS.findIndex(({ name }) => name === road)];
      return assertDefined(story, road).receipts.map(({ gasUsed }) => Number(gasUsed));
    };
    const ratios = gasOf("model").map((said, step) => said / (gasOf("evm")[step] ?? 0));

    expect(Math.min(...ratios)).toBeGreaterThan(0.9);
    expect(Math.max(...ratios)).toBeLessThan(1.1);
  });

  integration("costs the gas that was measured, so that gas limits hold", () => {
    const gas = assertDefined(stories[0], "a story").receipts.map(({ gasUsed }) => Number(gasUsed));

    expect(Math.max(...gas)).toBeLessThan(130_000);
    expect(gas.every((used) => used > 21_000)).toBe(true);
  });
});

/** The model counts gas by a table. */
function withoutGas(story: Omit<Story, "events">): unknown {
  const receipts = story.receipts.map(
    ({ cumulativeGasUsed: _, gasUsed: __, ...receipt }) => receipt,
  );
  return { ...story, receipts };
}

function withoutBlockHashes({ events, ...story }: Story): Omit<Story, "events"> {
  const positions = events.map(({ position: { blockHash: _, ...position }, ...event }) => ({
    ...event,
    position,
  }));
  const told = { ...story, events: positions };
  return told;
}

/** Plays the whole story on one chain. */
async function tell(start: (typeof CHAIN_ROADS)[number]["start"]): Promise<Story> {
  const accounts = [ALICE, BOB, DEPLOYER].map(({ address }) => ({
    address,
    balanceWei: 10n ** 19n,
  }));
  const chain = await start({ accounts });
  try {
    return await new Teller(chain).tell();
  } finally {
    await chain.stop();
  }
}

class Teller {
  readonly #chain: LocalChain;
  readonly #receipts: Omit<TestReceipt, "logs">[] = [];
  readonly #events: AdjudicatorEvent[] = [];
  readonly #blooms: Hex[] = [];
  readonly #amounts: Record<string, bigint> = {};
  readonly #statuses: Record<string, AdjudicatorStatus> = {};
  #timestampSec = GENESIS_TIMESTAMP_SEC;

  constructor(chain: LocalChain) {
    this.#chain = chain;
  }

  async tell(): Promise<Story> {
    const settle = (): Promise<void> => this.#mine(1);
    const { rpc } = this.#chain;
    const deployment = await deployAll(rpc, DEPLOYER, { settle, token: true });
    await this.#concludeCoins(deployment);
    await this.#concludeTokens(deployment);
    await this.#challenge(deployment);
    await checkDeployment(rpc, deployment);
    return {
      deployment,
      receipts: this.#receipts,
      events: this.#events,
      blooms: this.#blooms,
      amounts: this.#amounts,
      statuses: this.#statuses,
    };
  }

  async #concludeCoins({ adjudicator, consensusApp }: Deployment): Promise<void> {
    const { channelId, fixedPart } = channel(1n, consensusApp);
    const asset = ZERO_ADDRESS;
    const held = holdingsCall(adjudicator, asset, channelId);
    this.#statuses["unheardOf"] = decodeStatus(
      await this.#call(statusCall(adjudicator, channelId)),
    );
    await this.#do(
      ALICE,
      depositCall(adjudicator, { asset, channelId, expectedHeld: 0n, amount: 100n }),
    );
    this.#amounts["heldAfterAlice"] = decodeHoldings(await this.#call(held));
    await this.#do(
      BOB,
      depositCall(adjudicator, { asset, channelId, expectedHeld: 100n, amount: 50n }),
    );
    this.#amounts["heldAfterBoth"] = decodeHoldings(await this.#call(held));

    const before = await this.#coinsOf(BOB.address);
    const state = final(asset, 60n, 90n);
    const signatures = signed(channelId, state);
    await this.#do(
      ALICE,
      concludeAndTransferAllAssetsCall(adjudicator, fixedPart, state, signatures),
    );
    this.#amounts["coinsToBob"] = (await this.#coinsOf(BOB.address)) - before;
    this.#amounts["heldAfterConclude"] = decodeHoldings(await this.#call(held));
  }

  async #concludeTokens({ adjudicator, consensusApp, token }: Deployment): Promise<void> {
    const asset = assertDefined(token, "the test token");
    const { channelId, fixedPart } = channel(2n, consensusApp);
    const allowed = allowanceCall(asset, ALICE.address, adjudicator);
    await this.#do(ALICE, mintCall(asset, ALICE.address, 1_000n));
    await this.#do(ALICE, approveCall(asset, adjudicator, 1_000n));
    this.#amounts["allowanceBefore"] = decodeTokenAmount(await this.#call(allowed));
    const deposit = { asset, channelId, expectedHeld: 0n, amount: 1_000n };
    await this.#do(ALICE, depositCall(adjudicator, deposit));
    this.#amounts["allowanceAfter"] = decodeTokenAmount(await this.#call(allowed));

    const state = final(asset, 400n, 600n);
    await this.#do(BOB, concludeCall(adjudicator, fixedPart, state, signed(channelId, state)));
    const outcomeBytes = encodeOutcome(state);
    const bobFirst = { assetIndex: 0, channelId, outcomeBytes, stateHash: ZERO_HASH, indices: [1] };
    await this.#do(BOB, transferCall(adjudicator, bobFirst));
    const { outcome } = final(asset, 400n, 0n);
    await this.#do(
      ALICE,
      transferAllAssetsCall(adjudicator, { channelId, outcome, stateHash: ZERO_HASH }),
    );
    this.#amounts["tokensToAlice"] = await this.#tokensOf(asset, ALICE.address);
    this.#amounts["tokensToBob"] = await this.#tokensOf(asset, BOB.address);
  }

  async #challenge({ adjudicator, consensusApp }: Deployment): Promise<void> {
    const { channelId, fixedPart } = channel(3n, consensusApp);
    const asset = ZERO_ADDRESS;
    const deposit = { asset, channelId, expectedHeld: 0n, amount: 150n };
    await this.#do(ALICE, depositCall(adjudicator, deposit));
    const claim = (
      turnNum: number,
    ): [Parameters<typeof challengeCall>[1], Signature, VariablePart] => {
      const variablePart = { ...final(asset, 60n, 90n), turnNum, isFinal: false };
      const candidate = { variablePart, signatures: signed(channelId, variablePart) };
      const digest = challengeDigest(stateHash(channelId, variablePart));
      return [{ fixedPart, proof: [], candidate }, ALICE.signHash(digest), variablePart];
    };

    const [fifth, fifthSignature] = claim(5);
    await this.#do(ALICE, challengeCall(adjudicator, fifth, fifthSignature));
    const status = statusCall(adjudicator, channelId);
    this.#statuses["challenged"] = decodeStatus(await this.#call(status));
    await this.#do(BOB, checkpointCall(adjudicator, claim(6)[0]));
    this.#statuses["cleared"] = decodeStatus(await this.#call(status));
    await this.#do(BOB, checkpointCall(adjudicator, claim(7)[0]));

    const [eighth, eighthSignature, state] = claim(8);
    await this.#do(ALICE, challengeCall(adjudicator, eighth, eighthSignature));
    await this.#mine(CHALLENGE_DURATION_SEC);
    const before = await this.#coinsOf(BOB.address);
    const payout = { channelId, outcome: state.outcome, stateHash: stateHash(channelId, state) };
    await this.#do(ALICE, transferAllAssetsCall(adjudicator, payout));
    this.#amounts["coinsToBobByForce"] = (await this.#coinsOf(BOB.address)) - before;
    const held = await this.#call(holdingsCall(adjudicator, asset, channelId));
    this.#amounts["heldAtEnd"] = decodeHoldings(held);
  }

  async #do(account: TestAccount, call: ContractCall): Promise<void> {
    const hash = await sendCall(this.#chain.rpc, account, call);
    await this.#mine(12);
    const { logs, ...receipt } = await receiptOf(this.#chain.rpc, hash);
    expect(receipt.status).toBe("0x1");
    const block = await this.#chain.rpc.request("eth_getBlockByNumber", ["latest", false]);
    this.#blooms.push((block as { readonly logsBloom: Hex }).logsBloom);
    this.#receipts.push(receipt);
    this.#events.push(...logs.map(decodeAdjudicatorLog).filter((event) => event !== undefined));
  }

  #mine(afterSec: number): Promise<void> {
    this.#timestampSec += afterSec;
    return this.#chain.mine(this.#timestampSec);
  }

  #call({ data, to }: ContractCall): Promise<unknown> {
    return this.#chain.rpc.request("eth_call", [{ data, to }, "latest"]);
  }

  /** Asked before and after transactions of others only, so that no fee is in the difference. */
  async #coinsOf(address: Address): Promise<bigint> {
    return BigInt((await this.#chain.rpc.request("eth_getBalance", [address, "latest"])) as Hex);
  }

  async #tokensOf(token: Address, owner: Address): Promise<bigint> {
    return decodeTokenAmount(await this.#call(balanceOfCall(token, owner)));
  }
}

function channel(
  channelNonce: bigint,
  appDefinition: Address,
): { readonly fixedPart: FixedPart; readonly channelId: ChannelId } {
  const participants = [ALICE.address, BOB.address];
  const fixedPart = {
    participants,
    channelNonce,
    appDefinition,
    challengeDurationSec: CHALLENGE_DURATION_SEC,
  };
  const types = parseAbiParameters("address[], uint64, address, uint48");
  const values = [participants, channelNonce, appDefinition, CHALLENGE_DURATION_SEC] as const;
  return { fixedPart, channelId: keccak256(encodeAbiParameters(types, values)) as ChannelId };
}

function final(asset: Address, toAlice: bigint, toBob: bigint): VariablePart {
  const pay = (account: TestAccount, amount: bigint) =>
    ({
      destination: externalDestination(account.address),
      amount,
      allocationType: 0,
      metadata: "0x",
    }) as const;
  const allocations = [pay(ALICE, toAlice), pay(BOB, toBob)];
  const outcome = [
    { asset, assetMetadata: { assetType: 0, metadata: "0x" }, allocations },
  ] as const;
  return { outcome, appData: "0x", turnNum: 7, isFinal: true };
}

const STATE = parseAbiParameters([
  "bytes32 channelId, bytes appData, SingleAssetExit[] outcome, uint48 turnNum, bool isFinal",
  "struct AssetMetadata { uint8 assetType; bytes metadata; }",
  "struct Allocation { bytes32 destination; uint256 amount; uint8 allocationType; bytes metadata; }",
  "struct SingleAssetExit { address asset; AssetMetadata assetMetadata; Allocation[] allocations; }",
]);

function stateHash(channelId: ChannelId, state: VariablePart): Hash {
  const { appData, isFinal, outcome, turnNum } = state;
  const values = [channelId, appData, outcome, turnNum, isFinal] as const;
  return keccak256(encodeAbiParameters(STATE, values)) as Hash;
}

function encodeOutcome({ outcome }: VariablePart): Hex {
  return encodeAbiParameters([STATE[2]], [outcome]);
}

function challengeDigest(hash: Hash): Hash {
  const types = parseAbiParameters("bytes32, string");
  return keccak256(encodeAbiParameters(types, [hash, "forceMove"])) as Hash;
}

function signed(channelId: ChannelId, state: VariablePart): readonly Signature[] {
  const hash = stateHash(channelId, state);
  return [ALICE.signHash(hash), BOB.signHash(hash)];
}
