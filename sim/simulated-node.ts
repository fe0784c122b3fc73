/** One node of a simulated world: the real engine, on a virtual disk, wire, clock and chain. */
import type { MemoryDisk } from "../src/adapters/memory-disk.ts";
import type { ContractCall } from "../src/chain/adjudicator.ts";
import { challengeDurationMinSec } from "../src/chain/chain-profile.ts";
import type { ChainSettings } from "../src/chain/chain-settings.ts";
import {
  type SignedTransaction,
  signTransaction,
  type Transaction,
} from "../src/chain/transaction.ts";
import type { ObjectiveId } from "../src/channel/objective-id.ts";
import type { Address } from "../src/crypto/address.ts";
import type { SignatureBackend } from "../src/crypto/signature.ts";
import { Engine } from "../src/engine/engine.ts";
import type { AddressBook, EngineFault } from "../src/engine/engine-options.ts";
import type { SnapshotSettings } from "../src/engine/node-snapshots.ts";
import { openNodeStore } from "../src/engine/node-store.ts";
import { GUARANTEES_PER_PEER_MAX } from "../src/engine/peer-limit.ts";
import type { Policy } from "../src/engine/policy.ts";
import { reconstructObjective } from "../src/engine/reconstruction.ts";
import type { Rules } from "../src/engine/rules.ts";
import type { TowerDoor } from "../src/engine/tower-client.ts";
import type { NodeEvent } from "../src/events/event.ts";
import type { EventRecord } from "../src/events/record.ts";
import type { EthereumRpc } from "../src/ports/ethereum-rpc.ts";
import type { Transport } from "../src/ports/transport.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import { isActive, type Objective } from "../src/protocols/objective.ts";
import type { App } from "../src/protocols/protocol.ts";
import type { KnownLedger } from "../src/protocols/route-ledgers.ts";
import type { EventStore } from "../src/store/event-store.ts";
import { type ActorName, keyOf } from "./actors.ts";
import { Gate } from "./faults/gate.ts";
import { drawBytes } from "./keyed-random.ts";
import { makeReal } from "./stand-in-signatures.ts";
import type { Timeline } from "./timeline.ts";
import { wayOf } from "./way-to-peers.ts";
import type { Wire } from "./wire.ts";

/** What a node is made from. It stays over restarts of the node. */
export type NodeParts = {
  readonly name: ActorName;
  readonly seed: number;
  readonly timeline: Timeline;
  readonly wire: Pick<Wire, "disconnect" | "transportOf">;
  readonly disk: MemoryDisk;
  readonly eventsPerSnapshot: number | undefined;
  /** The endpoints of the chain, the one that it sends to first. */
  readonly rpcs: readonly EthereumRpc[];
  readonly chain: ChainSettings;
  readonly addressBook: AddressBook;
  /** True when a secure transport is between the engine and the wire. */
  readonly isSecure: boolean;
  readonly signatures: SignatureBackend;
  readonly policy: Policy;
  readonly assets: readonly Address[];
  /** The apps that the node signs for. */
  readonly apps: ReadonlyMap<Address, App>;
  /** What the node asks as an intermediary, and what it knows that others ask. */
  readonly fee: bigint;
  readonly feeOf: (intermediary: Address) => bigint;
  /** Milliseconds after which what waits for others is left to the chain; the engine's choice when undefined. */
  readonly disputeAfterMs: number | undefined;
  /** The ledger channels of others that the node knows of. */
  readonly knownLedgers: () => readonly KnownLedger[];
  /** Whoever answers on the chain while the node is away. */
  readonly tower: TowerDoor | undefined;
  readonly onRecord: (name: ActorName, record: EventRecord<NodeEvent>) => void;
  readonly onFault: (name: ActorName, fault: EngineFault) => void;
};

/** Opens the node's log, as its disk holds it. */
export function openStore(parts: NodeParts): Promise<EventStore<NodeEvent>> {
  const logId = drawBytes(parts.seed, "log id", parts.name, 0).slice(0, 16);
  return openNodeStore(parts.disk, logId);
}

