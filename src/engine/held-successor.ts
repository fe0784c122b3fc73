/** Tells a peer whose log has lost its end of the ledger channel that goes on in another one's place. */
import type { Channel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { type ObjectiveId, withdrawalId } from "../channel/objective-id.ts";
import type { SignedState } from "../channel/signed-state.ts";
import { successorIdOf } from "../channel/successor.ts";
import type { Message } from "../messages/message.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { Objective } from "../protocols/objective.ts";
import type { Draft } from "./draft.ts";
import { EMPTY_DESK, type NodeState } from "./node-state.ts";

/** The withdrawals of a node, by the channel that goes on. */
export type Successors = ReadonlyMap<ChannelId, Objective>;

/** Every channel that takes a ledger channel's place, or is to take it. */
export function successorsOf({
  channels,
  objectives,
}: Pick<NodeState, "channels" | "objectives">): Successors {
  const successors = new Map<ChannelId, Objective>();
  for (const objective of objectives.values()) {
    const ledger = channels.get(objective.channelId);
    if (objective.goal.type !== "Withdrawal" || ledger === undefined) continue;
    successors.set(successorIdOf(ledger, objective.goal.nonce), objective);
  }
  return successors;
}

/**
 * What `withdrawal` goes on in, with a state that the peer `by` has signed there; nothing when it was left: such
 * a channel gets no money, whatever was signed in it.
 */
export function heldSuccessor(
  withdrawal: Objective,
  next: Channel,
  { signatures, variablePart }: SignedState,
  by: number,
): Message | undefined {
  if (withdrawal.goal.type !== "Withdrawal" || withdrawal.status === "Rejected") return undefined;
  const { channelId, goal, openedBy } = withdrawal;
  return {
    type: "HeldSuccessor",
    channelId,
    nonce: goal.nonce,
    amounts: goal.amounts,
    openedBy,
    outcome: next.fundingOutcome,
    passedTurnNum: next.passedTurn,
    variablePart,
    signature: assertDefined(signatures[by], "the signature of the one who is told"),
  };
}

/** The withdrawal that ends this ledger channel, or has ended it; undefined where none does. */
export function endedBy(draft: Draft, ledger: Channel): ObjectiveId | undefined {
  const successor = ledger.ledger?.successor;
  const next = successor && draft.tables.channels.get(successor);
  const nonce = (next ?? successorUnderWay(draft, ledger))?.fixedPart.channelNonce;
  return nonce === undefined ? undefined : withdrawalId(ledger.id, nonce);
}

/** What is to go on in a ledger channel's place, while the withdrawal is open. */
export function successorUnderWay({ tables }: Draft, ledger: Channel): Channel | undefined {
  if (ledger.ledger === undefined) return undefined;
  const { open } = tables.desks.get(ledger.id) ?? EMPTY_DESK;
  for (const id of open) {
    const goal = tables.objectives.get(id)?.goal;
    if (goal?.type === "Withdrawal") return tables.channels.get(successorIdOf(ledger, goal.nonce));
  }
  return undefined;
}
