/** What a real node agrees to when others propose it: within the limits of its configuration. */
import { type ChannelPhase, phaseOf } from "../../channel/channel.ts";
import { isSettledByDispute } from "../../channel/holdings.ts";
import type { Outcome } from "../../channel/outcome.ts";
import type { Address } from "../../crypto/address.ts";
import type { NodeView } from "../../engine/node-state.ts";
import { neverPayUnasked, type Policy, type Proposal } from "../../engine/policy.ts";
import { type Result, reject } from "../../primitives/result.ts";
import type { Configuration } from "../config/configuration.ts";

type Verdict = Result<undefined, { readonly code: "PolicyRefused"; readonly why: string }>;

/** `view` gives what the node knows; undefined before it has read its log, when nothing is proposed yet. */
export function nodePolicy(
  limits: Configuration["policy"],
  view: () => NodeView | undefined,
): Policy {
  return (proposal) => {
    const asked = neverPayUnasked(proposal);
    if (!asked.ok) return asked;
    const refusal =
      checkGame(proposal, limits) ??
      checkDeposit(proposal, limits) ??
      checkCount(proposal, limits, view());
    return refusal ?? asked;
  };
}

/** Whoever joins a game has to move in time, or loses. */
function checkGame(
  { channel, objective }: Proposal,
  { games }: Configuration["policy"],
): Verdict | undefined {
  const isGame = objective.goal.type === "DirectFund" && channel.use.type === "MessageLog";
  return isGame && !games ? refuse("it is a game, and policy.games is off") : undefined;
}

/** What this node would put in, into channels that somebody else opens. */
function checkDeposit(
  { channel, objective, proposed }: Proposal,
  { depositMax }: Configuration["policy"],
): Verdict | undefined {
  const { type } = objective.goal;
  if (type !== "DirectFund" && type !== "VirtualFund") return undefined;
  const last = channel.fixedPart.participants.length - 1;
  // A virtual channel is between its two ends: those in between put in what they get back elsewhere.
  const share = type === "DirectFund" ? channel.myIndex : channel.myIndex === last ? 1 : undefined;
  if (share === undefined) return undefined;
  const tooMuch = shares(proposed.outcome, share).find((amount) => amount > depositMax);
  return tooMuch === undefined
    ? undefined
    : refuse(`it would have this node put in ${tooMuch}, and policy.depositMax is ${depositMax}`);
}

function shares(outcome: Outcome, place: number): readonly bigint[] {
  return outcome.map(({ allocations }) => allocations[place]?.amount ?? 0n);
}

/** Channels that are open cost memory and, in a dispute, transactions. */
function checkCount(
  { channel, objective }: Proposal,
  { channelsPerPeerMax }: Configuration["policy"],
  view: NodeView | undefined,
): Verdict | undefined {
  const { type } = objective.goal;
  const isOpening = type === "DirectFund" || type === "VirtualFund";
  const { participants } = channel.fixedPart;
  const opener = participants[objective.openedBy];
  if (!isOpening || opener === undefined || view === undefined) return undefined;
  const open = openWith(view, opener);
  return open <= channelsPerPeerMax
    ? undefined
    : refuse(
        `${open} channels with ${opener} are open, and policy.channelsPerPeerMax is ${channelsPerPeerMax}`,
      );
}

/** Including the one that is proposed, once it is known. */
function openWith({ channels }: NodeView, peer: Address): number {
  let count = 0;
  for (const channel of channels.values()) {
    if (!channel.fixedPart.participants.includes(peer)) continue;
    if (!OVER.includes(phaseOf(channel)) && !isSettledByDispute(channel)) count += 1;
  }
  return count;
}

/** A virtual channel ends off chain. */
const OVER: readonly ChannelPhase[] = ["Finalized", "Concluded"];

function refuse(why: string): Verdict {
  return reject({ code: "PolicyRefused", why });
}
