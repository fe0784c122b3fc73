/** A whole world in one process: nodes, wire, clock and chain, all driven by one seed. */
import { createMemoryDisk } from "../src/adapters/memory-disk.ts";
import type { ChainSettings } from "../src/chain/chain-settings.ts";
import { appsOf } from "../src/chain/deployed-apps.ts";
import { phaseOf } from "../src/channel/channel.ts";
import type { Address } from "../src/crypto/address.ts";
import type { SignatureBackend } from "../src/crypto/signature.ts";
import type { AdmittedModule } from "../src/derivation/sandbox/admission.ts";
import type { AddressBook, EngineFault } from "../src/engine/engine-options.ts";
import { neverPayUnasked, type Policy } from "../src/engine/policy.ts";
import { knownLedger } from "../src/engine/request-virtual.ts";
import type { NodeEvent } from "../src/events/event.ts";
import type { EventRecord } from "../src/events/record.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import type { NodeError } from "../src/primitives/node-error.ts";
import type { KnownLedger } from "../src/protocols/route-ledgers.ts";
import type { TowerEvent } from "../src/watchtower/tower-event.ts";
import type { TowerFault } from "../src/watchtower/watchtower.ts";
import { type ActorName, keyOf } from "./actors.ts";
import { messageArrow, transactionArrow } from "./arrows.ts";
import { type Asset, ETH } from "./assets.ts";
import { LOCAL_CHAIN_ID } from "./chain/local-chain.ts";
import { type ChainSetup, chainConditions } from "./chain-conditions.ts";
import { ChainFaults } from "./chain-faults.ts";
import { isInjected } from "./chain-faults-rpc.ts";
import { fullNode } from "./full-node.ts";
import { appsOfActor } from "./games.ts";
import { Mempool } from "./mempool.ts";
import { Miner } from "./miner.ts";
import { realWorld } from "./real-world.ts";
import { RpcDoor } from "./rpc-door.ts";
import { Settling } from "./settling.ts";
import type { SimulatedChain } from "./simulated-chain.ts";
import { SimulatedNode } from "./simulated-node.ts";
import { Timeline } from "./timeline.ts";
import { eventEntry, Trace } from "./trace.ts";
import type { Violation } from "./violation.ts";
import { SimulatedTower, TOWER_KEEPER } from "./watchtower.ts";
import { conditionsOf, type NetworkConditions, Wire } from "./wire.ts";
import type { Witness } from "./witness.ts";

/**
 * Virtual milliseconds without a new event in any log after which a story stands still: an hour. The
 * longest that an honest node waits in silence is for a block and its confirmations, or 30 s to repeat
 * a message.
 */
export const QUIET_MAX_MS = 3_600_000;

/** What actors ask as intermediaries. */
export type Fees = Readonly<Partial<Record<ActorName, bigint>>>;

/** What a world is made of. */
export type WorldOptions = {
  readonly seed: number;
  readonly cast: readonly ActorName[];
  readonly chain: SimulatedChain;
  readonly signatures: SignatureBackend;
  readonly network: NetworkConditions;
  /** True: nodes prove to each other who they are, and nobody on the wire can read or change anything. */
  readonly secure?: boolean;
  /** How the chain behaves, and how nodes see it; calm when absent. */
  readonly conditions?: ChainSetup;
  readonly policy?: Policy;
  /** What each asks as an intermediary, in the smallest unit of a channel's first asset; nothing when absent. */
  readonly fees?: Fees;
  /** Seconds that a challenge on a channel that a script opens can be answered: a day when absent. */
  readonly challengeDurationSec?: number;
  /** Milliseconds after which nodes leave to the chain what waits for others; their own choice when absent. */
  readonly disputeAfterMs?: number;
  /** Who is watched over by a tower; without anybody there is none. */
  readonly watched?: readonly ActorName[];
  /** Whose node takes any move of its own for a victory. */
  readonly cheating?: readonly ActorName[];
  /** The reducers of games that no contract knows; none are played when absent. */
  readonly modules?: readonly AdmittedModule[];
  /** How often each node takes a snapshot; the engine's own choice when absent. */
  readonly eventsPerSnapshot?: number;
  /** True where no script of a user runs inside: a script may wait for what only the machine's event loop brings. */
  readonly isPlanned?: boolean;
  /** False for a benchmark: nobody will read what happened, and nothing of it is written down. */
  readonly keepsTrace?: boolean;
  /** Learns of each new entry of the trace, for progress on a terminal. */
  readonly onProgress?: (virtualMs: number) => void;
};

