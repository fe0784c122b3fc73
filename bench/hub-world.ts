/** Alice, Bob and the hub Irene between them, with ledger channels to open virtual ones over. */
import type { ActorName } from "../sim/actors.ts";
import { ETH } from "../sim/assets.ts";
import { beginSimulation } from "../sim/banned-globals.ts";
import { realWorld } from "../sim/real-world.ts";
import type { SimulatedChain } from "../sim/simulated-chain.ts";
import type { SimulatedNode } from "../sim/simulated-node.ts";
import { World } from "../sim/world.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { externalDestination } from "../src/channel/destination.ts";
import { GUARANTEES_MAX } from "../src/channel/ledger-limits.ts";
import type { ObjectiveId } from "../src/channel/objective-id.ts";
import { ALLOCATION_TYPE } from "../src/channel/outcome.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Request } from "../src/engine/request.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import { lengthsOf, loggedWork } from "./logged-work.ts";
import {
  boundSeconds,
  type CountingSignatures,
  countingSignatures,
  meanCosts,
  type Primitives,
  primitiveCosts,
} from "./primitive-costs.ts";

/** Each frame takes as long as the others, so that what is counted in them is exact. */
export const LATENCY_MS = 10;

/** Seconds that a challenge can be answered: one day. */
const CHALLENGE_DURATION_SEC = 86_400;

/** What each end puts into a virtual channel, in the smallest unit: enough for every payment measured. */
export const VIRTUAL_SHARE: bigint = 10n ** 6n;

/** Something that nodes did: the seconds it took, its primitives, and the seconds that those take alone. */
export type Measured = {
  readonly seconds: number;
  readonly bound: number;
  readonly work: Primitives;
};

/** Two ends and one hub, all with real signatures. Nobody reads its trace, so none is kept. */
export class HubWorld {
  readonly signatures: CountingSignatures = countingSignatures();
  readonly world: World;
  #ledgerPairs = 0;

  private constructor(chain: SimulatedChain) {
    this.world = new World({
      seed: 1,
      cast: ["alice", "irene", "bob"],
      chain,
      signatures: this.signatures,
      network: { latencyMs: [LATENCY_MS, LATENCY_MS], slowFraction: 0 },
      keepsTrace: false,
    });
  }

  /** Starts the nodes, and opens ledger channels for `channels` virtual ones on both sides of the hub. */
  static async begin(chain: SimulatedChain, channels: number): Promise<HubWorld> {
    await chain.local.reset();
    const hub = new HubWorld(chain);
    hub.world.miner.start();
    await hub.run(async () => {
      for (const node of hub.nodes) await node.start();
    });
    await hub.addLedgers(Math.ceil(channels / GUARANTEES_MAX));
    return hub;
  }

  get nodes(): readonly SimulatedNode[] {
    return [...this.world.nodes.values()];
  }

  /** Virtual channels that the ledger channels can carry. */
  get room(): number {
    return this.#ledgerPairs * GUARANTEES_MAX;
  }

