/** The causal rules of channels: who may sign what, and when a state counts as supported. */
import type { ChannelEvent } from "../channel/channel.ts";
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import { isInTurns } from "../channel/channel-use.ts";
import { encodeState, TURN, type VariablePart } from "../channel/state.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { type BrokenRule, broken } from "./broken-rule.ts";
import type {
  Broken,
  ChannelHistory,
  History,
  KnownState,
  LedgerHistory,
} from "./causal-history.ts";

type Signing = ChannelEvent & { readonly type: "StateSigned" | "StateReceived" };

type SignedPart = Pick<Signing, "channelId" | "signature" | "variablePart">;

/** Learns a channel. */
export function learnChannel(
  { channels }: History,
  created: ChannelEvent & { readonly type: "ChannelCreated" },
): Broken {
  const { channelId, fixedPart, myIndex, use } = created;
  if (channels.has(channelId)) return broken("ChannelTwice", `${channelId} is created again`);
  channels.set(channelId, {
    created,
    states: new Map(),
    supportedTurn: undefined,
    passedTurn: -1,
    passedCounter: -1,
    lastSigned: new Map(),
    vouchers: new Map(),
    settledUpdates: new Map(),
    ledger: use.type === "Ledger" ? newLedger(use.profile) : undefined,
    stopped: new Set(),
    isDisputed: false,
    challenges: [],
  });
  const hashed = channelIdOf(fixedPart);
  if (hashed !== channelId) {
    return broken("ChannelIdMismatch", `${channelId} has the fixed part of ${hashed}`);
  }
  const isIn = myIndex < fixedPart.participants.length;
  return isIn ? [] : broken("NotAParticipant", `participant ${myIndex} of ${channelId} is nobody`);
}

function newLedger(profile: LedgerHistory["profile"]): LedgerHistory {
  const nothing = { agreed: new Map(), reserved: new Set<never>(), waiting: new Map() };
  return { profile, ...nothing, successor: undefined };
}

/** Learns a signature, mine or a peer's. */
export function learnSignature(history: History, event: Signing): Broken {
  const channel = history.channels.get(event.channelId);
  if (channel === undefined) return unknownChannel(event.channelId);
  return learnStateSignature(channel, event, event.type === "StateSigned" ? "Me" : event.by);
}

/** Learns a signature on a state of a channel: this node's, or that of a peer by participant number. */
export function learnStateSignature(
  channel: ChannelHistory,
  state: SignedPart,
  signer: "Me" | number,
): Broken {
  const { fixedPart, myIndex } = channel.created;
  const isMine = signer === "Me";
  const by = isMine ? myIndex : signer;
  if (by >= fixedPart.participants.length || (!isMine && by === myIndex)) {
    return broken("NotAParticipant", `participant ${by} of ${state.channelId} cannot have signed`);
  }
  const rules = [
    ...brokenByContent(channel, state, by),
    ...(isMine ? brokenByMe(channel, state.variablePart) : brokenByPeer(channel, state, by)),
    ...brokenByTurn(channel, state.variablePart, by),
  ];
  addSignature(channel, state, by);
  return rules;
}

/** Learns that everybody signed a turn. */
export function learnSupport(
  history: History,
  { channelId, turnNum }: ChannelEvent & { readonly type: "SupportedStateAdvanced" },
): Broken {
  const channel = history.channels.get(channelId);
  if (channel === undefined) return unknownChannel(channelId);
  const before = channel.supportedTurn ?? -1;
  const count = channel.created.fixedPart.participants.length;
  const signatures = channel.states.get(turnNum)?.signatures ?? [];
  const missing = count - signatures.filter((signature) => signature !== undefined).length;
  if (turnNum <= before) {
    return broken(
      "SupportedTurnNotIncreased",
      `turn ${turnNum} of ${channelId} counts as supported after turn ${before}`,
    );
  }
  channel.supportedTurn = turnNum;
  for (const turn of channel.states.keys()) {
    if (turn < turnNum && !isKept(channel, turn)) channel.states.delete(turn);
  }
  if (missing === 0) return [];
  const text = `turn ${turnNum} of ${channelId} counts as supported, and ${missing} of ${count} signatures are missing`;
  return broken("NotSupported", text);
}

/** Learns that a channel can be concluded. */
export function learnFinal(
  history: History,
  { channelId, turnNum }: ChannelEvent & { readonly type: "ChannelFinalized" },
): Broken {
  const channel = history.channels.get(channelId);
  if (channel === undefined) return unknownChannel(channelId);
  const isFinal = channel.states.get(turnNum)?.variablePart.isFinal === true;
  if (isFinal && channel.supportedTurn === turnNum) return [];
  return broken("NotFinal", `turn ${turnNum} of ${channelId} is not both final and supported`);
}

