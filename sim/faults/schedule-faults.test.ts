/** Faults of every kind come, are told, end, and leave a world in which honest nodes go on as before. */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { crash, unit } from "../../test/kind.ts";
import type { World } from "../world.ts";
import { FAULT_TYPES, type Fault } from "./fault.ts";
import { openDirect, playFaulty, toldAt } from "./sample-faults.ts";

const chain = chainOfFile("model");

const STOP = { type: "Now" } as const;
const LINK = { from: "alice", to: "bob", forMs: 30_000 } as const;

/** Virtual milliseconds at which each comes: the channel is being paid in then. */
const AT_MS = 120_000;

/** One of each kind. */
const SAMPLES: Readonly<Record<Fault["type"], Fault>> = {
  Partition: {
    id: 1,
    atMs: AT_MS,
    type: "Partition",
    group: ["alice"],
    lost: "Both",
    forMs: 9_000,
  },
  LossyLink: { id: 2, atMs: AT_MS, type: "LossyLink", fraction: 0.5, ...LINK },
  DoublingLink: { id: 3, atMs: AT_MS, type: "DoublingLink", fraction: 0.5, ...LINK },
  SlowLink: { id: 4, atMs: AT_MS, type: "SlowLink", latencyMs: [900, 2_000], ...LINK },
  NarrowLink: { id: 5, atMs: AT_MS, type: "NarrowLink", bytesPerSec: 300, ...LINK },
  StalledLink: { id: 6, atMs: AT_MS, type: "StalledLink", ...LINK },
  Crash: { id: 7, atMs: AT_MS, type: "Crash", node: "bob", moment: STOP, awayMs: 9_000 },
  Freeze: { id: 8, atMs: AT_MS, type: "Freeze", node: "bob", forMs: 9_000 },
  SkewedClock: {
    id: 9,
    atMs: AT_MS,
    type: "SkewedClock",
    node: "bob",
    skewMs: -7_000,
    forMs: 9_000,
  },
  LostTail: { id: 10, atMs: AT_MS, type: "LostTail", node: "bob", appends: 2, awayMs: 9_000 },
  TornAppend: { id: 11, atMs: AT_MS, type: "TornAppend", node: "bob", awayMs: 9_000 },
  FlippedBit: { id: 12, atMs: AT_MS, type: "FlippedBit", node: "bob", place: 0.99, awayMs: 9_000 },
  FullDisk: { id: 13, atMs: AT_MS, type: "FullDisk", node: "bob", forMs: 9_000 },
  OldBackup: { id: 14, atMs: AT_MS, type: "OldBackup", node: "bob", ageMs: 60_000, awayMs: 9_000 },
  Reorg: { id: 15, atMs: AT_MS, type: "Reorg", depth: 1 },
  Censorship: {
    id: 16,
    atMs: AT_MS,
    type: "Censorship",
    sender: "alice",
    function: "deposit",
    blocks: 3,
  },
  FeeSpike: { id: 17, atMs: AT_MS, type: "FeeSpike", baseFeeWei: 90_000_000_000n, blocks: 3 },
  RpcTrouble: {
    id: 18,
    atMs: AT_MS,
    type: "RpcTrouble",
    node: "bob",
    forMs: 30_000,
    conditions: { errorFraction: 0.9 },
  },
  RpcOutage: { id: 19, atMs: AT_MS, type: "RpcOutage", node: "bob", forMs: 30_000 },
};

/** Milliseconds that two runs take on a machine that is under load. */
const TIME_MAX_MS = 120_000;

/** What the trace says of a fault of each kind. */
const TOLD: Readonly<Record<Fault["type"], readonly [at: string, what: string]>> = {
  Partition: ["alice", "alice cut off for 9000 ms"],
  LossyLink: ["alice", "the link loses 50 % of what goes to bob for 30000 ms"],
  DoublingLink: ["alice", "the link doubles 50 % of what goes to bob for 30000 ms"],
  SlowLink: ["alice", "the link takes 900 to 2000 ms for what goes to bob for 30000 ms"],
  NarrowLink: ["alice", "the link carries 300 bytes a second to bob for 30000 ms"],
  StalledLink: ["alice", "the link holds everything up that goes to bob for 30000 ms"],
  Crash: ["bob", "stops, and is back after 9000 ms"],
  Freeze: ["bob", "stands still for 9000 ms"],
  SkewedClock: ["bob", "its clock is off by -7000 ms"],
  LostTail: ["bob", "loses its last 2 appends"],
  TornAppend: ["bob", "stops in the middle of an append"],
  FlippedBit: ["bob", "stops, and one bit of its disk flips"],
  FullDisk: ["bob", "its disk is full for 9000 ms"],
  OldBackup: ["bob", "gets back a backup made 60000 ms before"],
  Reorg: ["chain", "reorg of 1 block"],
  Censorship: ["chain", "no deposit of alice is mined for 3 blocks"],
  FeeSpike: ["chain", "base fee of 90000000000 wei for 3 blocks"],
  RpcTrouble: ["bob", "trouble with its endpoints for 30000 ms: errorFraction"],
  RpcOutage: ["bob", "the endpoint is out of reach for 30 s"],
};

