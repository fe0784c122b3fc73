/** What this node agrees to when somebody else proposes it. The rules of a protocol are not its matter. */
import type { Channel } from "../channel/channel.ts";
import { externalDestination } from "../channel/destination.ts";
import type { VariablePart } from "../channel/state.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Objective } from "../protocols/objective.ts";

/** Something that a peer proposed and that every rule allows. */
export type Proposal = {
  readonly objective: Objective;
  readonly channel: Channel;
  /** The state that the channel would get; for a direct fund, its opening state. */
  readonly proposed: VariablePart;
};

/** Says yes, or why not. Deterministic: the same proposal gets the same answer. */
export type Policy = (
  proposal: Proposal,
) => Result<undefined, { readonly code: "PolicyRefused"; readonly why: string }>;

/**
 * The default: opens and closes with anybody, and never agrees to an update that takes from this node, nor to a channel
 * that pays what is this node's to somebody else.
 */
export const neverPayUnasked: Policy = ({ channel, objective, proposed }) => {
  if (objective.goal.type === "DirectFund" && !paysMyAddress(channel, proposed)) {
    return reject({
      code: "PolicyRefused",
      why: "it would pay this node's share to somebody else",
    });
  }
  // A move takes from who has to move next: the rules of the game allowed it, and she answers by a move.
  const isMove = channel.use.type === "MessageLog";
  if (objective.goal.type !== "Update" || isMove) return accept(undefined);
  const before = channel.supported?.variablePart ?? proposed;
  const loses = proposed.outcome.some(
    (exit, index) =>
      myShare(exit, channel.myIndex) < myShare(before.outcome[index], channel.myIndex),
  );
  return loses
    ? reject({ code: "PolicyRefused", why: "the update would lower this node's own share" })
    : accept(undefined);
};

/** Whoever opens a channel names where each share goes. */
function paysMyAddress({ fixedPart, myIndex }: Channel, { outcome }: VariablePart): boolean {
  const me = fixedPart.participants[myIndex];
  return outcome.every(
    ({ allocations }) =>
      me !== undefined && allocations[myIndex]?.destination === externalDestination(me),
  );
}

function myShare(exit: VariablePart["outcome"][number] | undefined, myIndex: number): bigint {
  return exit?.allocations[myIndex]?.amount ?? 0n;
}
