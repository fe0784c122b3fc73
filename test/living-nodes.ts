/** Nodes that live in this process in real time: the real engine and log, over a wire and a chain in memory. */
import { type ActorName, keyOf } from "../sim/actors.ts";
import { realWorld } from "../sim/real-world.ts";
import { type SimulatedChain, startSimulatedChain } from "../sim/simulated-chain.ts";
import { createMemoryDisk, type MemoryDisk } from "../src/adapters/memory-disk.ts";
import { systemClock } from "../src/adapters/system-clock.ts";
import { LOCAL } from "../src/chain/chain-profile.ts";
import { appsOf } from "../src/chain/deployed-apps.ts";
import { signTransaction } from "../src/chain/transaction.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import { Engine } from "../src/engine/engine.ts";
import type { EngineOptions } from "../src/engine/engine-options.ts";
import type { SnapshotSettings } from "../src/engine/node-snapshots.ts";
import { openNodeStore } from "../src/engine/node-store.ts";
import { GUARANTEES_PER_PEER_MAX } from "../src/engine/peer-limit.ts";
import { neverPayUnasked } from "../src/engine/policy.ts";
import type { NodeSnapshots } from "../src/engine/reconstruction.ts";
import type { KnownPeer, PeerRefusal, RunningNode } from "../src/node/daemon/running-node.ts";
import type { Transport } from "../src/ports/transport.ts";
import { assertDefined } from "../src/primitives/assert.ts";

/** Milliseconds between two blocks, and between two looks at them. */
const BLOCK_MS = 10;

/** Events between two snapshots of these nodes: few, so that their past is read through snapshots. */
const EVENTS_PER_SNAPSHOT = 10;

type Listener = (from: string, frame: Uint8Array) => void;

/** A wire between nodes of one process, by address. */
class Wire {
  readonly #listeners = new Map<string, Listener>();

  transportOf(me: Address): Transport {
    return {
      send: (to, frame) => {
        const copy = frame.slice();
        realWorld.setImmediate(() => this.#listeners.get(to)?.(me, copy));
      },
      listen: (onFrame) => {
        this.#listeners.set(me, onFrame);
      },
    };
  }

  cut(me: Address): void {
    this.#listeners.delete(me);
  }
}

/** A few nodes that know each other, and their chain. */
export class LivingNodes {
  readonly chain: SimulatedChain;
  readonly #wire = new Wire();
  readonly #disks = new Map<ActorName, MemoryDisk>();
  readonly #running = new Map<ActorName, RunningNode>();
  readonly #cast: readonly ActorName[];
  #isOver = false;
  #mining: Promise<void> = Promise.resolve();

  private constructor(chain: SimulatedChain, cast: readonly ActorName[]) {
    this.chain = chain;
    this.#cast = cast;
  }

  /** Starts a chain of the model, and a node for each actor. */
  static async start(cast: readonly ActorName[]): Promise<LivingNodes> {
    const nodes = new LivingNodes(await startSimulatedChain("model"), cast);
    nodes.#mining = nodes.#mine();
    for (const name of cast) await nodes.startNode(name);
    return nodes;
  }

