/** Looks on while a plan runs, and notes which disturbance meets which phase of which protocol. */
import type { Channel } from "../../src/channel/channel.ts";
import type { NodeView } from "../../src/engine/node-state.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import type { EventRecord } from "../../src/events/record.ts";
import type { ActorName } from "../actors.ts";
import type { Fault } from "../faults/fault.ts";
import { phasesOf } from "../phases.ts";
import { honestOf, type Plan } from "../search/plan.ts";
import type { Witness } from "../witness.ts";
import type { World } from "../world.ts";
import type { Coverage } from "./coverage.ts";
import { conditionsOfPlan, type Disturbing, struckBy } from "./disturbances.ts";

/** Puts the witness into a world that has not run yet. `faultsNow` tells what is in effect. */
export function watchCoverage(
  world: World,
  plan: Plan,
  coverage: Coverage,
  faultsNow: () => readonly Fault[],
): void {
  world.witnesses.push(new CoverageWitness(world, plan, coverage, faultsNow));
}

/** Records after which a node may be in another phase. The others, most of all, are not worth a look. */
const TURNING_POINTS: ReadonlySet<NodeEvent["type"]> = new Set([
  "ObjectiveCreated",
  "SupportedStateAdvanced",
  "ProposalSigned",
  "VoucherIssued",
  "DepositDetected",
  "TransactionSubmitted",
  "ChallengeRegistered",
  "ChallengeExpired",
  "ResyncStarted",
]);

class CoverageWitness implements Witness {
  readonly #world: World;
  readonly #plan: Plan;
  readonly #coverage: Coverage;
  readonly #faultsNow: () => readonly Fault[];
  readonly #always: readonly Disturbing[];
  readonly #honest: ReadonlySet<ActorName>;
  /** Faults whose beginning was seen. */
  readonly #begun = new Set<number>();
  /** What each node was at when it was seen last: one that is away is asked no more. */
  readonly #views = new Map<ActorName, NodeView>();

  constructor(world: World, plan: Plan, coverage: Coverage, faultsNow: () => readonly Fault[]) {
    this.#world = world;
    this.#plan = plan;
    this.#coverage = coverage;
    this.#faultsNow = faultsNow;
    this.#always = conditionsOfPlan(plan);
    this.#honest = new Set(honestOf(plan));
  }

  sawRecord = (node: ActorName, { event }: EventRecord<NodeEvent>): void => {
    if (!TURNING_POINTS.has(event.type) || !this.#honest.has(node)) return;
    this.#lookForBegun();
    this.#look(node);
  };

  sawBlock = async (): Promise<void> => {
    this.#lookForBegun();
    for (const node of this.#honest) this.#look(node);
  };

  sawReorg = async (): Promise<void> => this.#lookForBegun();

  /** A fault that has begun since the last look met those whom it struck in what they were at. */
  #lookForBegun(): void {
    const { cast } = this.#plan;
    for (const fault of this.#faultsNow()) {
      if (this.#begun.has(fault.id)) continue;
      this.#begun.add(fault.id);
      for (const node of struckBy(fault, cast)) this.#note(node, [fault.type]);
    }
  }

  #look(node: ActorName): void {
    const { cast } = this.#plan;
    const now = this.#faultsNow().filter((fault) => struckBy(fault, cast).includes(node));
    this.#note(node, [...new Set([...this.#always, ...now.map(({ type }) => type)])]);
    this.#noteAdversaries(node);
  }

  #note(node: ActorName, kinds: readonly Disturbing[]): void {
    const view = this.#viewOf(node);
    if (kinds.length === 0 || view === undefined || !this.#honest.has(node)) return;
    const phases = phasesOf(view);
    for (const kind of kinds) this.#coverage.sawFault(kind, phases);
  }

  /** Phases of the node in channels with somebody who follows a strategy by now. */
  #noteAdversaries(node: ActorName): void {
    const { moves } = this.#plan;
    const active = moves.filter(({ fromMs }) => fromMs <= this.#world.virtualMs);
    const view = active.length === 0 ? undefined : this.#viewOf(node);
    if (view === undefined) return;
    const addresses = new Set(active.map(({ by }) => this.#world.node(by).address));
    const isWithOne = ({ fixedPart }: Channel): boolean =>
      fixedPart.participants.some((one) => addresses.has(one));
    const phases = [...phasesOf(view, isWithOne)].filter((phase) => phase !== "Idle");
    this.#coverage.sawFault("Adversary", phases);
  }

  #viewOf(name: ActorName): NodeView | undefined {
    const node = this.#world.nodes.get(name);
    if (node?.isRunning) this.#views.set(name, node.engine.view());
    return this.#views.get(name);
  }
}
