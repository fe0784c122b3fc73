/** What the protocols were at when an oracle spoke: failures of one kind are told apart by it. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import type { EventRecord } from "../../src/events/record.ts";
import { ACTOR_NAMES, type ActorName } from "../actors.ts";
import { PHASES, type Phase, phasesOf } from "../phases.ts";
import type { Violation } from "../violation.ts";
import type { Witness } from "../witness.ts";
import type { World } from "../world.ts";

const CHANNEL_IDS = /\b0x[0-9a-f]{64}\b/g;

/** The record at which something was found; undefined at a block. */
type Place = { readonly node: ActorName; readonly channelId: ChannelId | undefined };

/**
 * Notes the phase of each violation that is found from now on, as soon as it is seen. Joins behind the oracles, before
 * the world runs. What is only found once a run is over has no phase.
 */
export function notePhases(world: World): void {
  world.witnesses.push(new PhaseWitness(world));
}

class PhaseWitness implements Witness {
  readonly #world: World;
  #noted = 0;

  constructor(world: World) {
    this.#world = world;
  }

  sawRecord = (node: ActorName, { event }: EventRecord<NodeEvent>): void => {
    if (this.#world.violations.length === this.#noted) return;
    this.#note({ node, channelId: "channelId" in event ? event.channelId : undefined });
  };

  sawBlock = async (): Promise<void> => this.#note(undefined);

  sawReorg = async (): Promise<void> => this.#note(undefined);

  #note(place: Place | undefined): void {
    const { violations } = this.#world;
    for (const violation of violations.slice(this.#noted)) {
      const phase = phaseOf(this.#world, violation, place);
      if (phase !== undefined) violations[this.#noted] = { ...violation, phase };
      this.#noted += 1;
    }
  }
}

/**
 * One phase for all: the last in the order of a channel's life among those of the channels that the text names, with
 * those whom it names; else of the record's channel at its node. Undefined where nobody is at anything.
 */
function phaseOf(
  world: World,
  { message }: Violation,
  place: Place | undefined,
): Phase | undefined {
  const named = new Set<string>(message.match(CHANNEL_IDS) ?? []);
  if (named.size === 0 && place?.channelId !== undefined) named.add(place.channelId);
  const actors = ACTOR_NAMES.filter((name) => new RegExp(`\\b${name}\\b`, "i").test(message));
  const asked = actors.length > 0 || place === undefined ? actors : [place.node];
  const phases = new Set<Phase>();
  for (const [name, node] of world.nodes) {
    if (!node.isRunning || (asked.length > 0 && !asked.includes(name))) continue;
    for (const phase of phasesOf(node.engine.view(), ({ id }) => named.has(id))) phases.add(phase);
  }
  return PHASES.findLast((phase) => phase !== "Idle" && phases.has(phase));
}