/** Alice opens a channel with Bob, the fault comes, and Alice pays; then all is healed, and she pays again. */
async function playThrough(fault: Fault): Promise<World> {
  return playFaulty(chain(), [fault], async ({ underWay, until, world }) => {
    const pay = await openDirect(world);
    await until(AT_MS - 1);
    expect(underWay.now()).toEqual([]);
    const paid = pay();
    await until(AT_MS + 1_000);
    expect(underWay.now()).toEqual([fault]);
    await until(AT_MS + 20_000);
    await underWay.heal();
    expect(underWay.isOver()).toBe(true);
    expect(underWay.now()).toEqual([]);
    if (underWay.lost.size > 0) return;
    await paid;
    await pay();
  });
}

describe("a fault", () => {
  for (const type of FAULT_TYPES) {
    const title = `of the kind ${type} is told, gives the same run twice, and is over once it is healed`;
    crash(
      title,
      async () => {
        const fault = SAMPLES[type];
        const world = await playThrough(fault);
        const [at, what] = TOLD[type];
        expect(toldAt(world, at)).toContain(what);
        expect((await playThrough(fault)).trace.hash).toBe(world.trace.hash);
      },
      TIME_MAX_MS,
    );
  }

  unit("about somebody who is not there never comes", async () => {
    const fault = { ...SAMPLES.Freeze, node: "irene" } as Fault;
    await playFaulty(chain(), [fault], async ({ underWay, until }) => {
      expect(underWay.isOver()).toBe(true);
      await until(AT_MS + 1);
      expect(underWay.now()).toEqual([]);
    });
  });
});

/** A challenge of 300 s leaves 132 s for an absence: 120 to be mined, and two blocks twice to be confirmed. */
const SHORT = { challengeDurationSec: 300 };

function away(id: number, atMs: number, forMs: number): Fault {
  return { id, atMs, type: "Freeze", node: "bob", forMs };
}

describe("an absence", () => {
  unit("is nobody's promise broken as long as a challenge leaves time for it", async () => {
    const faults = [away(1, 10_000, 131_000), away(2, 300_000, 131_000)];
    const world = await playFaulty(chain(), faults, ({ until }) => until(450_000), SHORT);
    expect(world.faults.assumptions).toEqual([]);
  });

  unit(
    "breaks a promise when it is longer, be it in two parts with little time between",
    async () => {
      const long = [away(1, 10_000, 133_000)];
      const parts = [away(1, 10_000, 60_000), away(2, 90_000, 60_000)];
      for (const faults of [long, parts]) {
        const world = await playFaulty(chain(), faults, ({ until }) => until(200_000), SHORT);
        expect(world.faults.assumptions).toEqual([
          "bob is away longer than a challenge leaves time for",
        ]);
      }
    },
  );

  unit("of a node that never comes back is judged by nobody", async () => {
    const stop = { type: "Crash", node: "bob", moment: STOP, awayMs: undefined } as const;
    const faults = [{ id: 1, atMs: 10_000, ...stop }];
    const world = await playFaulty(chain(), faults, ({ until }) => until(200_000), SHORT);
    expect(world.faults.assumptions).toEqual([]);
  });

  unit("is one as well where the node runs and does not hear of its chain", async () => {
    const outage: Fault = { id: 1, atMs: 10_000, type: "RpcOutage", node: "bob", forMs: 140_000 };
    const world = await playFaulty(chain(), [outage], ({ until }) => until(200_000), SHORT);
    expect(world.faults.assumptions).toHaveLength(1);
  });
});

describe("a node that has forgotten something", () => {
  unit("is promised nothing where another one never comes back to tell it", async () => {
    const faults: Fault[] = [
      { id: 1, atMs: AT_MS, node: "bob", type: "LostTail", appends: 1, awayMs: 1_000 },
      { id: 2, atMs: AT_MS, node: "alice", type: "Crash", moment: STOP, awayMs: undefined },
    ];
    const played = await playFaulty(chain(), faults, async ({ until, world }) => {
      await openDirect(world);
      await until(AT_MS + 1_000);
    });
    expect(played.faults.assumptions).toEqual(["bob has forgotten what alice may not tell"]);
  });

  unit("is promised nothing where another one has forgotten something, too", async () => {
    const loss = { type: "LostTail", appends: 1, awayMs: 1_000 } as const;
    const faults: Fault[] = [
      { id: 1, atMs: AT_MS, node: "bob", ...loss },
      { id: 2, atMs: AT_MS + 30_000, node: "alice", ...loss },
    ];
    const played = await playFaulty(chain(), faults, async ({ underWay, until, world }) => {
      await openDirect(world);
      await until(AT_MS + 1_000);
      expect(world.faults.assumptions).toEqual([]);
      expect([...underWay.forgetful]).toEqual(["bob"]);
      await until(AT_MS + 50_000);
    });
    expect(played.faults.assumptions).toEqual(["bob and alice have forgotten something"]);
  });
});
