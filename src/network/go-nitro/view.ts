/** What is to be known of this node to speak with a node of go-nitro: what its log says, durable and read-only. */
import type { Channel } from "../../channel/channel.ts";
import type { ChannelId } from "../../channel/channel-id.ts";
import type { ObjectiveId } from "../../channel/objective-id.ts";
import type { SignedState } from "../../channel/signed-state.ts";
import { isActive, type Objective } from "../../protocols/objective.ts";

/** The tables of the node that are looked at. */
export type GoNitroView = {
  readonly channels: ReadonlyMap<ChannelId, Channel>;
  readonly objectives: ReadonlyMap<ObjectiveId, Objective>;
};

/** True for a channel that a node of go-nitro can be in. */
export function isGoNitroChannel({ use }: Channel): boolean {
  return (use.type === "Ledger" || use.type === "Virtual") && use.profile === "go-nitro";
}

/** The state at a turn, also where a virtual channel keeps it as one that it opened with. */
export function knownState(channel: Channel, turnNum: number): SignedState | undefined {
  const { openingStates, pending, supported } = channel;
  if (supported?.variablePart.turnNum === turnNum) return supported;
  const opening = openingStates.find(({ variablePart }) => variablePart.turnNum === turnNum);
  return opening ?? pending.get(turnNum);
}

/** The final state with its signatures, as far as there is one. */
export function knownFinal({ pending, supported }: Channel): SignedState | undefined {
  if (supported?.variablePart.isFinal === true) return supported;
  return [...pending.values()].find(({ variablePart }) => variablePart.isFinal);
}

/** True when participant `index` has signed the state. */
export function hasSigned(state: SignedState | undefined, index: number): boolean {
  return state?.signatures[index] !== undefined;
}

/** True while this node still wants something of the objective. */
export function isWanted({ objectives }: GoNitroView, id: ObjectiveId): boolean {
  const objective = objectives.get(id);
  return objective !== undefined && isActive(objective);
}

/** True when this node has taken part in the objective, and has not left it. */
export function isHeld({ objectives }: GoNitroView, id: ObjectiveId): boolean {
  const status = objectives.get(id)?.status;
  return status === "Approved" || status === "Completed";
}
