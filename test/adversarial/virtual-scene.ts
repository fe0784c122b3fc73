/**
 * The stage on which Eve is hostile to Alice, an intermediary between her and Bob: Eve leads two ledger
 * channels with Alice and follows in a third, and Alice leads one with Bob, who is honest.
 */
import { expect } from "bun:test";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import { createStage } from "../../sim/stage.ts";
import type { World } from "../../sim/world.ts";
import { type Channel, stateAt, supportedState } from "../../src/channel/channel.ts";
import { type ChannelId, channelIdOf } from "../../src/channel/channel-id.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import { applyChanges } from "../../src/channel/ledger.ts";
import type { LedgerChange, LedgerProposal } from "../../src/channel/ledger-proposal.ts";
import {
  type ObjectiveId,
  virtualDefundId,
  virtualFundId,
} from "../../src/channel/objective-id.ts";
import { ALLOCATION_TYPE, type Outcome } from "../../src/channel/outcome.ts";
import { VIRTUAL_FINAL_TURN } from "../../src/channel/payment-voucher.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Message } from "../../src/messages/message.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { playWorld } from "../played-world.ts";
import { quiet } from "./hostile-scene.ts";
import { Puppet, stateOf } from "./puppet.ts";

/** How far the virtual channel is: unknown, waiting for Eve's guarantee, for her postfund, or open. */
export type VirtualStage = "unknown" | "prefunded" | "guaranteed" | "open";

/** Everything that a row may use to make its message. */
export type VirtualScene = {
  readonly world: World;
  readonly eve: Puppet;
  readonly ivan: Puppet;
  /** Eve leads the first two with Alice, Alice leads the third with Eve, and the last one with Bob. */
  readonly ledgers: {
    readonly own: ChannelId;
    readonly second: ChannelId;
    readonly followed: ChannelId;
    readonly onward: ChannelId;
  };
  readonly fixedPart: FixedPart;
  readonly channelId: ChannelId;
  readonly outcome: Outcome;
};

type VirtualPrefund = Message & { readonly type: "VirtualPrefund" };
type Proposal = Message & { readonly type: "LedgerProposal" };

/** What Alice asks for her part. */
export const FEE = 1n;

/** What each puts into a ledger; Eve twice as much into hers, so that Alice is the one who lacks money. */
const DEPOSIT = 20n;

/** Plays a story in which Eve has been honest up to the stage. */
export async function playVirtualScene(
  chain: SimulatedChain,
  stage: VirtualStage,
  act: (scene: VirtualScene) => Promise<void>,
): Promise<void> {
  const cast = ["alice", "bob", "eve", "ivan"] as const;
  const options = { seed: 1, cast, chain, signatures: "real", puppets: ["ivan"] } as const;
  // Eve's key signs behind the back of the log that her node had.
  await playWorld({ ...options, isWatched: false, fees: { alice: FEE } }, async (world) => {
    const scene = await prepare(world);
    await reach(scene, stage);
    await act(scene);
    await quiet(world);
    for (const puppet of [scene.eve, scene.ivan]) puppet.leave();
    // Bob waits for Eve, who never speaks to him.
    for (const node of world.nodes.values()) if (node.isRunning) node.crash();
  });
}

/** Alice's node. */
export function aliceOf({ world }: VirtualScene): Engine {
  return world.node("alice").engine;
}

/** A channel as Alice has it. */
export function channelAt(scene: VirtualScene, channelId: ChannelId): Channel {
  return assertDefined(aliceOf(scene).channel(channelId), "a channel of Alice's");
}

