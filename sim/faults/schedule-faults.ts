/** Lets the faults of a plan happen in a world, each in its time. */
import type { ActorName } from "../actors.ts";
import type { World } from "../world.ts";
import { Absences } from "./absences.ts";
import { type ChainTask, chainTaskOf } from "./chain-task.ts";
import type { ChainFault, DiskFault, Fault, NetworkFault, NodeFault } from "./fault.ts";
import { isToldByChain, wordsOf } from "./fault-words.ts";
import { disturbanceOf } from "./network-disturbance.ts";
import { NodeFaults } from "./node-faults.ts";
import { UnderWay } from "./under-way.ts";

/** The faults of one run. */
export type FaultsUnderWay = {
  /** Those in effect at this virtual moment. What happens in an instant counts for a minute. */
  readonly now: () => readonly Fault[];
  /** True when all have begun, and none is in effect. One that waits for an append has begun. */
  readonly isOver: () => boolean;
  /**
   * Ends all that is in effect, and all that was to come: links are calm, nodes go on and are started, disks have
   * room. Resolves when those that come back are there.
   */
  readonly heal: () => Promise<void>;
  /** Nodes that never come back, or whose disk nobody can read any more. */
  readonly lost: ReadonlySet<ActorName>;
  /**
   * Nodes that have forgotten something of their log. They do nothing in a channel before all in it have told what
   * they know: with one who is lost, never.
   */
  readonly forgetful: ReadonlySet<ActorName>;
};

/** Plans all faults; call it before the world runs, or while it stands still. Those about nobody of the cast are left out. */
export function scheduleFaults(world: World, faults: readonly Fault[]): FaultsUnderWay {
  return new ScheduledFaults(world, faults);
}

class ScheduledFaults implements FaultsUnderWay {
  readonly #world: World;
  readonly #underWay: UnderWay;
  readonly #absences: Absences;
  readonly #nodes: NodeFaults;
  /** What is to come: calls it off. */
  readonly #planned = new Map<number, () => void>();

  constructor(world: World, faults: readonly Fault[]) {
    this.#world = world;
    this.#underWay = new UnderWay(world.timeline);
    this.#absences = new Absences(world);
    this.#nodes = new NodeFaults({
      world,
      faults: faults.filter(isOfNode),
      absences: this.#absences,
      underWay: this.#underWay,
    });
    for (const fault of faults) if (concerns(world, fault)) this.#plan(fault);
  }

  now = (): readonly Fault[] => this.#underWay.faults;

  isOver = (): boolean => this.#planned.size === 0 && this.#underWay.faults.length === 0;

  heal = async (): Promise<void> => {
    for (const cancel of this.#planned.values()) cancel();
    this.#planned.clear();
    this.#nodes.disarm();
    for (const fault of this.#underWay.faults) this.#underWay.end(fault);
    await this.#nodes.startAll();
    for (const fault of this.#underWay.faults) this.#underWay.end(fault);
  };

  get lost(): ReadonlySet<ActorName> {
    return this.#nodes.lost;
  }

  get forgetful(): ReadonlySet<ActorName> {
    return this.#nodes.forgetful;
  }

  #plan(fault: Fault): void {
    this.#nodes.prepare(fault);
    const delayMs = Math.max(0, fault.atMs - this.#world.virtualMs);
    const cancel = this.#world.timeline.after(delayMs, () => {
      this.#planned.delete(fault.id);
      this.#begin(fault);
    });
    this.#planned.set(fault.id, cancel);
  }

  #begin(fault: Fault): void {
    if (isOfNode(fault)) this.#nodes.begin(fault);
    else if (isOfChain(fault)) this.#beginChain(fault);
    else this.#beginNetwork(fault);
  }

  #beginNetwork(fault: Fault & NetworkFault): void {
    const { faults, virtualMs, wire } = this.#world;
    const words = wordsOf(fault);
    if (words !== undefined) faults.tell(words.at, words.what);
    this.#underWay.begin(fault, fault.forMs, wire.disturb(disturbanceOf(fault, virtualMs)));
  }

  #beginChain(fault: Fault & ChainFault): void {
    const words = isToldByChain(fault) ? undefined : wordsOf(fault);
    if (words !== undefined) this.#world.faults.tell(words.at, words.what);
    const task: ChainTask = chainTaskOf(this.#world, fault);
    const { cutsOff } = task;
    if (cutsOff !== undefined) this.#absences.begin(cutsOff);
    this.#underWay.begin(fault, task.forMs, () => {
      task.undo();
      if (cutsOff !== undefined) this.#absences.end(cutsOff);
    });
  }
}

/** True for faults about somebody who is there. */
function concerns({ nodes }: World, fault: Fault): boolean {
  if ("node" in fault) return nodes.has(fault.node);
  if ("group" in fault) return fault.group.some((name) => nodes.has(name));
  return true;
}

const CHAIN_TYPES: readonly Fault["type"][] = [
  "Reorg",
  "Censorship",
  "FeeSpike",
  "RpcTrouble",
  "RpcOutage",
];

function isOfChain(fault: Fault): fault is Fault & ChainFault {
  return CHAIN_TYPES.includes(fault.type);
}

function isOfNode(fault: Fault): fault is Fault & (NodeFault | DiskFault) {
  return "node" in fault && !isOfChain(fault);
}
