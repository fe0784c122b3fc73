/** The causal rules are true of every honest log, and each of them finds what breaks it. */
import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { adversarial, invariant, property } from "../../test/kind.ts";
import { APP, PureNetwork } from "../../test/pure-network.ts";
import { type Channel, phaseOf } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { externalDestination } from "../channel/destination.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { VariablePart } from "../channel/state.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import type { NodeEvent } from "../events/event.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { EffectId } from "../protocols/effects.ts";
import type { RuleCode } from "./broken-rule.ts";
import { createHistory } from "./causal-history.ts";
import { learnEvent } from "./causal-rules.ts";

/** Codes of what a log breaks, with their offsets, in order. */
function brokenIn(log: readonly NodeEvent[]): readonly (readonly [number, RuleCode])[] {
  const history = createHistory();
  return log.flatMap((event, offset) =>
    learnEvent(history, event).map(({ code }) => [offset, code] as const),
  );
}

/** Opens a channel, pays in turns, and closes it, in the order of `choices`. */
function play(size: number, choices: readonly number[]): PureNetwork {
  const network = new PureNetwork(size);
  const participants = network.nodes.map(({ rules }) => rules.me);
  const allocations = participants.map((participant) => ({
    destination: externalDestination(participant),
    amount: 5n,
    allocationType: 0,
    metadata: "0x" as const,
  }));
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  network.ask(0, {
    type: "FundDirectly",
    participants,
    outcome: [{ asset: ZERO_ADDRESS, assetMetadata, allocations }],
    appDefinition: APP,
    appData: "0x",
    challengeDurationSec: 86_400,
  });
  let step = 0;
  const rest = (): void => {
    while (network.act(choices[step % choices.length] ?? 0)) step += 1;
  };
  rest();
  const { id } = runningChannel(network);
  for (let payer = 0; payer < size; payer++) {
    const change = {
      type: "Pay",
      asset: ZERO_ADDRESS,
      to: (payer + 1) % size,
      amount: 1n,
    } as const;
    network.ask(payer, { type: "UpdateChannel", channelId: id, change });
  }
  rest();
  network.ask(size - 1, { type: "DefundDirectly", channelId: id });
  rest();
  return network;
}

function runningChannel(network: PureNetwork): Channel {
  const channel = assertDefined(network.channelOf(0), "the channel");
  expect(phaseOf(channel)).toBe("Running");
  return channel;
}

const honest: readonly NodeEvent[] = play(2, [0]).node(0).log;

type Type = NodeEvent["type"];
type EventOf<Name extends Type> = Extract<NodeEvent, { readonly type: Name }>;

/** The offset of the event number `count` (from 0; -1 is the last) of a type. */
function at(type: Type, count = 0): number {
  const offsets = [...honest.keys()].filter((offset) => honest[offset]?.type === type);
  return assertDefined(offsets.at(count), `${type} number ${count}`);
}

function changed<Name extends Type>(
  type: Name,
  count: number,
  change: (event: EventOf<Name>) => Partial<EventOf<Name>>,
): readonly NodeEvent[] {
  const offset = at(type, count);
  const event = honest[offset] as EventOf<Name>;
  return honest.with(offset, { ...event, ...change(event) });
}

const without = (offset: number): readonly NodeEvent[] => honest.toSpliced(offset, 1);

const after = (offset: number, event: NodeEvent | undefined): readonly NodeEvent[] =>
  honest.toSpliced(offset + 1, 0, assertDefined(event, "an event"));

const repeated = (type: Type, count = 0): readonly NodeEvent[] =>
  after(at(type, count), honest[at(type, count)]);

/** The log in which a turn is passed over, and then begun. */
function passed(offset: number): readonly NodeEvent[] {
  const { channelId, variablePart } = honest[offset] as EventOf<"StateSigned">;
  const passedTurnNum = variablePart.turnNum;
  return after(offset - 1, { type: "DoubtSettled", channelId, passedTurnNum });
}

/** A state that nobody signed: the same turn, with other data for the app. */
const other = ({ variablePart }: { readonly variablePart: VariablePart }) => ({
  variablePart: { ...variablePart, appData: "0x01" as const },
});

const FOREIGN = `0x${"99".repeat(32)}` as ChannelId;
const FORGED = `0x${"77".repeat(65)}` as Signature;

/** The log in which this node tells a peer of a state that it has just signed, and of a peer's signature on it. */
function told(
  ofPeer: Signature | undefined,
  change: (event: EventOf<"StateSigned">) => object = () => ({}),
): readonly NodeEvent[] {
  const offset = at("StateSigned");
  const event = honest[offset] as EventOf<"StateSigned">;
  const { channelId, signature, variablePart } = { ...event, ...change(event) };
  const { to } = honest[at("MessageSent")] as EventOf<"MessageSent">;
  const held = { type: "HeldState", channelId, objectiveId: undefined, updatesAsked: 0 } as const;
  const message = { ...held, variablePart, signatures: [signature, ofPeer] };
  const before = honest.slice(0, offset + 1);
  return [...before, { type: "MessageSent", to, sequence: 1, message }];
}

