/** The causal rules are true of every honest log, and each of them finds what breaks it. */
import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { adversarial, invariant, property } from "../../test/kind.ts";
import { DIRECT_PLANTS } from "../../test/planted-direct.ts";
import { DISPUTE_PLANTS, EXPIRED_IN_TIME } from "../../test/planted-dispute.ts";
import { PlantedLog } from "../../test/planted-log.ts";
import { VIRTUAL_PLANTS } from "../../test/planted-virtual.ts";
import { playDirect, playVirtual } from "../../test/played-channels.ts";
import { TURN } from "../channel/state.ts";
import type { NodeEvent } from "../events/event.ts";
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

const PLANTED = [...DIRECT_PLANTS, ...VIRTUAL_PLANTS, ...DISPUTE_PLANTS];

/** Two seconds on an idle machine, more on a busy one. */
const TIMEOUT_MS = 30_000;

const orders = fc.array(fc.nat(60), { minLength: 1, maxLength: 200 });

describe("honest logs", () => {
  invariant("may call a challenge final from the very second at which it is", () => {
    expect(brokenIn(EXPIRED_IN_TIME)).toEqual([]);
  });

  property(
    "break no rule, whatever the order of things, with two, three and five",
    () => {
      fc.assert(
        fc.property(fc.constantFrom(2, 3, 5), orders, (size, order) => {
          for (const { log } of playDirect(size, order).nodes) expect(brokenIn(log)).toEqual([]);
        }),
        { numRuns: 25 },
      );
    },
    TIMEOUT_MS,
  );

  property(
    "break no rule in ledger and virtual channels, whatever the order of things",
    () => {
      fc.assert(
        fc.property(orders, (order) => {
          const { nodes } = playVirtual(order, [2n, 5n, 3n, 1n]);
          for (const { log } of nodes) expect(brokenIn(log)).toEqual([]);
          expect(nodes[0]?.log.filter(({ type }) => type === "VoucherReceived").length).toBe(2);
        }),
        { numRuns: 25 },
      );
    },
    TIMEOUT_MS,
  );

  invariant("break no rule when they are cut anywhere", () => {
    const logs = [playDirect(2, [0]).node(0).log, playVirtual([0]).node(1).log];
    for (const log of logs) {
      for (const length of log.keys()) expect(brokenIn(log.slice(0, length))).toEqual([]);
    }
  });

  invariant("may tell old blocks again of a channel that was lost, or may have been", () => {
    const log = new PlantedLog(playDirect(2, [0]).node(0).log);
    const { channelId } = log.get("ChannelCreated");
    const offset = log.at("DepositDetected");
    const repeated = log.repeated("DepositDetected");
    const doubted = { type: "ChannelDoubted", channelId, missingMax: 1 } as NodeEvent;

    expect(brokenIn(repeated)).toEqual([[offset + 1, "ChainWentBack"]]);
    expect(brokenIn(repeated.toSpliced(offset + 1, 0, doubted))).toEqual([]);
  });

  invariant("tell of the opening of a virtual channel as often as they like", () => {
    const { log } = playVirtual([0]).node(2);
    const sent = log.filter((event) => event.type === "MessageSent");
    const opening = sent.find(({ message }) => message.type === "CompletePrefund");
    const again = sent.filter(({ to }) => to === opening?.to).length + 1;

    expect(brokenIn([...log, { ...opening, sequence: again } as NodeEvent])).toEqual([]);
  });

  invariant("may hear of a skipped ledger state once more that a shown one has overtaken", () => {
    const log = new PlantedLog(playVirtual([0]).node(1).log);
    const { channelId } = log.get("ChannelCreated", 0, { myIndex: 0 });
    const removal = log.get("ProposalSigned", -1, { channelId });
    const { turnNum } = removal;
    const about = { channelId, turnNum };
    const received = log.get("ProposalReceived", -1, about);
    const supported = log.get("SupportedStateAdvanced", -1, about);
    const later = (event: NodeEvent): NodeEvent =>
      ({ ...event, turnNum: turnNum + 1 }) as NodeEvent;
    const skipped = new PlantedLog(
      log.events.toSpliced(log.at("ProposalSigned", -1, { channelId }) + 1, 0, later(removal)),
    );
    const at = skipped.at("SupportedStateAdvanced", -1, about) + 1;
    const told = skipped.events.toSpliced(at, 0, later(received), later(supported));

    expect(received.by).toBe(1);
    expect(brokenIn(told.slice(0, at + 2))).toEqual([]);
    const misfit = { ...later(received), baseTurnNum: turnNum + 1 } as NodeEvent;
    expect(brokenIn(told.slice(0, at + 1).with(at, misfit))).toEqual([[at, "ProposalMisfit"]]);
  });

  invariant("may tell a signature on the opening that came behind the end of its channel", () => {
    const { log } = playVirtual([0]).node(1);
    const late = log.findLastIndex(
      (event) =>
        event.type === "StateReceived" &&
        event.variablePart.turnNum === TURN.postfund &&
        event.by === 2,
    );
    const [received] = log.slice(late);
    const sent = log.findLast((event) => event.type === "MessageSent");
    if (received?.type !== "StateReceived" || sent === undefined) throw new Error("a postfund");
    const { channelId, signature, variablePart } = received;
    const end = log.findIndex(
      (event) => event.type === "ChannelFinalized" && event.channelId === channelId,
    );
    const signatures = [undefined, undefined, signature];
    const held = {
      type: "HeldState",
      channelId,
      variablePart,
      signatures,
      updatesAsked: 0,
    } as const;
    const told = {
      ...sent,
      sequence: 1,
      message: { ...held, objectiveId: undefined },
    } as NodeEvent;
    const tell = (events: readonly NodeEvent[]): readonly RuleCode[] =>
      brokenIn([...events, told]).flatMap(([offset, code]) =>
        offset === events.length && code !== "SequenceGap" ? code : [],
      );

    expect(end).toBeGreaterThan(late);
    expect(tell(log.toSpliced(end + 1, 0, received).toSpliced(late, 1))).toEqual([]);
    expect(tell(log.toSpliced(late, 1))).toEqual(["UnrecordedSignature"]);
  });
});