  /** The running node of an actor. */
  node(name: ActorName): RunningNode {
    return assertDefined(this.#running.get(name), `the node of ${name}`);
  }

  /** Stops a node as a crash would. What is on its disk stays. */
  stopNode(name: ActorName): void {
    const { address, engine } = this.node(name);
    engine.stop();
    this.#wire.cut(address);
    this.#running.delete(name);
  }

  /** Starts the node of an actor from its disk. */
  async startNode(name: ActorName): Promise<RunningNode> {
    const disk = this.#disks.get(name) ?? createMemoryDisk();
    this.#disks.set(name, disk);
    const store = await openNodeStore(disk, new Uint8Array(16).fill(this.#cast.indexOf(name) + 1));
    let opened: NodeSnapshots;
    const snapshots: SnapshotSettings = {
      keyValue: disk.keyValue,
      eventsPerSnapshot: EVENTS_PER_SNAPSHOT,
      onOpened: (manager) => {
        opened = manager;
      },
    };
    const engine = await Engine.start({ ...this.#optionsOf(name), store, snapshots });
    const node = this.#runningNode(name, { engine, store, snapshots: opened });
    this.#running.set(name, node);
    return node;
  }

  /** Ends all nodes and the chain. */
  async stop(): Promise<void> {
    this.#isOver = true;
    for (const name of [...this.#running.keys()]) this.stopNode(name);
    await this.#mining;
    await this.chain.local.stop();
  }

  readonly addressOf = (name: ActorName): Address => signatureBackend.addressOf(keyOf(name));

  #optionsOf(name: ActorName): Omit<EngineOptions, "store"> {
    const key = keyOf(name);
    const me = this.addressOf(name);
    const { deployment, local, token } = this.chain;
    const peers = this.#cast
      .filter((other) => other !== name)
      .map((other) => this.addressOf(other));
    const isPeer = (address: string): address is Address => peers.includes(address as Address);
    const apps = appsOf(deployment);
    return {
      rules: {
        me,
        context: {
          sign: (hash) => signatureBackend.signHash(hash, key),
          recoverSigner: signatureBackend.recoverSigner,
          appOf: (app) => apps.get(app),
        },
        policy: neverPayUnasked,
        isAssetAllowed: (asset) => asset === ZERO_ADDRESS || asset === token.address,
        isReachable: isPeer,
        fee: 0n,
        guaranteesPerPeerMax: GUARANTEES_PER_PEER_MAX,
        knownLedgers: () => [],
        feeOf: () => 0n,
        peers: () => peers,
      },
      clock: systemClock,
      random: { bytes: (sizeBytes) => crypto.getRandomValues(new Uint8Array(sizeBytes)) },
      transport: this.#wire.transportOf(me),
      addressBook: {
        peers,
        endpointOf: (peer) => (isPeer(peer) ? peer : undefined),
        peerAt: (endpoint) => (isPeer(endpoint) ? endpoint : undefined),
      },
      rpcs: [local.rpc],
      chain: {
        chainId: deployment.chainId,
        adjudicator: deployment.adjudicator,
        profile: LOCAL,
        pollMs: BLOCK_MS,
      },
      account: {
        address: me,
        sign: (transaction) =>
          signTransaction(transaction, (digest) => signatureBackend.signDigest(digest, key)),
      },
      onFault: (fault) => {
        if (fault.type === "Crash") throw fault.error;
      },
    };
  }

  #runningNode(
    name: ActorName,
    parts: Pick<RunningNode, "engine" | "store" | "snapshots">,
  ): RunningNode {
    const { engine } = parts;
    const added = new Map<Address, string | undefined>();
    const knownPeer = (address: Address): KnownPeer => ({
      address,
      name: this.#cast.find((other) => this.addressOf(other) === address),
      places: [`tcp://127.0.0.1:${address.slice(2, 6)}`],
      origin: "Configuration",
      connection: undefined,
      refusals: 0,
    });
    const others = this.#cast.filter((other) => other !== name);
    const { deployment } = this.chain;
    return {
      address: this.addressOf(name),
      chainId: deployment.chainId,
      deployment,
      ...parts,
      peers: () => [
        ...others.map((other) => knownPeer(this.addressOf(other))),
        ...[...added].map(([address, place]) => ({
          ...knownPeer(address),
          name: undefined,
          places: place === undefined ? [] : [place],
          origin: "Request" as const,
        })),
      ],
      places: () => ["tcp://127.0.0.1:3005"],
      addPeer: (address, place): PeerRefusal | undefined => {
        if (address === this.addressOf(name)) return { code: "IsMyself" };
        if (place !== undefined && !place.startsWith("tcp://")) return { code: "NotAPlace" };
        added.set(address, place);
        return undefined;
      },
      removePeer: (address) => (added.delete(address) ? undefined : { code: "NotAdded" }),
      health: () => ({ live: true, ready: true, notReady: [], crash: undefined }),
      metricsText: async () => "channels_up 1\n",
      stop: async () => engine.stop(),
    };
  }

  async #mine(): Promise<void> {
    while (!this.#isOver) {
      await this.chain.local.mine(Math.floor(realWorld.nowMs() / 1_000));
      await new Promise((resolve) => realWorld.setTimeout(resolve, BLOCK_MS));
    }
  }
}
