/** Logs of a direct channel, each with one thing that no honest node writes. */
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { ObjectiveId } from "../src/channel/objective-id.ts";
import type { VariablePart } from "../src/channel/state.ts";
import type { Signature } from "../src/crypto/signature.ts";
import type { NodeEvent } from "../src/events/event.ts";
import type { EffectId } from "../src/protocols/effects.ts";
import { type EventOf, type Planted, PlantedLog } from "./planted-log.ts";
import { playDirect } from "./played-channels.ts";

const told = new PlantedLog(playDirect(2, [0]).node(0).log);

/** The log in which a turn is passed over, and then begun. */
function passed(offset: number): readonly NodeEvent[] {
  const { channelId, variablePart } = told.events[offset] as EventOf<"StateSigned">;
  const passedTurnNum = variablePart.turnNum;
  return told.after(offset - 1, { type: "DoubtSettled", channelId, passedTurnNum });
}

/** A state that nobody signed: the same turn, with other data for the app. */
const other = ({ variablePart }: { readonly variablePart: VariablePart }) => ({
  variablePart: { ...variablePart, appData: "0x01" as const },
});

const FOREIGN = `0x${"99".repeat(32)}` as ChannelId;
const FORGED = `0x${"77".repeat(65)}` as Signature;

/** The log in which this node tells a peer of a state that it has just signed, and of a peer's signature on it. */
function shown(
  ofPeer: Signature | undefined,
  change: (event: EventOf<"StateSigned">) => object = () => ({}),
): readonly NodeEvent[] {
  const offset = told.at("StateSigned");
  const event = told.events[offset] as EventOf<"StateSigned">;
  const { channelId, signature, variablePart } = { ...event, ...change(event) };
  const { to } = told.get("MessageSent");
  const held = { type: "HeldState", channelId, objectiveId: undefined, updatesAsked: 0 } as const;
  const message = { ...held, variablePart, signatures: [signature, ofPeer] };
  const before = told.events.slice(0, offset + 1);
  return [...before, { type: "MessageSent", to, sequence: 1, message }];
}

const lastSigned = told.get("StateSigned", -1);

const { to: peer } = told.get("MessageSent");

const held = (): NodeEvent => ({ type: "ClockHeld", askedMs: 1, heldMs: 2 });

/** A state of this node that a peer gives back. */
const taken = ({
  channelId,
  objectiveId,
  signature,
  variablePart,
}: EventOf<"StateSigned">): NodeEvent => ({
  type: "ChannelResynced",
  channelId,
  objectiveId,
  variablePart,
  signatures: [signature, undefined],
  updatesAsked: 1,
});

