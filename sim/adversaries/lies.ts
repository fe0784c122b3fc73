/** Strategies of those who lie about what was said: false heads of logs, refusals in the name of a peer's objective. */
import { moverOf } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { disputeId, type ObjectiveId, updateId } from "../../src/channel/objective-id.ts";
import { TURN } from "../../src/channel/state.ts";
import { promiseHash } from "../../src/channel/voucher.ts";
import type { RecordHash } from "../../src/events/record.ts";
import type { LogHead } from "../../src/events/record-head.ts";
import type { Message } from "../../src/messages/message.ts";
import type { Frame } from "../../src/network/frame.ts";
import { SEQUENCE_MAX } from "../../src/network/limits.ts";
import { toHex } from "../../src/primitives/hex.ts";
import type { ActorName } from "../actors.ts";
import type { Adversary } from "./adversary.ts";
import { tilted } from "./altering.ts";
import type { Strategy } from "./strategy.ts";

type HeldState = Message & { readonly type: "HeldState" };
type HeldVouchers = Message & { readonly type: "HeldVouchers" };

/** By how much a log is said to be longer than it is. */
const LONGER = 1_000;

export const FALSE_HEAD: Strategy = {
  summary:
    "says that a peer's log was longer or another one, that more was heard of it, or so of her own log",
  attack: "E1",
  role: "Any",
  // Heads are told when somebody comes back.
  beside: ["Crash", "LostTail", "Partition"],
  settings: { kind: [0, 3], every: [1, 5] },
  play: (adversary) => {
    let sent = 0;
    return {
      sends: (_, frame) => {
        const other = falsified(adversary, frame);
        if (other === frame) return frame;
        sent += 1;
        if (sent % adversary.setting("every") !== 0) return frame;
        adversary.did("lies about a log");
        return other;
      },
    };
  },
};

export const FORGED_REJECTIONS: Strategy = {
  summary:
    "refuses objectives of which she hears, to everybody, be they over, under way, or none of hers",
  attack: "W2",
  role: "Any",
  settings: { afterMs: [0, 60_000], times: [1, 20] },
  play: (adversary) => {
    const heard = new Map<ObjectiveId, ChannelId>();
    return {
      hears: (_: ActorName, message) => {
        if (!("objectiveId" in message) || message.objectiveId === undefined) return;
        const { channelId, objectiveId } = message;
        if (heard.has(objectiveId) || heard.size >= adversary.setting("times")) return;
        heard.set(objectiveId, channelId);
        adversary.after(adversary.setting("afterMs"), () => {
          adversary.did("forges a rejection");
          const code = "Forged";
          adversary.tellAll({ type: "ObjectiveRejection", objectiveId, channelId, code });
        });
      },
      // Of a dispute nobody says anything, but everybody sees it.
      sees: ({ logs }) => {
        for (const { channelId, type } of logs) {
          if (type !== "ChallengeRegistered") continue;
          const objectiveId = disputeId(channelId);
          adversary.tellAll({ type: "ObjectiveRejection", objectiveId, channelId, code: "Forged" });
        }
      },
    };
  },
};

export const WITHHELD_HISTORY: Strategy = {
  summary:
    "gives back to who lost her log only what is old, and begins a turn, or says a voucher, of hers anew that she has not given back",
  attack: "S9",
  role: "Any",
  beside: ["LostTail", "OldBackup"],
  settings: { newest: [1, 4], what: [0, 2] },
  play: (adversary) => {
    const kept = new Map<ActorName, (HeldState | HeldVouchers)[]>();
    return {
      says: (to, message) => {
        if (message.type === "ResyncAnswer") return [message, ...saidAnew(adversary, to, kept)];
        if (!isWithheld(adversary, message)) return [message];
        adversary.did("withholds what is new");
        if (message.type === "HeldState" || message.type === "HeldVouchers") {
          kept.set(to, [...(kept.get(to) ?? []), message]);
        }
        return [];
      },
    };
  },
};

