/** Logs of a virtual channel and of its ledgers, each with one thing that no honest node writes. */
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { Signature } from "../src/crypto/signature.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { type EventOf, type EventType, type Planted, PlantedLog } from "./planted-log.ts";
import { playVirtual } from "./played-channels.ts";

const network = playVirtual([0]);
const logAt = (index: number): PlantedLog => new PlantedLog(network.node(index).log);
const payer = logAt(0);
/** She follows in the first ledger, and leads the second. */
const hub = logAt(1);

const FORGED = `0x${"77".repeat(65)}` as Signature;

const OTHER = `0x${"78".repeat(65)}` as Signature;

const [inFirst, inSecond, inVirtual] = [0, 1, 2].map((count) => ({
  channelId: hub.get("ChannelCreated", count).channelId,
})) as [About, About, About];
type About = { readonly channelId: ChannelId };

const ofFund = { objectiveId: hub.get("CapacityReserved").objectiveId };

const last = assertDefined(
  hub.get("ChannelCreated", 2).fixedPart.participants[2],
  "the last participant",
);

/** Offsets at the hub. */
const agreedInFirst = hub.at("ProposalAgreed", 0, inFirst);
const agreedInSecond = hub.at("ProposalAgreed", 0, inSecond);
const followed = hub.at("ProposalSigned", 0, inFirst);
const led = hub.at("ProposalSigned", 0, inSecond);
const heard = hub.at("ProposalReceived", 0, inFirst);
const removal = hub.get("ProposalAgreed", 1, inFirst);

const refusal = (about: About, by: number): NodeEvent => ({
  type: "ProposalRefused",
  ...about,
  by,
  turnNum: 2,
  code: "NotWhatWasAgreed",
});

/** A step of the second ledger that the hub signs, out of one that she did. */
const step = (change: object): NodeEvent => ({
  ...(hub.events[led] as EventOf<"ProposalSigned">),
  ...change,
});

/** The hub's log with events put in behind an offset. */
const withEvents = (offset: number, ...events: readonly NodeEvent[]): readonly NodeEvent[] =>
  hub.events.toSpliced(offset + 1, 0, ...events);

const open = payer.at("SupportedStateAdvanced", 1, inVirtual);

const voucher = (change: object): NodeEvent =>
  ({
    type: "VoucherIssued",
    ...inVirtual,
    to: 2,
    counter: 1,
    amounts: [5n],
    signature: FORGED,
    counted: undefined,
    ...change,
  }) as NodeEvent;

/** The payer's log with vouchers put in behind an offset. */
const paying = (offset: number, ...vouchers: readonly object[]): readonly NodeEvent[] =>
  payer.events.toSpliced(offset + 1, 0, ...vouchers.map(voucher));

/** The log with another message in place of the one number `count` of a type, from 0. */
function saying(
  log: PlantedLog,
  type: string,
  change: object,
  count: number,
): readonly [number, Log] {
  const offsets = [...log.events.keys()].filter((at) => {
    const event = log.events[at];
    return event?.type === "MessageSent" && event.message.type === type;
  });
  const offset = assertDefined(offsets[count], `${type} number ${count}`);
  const { message } = log.events[offset] as EventOf<"MessageSent">;
  return [offset, log.changed(offset, { message: { ...message, ...change } }).events];
}
type Log = readonly NodeEvent[];

const unrecorded = (log: PlantedLog, type: string, change: object, count = 0): Planted => [
  "UnrecordedSignature",
  ...saying(log, type, change, count),
];

/** The payer's log in which a voucher is issued, and what is sent says something else. */
function tellingOf(change: object): Planted {
  const next = payer.events.findIndex(
    ({ type }, offset) => offset > open && type === "MessageSent",
  );
  const message = { ...voucher({}), type: "Voucher", postfundSignatures: [], ...change };
  const log = payer.changed(next, { message }).events.toSpliced(open + 1, 0, voucher({}));
  return ["UnrecordedSignature", next + 1, log];
}

const changedAt = (offset: number, change: object): Log => hub.changed(offset, change).events;

const use = (side: object): object => {
  const created = hub.get("ChannelCreated", 2);
  return { use: { ...created.use, ...side } };
};

const offsetOf = (type: EventType, count: number, about: object): number =>
  hub.at(type, count, about);

