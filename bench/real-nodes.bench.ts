/** Nodes as people run them, in processes of their own on loopback: payments, and the time to the first one. */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { realWorld } from "../sim/real-world.ts";
import type { EventView } from "../src/node/api/api-types.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import type { Daemon } from "../test/processes/daemon.ts";
import { openRelay, type Relay } from "../test/processes/relay.ts";
import {
  openLedger,
  openVirtual,
  type ThreeNodes,
  withThreeNodes,
} from "../test/processes/three-nodes.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { withScratch } from "./scratch.ts";
import { bestOf } from "./stopwatch.ts";

/** Payments one after the other, and under way together. */
const SERIAL = 200;
const PIPELINED = 2_000;

/** Requests that wait for their answers at once: more than a session has under way. */
const AT_ONCE = 64;

/** Milliseconds that everything between two nodes takes each way. */
const LATENCY_MS = 10;

/**
 * Messages that must follow each other until the payee has the first payment: what all sign goes from left to right
 * and back (3), into the ledgers (2), and is opened by a signature from each to each (1); then the voucher (1).
 */
const MESSAGES = 7;

/** Most of the least time that the first payment may take. */
const GOAL = 1.1;

/** Bytes that go to and fro to measure the way. */
const WAYS = 50;

/** First payments, each in a channel of its own; as many before them, in which the code of the nodes is compiled. */
const FIRSTS = 20;
const WARM_UP = 60;

export const benchmark: Benchmark = {
  name: "real-nodes",
  question: "What do nodes in processes of their own reach, over TCP on loopback?",
  run: async () => {
    const syncSeconds = await secondsOfSync();
    const payments = await withThreeNodes({ wire: "tcp" }, measurePayments(syncSeconds));
    const relays: Relay[] = [];
    const through = (place: string): string => {
      const relay = openRelay({ toPort: Number(place.split(":").at(-1)), delayMs: LATENCY_MS });
      relays.push(relay);
      return `tcp://127.0.0.1:${relay.port}`;
    };
    try {
      const wayMs = await measureWay();
      const first = await withThreeNodes({ wire: "tcp", through }, measureFirst(wayMs));
      return { figures: [...payments, ...first] };
    } finally {
      for (const relay of relays) relay.close();
    }
  },
};

/** What one durable write costs on this disk: the least that each side of a payment must do. */
function secondsOfSync(): Promise<number> {
  return withScratch(async (folder) => {
    const file = openSync(join(folder, "synced"), "w");
    const bytes = new Uint8Array(512);
    try {
      const runs = 100;
      const all = await bestOf(async () => {
        for (let run = 0; run < runs; run += 1) {
          writeSync(file, bytes);
          fdatasyncSync(file);
        }
      });
      return all / runs;
    } finally {
      closeSync(file);
    }
  });
}

function measurePayments(syncSeconds: number) {
  return async ({ alice, bob, irene }: ThreeNodes): Promise<readonly Figure[]> => {
    for (const node of [alice, bob]) await openLedger(node, irene);
    const amount = BigInt(2 * (SERIAL + PIPELINED));
    const channelId = await openVirtual(alice, { amount, hub: irene, payee: bob, name: "paid in" });
    const client = alice.client();
    const pay = (): Promise<unknown> => client.call("payments_pay", { channelId, amount: "1" });
    const received = await receiptsOf(bob, channelId);
    await inTurns(SERIAL, async () => {
      await pay();
      await received.next();
    });
    const serial = await secondsFor(() =>
      inTurns(SERIAL, async () => {
        await pay();
        await received.next();
      }),
    );
    const pipelined = await secondsFor(async () => {
      let left = PIPELINED;
      const worker = async (): Promise<void> => {
        while (left-- > 0) await pay();
      };
      await Promise.all([
        ...Array.from({ length: AT_ONCE }, worker),
        inTurns(PIPELINED, () => received.next()),
      ]);
    });
    await received.return(undefined);
    return [
      {
        what: "payments by the API, one after the other, each durable at the payee",
        value: SERIAL / serial,
        unit: "payments/s",
        yardstick: "two durable writes, one after the other",
        ratio: (2 * syncSeconds * SERIAL) / serial,
      },
      {
        what: `payments by the API, ${AT_ONCE} requests at once, each durable at the payee`,
        value: PIPELINED / pipelined,
        unit: "payments/s",
        floor: 100,
        goal: 1_000,
      },
    ];
  };
}

