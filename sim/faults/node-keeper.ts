/** Stops a node and starts it again, as whoever runs it would: the supervisor of a process. */
import { NodeError } from "../../src/primitives/node-error.ts";
import type { ActorName } from "../actors.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import type { World } from "../world.ts";
import type { Absences } from "./absences.ts";
import { DiskGuard, isInjectedFullDisk } from "./disk-guard.ts";

/** Virtual milliseconds after which a node that found its disk full is started once more: 30 s, as supervisors do. */
const START_AGAIN_MS = 30_000;

type Options = {
  readonly world: World;
  readonly name: ActorName;
  readonly absences: Absences;
  /** How many appends back its disk must be remembered. */
  readonly memory: number;
  /** Told when the node can never be started again, or never will be. */
  readonly onLost: (name: ActorName) => void;
};

/** One per node that faults are about. */
export class NodeKeeper {
  readonly guard: DiskGuard;
  readonly #options: Options;
  readonly #node: SimulatedNode;
  /** Called when the node that it has stopped is there again, or never will be. */
  #onBack: (() => void) | undefined;
  #cancelStart: (() => void) | undefined;
  #isLost = false;
  /** True while it is away because its disk was full. */
  #lacksRoom = false;
  /** True once bits of the disk are not what was written: then it may be refused. */
  #isDamaged = false;

  constructor(options: Options) {
    this.#options = options;
    this.#node = options.world.node(options.name);
    this.guard = new DiskGuard(this.#node.parts.disk, options.memory);
  }

  /** True when there is a node to stop: it runs, and nothing that stopped it is still under way. */
  get canStop(): boolean {
    return this.#node.isRunning && this.#onBack === undefined;
  }

  /** The disk may be refused from now on. */
  noteDamage(): void {
    this.#isDamaged = true;
  }

  /**
   * Stops the node, which must be there, be it while it starts. It is started again after `awayMs` virtual
   * milliseconds; never where that is undefined. Then `onBack` is called.
   */
  stop(awayMs: number | undefined, onBack: () => void): void {
    this.#node.crash();
    this.#goAway(onBack);
    if (awayMs === undefined) this.#lose();
    else this.#startAfter(awayMs);
  }

  /** True where a fault of the disk explains why the node has failed; then it is seen to. */
  explains(error: unknown): boolean {
    const isFull = isInjectedFullDisk(error);
    const isRefused = this.#isDamaged && error instanceof NodeError;
    if (!isFull && !isRefused) return false;
    if (this.#onBack === undefined) this.#goAway(() => {});
    this.#node.crash();
    if (isFull) this.#waitForRoom();
    else this.#lose();
    return true;
  }

  /** There is room on the disk: a node that waited for it is started. */
  async startInRoom(): Promise<void> {
    if (this.#lacksRoom) await this.startNow();
  }

  /** Starts a node that is to come back, without waiting any longer. */
  async startNow(): Promise<void> {
    if (this.#cancelStart === undefined) return;
    this.#cancelStart();
    await this.#start();
  }

  #goAway(onBack: () => void): void {
    const before = this.#onBack;
    this.#cancelStart?.();
    this.#cancelStart = undefined;
    if (before === undefined) this.#options.absences.begin(this.#options.name);
    this.#onBack = () => {
      before?.();
      onBack();
    };
  }

  #waitForRoom(): void {
    this.#lacksRoom = true;
    this.#startAfter(START_AGAIN_MS);
  }

  #startAfter(delayMs: number): void {
    const { timeline } = this.#options.world;
    this.#cancelStart = timeline.after(delayMs, () => void this.#start());
  }

  async #start(): Promise<void> {
    this.#cancelStart = undefined;
    this.#lacksRoom = false;
    const { name, world } = this.#options;
    if (this.#isLost) return;
    if (!this.#node.isRunning) {
      try {
        await this.#node.start();
      } catch (error) {
        this.#refuse(error);
        return;
      }
      world.note(name, "is back");
    }
    this.#comeBack();
  }

  #refuse(error: unknown): void {
    const { name, world } = this.#options;
    if (isInjectedFullDisk(error)) this.#waitForRoom();
    else if (this.#isDamaged && error instanceof NodeError) {
      world.faults.tell(name, `cannot be started: ${error.code}`);
      this.#lose();
    } else world.fail(error);
  }

  #comeBack(): void {
    this.#options.absences.end(this.#options.name);
    const onBack = this.#onBack;
    this.#onBack = undefined;
    onBack?.();
  }

  #lose(): void {
    this.#isLost = true;
    this.#options.absences.leave(this.#options.name);
    this.#options.onLost(this.#options.name);
    const onBack = this.#onBack;
    // Nothing stops it any more: it counts as under way for ever.
    this.#onBack = () => {};
    onBack?.();
  }
}