describe("learnEvent", () => {
  for (const [index, [code, offset, log]] of PLANTED.entries()) {
    adversarial(`names the offset where ${code} is planted (case ${index})`, () => {
      expect(brokenIn(log)[0]).toEqual([offset, code]);
    });
  }

  adversarial("finds a voucher that takes back what it promised of one asset", () => {
    const { log } = playVirtual([0]).node(0);
    const { channelId } = new PlantedLog(log).get("ChannelCreated", 1);
    const paid = { type: "VoucherIssued", channelId, to: 2, signature: "0x" } as const;
    const vouchers = [
      { ...paid, counter: 1, amounts: [2n, 1n] },
      { ...paid, counter: 2, amounts: [1n, 2n] },
    ];
    const codes = brokenIn([...log, ...(vouchers as unknown as readonly NodeEvent[])]);

    expect(codes).toContainEqual([log.length + 1, "VoucherNotIncreased"]);
    expect(codes).not.toContainEqual([log.length, "VoucherNotIncreased"]);
  });

  invariant("has no rule that is not planted here", () => {
    const source = readFileSync(join(import.meta.dir, "broken-rule.ts"), "utf8");
    const codes = [...source.matchAll(/^ {2}\| "(\w+)"/gm)].map(([, code]) => code);

    expect(codes.length).toBeGreaterThan(30);
    expect(codes.toSorted()).toEqual([...new Set(PLANTED.map(([code]) => code))].toSorted());
  });

  adversarial("goes on after a broken rule, and finds the next", () => {
    const log = new PlantedLog(playDirect(2, [0]).node(0).log);
    const offset = log.at("DepositDetected");
    const both = [...log.repeated("DepositDetected"), log.get("MessageReceived")];

    expect(brokenIn(both)).toEqual([
      [offset + 1, "ChainWentBack"],
      [both.length - 1, "SequenceNotIncreased"],
    ]);
  });
});
