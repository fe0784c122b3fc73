/** Every moment of a story at which something that costs money is signed, paid in, or learned. */
import type { ActorName } from "../../sim/actors.ts";
import type { Story } from "../../sim/exhaustive/stories.ts";
import { rungOf } from "../../sim/rungs.ts";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import { evolveNode } from "../../src/engine/evolve-node.ts";
import { createNodeState, type NodeState } from "../../src/engine/node-state.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { isActive, type Objective } from "../../src/protocols/objective.ts";
import { playCalmly } from "./play.ts";

/** One such moment: behind the record at `offset` of the log of `honest`. */
export type Point = {
  readonly story: Story;
  readonly honest: ActorName;
  readonly offset: number;
  /** The goal that it serves; `Payment` for a voucher, `Ledger` for a state of a ledger channel. */
  readonly protocol: string;
  /** The rung on which the protocol stands then; for a ledger, what its state changes. */
  readonly rung: string;
  /** What was signed, sent or learned. */
  readonly deed: string;
  /** Her log up to there. */
  readonly events: readonly NodeEvent[];
};

/** Finds them all, in the order in which they come. */
export async function pointsOf(chain: SimulatedChain, story: Story): Promise<readonly Point[]> {
  const points: Point[] = [];
  const states = new Map<ActorName, NodeState>();
  const logs = new Map<ActorName, NodeEvent[]>();
  await playCalmly(chain, story, ({ actor, event, hasBegun, offset }) => {
    const state = states.get(actor) ?? createNodeState();
    states.set(actor, state);
    evolveNode(state, event);
    const log = logs.get(actor) ?? [];
    logs.set(actor, log);
    log.push(event);
    const isJudged = story.honest?.includes(actor) ?? true;
    const place = hasBegun && isJudged ? placeOf(state, event) : undefined;
    if (place === undefined) return;
    points.push({ story, honest: actor, offset, ...place, events: log.slice() });
  });
  return points;
}

/** Names a point for a person, and tells it from the others of its kind. */
export function nameOf({ deed, honest, offset, protocol, rung, story }: Point): string {
  return `${protocol}/${rung}: ${deed} by ${honest}, record ${offset} of "${story.name}"`;
}

type Place = Pick<Point, "protocol" | "rung" | "deed">;

function placeOf(state: NodeState, event: NodeEvent): Place | undefined {
  switch (event.type) {
    case "StateSigned":
    case "StateReceived": {
      const { isFinal, turnNum } = event.variablePart;
      const what = isFinal ? "final" : (OPENING[turnNum] ?? "update");
      return placeIn(state, event.objectiveId, `${event.type} ${what}`);
    }
    case "ProposalSigned":
    case "ProposalReceived": {
      const kinds = [...new Set(event.changes.map(({ proposal }) => proposal.type))].sort();
      const many = event.changes.length > kinds.length ? " batch" : "";
      const rung = kinds.length === 0 ? "Skip" : `${kinds.join("+")}${many}`;
      return { protocol: "Ledger", rung, deed: event.type };
    }
    case "ProposalRefused":
      return { protocol: "Ledger", rung: "Refusal", deed: event.type };
    case "ProposalAgreed":
      return placeIn(state, event.objectiveId, `${event.type} ${event.proposal.type}`);
    case "CapacityReserved":
    case "ObjectiveApproved":
    case "ObjectiveCranked":
    case "PaymentsStopped":
      return placeIn(state, event.objectiveId, event.type);
    case "TransactionRequested":
      return placeIn(state, event.objectiveId, event.call.type);
    case "VoucherIssued":
    case "VoucherReceived": {
      const rung = event.counted === undefined ? "Voucher" : "VoucherWithReceipt";
      return { protocol: "Payment", rung, deed: event.type };
    }
    case "DepositDetected":
    case "AllocationUpdated":
    case "ChannelConcluded":
    case "ChallengeRegistered":
    case "ChallengeExpired":
    case "GuaranteeReclaimed":
    case "HoldingsRead":
    case "LedgerRolledOver":
    case "SupportedStateAdvanced": {
      const objective = openIn(state, event.channelId);
      return objective && placeIn(state, objective.id, event.type);
    }
    default:
      return undefined;
  }
}

const OPENING: Readonly<Record<number, string>> = { 0: "prefund", 1: "postfund" };

function placeIn(state: NodeState, id: Objective["id"], deed: string): Place | undefined {
  const objective = state.objectives.get(id);
  // Money is set aside for a wish before the wish has an objective.
  if (objective === undefined) return { protocol: id.split("-")[0] ?? id, rung: "Wish", deed };
  return { protocol: objective.goal.type, rung: rungOf(state, objective), deed };
}

/** What the newest goal of a channel is. */
function openIn({ objectives }: NodeState, channelId: string): Objective | undefined {
  return [...objectives.values()]
    .filter((one) => one.channelId === channelId && isActive(one))
    .at(-1);
}