/** A node that can crash and come back. */
export class SimulatedNode {
  readonly parts: NodeParts;
  readonly address: Address;
  #engine: Engine | undefined;
  #store: EventStore<NodeEvent> | undefined;
  #unsubscribe: (() => void) | undefined;
  #lives = 0;
  /** What the running or starting life hears of the world comes through here; undefined while there is none. */
  #gate: Gate | undefined;
  /** Virtual milliseconds by which its clock is ahead. */
  #skewMs = 0;
  /** Who waits for the process to go on. */
  #patient: (() => void)[] = [];
  /** What the node has in the place of its way to the network. */
  #between: (transport: Transport) => Transport = (transport) => transport;
  /** Who waits for the end of an objective. */
  readonly #waiters = new Map<ObjectiveId, (() => void)[]>();
  /** Who waits for a record. */
  #watchers: Watcher[] = [];
  #recorded = 0;

  constructor(parts: NodeParts) {
    this.parts = parts;
    this.address = parts.signatures.addressOf(keyOf(parts.name));
  }

  /** The running engine. */
  get engine(): Engine {
    return assertDefined(this.#engine, `${this.parts.name}, running`);
  }

  get store(): EventStore<NodeEvent> {
    return assertDefined(this.#store, `the log of ${this.parts.name}`);
  }

  get isRunning(): boolean {
    return this.#engine !== undefined;
  }

  /** From its next start on, somebody is between the node and the wire. */
  intercept(between: (transport: Transport) => Transport): void {
    this.#between = between;
  }

  /** True while the process stands still. */
  get isFrozen(): boolean {
    return this.#gate?.isFrozen === true;
  }

  /** The process stands still: frames, timers and answers wait. Nothing happens to a node that is away. */
  freeze(): void {
    this.#gate?.freeze();
  }

  /** The process goes on: what waited comes now, in order. */
  thaw(): void {
    this.#gate?.thaw();
    this.#tellPatient();
  }

  /** Resolves when the process does not stand still: at once, or when it goes on or is gone. */
  awake(): Promise<void> {
    if (!this.isFrozen) return Promise.resolve();
    return new Promise((resolve) => {
      this.#patient.push(resolve);
    });
  }

  /** Sets how many virtual milliseconds its clock is ahead. Timers keep their durations. */
  skewClock(skewMs: number): void {
    this.#skewMs = skewMs;
  }

  /**
   * Starts the node from its log: the first time an empty one, later whatever is on the disk. Throws what
   * opening the log throws, and is away then as before. Never resolves when the node crashes meanwhile.
   */
  async start(): Promise<void> {
    const gate = new Gate(this.parts.timeline);
    this.#gate = gate;
    try {
      await this.#start(gate);
    } catch (error) {
      if (this.#gate === gate) this.#end();
      throw error;
    }
  }

  async #start(gate: Gate): Promise<void> {
    const { name, wire } = this.parts;
    const life = this.#lives++;
    const store = await openStore(this.parts);
    if (this.#gate !== gate) return new Promise(() => {});
    this.#store = store;
    // A log that lost its end is told anew from there.
    this.#recorded = Math.min(this.#recorded, this.#store.length);
    this.#unsubscribe = this.#store.subscribe(this.#recorded, (record) => this.#record(record));
    const clock = gate.clock(() => this.#skewMs);
    const raw = gate.transport(this.#between(wire.transportOf(name)));
    const way = wayOf(this.parts, { raw, clock, life, address: this.address });
    const engine = await Engine.start({
      rules: this.rules(),
      store: this.#store,
      snapshots: this.#snapshots(),
      clock,
      random: this.#random(life),
      transport: way.transport,
      addressBook: way.addressBook,
      rpcs: this.parts.rpcs.map((rpc) => gate.rpc(rpc)),
      chain: this.parts.chain,
      account: {
        address: this.address,
        complete: (call) => this.#complete(call),
        sign: (transaction) => this.#sign(transaction),
      },
      tower: this.parts.tower,
      onFault: way.onFault,
    });
    if (this.#gate === gate) {
      this.#engine = engine;
      return;
    }
    engine.stop();
    return new Promise(() => {});
  }

  #snapshots(): SnapshotSettings {
    const { disk, eventsPerSnapshot } = this.parts;
    const often = eventsPerSnapshot === undefined ? {} : { eventsPerSnapshot };
    return { keyValue: disk.keyValue, ...often };
  }

  /** Resolves once the objective is over, however often the node crashes and comes back until then. */
  async settled(objectiveId: ObjectiveId): Promise<Objective> {
    const known = this.isRunning ? this.#endedLive(objectiveId) : await this.#ended(objectiveId);
    if (known !== undefined) return known;
    await new Promise<void>((resolve) => {
      this.#waiters.set(objectiveId, [...(this.#waiters.get(objectiveId) ?? []), resolve]);
    });
    return assertDefined(await this.#ended(objectiveId), "the objective that has just ended");
  }

  /** Resolves with the next record that is the one looked for. */
  next(isIt: (record: EventRecord<NodeEvent>) => boolean): Promise<EventRecord<NodeEvent>> {
    return new Promise((resolve) => {
      this.#watchers.push({ isIt, resolve });
    });
  }

  #endedLive(objectiveId: ObjectiveId): Objective | undefined {
    const live = this.#engine?.objective(objectiveId);
    return live === undefined || isActive(live) ? undefined : live;
  }

  /** The objective, if it is over. Reading it from the log is slow, and for when nothing else knows. */
  async #ended(objectiveId: ObjectiveId): Promise<Objective | undefined> {
    const live = this.#endedLive(objectiveId);
    if (live !== undefined) return live;
    const logged = await reconstructObjective(this.store, objectiveId, this.store.length);
    return logged === undefined || isActive(logged) ? undefined : logged;
  }

  #record(record: EventRecord<NodeEvent>): void {
    const { event, offset } = record;
    this.#recorded = offset + 1;
    this.parts.onRecord(this.parts.name, record);
    const watchers = this.#watchers.filter(({ isIt }) => isIt(record));
    this.#watchers = this.#watchers.filter((one) => !watchers.includes(one));
    for (const { resolve } of watchers) resolve(record);
    if (event.type !== "ObjectiveCompleted" && event.type !== "ObjectiveRejected") return;
    const waiters = this.#waiters.get(event.objectiveId) ?? [];
    this.#waiters.delete(event.objectiveId);
    for (const resolve of waiters) resolve();
  }

  /** Stops at once, be it while it starts. What is on the disk stays; everything else is lost. */
  crash(): void {
    assert(this.#gate !== undefined, "only a node that is there can stop");
    this.#engine?.stop();
    this.#end();
  }

  #end(): void {
    this.#gate?.end();
    this.#gate = undefined;
    this.#unsubscribe?.();
    this.#engine = undefined;
    this.parts.wire.disconnect(this.parts.name);
    this.#tellPatient();
  }

  #tellPatient(): void {
    const patient = this.#patient;
    this.#patient = [];
    for (const resolve of patient) resolve();
  }

  /** Contracts check signatures for themselves: a stand-in inside a call becomes real here. */
  #complete<Call extends ContractCall>(call: Call): Call {
    return { ...call, data: makeReal(this.parts.signatures, call.data) };
  }

