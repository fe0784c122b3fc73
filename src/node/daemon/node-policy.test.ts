/** Tests of what a real node agrees to when others propose it. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../../test/kind.ts";
import type { Channel } from "../../channel/channel.ts";
import { externalDestination } from "../../channel/destination.ts";
import type { VariablePart } from "../../channel/state.ts";
import type { Address } from "../../crypto/address.ts";
import type { NodeView } from "../../engine/node-state.ts";
import type { Proposal } from "../../engine/policy.ts";
import type { Goal, Objective } from "../../protocols/objective.ts";
import { nodePolicy } from "./node-policy.ts";

const PARTICIPANTS = ["0xa", "0xb", "0xc"];

/** A proposal of participant 0: what each of the two shares puts in. */
function propose(type: Goal["type"], myIndex: number, amounts: readonly bigint[]): Proposal {
  const allocations = amounts.map((amount, index) => {
    return { amount, destination: externalDestination((PARTICIPANTS[index] ?? "0x0") as Address) };
  });
  const outcome = [{ asset: "0x0", allocations }];
  const channel = {
    fixedPart: { participants: PARTICIPANTS },
    myIndex,
    pending: new Map(),
    use: { type: "Direct" },
  };
  return {
    objective: { goal: { type, change: undefined }, openedBy: 0 } as unknown as Objective,
    channel: channel as unknown as Channel,
    proposed: { outcome } as unknown as VariablePart,
  };
}

function viewOf(count: number, changes: Readonly<Record<string, unknown>> = {}): NodeView {
  const one = {
    fixedPart: { participants: PARTICIPANTS },
    adjudication: { type: "Open" },
    pending: new Map(),
    use: { type: "Direct" },
    ...changes,
  };
  const channels = new Map(Array.from({ length: count }, (_, index) => [`${index}`, one]));
  return { channels } as unknown as NodeView;
}

const limits = { depositMax: 5n, channelsPerPeerMax: 2, games: true };
const policy = nodePolicy(limits, () => undefined);

describe("nodePolicy", () => {
  unit("opens channels into which it puts no more than its limit", () => {
    expect(policy(propose("DirectFund", 1, [100n, 5n])).ok).toBe(true);
    expect(policy(propose("DirectFund", 1, [100n, 6n]))).toEqual({
      ok: false,
      reason: {
        code: "PolicyRefused",
        why: "it would have this node put in 6, and policy.depositMax is 5",
      },
    });
  });

  adversarial("opens no channel that pays this node's share to somebody else", () => {
    const proposal = propose("DirectFund", 1, [5n, 5n]);
    expect(policy({ ...proposal, channel: { ...proposal.channel, myIndex: 0 } }).ok).toBe(true);
    const outcome = proposal.proposed.outcome.map((exit) => {
      return { ...exit, allocations: exit.allocations.toReversed() };
    });
    const why = "it would pay this node's share to somebody else";
    const turned = { ...proposal, proposed: { ...proposal.proposed, outcome } };
    expect(policy(turned)).toEqual({ ok: false, reason: { code: "PolicyRefused", why } });
  });

  unit("joins games within the same limit, unless it is to join none", () => {
    const game = (amounts: readonly bigint[]): Proposal => {
      const proposal = propose("DirectFund", 1, amounts);
      const use = { type: "MessageLog", hasTwin: true } as const;
      return { ...proposal, channel: { ...proposal.channel, use } };
    };
    const none = nodePolicy({ ...limits, games: false }, () => undefined);

    expect(policy(game([100n, 5n])).ok).toBe(true);
    expect(policy(game([100n, 6n])).ok).toBe(false);
    expect(none(game([100n, 0n]))).toEqual({
      ok: false,
      reason: { code: "PolicyRefused", why: "it is a game, and policy.games is off" },
    });
    expect(none(propose("DirectFund", 1, [100n, 5n])).ok).toBe(true);
  });

  unit("of a virtual channel, only its ends put something in", () => {
    expect(policy(propose("VirtualFund", 1, [100n, 100n])).ok).toBe(true);
    expect(policy(propose("VirtualFund", 2, [100n, 5n])).ok).toBe(true);
    expect(policy(propose("VirtualFund", 2, [0n, 6n])).ok).toBe(false);
  });

  unit("closes whatever was opened, and pays nobody who only asks", () => {
    expect(policy(propose("DirectDefund", 1, [100n, 100n])).ok).toBe(true);
    const update = propose("Update", 1, [9n, 1n]);
    const before = propose("Update", 1, [4n, 6n]).proposed;
    const channel = {
      ...update.channel,
      supported: { variablePart: before },
    } as unknown as Channel;
    expect(policy({ ...update, channel }).ok).toBe(false);
  });

  adversarial("a peer opens so many channels and no more; those that are over do not count", () => {
    const opening = propose("DirectFund", 1, [1n, 0n]);
    const over = { concluded: true };
    const final = { type: "Final", turnNum: 3, outcome: [] };
    const decided = { adjudication: final, isDisputed: true };

    const verdicts = [viewOf(2), viewOf(3), viewOf(9, over), viewOf(9, decided)].map(
      (view) => nodePolicy(limits, () => view)(opening).ok,
    );
    expect(verdicts).toEqual([true, false, true, true]);
    expect(nodePolicy(limits, () => viewOf(3))(propose("DirectDefund", 1, [1n, 0n])).ok).toBe(true);
  });
});