export const VIRTUAL_PLANTS: readonly Planted[] = [
  ["NotALedger", agreedInFirst, changedAt(agreedInFirst, inVirtual)],
  [
    "NotALedger",
    offsetOf("CapacityReserved", 0, {}),
    changedAt(hub.at("CapacityReserved"), inVirtual),
  ],
  ["NotALedger", agreedInSecond, changedAt(hub.at("ChannelCreated", 2), use({ right: undefined }))],
  ["ProposalMisfit", heard, changedAt(heard, { baseTurnNum: 7 })],
  ["ProposalMisfit", heard, changedAt(heard, { baseTurnNum: 2 })],
  [
    "ProposalMisfit",
    heard,
    changedAt(heard, {
      changes: Array(2).fill(hub.get("ProposalReceived", 0, inFirst).changes[0]),
    }),
  ],
  [
    "ProposalMisfit",
    led + 2,
    withEvents(
      led,
      step({ turnNum: 5, baseTurnNum: 2, changes: [] }),
      step({ turnNum: 4, baseTurnNum: 5, changes: [] }),
    ),
  ],
  ["NotAgreed", led - 1, hub.without(agreedInSecond)],
  ["NotAgreed", followed - 1, hub.without(agreedInFirst)],
  [
    "NotAgreed",
    led + 1,
    withEvents(led - 1, { type: "ProposalWithdrawn", ...inSecond, ...ofFund }),
  ],
  ["SignedRefused", followed + 1, withEvents(heard, refusal(inFirst, 1))],
  [
    "SignedRefused",
    led + 2,
    withEvents(led, refusal(inSecond, 1), step({ turnNum: 3, baseTurnNum: 2, changes: [] })),
  ],
  [
    "SignedRefused",
    led + 3,
    withEvents(
      led,
      step({ turnNum: 3, baseTurnNum: 2, changes: [] }),
      refusal(inSecond, 1),
      step({ turnNum: 4, baseTurnNum: 3, changes: [] }),
    ),
  ],
  ["NotTheFollower", heard + 1, withEvents(heard, refusal(inFirst, 0))],
  ["SignedTwice", led + 1, withEvents(led, step({ changes: [] }))],
  [
    "ConflictingState",
    offsetOf("ProposalReceived", 0, inSecond),
    changedAt(hub.at("ProposalReceived", 0, inSecond), { changes: [] }),
  ],
  ["TurnNotIncreased", led + 1, withEvents(led, step({}))],
  ["NotTheMover", followed - 1, hub.without(heard)],
  [
    "SignedUnresynced",
    led + 1,
    withEvents(led - 1, {
      type: "ResyncStarted",
      peer: last,
      missingMax: 1,
    }),
  ],
  [
    "NotReserved",
    offsetOf("StateSigned", 0, inVirtual) - 1,
    hub.without(hub.at("CapacityReserved", 1)),
  ],
  [
    "NotReserved",
    offsetOf("StateSigned", 0, inVirtual) + 1,
    withEvents(hub.at("CapacityReserved", 1), {
      type: "CapacityReleased",
      ...inFirst,
      ...ofFund,
    }),
  ],
  [
    "AgreedTooEarly",
    offsetOf("ObjectiveApproved", 0, ofFund) + 1,
    withEvents(hub.at("ObjectiveApproved", 0, ofFund), hub.get("ProposalAgreed")),
  ],
  [
    "AgreedTooEarly",
    offsetOf("ObjectiveApproved", 0, { objectiveId: removal.objectiveId }) + 1,
    withEvents(hub.at("ObjectiveApproved", 0, { objectiveId: removal.objectiveId }), removal),
  ],
  [
    "GuaranteeMismatch",
    agreedInFirst,
    changedAt(agreedInFirst, {
      proposal: {
        ...hub.get("ProposalAgreed", 0, inFirst).proposal,
        shares: [{ ...assertShares(hub.get("ProposalAgreed", 0, inFirst)), left: 7n }],
      },
    }),
  ],
  [
    "SignedUnapproved",
    offsetOf("ObjectiveCompleted", 0, ofFund) + 1,
    withEvents(hub.at("ObjectiveCompleted", 0, ofFund), hub.get("ProposalAgreed")),
  ],
  [
    "UnknownObjective",
    agreedInFirst,
    changedAt(agreedInFirst, { objectiveId: "VirtualFund-0x12" }),
  ],
  [
    "PostfundTooEarly",
    offsetOf("StateSigned", 1, inVirtual) - 1,
    hub.without(hub.at("SupportedStateAdvanced", 2, inFirst)),
  ],
  [
    "PostfundTooEarly",
    hub.at("StateSigned", 1, inVirtual) + 1,
    withEvents(heard, {
      ...(hub.events[heard] as EventOf<"ProposalReceived">),
      turnNum: 3,
      changes: [],
    }),
  ],
  ["VoucherNotIncreased", open + 2, paying(open, {}, { counter: 2 })],
  ["VoucherNotIncreased", open + 2, paying(open, {}, { amounts: [6n] })],
  [
    "SignedUnresynced",
    open + 2,
    payer.events.toSpliced(
      open + 1,
      0,
      { type: "ResyncStarted", peer: last, missingMax: 1 },
      voucher({}),
    ),
  ],
  ["VoucherUncovered", open + 1, paying(open, { amounts: [7n] })],
  ["VoucherOutOfPlace", open, paying(open - 1, {})],
  ["VoucherOutOfPlace", open + 1, paying(open, { to: 1 })],
  ["VoucherOutOfPlace", open + 1, paying(open, { channelId: inFirst.channelId, to: 1 })],
  [
    "VoucherOutOfPlace",
    payer.at("StateSigned", 2, inVirtual) + 1,
    paying(payer.at("StateSigned", 2, inVirtual), {
      type: "VoucherReceived",
      by: 2,
      amounts: [1n],
    }),
  ],
  [
    "VoucherOutOfPlace",
    payer.at("StateSigned", 2, inVirtual) + 1,
    paying(payer.at("StateSigned", 2, inVirtual), {}),
  ],
  [
    "FinalBelowVouchers",
    payer.at("StateSigned", 2, inVirtual) + 1,
    paying(open, { type: "VoucherReceived", by: 2, amounts: [1n] }),
  ],
  unrecorded(payer, "VirtualPrefund", { signatures: [FORGED] }),
  unrecorded(logAt(2), "CompletePrefund", { signatures: [FORGED, FORGED, FORGED] }),
  unrecorded(hub, "LedgerProposal", { signature: FORGED }),
  unrecorded(hub, "LedgerProposal", { evidence: [[FORGED, FORGED, FORGED]] }),
  unrecorded(hub, "LedgerProposal", { evidence: [[FORGED, FORGED, FORGED]] }, 1),
  unrecorded(hub, "LedgerCountersignature", { signature: FORGED }),
  tellingOf({ signature: OTHER }),
  tellingOf({ counted: { receipt: OTHER } }),
  tellingOf({ postfundSignatures: [OTHER] }),
];

/** The amounts of the only asset of a guarantee. */
function assertShares({ proposal }: EventOf<"ProposalAgreed">): object {
  const [share] = "shares" in proposal ? proposal.shares : [];
  return assertDefined(share, "the only asset");
}