/** Moves the last event of a type to the end of the log, after what it must come before. */
const atEnd = (event: Partial<NodeEvent>, from: Type): readonly NodeEvent[] => [
  ...honest,
  { ...honest[at(from, -1)], ...event } as NodeEvent,
];

const lastSigned = honest[at("StateSigned", -1)] as EventOf<"StateSigned">;
const voucher: EventOf<"VoucherIssued"> = {
  type: "VoucherIssued",
  channelId: lastSigned.channelId,
  to: 1,
  counter: 1,
  amounts: [5n],
  signature: FORGED,
  counted: undefined,
};

const { to: peer } = honest[at("MessageSent")] as EventOf<"MessageSent">;

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
const PLANTED: readonly (readonly [RuleCode, number, readonly NodeEvent[]])[] = [
  ["UnknownChannel", 0, without(at("ChannelCreated"))],
  ["ChannelTwice", 1, repeated("ChannelCreated")],
  [
    "ChannelIdMismatch",
    0,
    changed("ChannelCreated", 0, ({ fixedPart }) => ({
      fixedPart: { ...fixedPart, channelNonce: 77n },
    })),
  ],
  ["NotAParticipant", 0, changed("ChannelCreated", 0, () => ({ myIndex: 2 }))],
  ["NotAParticipant", at("StateReceived"), changed("StateReceived", 0, () => ({ by: 2 }))],
  ["NotAParticipant", at("StateReceived"), changed("StateReceived", 0, () => ({ by: 0 }))],
  [
    "SignedTwice",
    at("StateSigned", 2) + 1,
    after(at("StateSigned", 2), {
      ...(honest[at("StateSigned", 2)] as EventOf<"StateSigned">),
      ...other(honest[at("StateSigned", 2)] as EventOf<"StateSigned">),
    }),
  ],
  [
    "PeerSignedTwice",
    at("StateReceived", 2) + 1,
    after(at("StateReceived", 2), {
      ...(honest[at("StateReceived", 2)] as EventOf<"StateReceived">),
      ...other(honest[at("StateReceived", 2)] as EventOf<"StateReceived">),
    }),
  ],
  ["ConflictingState", at("StateReceived", 2), changed("StateReceived", 2, other)],
  ["TurnNotIncreased", at("StateSigned", 2) + 1, repeated("StateSigned", 2)],
  [
    "TurnNotIncreased",
    at("StateSigned", 3) + 1,
    after(at("StateSigned", 3), honest[at("StateSigned", 2)]),
  ],
  [
    "SignedAfterFinal",
    honest.length,
    atEnd({ variablePart: { ...lastSigned.variablePart, turnNum: 6 } }, "StateSigned"),
  ],
  [
    "PeerSignedAfterFinal",
    honest.length,
    atEnd({ variablePart: { ...lastSigned.variablePart, turnNum: 7 } }, "StateReceived"),
  ],
  [
    "NotTheMover",
    at("StateSigned", 2),
    changed("StateSigned", 2, ({ variablePart }) => ({
      variablePart: { ...variablePart, turnNum: 3 },
    })),
  ],
  ["NotTheOpeningState", at("StateSigned"), changed("StateSigned", 0, other)],
  ["StateBelowSupported", honest.length, [...honest, honest[at("StateReceived", 2)] as NodeEvent]],
  ["SignatureTwice", at("StateReceived", 2) + 1, repeated("StateReceived", 2)],
  ["SignedUnapproved", at("StateSigned") - 1, without(at("ObjectiveApproved"))],
  ["NotSupported", at("SupportedStateAdvanced", 1) - 1, without(at("StateReceived", 1))],
  [
    "SupportedTurnNotIncreased",
    at("SupportedStateAdvanced", 1) + 1,
    repeated("SupportedStateAdvanced", 1),
  ],
  ["NotFinal", at("ChannelFinalized"), changed("ChannelFinalized", 0, () => ({ turnNum: 3 }))],
  ["VoucherNotIncreased", honest.length + 1, [...honest, voucher, { ...voucher, amounts: [5n] }]],
  ["UnknownObjective", at("ObjectiveCreated"), without(at("ObjectiveCreated"))],
  [
    "UnknownObjective",
    at("ObjectiveCompleted"),
    changed("ObjectiveCompleted", 0, () => ({ objectiveId: "Update-7" as ObjectiveId })),
  ],
  ["ObjectiveTwice", at("ObjectiveCreated") + 1, repeated("ObjectiveCreated")],
  [
    "ObjectiveIdMismatch",
    at("ObjectiveCreated"),
    changed("ObjectiveCreated", 0, () => ({ goal: { type: "DirectDefund" } })),
  ],
  ["ObjectiveOutOfOrder", at("ObjectiveApproved") + 1, repeated("ObjectiveApproved")],
  ["ObjectiveOutOfOrder", at("ObjectiveCompleted") + 1, repeated("ObjectiveCompleted")],
  ["UnknownTransaction", at("TransactionSubmitted") - 1, without(at("TransactionRequested"))],
  ["TransactionTwice", at("TransactionRequested") + 1, repeated("TransactionRequested")],
  ["TransactionOutOfOrder", at("TransactionConfirmed") + 1, repeated("TransactionConfirmed")],
  ["TransactionOutOfOrder", at("TransactionConfirmed") - 1, without(at("TransactionSubmitted"))],
  [
    "NonceNotIncreased",
    at("TransactionSubmitted", 1),
    changed("TransactionSubmitted", 1, () => ({ nonce: 0 })),
  ],
  [
    "TransactionHashMismatch",
    at("TransactionSubmitted"),
    changed("TransactionSubmitted", 0, () => ({ raw: "0x02" })),
  ],
  [
    "DepositTooEarly",
    at("ObjectiveApproved") + 1,
    after(at("ObjectiveApproved"), {
      ...(honest[at("TransactionRequested")] as EventOf<"TransactionRequested">),
      effectId: "early" as EffectId,
    }),
  ],
  [
    "ConcludedTooEarly",
    at("TransactionRequested", 1),
    changed("TransactionRequested", 1, ({ call }) => ({
      call: { ...call, ...other(call as never) } as typeof call,
    })),
  ],
  [
    "UnrecordedSignature",
    at("TransactionRequested", 1),
    changed("TransactionRequested", 1, ({ call }) => ({
      call: { ...call, signatures: [FORGED, FORGED] } as typeof call,
    })),
  ],
  [
    "UnrecordedSignature",
    at("MessageSent"),
    changed("MessageSent", 0, ({ message }) => ({
      message: { ...message, signature: FORGED } as typeof message,
    })),
  ],
  ["UnrecordedSignature", at("MessageSent") - 1, without(at("StateSigned"))],
  ["UnrecordedSignature", at("StateSigned") + 1, told(FORGED)],
  ["UnrecordedSignature", at("StateSigned") + 1, told(undefined, other)],
  ["SequenceGap", at("MessageSent", 1), changed("MessageSent", 1, () => ({ sequence: 3 }))],
  ["SequenceNotIncreased", at("MessageReceived") + 1, repeated("MessageReceived")],
  ["AcknowledgedUnsent", at("MessageAcked"), changed("MessageAcked", 0, () => ({ upTo: 99 }))],
  ["AcknowledgedTwice", at("MessageAcked") + 1, repeated("MessageAcked")],
  ["ChainWentBack", at("DepositDetected") + 1, repeated("DepositDetected")],
  [
    "SignedUnresynced",
    at("StateSigned", 2) + 1,
    after(at("StateSigned", 2) - 1, { type: "ResyncStarted", peer, missingMax: 1 }),
  ],
  [
    "SequenceNotIncreased",
    honest.length,
    [...honest, { type: "PeerResynced", peer, lastSent: 1, lastReceived: 1 }],
  ],
  ["TurnNotIncreased", at("StateSigned", 2) + 1, passed(at("StateSigned", 2))],
  [
    "SignedAfterFinal",
    honest.length + 1,
    // What a peer gives back counts as signed, though the log had lost it.
    [
      ...honest.slice(0, at("StateSigned", -1)),
      ...Array.from({ length: honest.length - at("StateSigned", -1) }, held),
      taken(lastSigned),
      { ...lastSigned, variablePart: { ...lastSigned.variablePart, turnNum: 6, isFinal: false } },
    ],
  ],
  [
    "UnknownChannel",
    at("DepositDetected"),
    changed("DepositDetected", 0, () => ({ channelId: FOREIGN })),
  ],
];

