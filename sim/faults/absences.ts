/** How long nodes cannot answer on the chain, and when that is longer than what they are promised to survive. */
import { confirmationSec } from "../../src/chain/chain-profile.ts";
import type { ActorName } from "../actors.ts";
import { CHALLENGE_DURATION_SEC } from "../scenario.ts";
import type { World } from "../world.ts";

/** One node's absences that belong together, in virtual milliseconds from the start. */
type Absence = {
  /** What keeps the node away now. */
  causes: number;
  sinceMs: number;
  untilMs: number;
};

/**
 * Honest nodes are promised to lose nothing by an absence that leaves them time: for a challenge that began with it
 * to be confirmed, and for their answer to be mined and confirmed. Between two absences a node needs time to see a
 * challenge and to answer; two that are closer together are one.
 */
export class Absences {
  readonly #world: World;
  readonly #absences = new Map<ActorName, Absence>();
  readonly #gone = new Set<ActorName>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Something keeps a node from its chain from now on. */
  begin(name: ActorName): void {
    const nowMs = this.#world.virtualMs;
    const before = this.#absences.get(name);
    const isNew = before === undefined || nowMs > before.untilMs + this.#glanceMs();
    const absence =
      isNew || before === undefined ? { causes: 0, sinceMs: nowMs, untilMs: 0 } : before;
    this.#absences.set(name, absence);
    if (absence.causes === 0) absence.untilMs = Number.POSITIVE_INFINITY;
    absence.causes += 1;
    this.#checkLater(name, absence);
  }

  /** One thing less keeps the node from its chain. */
  end(name: ActorName): void {
    const absence = this.#absences.get(name);
    if (absence === undefined || absence.causes === 0) return;
    absence.causes -= 1;
    if (absence.causes === 0) absence.untilMs = this.#world.virtualMs;
  }

  /** The node never comes back, and nobody asks any more what it is promised. */
  leave(name: ActorName): void {
    this.#gone.add(name);
  }

  /** Virtual milliseconds that a node may be away. */
  get maxMs(): number {
    const { faults, options } = this.#world;
    const { profile } = faults.conditions;
    const { challengeDurationSec = CHALLENGE_DURATION_SEC } = options;
    return (
      (challengeDurationSec - profile.inclusionBoundSec - 2 * confirmationSec(profile)) * 1_000
    );
  }

  /** Virtual milliseconds in which a node that is back sees what is on the chain, and sends its answer. */
  #glanceMs(): number {
    const { pollMs, profile } = this.#world.faults.conditions;
    return (confirmationSec(profile) + profile.blockTimeSec) * 1_000 + 2 * pollMs;
  }

  #checkLater(name: ActorName, absence: Absence): void {
    const world = this.#world;
    const check = (): void => {
      const isOver = absence.causes === 0 || this.#gone.has(name);
      if (isOver || world.virtualMs - absence.sinceMs < this.maxMs) return;
      world.faults.breakAssumption(`${name} is away longer than a challenge leaves time for`);
    };
    const leftMs = absence.sinceMs + this.maxMs - world.virtualMs;
    world.timeline.after(Math.max(0, leftMs), check);
  }
}
