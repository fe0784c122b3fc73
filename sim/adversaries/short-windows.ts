/** The strategy of who opens channels in which nobody has the time to answer. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import { ALLOCATION_TYPE } from "../../src/channel/outcome.ts";
import { TURN } from "../../src/channel/state.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Request } from "../../src/engine/request.ts";
import type { ActorName } from "../actors.ts";
import type { Adversary } from "./adversary.ts";
import { challengeFrom } from "./cheating-on-chain.ts";
import { fakePrefund } from "./false-funding.ts";
import type { Strategy } from "./strategy.ts";

/** Wei that each of the two puts in, and that she pays before she takes it back. */
const DEPOSIT_WEI = 10n;
const PAID_WEI = 4n;

export const SHORT_CHALLENGE: Strategy = {
  summary:
    "opens a channel whose challenges are over within a few blocks, pays in it, and challenges with its oldest state",
  attack: "L12",
  role: "Any",
  settings: { seconds: [1, 60], peer: [0, 3] },
  play: (adversary) => ({
    begins: () => {
      const peer = adversary.peers[adversary.setting("peer") % adversary.peers.length];
      if (peer !== undefined) void propose(adversary, peer);
    },
    records: (event) => {
      if (event.type !== "SupportedStateAdvanced") return;
      const { channelId, turnNum } = event;
      const channel = adversary.evidence.channel(channelId);
      if (channel?.fixedPart.challengeDurationSec !== adversary.setting("seconds")) return;
      // Her own node is in the middle of its work when it tells of a record.
      if (turnNum === TURN.postfund) adversary.after(0, () => pay(adversary, channelId));
      else if (turnNum > TURN.postfund) void challengeFrom(adversary, channelId, 0);
    },
  }),
};

/** Her own node asks for it, where it does such a thing; else she does without it. */
async function propose(adversary: Adversary, peer: ActorName): Promise<void> {
  const { node } = adversary;
  const answer = node.isRunning
    ? await node.engine.submit(shortChannel(adversary, peer))
    : { ok: false };
  if (!answer.ok) {
    adversary.tell(peer, fakePrefund(adversary, peer, adversary.setting("seconds")));
  }
  adversary.did("proposes short challenges");
}

function shortChannel(adversary: Adversary, peer: ActorName): Request {
  const { address, world } = adversary;
  const participants = [address, world.node(peer).address];
  const allocations = participants.map((participant) => ({
    destination: externalDestination(participant),
    amount: DEPOSIT_WEI,
    allocationType: ALLOCATION_TYPE.simple,
    metadata: "0x" as const,
  }));
  const assetMetadata = { assetType: 0, metadata: "0x" as const };
  return {
    type: "FundDirectly",
    participants,
    outcome: [{ asset: ZERO_ADDRESS, assetMetadata, allocations }],
    appDefinition: world.options.chain.deployment.consensusApp,
    appData: "0x",
    challengeDurationSec: adversary.setting("seconds"),
  };
}

function pay({ node }: Adversary, channelId: ChannelId): void {
  if (!node.isRunning) return;
  const change = { type: "Pay", asset: ZERO_ADDRESS, to: 1, amount: PAID_WEI } as const;
  void node.engine.submit({ type: "UpdateChannel", channelId, change });
}