/** A log that breaks one rule, the code for it, and the offset that must be named. */
export const DIRECT_PLANTS: readonly Planted[] = [
  ["UnknownChannel", 0, told.without(told.at("ChannelCreated"))],
  ["ChannelTwice", 1, told.repeated("ChannelCreated")],
  [
    "ChannelIdMismatch",
    0,
    told.altered("ChannelCreated", 0, ({ fixedPart }) => ({
      fixedPart: { ...fixedPart, channelNonce: 77n },
    })),
  ],
  ["NotAParticipant", 0, told.altered("ChannelCreated", 0, () => ({ myIndex: 2 }))],
  [
    "NotAParticipant",
    told.at("StateReceived"),
    told.altered("StateReceived", 0, () => ({ by: 2 })),
  ],
  [
    "NotAParticipant",
    told.at("StateReceived"),
    told.altered("StateReceived", 0, () => ({ by: 0 })),
  ],
  [
    "SignedTwice",
    told.at("StateSigned", 2) + 1,
    told.after(told.at("StateSigned", 2), {
      ...told.get("StateSigned", 2),
      ...other(told.get("StateSigned", 2)),
    }),
  ],
  [
    "PeerSignedTwice",
    told.at("StateReceived", 2) + 1,
    told.after(told.at("StateReceived", 2), {
      ...told.get("StateReceived", 2),
      ...other(told.get("StateReceived", 2)),
    }),
  ],
  ["ConflictingState", told.at("StateReceived", 2), told.altered("StateReceived", 2, other)],
  ["TurnNotIncreased", told.at("StateSigned", 2) + 1, told.repeated("StateSigned", 2)],
  [
    "TurnNotIncreased",
    told.at("StateSigned", 3) + 1,
    told.after(told.at("StateSigned", 3), told.get("StateSigned", 2)),
  ],
  [
    "SignedAfterFinal",
    told.events.length,
    told.atEnd({ variablePart: { ...lastSigned.variablePart, turnNum: 6 } }, "StateSigned"),
  ],
  [
    "PeerSignedAfterFinal",
    told.events.length,
    told.atEnd({ variablePart: { ...lastSigned.variablePart, turnNum: 7 } }, "StateReceived"),
  ],
  [
    "NotTheMover",
    told.at("StateSigned", 2),
    told.altered("StateSigned", 2, ({ variablePart }) => ({
      variablePart: { ...variablePart, turnNum: 3 },
    })),
  ],
  ["NotTheOpeningState", told.at("StateSigned"), told.altered("StateSigned", 0, other)],
  ["StateBelowSupported", told.events.length, [...told.events, told.get("StateReceived", 2)]],
  ["SignatureTwice", told.at("StateReceived", 2) + 1, told.repeated("StateReceived", 2)],
  ["SignedUnapproved", told.at("StateSigned") - 1, told.without(told.at("ObjectiveApproved"))],
  [
    "NotSupported",
    told.at("SupportedStateAdvanced", 1) - 1,
    told.without(told.at("StateReceived", 1)),
  ],
  [
    "SupportedTurnNotIncreased",
    told.at("SupportedStateAdvanced", 1) + 1,
    told.repeated("SupportedStateAdvanced", 1),
  ],
  [
    "NotFinal",
    told.at("ChannelFinalized"),
    told.altered("ChannelFinalized", 0, () => ({ turnNum: 3 })),
  ],
  ["UnknownObjective", told.at("ObjectiveCreated"), told.without(told.at("ObjectiveCreated"))],
  [
    "UnknownObjective",
    told.at("ObjectiveCompleted"),
    told.altered("ObjectiveCompleted", 0, () => ({ objectiveId: "Update-7" as ObjectiveId })),
  ],
  ["ObjectiveTwice", told.at("ObjectiveCreated") + 1, told.repeated("ObjectiveCreated")],
  [
    "ObjectiveIdMismatch",
    told.at("ObjectiveCreated"),
    told.altered("ObjectiveCreated", 0, () => ({ goal: { type: "DirectDefund" } })),
  ],
  ["ObjectiveOutOfOrder", told.at("ObjectiveApproved") + 1, told.repeated("ObjectiveApproved")],
  ["ObjectiveOutOfOrder", told.at("ObjectiveCompleted") + 1, told.repeated("ObjectiveCompleted")],
  [
    "UnknownTransaction",
    told.at("TransactionSubmitted") - 1,
    told.without(told.at("TransactionRequested")),
  ],
  ["TransactionTwice", told.at("TransactionRequested") + 1, told.repeated("TransactionRequested")],
  [
    "TransactionOutOfOrder",
    told.at("TransactionConfirmed") + 1,
    told.repeated("TransactionConfirmed"),
  ],
  [
    "TransactionOutOfOrder",
    told.at("TransactionConfirmed") - 1,
    told.without(told.at("TransactionSubmitted")),
  ],
  [
    "NonceNotIncreased",
    told.at("TransactionSubmitted", 1),
    told.altered("TransactionSubmitted", 1, () => ({ nonce: 0 })),
  ],
  [
    "TransactionHashMismatch",
    told.at("TransactionSubmitted"),
    told.altered("TransactionSubmitted", 0, () => ({ raw: "0x02" })),
  ],
  [
    "DepositTooEarly",
    told.at("ObjectiveApproved") + 1,
    told.after(told.at("ObjectiveApproved"), {
      ...told.get("TransactionRequested"),
      effectId: "early" as EffectId,
    }),
  ],
  [
    "ConcludedTooEarly",
    told.at("TransactionRequested", 1),
    told.altered("TransactionRequested", 1, ({ call }) => ({
      call: { ...call, ...other(call as never) } as typeof call,
    })),
  ],
  [
    "UnrecordedSignature",
    told.at("TransactionRequested", 1),
    told.altered("TransactionRequested", 1, ({ call }) => ({
      call: { ...call, signatures: [FORGED, FORGED] } as typeof call,
    })),
  ],
  [
    "UnrecordedSignature",
    told.at("MessageSent"),
    told.altered("MessageSent", 0, ({ message }) => ({
      message: { ...message, signature: FORGED } as typeof message,
    })),
  ],
  ["UnrecordedSignature", told.at("MessageSent") - 1, told.without(told.at("StateSigned"))],
  ["UnrecordedSignature", told.at("StateSigned") + 1, shown(FORGED)],
  ["UnrecordedSignature", told.at("StateSigned") + 1, shown(undefined, other)],
  [
    "SequenceGap",
    told.at("MessageSent", 1),
    told.altered("MessageSent", 1, () => ({ sequence: 3 })),
  ],
  ["SequenceNotIncreased", told.at("MessageReceived") + 1, told.repeated("MessageReceived")],
  [
    "AcknowledgedUnsent",
    told.at("MessageAcked"),
    told.altered("MessageAcked", 0, () => ({ upTo: 99 })),
  ],
  ["AcknowledgedTwice", told.at("MessageAcked") + 1, told.repeated("MessageAcked")],
  ["ChainWentBack", told.at("DepositDetected") + 1, told.repeated("DepositDetected")],
  [
    "SignedUnresynced",
    told.at("StateSigned", 2) + 1,
    told.after(told.at("StateSigned", 2) - 1, { type: "ResyncStarted", peer, missingMax: 1 }),
  ],
  [
    "SequenceNotIncreased",
    told.events.length,
    [...told.events, { type: "PeerResynced", peer, lastSent: 1, lastReceived: 1 }],
  ],
  ["TurnNotIncreased", told.at("StateSigned", 2) + 1, passed(told.at("StateSigned", 2))],
  [
    "SignedAfterFinal",
    told.events.length + 1,
    // What a peer gives back counts as signed, though the log had lost it.
    [
      ...told.events.slice(0, told.at("StateSigned", -1)),
      ...Array.from({ length: told.events.length - told.at("StateSigned", -1) }, held),
      taken(lastSigned),
      { ...lastSigned, variablePart: { ...lastSigned.variablePart, turnNum: 6, isFinal: false } },
    ],
  ],
  [
    "UnknownChannel",
    told.at("DepositDetected"),
    told.altered("DepositDetected", 0, () => ({ channelId: FOREIGN })),
  ],
];
