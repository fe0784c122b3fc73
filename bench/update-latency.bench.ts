/** How long one update is on its way until it is final for everybody, in virtual time. */
import type { ActorName } from "../sim/actors.ts";
import { ETH } from "../sim/assets.ts";
import { startSimulatedChain } from "../sim/simulated-chain.ts";
import type { NodeEvent } from "../src/events/event.ts";
import type { EventRecord } from "../src/events/record.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { HubWorld, LATENCY_MS } from "./hub-world.ts";

/**
 * Messages that must follow each other, whatever a protocol does: a state comes back signed (2), a voucher goes
 * one way (1). Who is not the mover asks first (3). A virtual channel over one hub is signed by all from left to
 * right and told back (3), put into the ledgers (2), and opened by a signature from each to each (1).
 */
const MESSAGES = { update: 2, askedUpdate: 3, ledger: 2, voucher: 1, opening: 6 } as const;

/** Most of the least time that an update may take. */
const GOAL = 1.1;

/** Milliseconds that nobody's updates may take. Source: the plan that this project grew out of. */
const FLOOR_MS = 100;

export const benchmark: Benchmark = {
  name: "update-latency",
  question: `How long does an update take until it is final for all, with ${LATENCY_MS} ms each way?`,
  run: async () => {
    const chain = await startSimulatedChain("evm");
    try {
      const hub = await HubWorld.begin(chain, 1);
      const told = record(hub);
      const figures = [...(await measureDirect(hub, told)), ...(await measureVirtual(hub, told))];
      hub.stop();
      return { figures };
    } finally {
      await chain.local.stop();
    }
  },
};

type Told = { readonly node: ActorName; readonly timeMs: number; readonly event: NodeEvent };

/** All that the nodes append from now on, with its virtual time. */
function record(hub: HubWorld): Told[] {
  const told: Told[] = [];
  hub.world.witnesses.push({
    sawRecord: (node, { event, timeMs }: EventRecord<NodeEvent>) => {
      told.push({ node, timeMs, event });
    },
    sawBlock: () => Promise.resolve(),
    sawReorg: () => Promise.resolve(),
  });
  return told;
}

async function measureDirect(hub: HubWorld, told: Told[]): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  await hub.run(async () => {
    const channelId = await hub.openDirect();
    for (const who of ["alice", "alice"] as const) {
      told.length = 0;
      const change = { type: "Pay", asset: ETH.address, to: 1, amount: 1n } as const;
      const { engine } = hub.world.node(who);
      const startMs = hub.world.virtualMs;
      const answer = await engine.submit({ type: "UpdateChannel", channelId, change });
      assert(answer.ok, "the update is taken");
      const others = ["alice", "bob"] as const;
      await Promise.all(others.map((name) => hub.world.node(name).engine.settled(answer.value)));
      const isAsked = told.some(
        ({ event }) => event.type === "MessageSent" && event.message.type === "UpdateRequest",
      );
      const tookMs = hub.world.virtualMs - startMs;
      figures.push(
        isAsked
          ? figure("an update of a direct channel, asked of the mover", tookMs, "askedUpdate")
          : figure("an update of a direct channel, by its mover", tookMs, "update"),
      );
    }
  });
  assert(new Set(figures.map(({ what }) => what)).size === figures.length, "both were measured");
  return figures;
}

async function measureVirtual(hub: HubWorld, told: Told[]): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  await hub.run(async () => {
    told.length = 0;
    const startMs = hub.world.virtualMs;
    const [opened] = await hub.openVirtual(1);
    const channelId = assertDefined(opened, "a channel");
    const openedMs = hub.world.virtualMs - startMs;
    const ledger = timesOf(told, ({ type }) => type === "ProposalSigned");
    const agreed = timesOf(told, isLedgerAdvance(told));
    const ledgerMs = Math.max(...agreed) - Math.min(...ledger);
    told.length = 0;
    const { engine } = hub.world.node("alice");
    const isPaid = hub.world.node("bob").next(({ event }) => event.type === "VoucherReceived");
    await engine.pay(channelId, { asset: ETH.address, amount: 1n });
    await isPaid;
    const issued = timesOf(told, ({ type }) => type === "VoucherIssued");
    const received = timesOf(told, ({ type }) => type === "VoucherReceived");
    const voucherMs = Math.max(...received) - Math.min(...issued);
    figures.push(
      figure("an update of a ledger channel", ledgerMs, "ledger"),
      figure("a payment by voucher", voucherMs, "voucher"),
      figure("a virtual channel over one hub", openedMs, "opening"),
    );
  });
  return figures;
}

/** Whether an event makes a state of a ledger channel the supported one. */
function isLedgerAdvance(told: readonly Told[]): (event: NodeEvent) => boolean {
  const ledgers = new Set(
    told.flatMap(({ event }) => (event.type === "ProposalSigned" ? [event.channelId] : [])),
  );
  return (event) => event.type === "SupportedStateAdvanced" && ledgers.has(event.channelId);
}

function timesOf(told: readonly Told[], isIt: (event: NodeEvent) => boolean): readonly number[] {
  const times = told.flatMap(({ event, timeMs }) => (isIt(event) ? [timeMs] : []));
  assert(times.length > 0, "it happened");
  return times;
}

function figure(what: string, tookMs: number, path: keyof typeof MESSAGES): Figure {
  const messages = MESSAGES[path];
  return {
    what,
    value: tookMs,
    unit: "virtual ms",
    yardstick: `${messages} x ${LATENCY_MS} ms`,
    ratio: tookMs / (messages * LATENCY_MS),
    better: "lower",
    floor: FLOOR_MS / (messages * LATENCY_MS),
    goal: GOAL,
  };
}