/** What is said of a channel that was never created. */
export function unknownChannel(channelId: ChannelId): readonly [BrokenRule] {
  return broken("UnknownChannel", `${channelId} was not created before`);
}

function brokenByContent(
  channel: ChannelHistory,
  { channelId, variablePart }: SignedPart,
  by: number,
): Broken {
  const { turnNum } = variablePart;
  const known = channel.states.get(turnNum);
  if (known === undefined || isSame(known, encodeState(channelId, variablePart))) return [];
  const about = `turn ${turnNum} of ${channelId}`;
  if (known.signatures[by] === undefined) {
    return broken("ConflictingState", `${about} was signed as another state before`);
  }
  const code = by === channel.created.myIndex ? "SignedTwice" : "PeerSignedTwice";
  return broken(code, `participant ${by} signed two different states for ${about}`);
}

function brokenByMe(channel: ChannelHistory, { turnNum }: VariablePart): Broken {
  const { channelId, myIndex } = channel.created;
  const last = channel.lastSigned.get(myIndex);
  if (last === undefined) return [];
  if (last.isFinal) {
    const text = `turn ${turnNum} of ${channelId} is signed after the final state of turn ${last.turnNum}`;
    return broken("SignedAfterFinal", text);
  }
  if (turnNum > last.turnNum) return [];
  const text = `turn ${turnNum} of ${channelId} is signed after turn ${last.turnNum}`;
  return broken("TurnNotIncreased", text);
}

function brokenByPeer(
  channel: ChannelHistory,
  { channelId, variablePart: { turnNum } }: SignedPart,
  by: number,
): Broken {
  const last = channel.lastSigned.get(by);
  const about = `participant ${by}'s signature on turn ${turnNum} of ${channelId}`;
  if (last?.isFinal && turnNum > last.turnNum) {
    const text = `${about} comes after the final state of turn ${last.turnNum}`;
    return broken("PeerSignedAfterFinal", text);
  }
  // Whether a virtual channel ever was open decides about fees, also behind its end.
  const isOpening = channel.created.use.type === "Virtual" && turnNum <= TURN.postfund;
  if (!isOpening && turnNum < (channel.supportedTurn ?? -1)) {
    const text = `${about} is below the supported turn ${channel.supportedTurn}`;
    return broken("StateBelowSupported", text);
  }
  const isKnown = channel.states.get(turnNum)?.signatures[by] !== undefined;
  return isKnown ? broken("SignatureTwice", `${about} was known before`) : [];
}

/** The opening is fixed when the channel is created; every later turn belongs to its mover. */
function brokenByTurn(channel: ChannelHistory, variablePart: VariablePart, by: number): Broken {
  const { appData, channelId, fixedPart, outcome, use } = channel.created;
  const { turnNum } = variablePart;
  if (turnNum <= TURN.postfund) {
    const opening = encodeState(channelId, { outcome, appData, turnNum, isFinal: false });
    if (equalBytes(opening, encodeState(channelId, variablePart))) return [];
    const text = `turn ${turnNum} of ${channelId} is not the state that the channel was created with`;
    return broken("NotTheOpeningState", text);
  }
  const mover = isInTurns(use) ? turnNum % fixedPart.participants.length : 0;
  // Below the supported turn nothing is remembered, and another rule has spoken.
  const isFirst = !channel.states.has(turnNum) && turnNum > (channel.supportedTurn ?? -1);
  if (!isFirst || mover === by) return [];
  const text = `participant ${by} signs turn ${turnNum} of ${channelId} first, which participant ${mover} begins`;
  return broken("NotTheMover", text);
}

function isSame(known: KnownState, encoded: Uint8Array): boolean {
  return equalBytes(known.encoded, encoded);
}

/** Remembers a signature, and the state that it is on. */
/** What a virtual channel opens with is told for as long as the channel lasts, and may be signed behind its end. */
function isKept({ created }: ChannelHistory, turnNum: number): boolean {
  return created.use.type === "Virtual" && turnNum <= TURN.postfund;
}

function addSignature(
  channel: ChannelHistory,
  { channelId, signature, variablePart }: SignedPart,
  by: number,
): void {
  const { isFinal, turnNum } = variablePart;
  const last = channel.lastSigned.get(by);
  if (last === undefined || turnNum > last.turnNum)
    channel.lastSigned.set(by, { turnNum, isFinal });
  if (turnNum < (channel.supportedTurn ?? -1) && !isKept(channel, turnNum)) return;
  const encoded = encodeState(channelId, variablePart);
  const known = channel.states.get(turnNum) ?? { variablePart, encoded, signatures: [] };
  // The state that was known first stays: what follows is measured against it.
  if (isSame(known, encoded)) known.signatures[by] ??= signature;
  channel.states.set(turnNum, known);
}