async function prepare(world: World): Promise<VirtualScene> {
  const { alice, bob, eve, eth } = createStage(world, {});
  const deposits = [{ asset: eth, amounts: [DEPOSIT, DEPOSIT] }];
  const ledgers = {
    own: await eve.openLedger(alice, [{ asset: eth, amounts: [2n * DEPOSIT, DEPOSIT] }]),
    second: await eve.openLedger(alice, deposits),
    followed: await alice.openLedger(eve, deposits),
    onward: await alice.openLedger(bob, deposits),
  };
  await quiet(world);
  const fixedPart = virtualPartOf(world, {});
  return {
    world,
    eve: takeOver(world),
    ivan: new Puppet(world, "ivan"),
    ledgers,
    fixedPart,
    channelId: channelIdOf(fixedPart),
    outcome: virtualOutcome(world, [6n, 4n]),
  };
}

/** Eve's node goes, and her puppet goes on where the two were. */
function takeOver(world: World): Puppet {
  const [alice, eve] = [world.node("alice"), world.node("eve")];
  const said = eve.engine.view().peers.get(alice.address)?.lastSent ?? 0;
  const heard = alice.engine.view().peers.get(eve.address)?.lastSent ?? 0;
  eve.crash();
  return new Puppet(world, "eve", { lastSent: said, lastReceived: heard });
}

/** The channel of Eve and Bob over Alice. */
export function virtualPartOf(world: World, changes: Partial<FixedPart>): FixedPart {
  return {
    participants: (["eve", "alice", "bob"] as const).map((name) => world.node(name).address),
    channelNonce: 7n,
    appDefinition: world.options.chain.deployment.paymentApp,
    challengeDurationSec: 86_400,
    ...changes,
  };
}

/** What the two ends put in: Eve and Bob, unless others are named. */
export function virtualOutcome(
  world: World,
  amounts: readonly bigint[],
  participants: readonly Address[] = virtualPartOf(world, {}).participants,
): Outcome {
  const asset = ZERO_ADDRESS;
  const allocations = amounts.map((amount, index) => ({
    destination: externalDestination(
      assertDefined(index === 0 ? participants[0] : participants.at(-1), "an end"),
    ),
    amount,
    allocationType: ALLOCATION_TYPE.guarantee,
    metadata: "0x" as const,
  }));
  return [{ asset, assetMetadata: { assetType: 0, metadata: "0x" }, allocations }];
}

/** What a row changes of an honest prefund; it is signed anew, unless the signatures are given. */
export type PrefundChanges = Partial<Omit<VirtualPrefund, "type" | "fixedPart">> & {
  readonly fixedPart?: Partial<FixedPart>;
};

/** The first message about the channel. */
export function virtualPrefund(scene: VirtualScene, changes: PrefundChanges = {}): VirtualPrefund {
  const { eve, ledgers, world } = scene;
  const fixedPart = virtualPartOf(world, changes.fixedPart ?? {});
  const outcome = virtualOutcome(world, [6n, 4n], fixedPart.participants);
  const opening = { outcome: changes.outcome ?? outcome, appData: changes.appData ?? "0x" };
  const state = { ...opening, turnNum: 0, isFinal: false };
  return {
    type: "VirtualPrefund",
    fees: [FEE],
    ledgerId: ledgers.own,
    signatures: changes.signatures ?? [eve.sign(channelIdOf(fixedPart), state)],
    ...changes,
    ...opening,
    fixedPart,
  };
}

type Addition = LedgerProposal & { readonly type: "Add" };

/** The guarantee that Eve and Alice have agreed on. */
export function addition({ channelId, eve, world }: VirtualScene): Addition {
  const guarantee = {
    left: externalDestination(eve.address),
    right: externalDestination(world.node("alice").address),
  };
  const shares = [{ asset: ZERO_ADDRESS, left: 6n, right: 4n }];
  return { type: "Add", target: channelId, guarantee, shares, fee: FEE };
}

/** The opposite of that, with what each gets. */
export function removal({ channelId }: VirtualScene, left = 6n, right = 4n): LedgerProposal {
  const shares = [{ asset: ZERO_ADDRESS, left, right }];
  return { type: "Remove", target: channelId, shares, refund: 0n };
}