/** The parts of a world. Between two steps of `run` nothing in it moves. */
export class World {
  readonly trace: Trace;
  readonly violations: Violation[] = [];
  /** Shown each record and each block. Joins before the world runs. */
  readonly witnesses: Witness[] = [];
  readonly nodes: ReadonlyMap<ActorName, SimulatedNode>;
  /** The watchtower of those who have one. */
  readonly tower: SimulatedTower | undefined;
  readonly door: RpcDoor;
  readonly wire: Wire;
  readonly timeline: Timeline;
  /** Transactions that wait to be mined. */
  readonly pool: Mempool = new Mempool();
  readonly faults: ChainFaults;
  readonly miner: Miner;
  readonly options: WorldOptions;
  /** Who does not keep to the rules: nothing that becomes of her node is a fault of the world. */
  readonly adversaries: Set<ActorName> = new Set();
  /** Asked when a node fails: true where a fault of its disk has done that, and who made it sees to the rest. */
  expectsCrash: ((node: ActorName, error: unknown) => boolean) | undefined;
  readonly #startMs: number;
  readonly #settling = new Settling();
  #crash: unknown;
  #awakeUntilMs = QUIET_MAX_MS;

  constructor(options: WorldOptions) {
    const { chain, seed } = options;
    this.options = options;
    this.trace = new Trace(options.keepsTrace);
    this.#startMs = chain.startSec * 1_000;
    this.timeline = new Timeline(this.#startMs);
    const conditions = chainConditions(options.conditions ?? {});
    const nowMs = (): number => this.virtualMs;
    this.faults = new ChainFaults({ seed, conditions, trace: this.trace, nowMs });
    const full = fullNode({
      rpc: chain.local.rpc,
      pool: this.pool,
      conditions,
      accept: (raw) => this.miner.accept(raw),
    });
    const { faults } = this;
    this.door = new RpcDoor({ seed, timeline: this.timeline, full, faults, nowMs });
    this.wire = new Wire({
      seed,
      timeline: this.timeline,
      trace: this.trace,
      startMs: this.#startMs,
      conditionsOf: (from, to) => conditionsOf(options.network, from, to),
    });
    this.miner = new Miner({
      chain,
      door: this.door,
      timeline: this.timeline,
      trace: this.trace,
      pool: this.pool,
      faults: this.faults,
      assetOf: (address) => this.assetOf(address),
      onBlock: async (block) => {
        for (const witness of this.witnesses) await witness.sawBlock(block);
      },
      onReorg: async (reorg) => {
        for (const witness of this.witnesses) await witness.sawReorg(reorg);
      },
    });
    this.tower = (options.watched ?? []).length === 0 ? undefined : this.#createTower();
    this.nodes = new Map(options.cast.map((name) => [name, this.#createNode(name)]));
  }

  /** Virtual milliseconds since the start. */
  get virtualMs(): number {
    return this.timeline.nowMs - this.#startMs;
  }

  node(name: ActorName): SimulatedNode {
    return assertDefined(this.nodes.get(name), name);
  }

  /**
   * Runs until `isOver` holds. Each step does one thing and lets everything that follows from it at
   * the same instant happen, before time goes on. False when no node recorded anything for
   * `QUIET_MAX_MS`, though nobody asked for a pause, or when nothing is left to happen.
   */
  async run(isOver: () => boolean): Promise<boolean> {
    this.#awakeUntilMs = this.virtualMs + QUIET_MAX_MS;
    await settleMicrotasks();
    while (!isOver()) {
      if (this.#crash !== undefined) throw this.#crash;
      if (this.virtualMs > this.#awakeUntilMs) return false;
      const served = await this.door.serveOne();
      if (!served && !this.timeline.step()) return false;
      await (this.options.isPlanned === true ? this.#settling.settle() : settleMicrotasks());
      this.options.onProgress?.(this.virtualMs);
    }
    if (this.#crash !== undefined) throw this.#crash;
    return true;
  }

  /** Lets virtual time pass. A pause is no standstill, however long it is. */
  pause(durationMs: number): Promise<void> {
    this.#stayAwake(durationMs);
    return new Promise((resolve) => {
      this.timeline.after(durationMs, resolve);
    });
  }

  #stayAwake(durationMs: number): void {
    const untilMs = this.virtualMs + durationMs + QUIET_MAX_MS;
    this.#awakeUntilMs = Math.max(this.#awakeUntilMs, untilMs);
  }

  /** The asset at an address; one that nobody named is shown by its address. */
  assetOf(address: Address): Asset {
    const { token } = this.options.chain;
    const known = [ETH, token].find((asset) => asset.address === address);
    return known ?? { address, symbol: address, decimals: 18, unit: address };
  }

  /** Ends the run with an error that nothing in the world explains. The first one counts. */
  fail(error: unknown): void {
    this.#crash ??= error;
  }

  /** Adds a line that the diagram must show: what happened to an actor. */
  note(name: ActorName, what: string): void {
    this.trace.add({ type: "Arrow", atMs: this.virtualMs, arrow: `Note over ${name}: ${what}` });
  }

  #createNode(name: ActorName): SimulatedNode {
    const {
      chain,
      eventsPerSnapshot,
      fees,
      policy = neverPayUnasked,
      seed,
      signatures,
    } = this.options;
    return new SimulatedNode({
      name,
      seed,
      timeline: this.timeline,
      wire: this.wire,
      disk: createMemoryDisk(),
      eventsPerSnapshot,
      rpcs: this.door.rpcsOf(name),
      chain: this.#chainSettings(),
      addressBook: this.#addressBookOf(name),
      isSecure: this.options.secure === true,
      signatures,
      policy,
      assets: [ETH.address, chain.token.address],
      apps: appsOfActor(name, this.options),
      fee: fees?.[name] ?? 0n,
      disputeAfterMs: this.options.disputeAfterMs,
      feeOf: (intermediary) => this.#feeOf(intermediary),
      knownLedgers: () => this.#ledgersOfOthers(name),
      onRecord: (node, record) => this.#record(node, record),
      tower: this.options.watched?.includes(name) ? this.tower?.doorOf(name) : undefined,
      onFault: (node, fault) => this.#fault(node, fault),
    });
  }

  #createTower(): SimulatedTower {
    const { cast, chain, seed, signatures } = this.options;
    assert(!cast.includes(TOWER_KEEPER), "who keeps the tower has no node");
    return new SimulatedTower({
      seed,
      timeline: this.timeline,
      disk: createMemoryDisk(),
      rpcs: this.door.rpcsOf(TOWER_KEEPER),
      chain: this.#chainSettings(),
      signatures,
      apps: appsOf(chain.deployment),
      onRecord: ({ event }) => this.#showTower(event),
      onFault: (fault) => this.#towerFault(fault),
      onRefusal: (client, code) => this.note(TOWER_KEEPER, `refuses ${client} ${code}`),
    });
  }

  #chainSettings(): ChainSettings {
    const { pollMs, profile } = this.faults.conditions;
    const { adjudicator } = this.options.chain.deployment;
    return { chainId: BigInt(LOCAL_CHAIN_ID), adjudicator, profile, pollMs };
  }

  /** Of the tower's log the trace shows what others can see of it: its transactions. */
  #showTower(event: TowerEvent): void {
    if (event.type !== "ChainFollowed") this.#stayAwake(0);
    const atMs = this.virtualMs;
    const node = TOWER_KEEPER;
    if (event.type === "CallSigned") {
      this.trace.add({ type: "Transaction", atMs, node, raw: event.raw });
    } else if (event.type === "CallRequested") {
      const arrow = transactionArrow(node, event.call, (address) => this.assetOf(address));
      this.trace.add({ type: "Arrow", atMs, arrow });
    }
  }

  #towerFault(fault: TowerFault): void {
    if (fault.type === "Crash") this.#crash ??= fault.error;
    else this.#chainFault(TOWER_KEEPER, fault.error);
  }

  #feeOf(intermediary: Address): bigint {
    const node = [...this.nodes.values()].find(({ address }) => address === intermediary);
    return (node && this.options.fees?.[node.parts.name]) ?? 0n;
  }

  /** Ledger channels that run between others: in a simulated world everybody is told of them. */
  #ledgersOfOthers(name: ActorName): readonly KnownLedger[] {
    const others = [...this.nodes.values()].filter((node) => node.isRunning);
    const ledgers = others
      .flatMap(({ engine }) => engine.channels())
      .filter((one) => one.myIndex === 0 && one.ledger !== undefined)
      .filter((one) => phaseOf(one) === "Running" && !one.finalSignedByMe);
    const me = this.node(name).address;
    return ledgers
      .filter(({ fixedPart }) => !fixedPart.participants.includes(me))
      .map((one) => knownLedger(one, { me, feeOf: (address) => this.#feeOf(address) }));
  }

  #addressBookOf(name: ActorName): AddressBook {
    const { cast, signatures } = this.options;
    const others = cast.filter((other) => other !== name);
    const byAddress = new Map(others.map((other) => [signatures.addressOf(keyOf(other)), other]));
    const byEndpoint = new Map(
      [...byAddress].map(([address, other]) => [other as string, address]),
    );
    return {
      peers: [...byAddress.keys()],
      endpointOf: (peer) => byAddress.get(peer),
      peerAt: (endpoint) => byEndpoint.get(endpoint),
    };
  }

  #record(node: ActorName, record: EventRecord<NodeEvent>): void {
    // That time passes on the chain is no news.
    if (record.event.type !== "BlocksRead") this.#stayAwake(waitOf(record, this.timeline.nowMs));
    if (this.trace.isKept) this.#write(node, record);
    for (const witness of this.witnesses) witness.sawRecord(node, record);
  }

  #write(node: ActorName, { event, hash, offset }: EventRecord<NodeEvent>): void {
    const atMs = this.virtualMs;
    this.trace.add(eventEntry(atMs, node, { event, hash, offset }));
    if (event.type === "MessageSent") {
      const to = this.#nameAt(event.to);
      this.trace.add({ type: "Arrow", atMs, arrow: messageArrow(node, to, event.message) });
    } else if (event.type === "TransactionSubmitted") {
      this.trace.add({ type: "Transaction", atMs, node, raw: event.raw });
    } else if (event.type === "TransactionRequested") {
      const arrow = transactionArrow(node, event.call, (address) => this.assetOf(address));
      this.trace.add({ type: "Arrow", atMs, arrow });
    } else if (event.type === "ChannelCreated") {
      this.miner.watch(event.channelId, event.outcome);
    }
  }

