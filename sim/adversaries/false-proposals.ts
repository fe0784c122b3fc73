/** Strategies against ledger channels: proposals in disorder, and guarantees that nobody agreed to. */
import type { Channel } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import { applyChanges } from "../../src/channel/ledger.ts";
import type { LedgerChange } from "../../src/channel/ledger-proposal.ts";
import { virtualFundId } from "../../src/channel/objective-id.ts";
import { TURN } from "../../src/channel/state.ts";
import type { Message } from "../../src/messages/message.ts";
import { toHex } from "../../src/primitives/hex.ts";
import type { ActorName } from "../actors.ts";
import type { Adversary } from "./adversary.ts";
import type { Strategy } from "./strategy.ts";

type ProposalMessage = Message & { readonly type: "LedgerProposal" };

/** Milliseconds after which a proposal that was held back goes out though no other one came. */
const HELD_MS = 20_000;

export const DISORDERED_PROPOSALS: Strategy = {
  summary:
    "proposes to ledgers twice, leaves every n-th proposal out, or sends it behind a later one",
  attack: "L5",
  role: "Leader",
  settings: { kind: [0, 2], every: [1, 4] },
  play: (adversary) => {
    let proposed = 0;
    let held: ProposalMessage[] = [];
    const release = (): readonly Message[] => {
      const waiting = held;
      held = [];
      return waiting;
    };
    return {
      says: (to, message) => {
        if (message.type !== "LedgerProposal") return [message];
        proposed += 1;
        if (proposed % adversary.setting("every") !== 0) return [message, ...release()];
        adversary.did("proposes in disorder");
        const kind = adversary.setting("kind");
        if (kind === 0) return [message, message];
        if (kind === 1) return [];
        held.push(message);
        adversary.after(HELD_MS, () => {
          for (const one of release()) adversary.tell(to, one);
        });
        return [];
      },
    };
  },
};

export const GHOST_GUARANTEE: Strategy = {
  summary:
    "proposes guarantees that nobody agreed to: for unknown targets, twice, for the ledger itself, for an account",
  attack: "L2",
  role: "Ledger",
  settings: { kind: [0, 3], amount: [1, 10], times: [1, 5] },
  play: (adversary) => {
    let times = 0;
    return {
      records: (event) => {
        if (event.type !== "SupportedStateAdvanced" || event.turnNum < TURN.postfund) return;
        const ledger = adversary.evidence.channel(event.channelId);
        if (ledger?.ledger === undefined || times >= adversary.setting("times")) return;
        times += 1;
        const peer = neighbour(adversary, ledger);
        const proposal = ghostProposal(adversary, ledger);
        if (peer === undefined || proposal === undefined) return;
        adversary.did("proposes a ghost");
        adversary.tell(peer, proposal);
      },
    };
  },
};

function neighbour(adversary: Adversary, { fixedPart, myIndex }: Channel): ActorName | undefined {
  const other = fixedPart.participants[1 - myIndex];
  return other && adversary.nameAt(other);
}

function ghostProposal(adversary: Adversary, ledger: Channel): Message | undefined {
  const { supported } = ledger;
  if (supported === undefined) return undefined;
  const { outcome, turnNum: baseTurnNum } = supported.variablePart;
  const change = ghost(adversary, ledger);
  const changes = adversary.setting("kind") === 1 ? [change, change] : [change];
  const profile = ledger.ledger?.profile ?? "enforceable";
  const changed = applyChanges(profile, ledger.id, outcome, changes);
  const turnNum = baseTurnNum + 1;
  const variablePart = {
    ...supported.variablePart,
    turnNum,
    outcome: changed.ok ? changed.value : outcome,
  };
  return {
    type: "LedgerProposal",
    channelId: ledger.id,
    turnNum,
    baseTurnNum,
    changes,
    evidence: changes.map(() => []),
    signature: adversary.signState(ledger.id, variablePart),
  };
}

function ghost(adversary: Adversary, { fixedPart, fundingOutcome, id }: Channel): LedgerChange {
  const target = ghostTarget(adversary, id);
  const [left, right] = fixedPart.participants.map(externalDestination);
  const amount = BigInt(adversary.setting("amount"));
  const asset = fundingOutcome[0]?.asset;
  // Who cheats is not hurt: it is the other side that would put something in.
  const isLeft = fixedPart.participants[0] === adversary.address;
  const share = isLeft ? { left: 0n, right: amount } : { left: amount, right: 0n };
  return {
    objectiveId: virtualFundId(target),
    proposal: {
      type: "Add",
      target,
      guarantee: {
        left: left ?? externalDestination(adversary.address),
        right: right ?? externalDestination(adversary.address),
      },
      shares: asset === undefined ? [] : [{ asset, ...share }],
      fee: 0n,
    },
  };
}

function ghostTarget(adversary: Adversary, ledgerId: ChannelId): ChannelId {
  switch (adversary.setting("kind")) {
    case 2:
      return ledgerId;
    case 3:
      return externalDestination(adversary.address) as string as ChannelId;
    default:
      return toHex(adversary.drawBytes("ghost target")) as ChannelId;
  }
}
