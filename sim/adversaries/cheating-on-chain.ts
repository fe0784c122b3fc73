/** Strategies on the chain: old states, at the worst moments, and calls that anybody may make. */
import {
  type Claim,
  type ContractCall,
  challengeCall,
  checkpointCall,
  concludeCall,
} from "../../src/chain/adjudicator.ts";
import { callOf } from "../../src/chain/adjudicator-calls.ts";
import { CONCLUDED_STATE_HASH } from "../../src/channel/adjudication.ts";
import type { Channel } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { SignedState } from "../../src/channel/signed-state.ts";
import { stateHash } from "../../src/channel/state.ts";
import { challengeHash } from "../../src/channel/state-challenge.ts";
import type { Adversary } from "./adversary.ts";
import { paidTo } from "./altering.ts";
import { claimOf } from "./evidence.ts";
import { keepAnswer } from "./kept-transactions.ts";
import type { Behaviour, Strategy } from "./strategy.ts";

/** Challenges and checkpoints that one move sends at most: each costs, and changes nothing in the end. */
const CALLS_MAX = 20;

/** Seconds before the end of a window at which a block can still hold a call. */
const LAST_MOMENT_SEC = 18;

export const STALE_CHALLENGE: Strategy = {
  summary:
    "challenges with an earlier state that all have signed, the one that pays her most, or the n-th from the oldest or from the newest one, from time to time or once she has paid, and may say nothing more",
  attack: "S1",
  role: "Any",
  isLate: true,
  // `best` takes the state that pays her most; else `back` counts from the newest one; where it is 0, `state` counts
  // from the oldest one. `paid` waits until the newest one pays her less than another, and is quiet from then on.
  settings: {
    best: [0, 1],
    state: [0, 30],
    back: [0, 3],
    quiet: [0, 1],
    everyMs: [10_000, 600_000],
    times: [1, 4],
    paid: [0, 1],
  },
  play: (adversary) => {
    const stale = (channel: Channel, states: readonly SignedState[]): ContractCall | undefined => {
      const isBest = adversary.setting("best") === 1 || adversary.setting("paid") === 1;
      const state = isBest ? best(adversary, states) : at(adversary, states);
      return state && challenge(adversary, channel, state);
    };
    const shown = new Set<ChannelId>();
    const showOncePaid = (): void => {
      for (const channel of adversary.evidence.channels()) {
        const states = adversary.evidence.statesOf(channel.id);
        const call = gainsByOld(adversary, states) ? stale(channel, states) : undefined;
        if (call === undefined || shown.has(channel.id)) continue;
        shown.add(channel.id);
        void adversary.send(call, "shows an old state");
      }
    };
    return {
      sends: (_, frame) => {
        const isDone = adversary.setting("paid") === 0 || shown.size > 0;
        return adversary.setting("quiet") === 1 && isDone ? undefined : frame;
      },
      spots: (sent) => keepAnswer(adversary, sent),
      ...(adversary.setting("paid") === 1
        ? { begins: showOncePaid, records: showOncePaid }
        : { begins: () => repeat(adversary, stale) }),
    };
  },
};

export const EVERY_CHALLENGE: Strategy = {
  summary: "challenges with every earlier state, one behind the other",
  attack: "S2",
  role: "Any",
  isLate: true,
  settings: { everyMs: [10_000, 600_000], times: [1, CALLS_MAX] },
  play: (adversary) => ({
    ...oneBehindTheOther(adversary, challenge),
    spots: (sent) => keepAnswer(adversary, sent),
  }),
};

export const OLD_CHECKPOINT: Strategy = {
  summary: "checkpoints earlier states, one behind the other",
  attack: "S4",
  role: "Any",
  isLate: true,
  settings: { everyMs: [10_000, 600_000], times: [1, CALLS_MAX] },
  play: (adversary) => oneBehindTheOther(adversary, checkpoint),
};

export const LATE_CHALLENGE: Strategy = {
  summary:
    "answers a challenge right before its window ends, with the oldest state that the contract still takes",
  attack: "C8",
  role: "Any",
  settings: { times: [1, 4] },
  play: (adversary) => {
    let times = 0;
    return {
      spots: (sent) => keepAnswer(adversary, sent),
      sees: ({ logs }) => {
        for (const log of logs) {
          if (log.type !== "ChallengeRegistered" || times >= adversary.setting("times")) continue;
          times += 1;
          const { channelId, finalizesAtSec } = log;
          const { turnNum } = log.candidate.variablePart;
          const delaySec =
            finalizesAtSec - LAST_MOMENT_SEC - adversary.world.timeline.nowMs / 1_000;
          adversary.after(Math.max(0, delaySec) * 1_000, () => {
            void challengeFrom(adversary, channelId, turnNum + 1);
          });
        }
      },
    };
  },
};