describe("honest logs", () => {
  property("break no rule, whatever the order of things, with two, three and five", () => {
    const choices = fc.array(fc.nat(60), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.constantFrom(2, 3, 5), choices, (size, order) => {
        for (const { log } of play(size, order).nodes) expect(brokenIn(log)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  invariant("break no rule when they are cut anywhere", () => {
    for (const length of honest.keys()) expect(brokenIn(honest.slice(0, length))).toEqual([]);
  });
});

describe("learnEvent", () => {
  for (const [index, [code, offset, log]] of PLANTED.entries()) {
    adversarial(`names the offset where ${code} is planted (case ${index})`, () => {
      expect(brokenIn(log)[0]).toEqual([offset, code]);
    });
  }

  invariant("has no rule that is not planted here", () => {
    const source = readFileSync(join(import.meta.dir, "broken-rule.ts"), "utf8");
    const codes = [...source.matchAll(/^ {2}\| "(\w+)"/gm)].map(([, code]) => code);

    expect(codes.length).toBeGreaterThan(30);
    expect(codes.toSorted()).toEqual([...new Set(PLANTED.map(([code]) => code))].toSorted());
  });

  adversarial("goes on after a broken rule, and finds the next", () => {
    const twice = after(at("DepositDetected"), honest[at("DepositDetected")]);
    const both = [...twice, assertDefined(honest[at("MessageReceived")], "a message")];

    expect(brokenIn(both)).toEqual([
      [at("DepositDetected") + 1, "ChainWentBack"],
      [both.length - 1, "SequenceNotIncreased"],
    ]);
  });
});
