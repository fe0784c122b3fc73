/** Tests of the phases of violations, in worlds that run: a witness stands in for an oracle. */
import { describe, expect } from "bun:test";
import type { NodeEvent } from "../../src/events/event.ts";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { unit } from "../../test/kind.ts";
import type { ActorName } from "../actors.ts";
import type { World } from "../world.ts";
import { CALM_PLAN } from "./calm-plan.ts";
import type { Plan } from "./plan.ts";
import { runPlan } from "./run-plan.ts";

const chain = chainOfFile("model");

const PLAN: Plan = {
  ...CALM_PLAN,
  cast: ["alice", "bob"],
  wishes: [
    {
      id: 1,
      atMs: 0,
      by: "alice",
      type: "OpenDirect",
      others: ["bob"],
      amounts: [{ asset: "eth", amounts: [7n, 5n] }],
    },
  ],
};

/** Speaks at the first record of that type at that node. */
function speakAt(
  world: World,
  at: ActorName,
  type: NodeEvent["type"],
  text: (channelId: string) => string,
): void {
  let spoke = false;
  world.witnesses.push({
    sawRecord: (node, { event }) => {
      if (spoke || node !== at || event.type !== type || !("channelId" in event)) return;
      spoke = true;
      world.violations.push({ oracle: "test", message: text(String(event.channelId)) });
    },
    sawBlock: async () => {},
    sawReorg: async () => {},
  });
}

async function phaseAt(
  at: ActorName,
  type: NodeEvent["type"],
  text: (channelId: string) => string,
): Promise<string | undefined> {
  const prepare = (world: World): void => speakAt(world, at, type, text);
  const options = { chain: chain(), signatures: "fast", prepare } as const;
  const { violations } = await runPlan(PLAN, options);
  expect(violations).toHaveLength(1);
  return violations[0]?.phase;
}

describe("the phase of a violation", () => {
  unit("is what the channel of the record is at, at the node of the record", async () => {
    const nameless = () => "something is wrong";
    expect(await phaseAt("alice", "DepositDetected", nameless)).toBe("DirectFund/deposit");
    expect(await phaseAt("bob", "ChannelCreated", nameless)).toBeUndefined();
  });

  unit("is what those whom it names are at in the channel that it names", async () => {
    const named = (channelId: string) => `bob waits in ${channelId}`;
    // Alice has opened the channel, and Bob knows nothing of it yet.
    expect(await phaseAt("alice", "ObjectiveApproved", named)).toBeUndefined();
    expect(await phaseAt("alice", "DepositDetected", named)).toBe("DirectFund/deposit");
    const another = () => `bob waits in 0x${"ab".repeat(32)}`;
    expect(await phaseAt("bob", "DepositDetected", another)).toBeUndefined();
  });
});
