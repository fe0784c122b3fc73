/** Every door of every node, under the hands of whoever enumerates: what a node writes, and what leaves it. */
import type { MemoryDisk } from "../../src/adapters/memory-disk.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import type { LogDisk } from "../../src/store/log-disk.ts";
import type { ActorName } from "../actors.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import type { World } from "../world.ts";

/** Something that leaves a node: a frame to a peer, or a transaction for the chain. */
export type Departure =
  | { readonly type: "Frame"; readonly to: ActorName; readonly frame: Uint8Array }
  | { readonly type: "Transaction" };

/** What is asked at each door. Whoever is asked does it, or does not, and may stop the node. */
export type Doorkeeper = {
  /** An append comes to the journal of a node. */
  readonly append: (name: ActorName, appended: Appended, write: Write) => Promise<void>;
  /** The head file is about to name what was appended. */
  readonly seal: (name: ActorName, write: Write) => Promise<void>;
  readonly depart: (name: ActorName, departure: Departure, send: () => void) => void;
};

/** What is written to the journal, and where. */
export type Appended = { readonly position: number; readonly bytes: Uint8Array };

/** Writes what it was asked for, or only the first bytes of it. */
export type Write = (sizeBytes?: number) => Promise<void>;

/** A life of a node. What is left of one that has ended reaches neither the disk nor the world. */
type Life = { isOver: boolean };

/** The lives of all nodes of a world. */
export type Lives = {
  /** Ends the life of a node at once, be it in the middle of a step. */
  readonly end: (name: ActorName) => void;
  /** The disk of a node as it lies there. */
  readonly diskOf: (name: ActorName) => MemoryDisk;
};

/** A promise that is never kept: what waits for it has ended. */
const never = (): Promise<never> => new Promise(() => {});

/** Puts the doorkeeper into a world that has not run yet. */
export function keepDoors(world: World, keeper: Doorkeeper): Lives {
  const lives = new Map<ActorName, Life>();
  const disks = new Map<ActorName, MemoryDisk>();
  for (const [name, node] of world.nodes) {
    const disk = node.parts.disk as MemoryDisk;
    disks.set(name, disk);
    beginLives(node, disk, lives, keeper);
  }
  watchWire(world, lives, keeper);
  return {
    end: (name) => {
      const life = lives.get(name);
      if (life !== undefined) life.isOver = true;
      const node = world.node(name);
      if (node.isRunning) node.crash();
    },
    diskOf: (name) => disks.get(name) as MemoryDisk,
  };
}

/** Each life of a node gets doors of its own. */
function beginLives(
  node: SimulatedNode,
  disk: MemoryDisk,
  lives: Map<ActorName, Life>,
  keeper: Doorkeeper,
): void {
  const { name, rpcs } = node.parts;
  const start = node.start.bind(node);
  node.start = async () => {
    const life: Life = { isOver: false };
    lives.set(name, life);
    Object.assign(node.parts, {
      disk: diskOfLife(name, disk, life, keeper),
      rpcs: rpcs.map((rpc) => rpcOfLife(name, rpc, life, keeper)),
    });
    await start();
  };
}

function diskOfLife(
  name: ActorName,
  disk: MemoryDisk,
  life: Life,
  { append, seal }: Doorkeeper,
): LogDisk {
  const alive = async (act: () => Promise<void>): Promise<void> => {
    if (life.isOver) return never();
    await act();
    if (life.isOver) return never();
  };
  return {
    journal: {
      ...disk.journal,
      write: (position, bytes) => {
        const write: Write = (sizeBytes = bytes.length) =>
          disk.journal.write(position, bytes.subarray(0, sizeBytes));
        return alive(() => append(name, { position, bytes }, write));
      },
    },
    head: {
      ...disk.head,
      write: (value) => alive(() => seal(name, () => disk.head.write(value))),
    },
    keyValue: {
      ...disk.keyValue,
      batch: (writes) => alive(() => disk.keyValue.batch(writes)),
    },
  };
}

function rpcOfLife(
  name: ActorName,
  rpc: EthereumRpc,
  life: Life,
  { depart }: Doorkeeper,
): EthereumRpc {
  return {
    request: async (method, params) => {
      if (life.isOver) return never();
      let answer: Promise<unknown> = never();
      const send = (): void => {
        answer = rpc.request(method, params);
      };
      if (method === "eth_sendRawTransaction") depart(name, { type: "Transaction" }, send);
      else send();
      return answer;
    },
  };
}

function watchWire({ wire }: World, lives: Map<ActorName, Life>, { depart }: Doorkeeper): void {
  const transportOf = wire.transportOf.bind(wire);
  wire.transportOf = (endpoint) => {
    const transport = transportOf(endpoint);
    const name = endpoint as ActorName;
    const life = lives.get(name);
    return {
      ...transport,
      send: (to, frame) => {
        if (life?.isOver === true) return;
        const departure = { type: "Frame", to: to as ActorName, frame } as const;
        depart(name, departure, () => transport.send(to, frame));
      },
    };
  };
}
