/** Faults of nodes and of their disks. */
import type { MemoryDiskSnapshot } from "../../src/adapters/memory-disk.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import type { ActorName } from "../actors.ts";
import { drawBetween } from "../keyed-random.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import type { World } from "../world.ts";
import type { Absences } from "./absences.ts";
import { flipBit, loseTail } from "./disk-damage.ts";
import type { Landing } from "./disk-guard.ts";
import type { DiskFault, Fault, NodeFault } from "./fault.ts";
import { wordsOf } from "./fault-words.ts";
import { NodeKeeper } from "./node-keeper.ts";
import { INSTANT_MS, type UnderWay } from "./under-way.ts";

/** A fault of a node, or of its disk. */
type OwnFault = Fault & (NodeFault | DiskFault);

type Of<Type extends OwnFault["type"]> = Extract<OwnFault, { readonly type: Type }>;

type Options = {
  readonly world: World;
  readonly faults: readonly OwnFault[];
  readonly absences: Absences;
  readonly underWay: UnderWay;
};

/** All nodes of a world that faults are about. */
export class NodeFaults {
  readonly lost: Set<ActorName> = new Set();
  /** Nodes of which a whole disk was put back, or damaged, so that nothing on it tells what is missing. */
  readonly #unknowing = new Set<ActorName>();
  /** Nodes whose log was once shorter than what they had said. */
  readonly forgetful: Set<ActorName> = new Set();
  readonly #options: Options;
  readonly #keepers = new Map<ActorName, NodeKeeper>();
  /** What waits for an append: calls it off. */
  readonly #armed = new Set<() => void>();
  /** Copies of disks, by the fault that they were made for. */
  readonly #backups = new Map<number, MemoryDiskSnapshot>();
  /** How far the clock of each node is off by each fault. */
  readonly #skews = new Map<number, Of<"SkewedClock">>();

  constructor(options: Options) {
    const { absences, faults, world } = options;
    this.#options = options;
    for (const name of new Set(faults.map(({ node }) => node))) {
      if (!world.nodes.has(name)) continue;
      const own = faults.filter(({ node }) => node === name);
      const memory = Math.max(0, ...own.map((one) => (one.type === "LostTail" ? one.appends : 0)));
      const onLost = (): void => this.#noteLost(name);
      this.#keepers.set(name, new NodeKeeper({ world, name, absences, memory, onLost }));
    }
    const before = world.expectsCrash;
    world.expectsCrash = (name, error) =>
      this.#keepers.get(name)?.explains(error) === true || before?.(name, error) === true;
  }

  /** Plans what must happen before the fault does. */
  prepare(fault: Fault): void {
    if (fault.type !== "OldBackup") return;
    const { world } = this.#options;
    const { disk } = world.node(fault.node).parts;
    const delayMs = Math.max(0, fault.atMs - fault.ageMs - world.virtualMs);
    world.timeline.after(delayMs, () => this.#backups.set(fault.id, disk.snapshot()));
  }

  /** It strikes now, or waits for its append from now on. */
  begin(fault: OwnFault): void {
    switch (fault.type) {
      case "Crash":
        this.#beginCrash(fault);
        break;
      case "Freeze":
        this.#freeze(fault);
        break;
      case "SkewedClock":
        this.#skew(fault);
        break;
      case "TornAppend":
        this.#tear(fault);
        break;
      case "FullDisk":
        this.#fill(fault);
        break;
      default:
        this.#damage(fault);
    }
  }

  /** What waits for an append does not happen any more. */
  disarm(): void {
    for (const cancel of this.#armed) cancel();
    this.#armed.clear();
  }

  /** Starts everybody who is away and comes back. */
  async startAll(): Promise<void> {
    for (const keeper of this.#keepers.values()) await keeper.startNow();
  }

  #beginCrash(fault: Of<"Crash">): void {
    const { awayMs, moment } = fault;
    if (moment.type === "Now") this.#stop(fault, awayMs);
    else {
      const landing = moment.side === "Before" ? "Nothing" : "Everything";
      this.#stopAtAppend(fault, moment.append, landing, awayMs);
    }
  }

  #tear(fault: Of<"TornAppend">): void {
    const half = drawBetween([0, 1], this.#seed, "torn append", `${fault.id}`, 0);
    this.#stopAtAppend(fault, 1, half === 0 ? "Begin" : "End", fault.awayMs);
  }

  #stopAtAppend(
    fault: Of<"Crash" | "TornAppend">,
    append: number,
    landing: Landing,
    awayMs: number | undefined,
  ): void {
    const { guard } = this.#keeper(fault);
    const onDeath = (): void => {
      this.#armed.delete(cancel);
      this.#stop(fault, awayMs, true);
    };
    const cancel = guard.arm({ append, landing, onDeath });
    this.#armed.add(cancel);
  }

  /** Stops the node, unless it is away already; `damage` is done to its disk then. */
  #stop(
    fault: OwnFault,
    awayMs: number | undefined,
    isStarting = false,
    damage: () => void = () => {},
  ): void {
    const { underWay } = this.#options;
    const keeper = this.#keeper(fault);
    // An append is made by a node that is there, or that is just starting.
    if (!isStarting && !keeper.canStop) return;
    this.#tell(fault);
    underWay.begin(fault, awayMs === undefined ? INSTANT_MS : undefined);
    keeper.stop(awayMs, () => {
      if (awayMs !== undefined) underWay.end(fault);
    });
    damage();
  }