/** The vouchers that a payee has in its log from now on, as they come. */
async function receiptsOf(payee: Daemon, channelId: string): Promise<AsyncGenerator<EventView>> {
  const { log } = await payee.client().call("node_info", {});
  const events = payee.client().events({ channelId, from: log.length });
  return (async function* () {
    for await (const event of events) if (event.type === "VoucherReceived") yield event;
  })();
}

/** What the way itself takes, with its timers: the median of bytes that go to and fro, through nothing but the relay. */
async function measureWay(): Promise<number> {
  const back = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (socket, bytes) => void socket.write(bytes) },
  });
  const relay = openRelay({ toPort: back.port, delayMs: LATENCY_MS });
  const answered: (() => void)[] = [];
  const there = await Bun.connect({
    hostname: "127.0.0.1",
    port: relay.port,
    socket: { data: () => answered.shift()?.() },
  });
  const tookMs: number[] = [];
  for (let count = 0; count < WAYS; count += 1) {
    const startedMs = realWorld.performanceNow();
    await new Promise<void>((resolve) => {
      answered.push(resolve);
      there.write(Uint8Array.of(1));
    });
    tookMs.push((realWorld.performanceNow() - startedMs) / 2);
  }
  relay.close();
  back.stop(true);
  return medianOf(tookMs);
}

function measureFirst(wayMs: number) {
  return async ({ alice, bob, irene }: ThreeNodes): Promise<readonly Figure[]> => {
    for (const node of [alice, bob]) await openLedger(node, irene);
    const tookMs: number[] = [];
    for (let count = 0; count < WARM_UP + FIRSTS; count += 1) {
      const wanted = { amount: 1n, hub: irene, payee: bob, name: `first ${count}` };
      const channelId = await openVirtual(alice, wanted);
      await alice.client().call("payments_pay", { channelId, amount: "1" });
      tookMs.push(await firstPaymentMs(alice, bob, channelId));
    }
    const value = medianOf(tookMs.slice(WARM_UP));
    return [
      {
        what: `a virtual channel and the first payment at the payee, ${LATENCY_MS} ms each way`,
        value,
        unit: "ms",
        yardstick: `${MESSAGES} messages that must follow each other, each ${wayMs.toFixed(1)} ms under way`,
        ratio: value / (MESSAGES * wayMs),
        better: "lower",
        goal: GOAL,
      },
    ];
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return assertDefined(sorted[Math.floor(sorted.length / 2)], "a value");
}

/** By the times in the logs of both ends, which share a clock; what the payer waits before she pays is left out. */
async function firstPaymentMs(payer: Daemon, payee: Daemon, channelId: string): Promise<number> {
  const timeOf = async (node: Daemon, type: string): Promise<number> => {
    for (;;) {
      const { events } = await node.client().call("events_list", { channelId, limit: 100 });
      const found = events.find((event) => event.type === type);
      if (found !== undefined) return found.timeMs;
      await Bun.sleep(5);
    }
  };
  const asked = await timeOf(payer, "ObjectiveCreated");
  const open = await timeOf(payer, "ObjectiveCompleted");
  const issued = await timeOf(payer, "VoucherIssued");
  const received = await timeOf(payee, "VoucherReceived");
  assert(asked <= open && open <= issued && issued <= received, "the clock of both is one");
  return open - asked + (received - issued);
}

async function inTurns(count: number, run: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < count; done += 1) await run();
}

async function secondsFor(run: () => Promise<unknown>): Promise<number> {
  const startedMs = realWorld.performanceNow();
  await run();
  return (realWorld.performanceNow() - startedMs) / 1_000;
}