/** Updates that she names herself have numbers from here on, and her node none so high. */
const OWN_UPDATES = 1_000_000;

/** What of hers her peer has signed, and has forgotten, in another shape: it pays him more, so that he likes it. */
function saidAnew(
  adversary: Adversary,
  to: ActorName,
  kept: Map<ActorName, (HeldState | HeldVouchers)[]>,
): readonly Message[] {
  const held = kept.get(to) ?? [];
  kept.delete(to);
  return held.flatMap((one) =>
    one.type === "HeldState" ? begunAnew(adversary, to, one) : promisedAnew(adversary, one),
  );
}

function begunAnew(
  adversary: Adversary,
  to: ActorName,
  { channelId, variablePart }: HeldState,
): readonly Message[] {
  const channel = adversary.evidence.channel(channelId);
  const { address } = adversary.world.node(to);
  const outcome = tilted(variablePart.outcome, address, 1n);
  const isHers = channel && moverOf(channel, variablePart.turnNum) === channel.myIndex;
  if (!isHers || outcome === undefined || variablePart.isFinal) return [];
  adversary.did("begins a turn anew");
  const other = { ...variablePart, outcome };
  return [
    {
      type: "SignedState",
      objectiveId: updateId(channelId, channel.myIndex, OWN_UPDATES + variablePart.turnNum),
      channelId,
      variablePart: other,
      signature: adversary.signState(channelId, other),
      baseSignatures: [],
      moverSignature: undefined,
    },
  ];
}

/** Another voucher of the counter for which she has his receipt: no redemption of it outbids hers. */
function promisedAnew(
  adversary: Adversary,
  { channelId, issued, issuedReceipted }: HeldVouchers,
): readonly Message[] {
  const withheld = issuedReceipted ?? issued;
  if (withheld === undefined) return [];
  adversary.did("says a voucher anew");
  const { amounts, counter } = withheld;
  const promise = { counter, amounts: amounts.map((amount) => amount + 1n) };
  const signature = adversary.sign(promiseHash("enforceable", channelId, promise));
  const counted = undefined;
  return [{ type: "Voucher", channelId, ...promise, signature, counted, postfundSignatures: [] }];
}

function isWithheld(adversary: Adversary, message: Message): boolean {
  const what = adversary.setting("what");
  switch (message.type) {
    case "HeldVouchers":
      return what !== 0;
    case "HeldSuccessor":
      return what !== 1;
    case "HeldState":
      return what !== 1 && isNew(adversary, message.channelId, message.variablePart.turnNum);
    case "HeldStep":
      return what !== 1 && isNew(adversary, message.channelId, message.turnNum);
    default:
      return false;
  }
}

/** One of her newest turns, behind the opening. */
function isNew(adversary: Adversary, channelId: ChannelId, turnNum: number): boolean {
  const channel = adversary.evidence.channel(channelId);
  const turns = [channel?.supported?.variablePart.turnNum ?? 0, ...(channel?.pending.keys() ?? [])];
  return turnNum > TURN.postfund && turnNum > Math.max(...turns) - adversary.setting("newest");
}

function falsified(adversary: Adversary, frame: Frame): Frame {
  const kind = adversary.setting("kind");
  if (frame.type === "Welcome" && kind === 0)
    return { ...frame, head: otherHead(adversary, frame.head) };
  if (frame.type === "Welcome" && kind === 1) {
    return { ...frame, lastReceived: Math.min(SEQUENCE_MAX, frame.lastReceived + LONGER) };
  }
  if (frame.type === "Acknowledged" && kind === 2) {
    return { ...frame, upTo: Math.min(SEQUENCE_MAX, frame.upTo + LONGER) };
  }
  if (frame.type === "Acknowledged" && kind === 3) {
    return { ...frame, head: otherHead(adversary, frame.head) };
  }
  return frame;
}

function otherHead(adversary: Adversary, head: LogHead | undefined): LogHead {
  const hash = toHex(adversary.drawBytes("false head")) as RecordHash;
  return { length: (head?.length ?? 0) + LONGER, hash };
}