  #freeze(fault: Of<"Freeze">): void {
    const { absences, underWay } = this.#options;
    const node = this.#node(fault);
    if (!node.isRunning || node.isFrozen) return;
    this.#tell(fault);
    node.freeze();
    absences.begin(fault.node);
    underWay.begin(fault, fault.forMs, () => {
      node.thaw();
      absences.end(fault.node);
    });
  }

  #skew(fault: Of<"SkewedClock">): void {
    const node = this.#node(fault);
    const set = (): void => {
      const mine = [...this.#skews.values()].filter((one) => one.node === fault.node);
      node.skewClock(mine.reduce((sum, { skewMs }) => sum + skewMs, 0));
    };
    this.#tell(fault);
    this.#skews.set(fault.id, fault);
    set();
    this.#options.underWay.begin(fault, fault.forMs, () => {
      this.#skews.delete(fault.id);
      set();
    });
  }

  #fill(fault: Of<"FullDisk">): void {
    const keeper = this.#keeper(fault);
    this.#tell(fault);
    const free = keeper.guard.fill();
    this.#options.underWay.begin(fault, fault.forMs, () => {
      free();
      void keeper.startInRoom();
    });
  }

  #damage(fault: Of<"FlippedBit" | "LostTail" | "OldBackup">): void {
    const { disk } = this.#node(fault).parts;
    const { guard } = this.#keeper(fault);
    this.#stop(fault, fault.awayMs, false, () => {
      const key = `${fault.id}`;
      if (fault.type === "FlippedBit") {
        this.#keeper(fault).noteDamage();
        flipBit(disk, fault.place, drawBetween([0, 7], this.#seed, "flipped bit", key, 0));
      } else if (fault.type === "LostTail") {
        const isHeadLost = drawBetween([0, 1], this.#seed, "lost head", key, 0) === 1;
        loseTail(disk, guard, fault.appends, isHeadLost);
      } else {
        disk.restore(assertDefined(this.#backups.get(fault.id), "the backup"));
        guard.forget();
      }
      if (fault.type !== "LostTail") this.#unknowing.add(fault.node);
      this.#noteForgetful(fault.node);
    });
  }

  #noteForgetful(name: ActorName): void {
    if (this.#options.world.adversaries.has(name)) return;
    this.forgetful.add(name);
    this.#checkMemories();
  }

  #noteLost(name: ActorName): void {
    this.lost.add(name);
    this.#checkMemories();
  }

  /**
   * A node that has forgotten something is told by those who remember. Nobody promises it its money where one of
   * them may be lying, is gone, or has forgotten something, too. Where its own disk tells that its end is missing, it
   * still signs no turn twice.
   */
  #checkMemories(): void {
    const { world } = this.#options;
    const names = [...this.forgetful];
    const [first] = names;
    if (first === undefined) return;
    const silent = [...this.lost, ...world.adversaries].find(
      (name) => world.nodes.has(name) && !this.forgetful.has(name),
    );
    if (silent !== undefined) {
      const isUnknowing = names.some((name) => this.#unknowing.has(name));
      const keeps = isUnknowing ? "Nothing" : "Turns";
      world.faults.breakMemory(`${first} has forgotten what ${silent} may not tell`, keeps);
    }
    if (names.length > 1) {
      world.faults.breakMemory(`${names.join(" and ")} have forgotten something`);
    }
  }

  #tell(fault: OwnFault): void {
    const words = wordsOf(fault);
    if (words !== undefined) this.#options.world.faults.tell(words.at, words.what);
  }

  #keeper({ node }: OwnFault): NodeKeeper {
    return assertDefined(this.#keepers.get(node), node);
  }

  #node({ node }: OwnFault): SimulatedNode {
    return this.#options.world.node(node);
  }

  get #seed(): number {
    return this.#options.world.options.seed;
  }
}
