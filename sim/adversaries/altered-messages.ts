/**
 * Strategies of those who say what is almost right: one thing in a message is another one, and the signature fits. What
 * a node has to find out by reading is met by these, since everybody else's messages are made by a node as good as it.
 */
import { stateAt } from "../../src/channel/channel.ts";
import { channelIdOf } from "../../src/channel/channel-id.ts";
import { applyChanges } from "../../src/channel/ledger.ts";
import { TURN } from "../../src/channel/state.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import { decodeMessage, encodeMessage } from "../../src/messages/codec.ts";
import type { Message } from "../../src/messages/message.ts";
import { equalBytes } from "../../src/primitives/bytes.ts";
import type { Adversary } from "./adversary.ts";
import { othersOf, placesIn, SeenValues, valueAt, withValue } from "./altered-values.ts";
import { resigned } from "./altering.ts";
import { promised } from "./false-vouchers.ts";
import type { Strategy } from "./strategy.ts";

type MessageType = Message["type"];
type MessageOf<Type extends MessageType> = Message & { readonly type: Type };

/** Tries to change a message into one that can be said: one of the first does nearly always. */
const TRIES_MAX = 8;

export const ALTERED_OPENING: Strategy = {
  summary:
    "opens channels with one thing in them that is not right: an amount, a name, a fee, a list",
  role: "Any",
  ...altering(["Prefund", "VirtualPrefund", "CompletePrefund"]),
};

export const ALTERED_STATE: Strategy = {
  summary: "signs states, or asks for some, with one thing in them that is not right",
  role: "Any",
  ...altering(["SignedState", "UpdateRequest", "DefundRequest", "ObjectiveRejection"]),
};

export const ALTERED_PROPOSAL: Strategy = {
  summary:
    "changes one thing in what she says of guarantees: of a proposal, and of what she answers",
  role: "Ledger",
  ...altering(["LedgerProposal", "LedgerCountersignature", "LedgerRefusal"]),
};

export const ALTERED_WISH: Strategy = {
  summary: "changes one thing in what she says of top-ups and withdrawals",
  role: "Ledger",
  ...altering(["TopUpRequest", "WithdrawalRequest", "SuccessorSignatures"]),
};

export const ALTERED_VOUCHER: Strategy = {
  summary: "pays by vouchers with one thing in them that is not right",
  role: "Payer",
  ...altering(["Voucher"]),
};

export const ALTERED_HISTORY: Strategy = {
  summary:
    "changes one thing in what she gives back to who lost the end of his log, or asks of him",
  role: "Any",
  beside: ["LostTail", "OldBackup", "TornAppend"],
  ...altering([
    "ResyncRequest",
    "ResyncAnswer",
    "ObjectiveQuery",
    "ObjectiveFate",
    "TurnPassed",
    "HeldChannel",
    "HeldState",
    "HeldStep",
    "HeldSuccessor",
    "HeldVirtual",
    "HeldVouchers",
  ]),
};

/** Changes every n-th message of these types, or of one of them, and says the right one as well or does not. */
function altering(
  types: readonly MessageType[],
): Pick<Strategy, "attack" | "lots" | "play" | "settings"> {
  return {
    attack: "6.1",
    lots: 2,
    // Behind the last type, which is half of the time: all of them.
    settings: { only: [0, 2 * types.length - 1], every: [1, 3], besides: [0, 1] },
    play: (adversary) => {
      const only = types[adversary.setting("only")];
      const seen = new SeenValues();
      let said = 0;
      return {
        hears: (_, message) => seen.learn(message),
        says: (_, message) => {
          seen.learn(message);
          const isMeant = types.includes(message.type) && (only ?? message.type) === message.type;
          if (isMeant) said += 1;
          if (!isMeant || said % adversary.setting("every") !== 0) return [message];
          const other = altered(adversary, message, seen);
          if (other === undefined) return [message];
          adversary.did("changes a message");
          return adversary.setting("besides") === 0 ? [other] : [other, message];
        },
      };
    },
  };
}

/** The message with one thing changed, signed anew where she signs it; undefined where nothing that was tried can be said. */
function altered(adversary: Adversary, message: Message, seen: SeenValues): Message | undefined {
  const places = placesIn(message);
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const place = drawn(adversary, "place", places);
    if (place === undefined) return undefined;
    const others = othersOf(valueAt(message, place), seen.of(place));
    const other = drawn(adversary, "value", others);
    const changed = other === undefined ? undefined : withValue(message, place, other);
    if (changed !== undefined && isOther(message, changed)) return signedAnew(adversary, changed);
  }
  return undefined;
}

function drawn<One>(adversary: Adversary, what: string, among: readonly One[]): One | undefined {
  return among[adversary.draw(what, [0, Math.max(0, among.length - 1)])];
}

/** True for one that its peer can read, and that is not the same. */
function isOther(message: Message, changed: Message): boolean {
  try {
    const bytes = encodeMessage(changed);
    return decodeMessage(bytes).ok && !equalBytes(bytes, encodeMessage(message));
  } catch {
    // No bytes are what it means.
    return false;
  }
}

function signedAnew(adversary: Adversary, message: Message): Message {
  switch (message.type) {
    case "Prefund":
    case "VirtualPrefund":
      return resigned(message, () => signedPrefund(adversary, message));
    case "SignedState":
      return resigned(message, () => adversary.signState(message.channelId, message.variablePart));
    case "Voucher":
      return promised(adversary, message);
    case "LedgerProposal":
      return proposed(adversary, message);
    case "HeldState":
      return held(adversary, message);
    default:
      return message;
  }
}

function signedPrefund(
  adversary: Adversary,
  { appData, fixedPart, outcome }: MessageOf<"Prefund" | "VirtualPrefund">,
): Signature {
  const variablePart = { outcome, appData, turnNum: TURN.prefund, isFinal: false };
  return adversary.signState(channelIdOf(fixedPart), variablePart);
}

/** Signed for the state that the changes lead to, as far as they lead anywhere. */
function proposed(
  adversary: Adversary,
  message: MessageOf<"LedgerProposal">,
): MessageOf<"LedgerProposal"> {
  const { baseTurnNum, changes, channelId, turnNum } = message;
  const channel = adversary.evidence.channel(channelId);
  const base = channel && stateAt(channel, baseTurnNum)?.variablePart;
  if (channel?.ledger === undefined || base === undefined) return message;
  const changed = applyChanges(channel.ledger.profile, channelId, base.outcome, changes);
  const outcome = changed.ok ? changed.value : base.outcome;
  const signature = adversary.signState(channelId, { ...base, outcome, turnNum });
  return { ...message, signature };
}

function held(adversary: Adversary, message: MessageOf<"HeldState">): MessageOf<"HeldState"> {
  const { channelId, signatures, variablePart } = message;
  const { myIndex = -1 } = adversary.evidence.channel(channelId) ?? {};
  const own = adversary.signState(channelId, variablePart);
  return { ...message, signatures: signatures.map((one, by) => (by === myIndex ? own : one)) };
}