  #nameAt(address: Address): string {
    const node = [...this.nodes.values()].find((candidate) => candidate.address === address);
    return node?.parts.name ?? address;
  }

  #fault(node: ActorName, fault: EngineFault): void {
    if (fault.type === "Crash") this.#failed(node, fault.error);
    else if (fault.type === "Chain") this.#chainFault(node, fault.error);
    else if (fault.type === "Refusal") this.note(node, `refuses ${fault.code}`);
  }

  /** Whoever cheats may trip over it; of others a witness tells. Without one the run ends with the error. */
  #failed(name: ActorName, error: unknown): void {
    if (this.expectsCrash?.(name, error) === true) return;
    const isCheat = this.adversaries.has(name);
    const isTold = isCheat || this.witnesses.some((witness) => witness.sawCrash?.(name, error));
    if (!isTold) {
      this.fail(error);
      return;
    }
    this.note(name, "fails");
    const node = this.node(name);
    if (node.isRunning) node.crash();
  }

  /** A simulated endpoint fails without the world failing, and a node may find fault with its chain. */
  #chainFault(node: ActorName, error: NodeError): void {
    const isOwn = this.adversaries.has(node);
    const isReal = OUTSIDE.includes(error.code) && !isInjected(error) && !isOwn;
    if (isReal) this.#crash ??= error;
    else if (!isInjected(error)) this.note(node, `reports ${error.code}`);
  }
}

/** Faults of the real chain under a world: a run on it says nothing. */
const OUTSIDE: readonly string[] = ["RpcUnreachable", "RpcRefused", "ChainDied", "ChainMissing"];

/** Lets every promise that can go on do so: a macrotask comes after all of them. */
export function settleMicrotasks(): Promise<void> {
  return new Promise((resolve) => {
    realWorld.setImmediate(resolve);
  });
}

/** Virtual milliseconds in which nothing has to happen after a record: a challenge may be left to run. */
function waitOf({ event }: EventRecord<NodeEvent>, nowMs: number): number {
  const isChallenge = event.type === "ChallengeRegistered";
  return isChallenge ? Math.max(0, event.finalizesAtSec * 1_000 - nowMs) : 0;
}