  /** Opens so many more ledger channels on each side of the hub. */
  async addLedgers(count: number): Promise<void> {
    const pairs = Array.from({ length: count });
    await this.run(async () => {
      const left = pairs.map(() => this.#openLedger("alice", "irene"));
      await Promise.all([...left, ...pairs.map(() => this.#openLedger("irene", "bob"))]);
    });
    this.#ledgerPairs += count;
  }

  /** Opens a channel on chain in which Alice and Bob have as much as a ledger's participants have. */
  openDirect(): Promise<ChannelId> {
    return this.#openFunded(["alice", "bob"], this.world.options.chain.deployment.consensusApp);
  }

  /** Opens virtual channels between Alice and Bob, all at once. */
  async openVirtual(count: number): Promise<readonly ChannelId[]> {
    const request = this.#virtualOpening();
    return Promise.all(Array.from({ length: count }, () => this.#open("alice", request)));
  }

  /** Tells a story in the simulated world; gives the seconds that it took here. */
  async run(story: () => Promise<unknown>): Promise<number> {
    const end = beginSimulation();
    const startedMs = realWorld.performanceNow();
    try {
      let isOver = false;
      const told = story().finally(() => {
        isOver = true;
      });
      told.catch(() => undefined);
      assert(await this.world.run(() => isOver), "the story ends");
      await told;
      return (realWorld.performanceNow() - startedMs) / 1_000;
    } finally {
      end();
    }
  }

  /** Lets every message and every acknowledgement arrive. */
  async rest(): Promise<void> {
    await this.world.run(() => this.nodes.every(({ engine }) => engine.isIdle()));
  }

  /**
   * What a story takes, and what its primitives would take by themselves. Asserts that the nodes did exactly
   * what their logs cannot be without.
   */
  async measure(story: () => Promise<unknown>): Promise<Measured> {
    const { nodes, signatures } = this;
    const before = primitiveCosts();
    const lengths = lengthsOf(nodes);
    const { recovered, signed } = signatures;
    const seconds = await this.run(story);
    const work = await loggedWork(nodes, lengths);
    assert(signatures.signed - signed === work.signatures, "a node signs what its log tells");
    assert(signatures.recovered - recovered === work.recoveries, "each signature is checked once");
    return { seconds, work, bound: boundSeconds(work, meanCosts(before, primitiveCosts())) };
  }

  stop(): void {
    for (const node of this.nodes) node.engine.stop();
  }

  async #open(name: ActorName, request: Request): Promise<ChannelId> {
    const { engine } = this.world.node(name);
    const answer = await engine.submit(request);
    assert(answer.ok, "the request is taken");
    const channelId = assertDefined(engine.objective(answer.value), "the objective").channelId;
    await this.#settledForAll(channelId, answer.value);
    return channelId;
  }

  async #settledForAll(channelId: ChannelId, objectiveId: ObjectiveId): Promise<void> {
    const channel = this.nodes.flatMap(({ engine }) => engine.channel(channelId) ?? [])[0];
    const { participants } = assertDefined(channel, "the channel").fixedPart;
    const members = this.nodes.filter(({ address }) => participants.includes(address));
    const ends = await Promise.all(members.map(({ engine }) => engine.settled(objectiveId)));
    assert(
      ends.every(({ status }) => status === "Completed"),
      "everybody opens the channel",
    );
  }

  async #openLedger(leader: ActorName, follower: ActorName): Promise<void> {
    await this.#openFunded([leader, follower], this.world.options.chain.deployment.ledgerApp);
  }

  #openFunded(
    [first, second]: readonly [ActorName, ActorName],
    appDefinition: Address,
  ): Promise<ChannelId> {
    const participants = [this.world.node(first).address, this.world.node(second).address];
    const allocations = participants.map((participant) => ({
      destination: externalDestination(participant),
      amount: BigInt(GUARANTEES_MAX) * VIRTUAL_SHARE,
      allocationType: ALLOCATION_TYPE.simple,
      metadata: "0x" as const,
    }));
    return this.#open(first, {
      type: "FundDirectly",
      participants,
      outcome: [
        { asset: ETH.address, assetMetadata: { assetType: 0, metadata: "0x" }, allocations },
      ],
      appDefinition,
      appData: "0x",
      challengeDurationSec: CHALLENGE_DURATION_SEC,
    });
  }

  #virtualOpening(): Request {
    return {
      type: "FundVirtually",
      payee: this.world.node("bob").address,
      route: { intermediaries: [this.world.node("irene").address], fees: [0n] },
      ledgerId: undefined,
      shares: [{ asset: ETH.address, left: VIRTUAL_SHARE, right: VIRTUAL_SHARE }],
      appDefinition: this.world.options.chain.deployment.paymentApp,
      challengeDurationSec: CHALLENGE_DURATION_SEC,
    };
  }
}