export const CHALLENGE_LOOP: Strategy = {
  summary: "challenges again with the same turn whenever her challenge was cleared",
  attack: "S3",
  role: "Any",
  isLate: true,
  settings: { times: [1, 10] },
  play: (adversary) => {
    let times = 0;
    return {
      spots: (sent) => keepAnswer(adversary, sent),
      begins: () => {
        for (const channel of adversary.evidence.channels()) {
          void challengeFrom(adversary, channel.id, 0);
        }
      },
      sees: ({ logs }) => {
        for (const log of logs) {
          if (log.type !== "ChallengeCleared" && log.type !== "Checkpointed") continue;
          if (times >= adversary.setting("times")) continue;
          times += 1;
          void challengeFrom(adversary, log.channelId, log.newTurnNumRecord);
        }
      },
    };
  },
};

export const FRONT_RUN: Strategy = {
  summary:
    "sees another's call in the pool, and gets a challenge with an old state into the block before it",
  attack: "C5",
  role: "Any",
  settings: { state: [0, 30], times: [1, 6] },
  play: (adversary) => {
    let times = 0;
    return {
      spots: ({ data, from, to }) => {
        const isAnswer = to === adversary.adjudicator && from !== adversary.address;
        if (!isAnswer || adversary.nameAt(from) === undefined) return;
        const channel = adversary.evidence
          .channels()
          .find(
            ({ fixedPart, id }) =>
              data.includes(id.slice(2)) ||
              data.includes(fixedPart.channelNonce.toString(16).padStart(64, "0")),
          );
        const states = channel === undefined ? [] : adversary.evidence.statesOf(channel.id);
        const state = states[adversary.setting("state") % states.length];
        if (channel === undefined || state === undefined || times >= adversary.setting("times"))
          return;
        times += 1;
        void adversary.send(challenge(adversary, channel, state), "runs in front", true);
      },
    };
  },
};

export const EARLY_CONCLUDE: Strategy = {
  summary: "keeps her signature on a final state to herself, and concludes with it alone",
  attack: "S8",
  role: "Any",
  settings: { afterMs: [0, 120_000] },
  play: (adversary) => {
    const concluded = new Set<ChannelId>();
    return {
      says: (_, message) =>
        message.type === "SignedState" && message.variablePart.isFinal ? [] : [message],
      records: (event) => {
        if (!("channelId" in event) || event.channelId === undefined) return;
        const channel = adversary.evidence.channel(event.channelId);
        const final = channel && finalStateOf(adversary, channel);
        if (channel === undefined || final === undefined || concluded.has(channel.id)) return;
        concluded.add(channel.id);
        adversary.after(adversary.setting("afterMs"), () => {
          void adversary.send(conclude(adversary, channel, final), "concludes alone", true);
        });
      },
    };
  },
};

export const FLOOD_AND_LOOT: Strategy = {
  summary: "challenges all her channels in one block, each with its oldest state",
  attack: "C4",
  role: "Any",
  isLate: true,
  settings: {},
  play: (adversary) => ({
    spots: (sent) => keepAnswer(adversary, sent),
    begins: () => {
      for (const channel of adversary.evidence.channels()) {
        void challengeFrom(adversary, channel.id, 0);
      }
    },
  }),
};

export const PIECEMEAL_PAYOUT: Strategy = {
  summary:
    "pays a final channel out piece by piece, from the last place to the first, before others pay it as a whole",
  attack: "C6",
  role: "Any",
  settings: { place: [0, 3] },
  play: (adversary) => ({
    sees: ({ logs }) => {
      for (const log of logs) {
        if (log.type !== "Concluded" && log.type !== "ChallengeRegistered") continue;
        const channel = adversary.evidence.channel(log.channelId);
        const shown = log.type === "Concluded" ? undefined : log.candidate.variablePart;
        const endSec = log.type === "Concluded" ? 0 : log.finalizesAtSec;
        const delayMs = Math.max(0, endSec * 1_000 - adversary.world.timeline.nowMs);
        if (channel !== undefined)
          adversary.after(delayMs, () => payPiece(adversary, channel, shown));
      }
    },
  }),
};