/** What a row changes of an honest proposal. */
export type ProposalChanges = Partial<Omit<Proposal, "type" | "changes">> & {
  readonly changes?: readonly LedgerChange[];
  /** The state that Eve signs, where the changes do not lead to one. */
  readonly signed?: VariablePart;
};

/** A state of a ledger that Eve leads, told as what it changes in the supported one. */
export function ledgerProposal(scene: VirtualScene, wanted: ProposalChanges = {}): Proposal {
  const { channelId: target, eve, ledgers } = scene;
  const channelId = wanted.channelId ?? ledgers.own;
  const { variablePart: base } = supportedState(channelAt(scene, channelId));
  const changes = wanted.changes ?? [
    { objectiveId: virtualFundId(target), proposal: addition(scene) },
  ];
  const turnNum = wanted.turnNum ?? base.turnNum + 1;
  const outcome = applyChanges("enforceable", channelId, base.outcome, changes);
  const state = wanted.signed ?? { ...base, turnNum, outcome: outcome.ok ? outcome.value : [] };
  return {
    type: "LedgerProposal",
    channelId,
    turnNum,
    baseTurnNum: wanted.baseTurnNum ?? base.turnNum,
    changes,
    evidence: wanted.evidence ?? changes.map(() => []),
    signature: wanted.signature ?? eve.sign(channelId, state),
  };
}

/** Eve's signature on the postfund, or on what a row makes of it. */
export function virtualState(
  scene: VirtualScene,
  changes: Partial<VariablePart> = {},
  objectiveId: ObjectiveId = virtualFundId(scene.channelId),
): Message & { readonly type: "SignedState" } {
  const { channelId, eve, outcome } = scene;
  const postfund = { outcome, appData: "0x", turnNum: 1, isFinal: false } as const;
  return stateOf(eve, channelId, { ...postfund, ...changes }, objectiveId);
}

/** Eve's signature on the final state. */
export function virtualFinal(
  scene: VirtualScene,
  changes: Partial<VariablePart> = {},
): Message & { readonly type: "SignedState" } {
  const final = { turnNum: VIRTUAL_FINAL_TURN, isFinal: true, ...changes };
  return virtualState(scene, final, virtualDefundId(scene.channelId));
}

const STEPS: readonly (readonly [VirtualStage, (scene: VirtualScene) => Promise<void>])[] = [
  ["unknown", async () => {}],
  [
    "prefunded",
    async (scene) => {
      expect(await scene.eve.say(virtualPrefund(scene))).toBe("Accepted");
      await scene.world.pause(2_000);
      expect(channelAt(scene, scene.channelId).supported?.variablePart.turnNum).toBe(0);
    },
  ],
  [
    "guaranteed",
    async (scene) => {
      expect(await scene.eve.say(ledgerProposal(scene))).toBe("Accepted");
      await scene.world.pause(2_000);
      expect(stateAt(channelAt(scene, scene.channelId), 1)?.signatures[1]).toBeDefined();
    },
  ],
  [
    "open",
    async (scene) => {
      expect(await scene.eve.say(virtualState(scene))).toBe("Accepted");
      expect(channelAt(scene, scene.channelId).wasOpen).toBe(true);
    },
  ],
];

async function reach(scene: VirtualScene, stage: VirtualStage): Promise<void> {
  for (const [reached, step] of STEPS) {
    await step(scene);
    if (reached === stage) return;
  }
}

/** What an honest Eve would say next, up to the end of the channel; Alice must take all of it. */
export async function goOnVirtually(scene: VirtualScene, stage: VirtualStage): Promise<void> {
  const from = STEPS.findIndex(([reached]) => reached === stage);
  for (const [, step] of STEPS.slice(from + 1)) await step(scene);
  expect(await scene.eve.say(virtualFinal(scene))).toBe("Accepted");
  expect(channelAt(scene, scene.channelId).finalSignedByMe).toBe(true);
}

/** A signature of 65 bytes that nobody made. */
export const NO_SIGNATURE = `0x${"00".repeat(65)}` as Signature;