  #sign(transaction: Transaction): SignedTransaction {
    const { name, signatures } = this.parts;
    return signTransaction(this.#complete(transaction), (digest) =>
      signatures.signDigest(digest, keyOf(name)),
    );
  }

  /** What this node decides by. */
  rules(): Rules {
    const { addressBook, assets, disputeAfterMs, name, policy, signatures } = this.parts;
    const key = keyOf(name);
    return {
      me: this.address,
      context: {
        sign: (hash) => signatures.signHash(hash, key),
        recoverSigner: signatures.recoverSigner,
        appOf: (app) => this.parts.apps.get(app),
      },
      policy,
      isAssetAllowed: (asset) => assets.includes(asset),
      isReachable: (participant) => addressBook.endpointOf(participant) !== undefined,
      fee: this.parts.fee,
      guaranteesPerPeerMax: GUARANTEES_PER_PEER_MAX,
      knownLedgers: this.parts.knownLedgers,
      feeOf: this.parts.feeOf,
      peers: () => addressBook.peers,
      challengeDurationMinSec: challengeDurationMinSec(this.parts.chain.profile),
      ...(disputeAfterMs === undefined ? {} : { disputeAfterMs }),
    };
  }

  /** Each life draws from a place of its own, so that a restart never draws the same nonce again. */
  #random(life: number) {
    const { name, seed } = this.parts;
    let drawn = 0;
    return {
      bytes: (sizeBytes: number) =>
        drawBytes(seed, "random", `${name} ${life}`, drawn++).slice(0, sizeBytes),
    };
  }
}

/** Somebody who waits for a record. */
type Watcher = {
  readonly isIt: (record: EventRecord<NodeEvent>) => boolean;
  readonly resolve: (record: EventRecord<NodeEvent>) => void;
};