/** Comes again for each channel that is open then. */
function repeat(
  adversary: Adversary,
  make: (channel: Channel, states: readonly SignedState[]) => ContractCall | undefined,
  left: number = adversary.setting("times"),
): void {
  for (const channel of adversary.evidence.channels()) {
    const states = adversary.evidence.statesOf(channel.id);
    const call = states.length === 0 ? undefined : make(channel, states);
    if (call !== undefined) void adversary.send(call, "shows an old state");
  }
  const everyMs = adversary.setting("everyMs");
  if (left > 1) adversary.after(everyMs, () => repeat(adversary, make, left - 1));
}

/** True where an old state pays her more than the newest one. */
function gainsByOld(adversary: Adversary, states: readonly SignedState[]): boolean {
  const newest = states.at(-1);
  const most = best(adversary, states);
  return (
    newest !== undefined &&
    most !== undefined &&
    paidBy(adversary, most) > paidBy(adversary, newest)
  );
}

function paidBy({ address }: Adversary, { variablePart }: SignedState): bigint {
  return paidTo(variablePart.outcome, address);
}

/** The oldest one of those that pay her most. */
function best(adversary: Adversary, states: readonly SignedState[]): SignedState | undefined {
  const paid = (state: SignedState): bigint => paidBy(adversary, state);
  return states.toSorted((one, other) => Number(paid(other) - paid(one)))[0];
}

function at(adversary: Adversary, states: readonly SignedState[]): SignedState | undefined {
  const back = adversary.setting("back");
  const place = back === 0 ? adversary.setting("state") : states.length - 1 - back;
  return states[Math.max(0, place) % states.length];
}

/** Challenges with the oldest state of this turn or a later one. */
export async function challengeFrom(
  adversary: Adversary,
  channelId: ChannelId,
  turnNum: number,
): Promise<void> {
  const channel = adversary.evidence.channel(channelId);
  const states = adversary.evidence.statesOf(channelId);
  const state = states.find(({ variablePart }) => variablePart.turnNum >= turnNum);
  if (channel === undefined || state === undefined) return;
  await adversary.send(challenge(adversary, channel, state), "challenges");
}

function claim(adversary: Adversary, channel: Channel, state: SignedState): Claim {
  return claimOf(channel, state, (hash) => adversary.sign(hash));
}

function challenge(adversary: Adversary, channel: Channel, state: SignedState): ContractCall {
  const signature = adversary.sign(challengeHash(stateHash(channel.id, state.variablePart)));
  return challengeCall(adversary.adjudicator, claim(adversary, channel, state), signature);
}

function checkpoint(adversary: Adversary, channel: Channel, state: SignedState): ContractCall {
  return checkpointCall(adversary.adjudicator, claim(adversary, channel, state));
}

function conclude(adversary: Adversary, channel: Channel, state: SignedState): ContractCall {
  const { candidate, fixedPart } = claim(adversary, channel, state);
  return concludeCall(
    adversary.adjudicator,
    fixedPart,
    candidate.variablePart,
    candidate.signatures,
  );
}

function finalStateOf(adversary: Adversary, { id }: Channel): SignedState | undefined {
  return adversary.evidence.statesOf(id).find(({ variablePart }) => variablePart.isFinal);
}

function payPiece(
  adversary: Adversary,
  channel: Channel,
  shown: SignedState["variablePart"] | undefined,
): void {
  const outcome = (shown ?? finalStateOf(adversary, channel)?.variablePart)?.outcome;
  if (outcome === undefined) return;
  const channelId = channel.id;
  const hash = shown === undefined ? CONCLUDED_STATE_HASH : stateHash(channelId, shown);
  for (const [assetIndex, { allocations }] of outcome.entries()) {
    const place = allocations.length - 1 - adversary.setting("place");
    if (place < 0) continue;
    const call = { type: "Transfer", channelId, assetIndex, outcome, stateHash: hash } as const;
    const piece = callOf(adversary.adjudicator, { ...call, indices: [place] });
    void adversary.send(piece, "pays a piece out", true);
  }
}

/** Shows every state that she has, from the oldest on; the newest again where there is none left. */
function oneBehindTheOther(adversary: Adversary, show: typeof challenge): Behaviour {
  let next = 0;
  return {
    begins: () =>
      repeat(adversary, (channel, states) => {
        const state = states[Math.min(next++, states.length - 1)];
        return state && show(adversary, channel, state);
      }),
  };
}
