/** Peers who refuse what needs nobody's consent: a dispute goes on, whatever they say of it. */
import { describe, expect } from "bun:test";
import { disputeId } from "../../src/channel/objective-id.ts";
import { adversarial } from "../kind.ts";
import { PureNetwork } from "../pure-network.ts";
import { hear, openLedger } from "./pure-scene.ts";

const LEADER = 0;
const FOLLOWER = 1;

describe("a dispute", () => {
  adversarial("is not ended by the refusal of the one whom it is against", () => {
    const network = new PureNetwork(2);
    const channelId = openLedger(network, LEADER, FOLLOWER);
    const objectiveId = disputeId(channelId);
    network.ask(LEADER, { type: "Dispute", channelId });

    const verdict = hear(network, FOLLOWER, LEADER, {
      type: "ObjectiveRejection",
      objectiveId,
      channelId,
      code: "UnknownObjective",
    });

    expect(verdict).toEqual({ ok: false, reason: { code: "TooLateToReject" } });
    expect(network.node(LEADER).state.objectives.get(objectiveId)?.status).toBe("Approved");
  });
});
