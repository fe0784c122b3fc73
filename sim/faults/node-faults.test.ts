/** Nodes that stop, stand still, or have a wrong clock or a bad disk, and what becomes of them. */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { crash } from "../../test/kind.ts";
import { createStage } from "../stage.ts";
import type { World } from "../world.ts";
import type { DiskFault, Fault, NodeFault } from "./fault.ts";
import { openDirect, openLedger, playFaulty, recordTimes, toldAt } from "./sample-faults.ts";

const chain = chainOfFile("model");

/** Virtual milliseconds at which the faults of these tests come: the ledger is open since long. */
const AT_MS = 120_000;

function atBob(fault: NodeFault | DiskFault, id = 1, atMs: number = AT_MS): Fault {
  return { id, atMs, ...fault };
}

/** Records that Bob wrote from one virtual moment until before another. */
function written(world: World, fromMs: number, toMs: number): number {
  return recordTimes(world, "bob").filter((atMs) => atMs >= fromMs && atMs < toMs).length;
}

const AT_ONCE = { type: "Now" } as const;
const STOP = { type: "Crash", node: "bob", moment: AT_ONCE, awayMs: 30_000 } as const;

describe("a node that stops", () => {
  crash("writes nothing while it is away, and goes on when it is back", async () => {
    const played = await playFaulty(chain(), [atBob(STOP)], async ({ underWay, until, world }) => {
      const pay = await openDirect(world);
      await until(AT_MS - 1);
      expect(underWay.isOver()).toBe(false);
      await until(AT_MS + 1_000);
      const paid = pay();
      expect(world.node("bob").isRunning).toBe(false);
      expect(underWay.now().map(({ id }) => id)).toEqual([1]);
      await until(AT_MS + 60_000);
      expect(world.node("bob").isRunning).toBe(true);
      expect(underWay.isOver()).toBe(true);
      await paid;
    });

    expect(written(played, AT_MS, AT_MS + 30_000)).toBe(0);
    expect(written(played, AT_MS + 30_000, AT_MS + 60_000)).toBeGreaterThan(0);
    expect(toldAt(played, "bob")).toEqual(["stops, and is back after 30000 ms"]);
    expect(played.faults.assumptions).toEqual([]);
  });

  crash("has nothing, or all, of the append at which it stops", async () => {
    const sizes: number[] = [];
    for (const side of ["Before", "Behind"] as const) {
      const moment = { type: "Append", append: 1, side } as const;
      await playFaulty(
        chain(),
        [atBob({ ...STOP, moment }, 1, AT_MS - 1)],
        async ({ until, world }) => {
          const pay = await openDirect(world);
          await until(AT_MS);
          const old = world.node("bob").store;
          const { length } = old;
          const paid = pay();
          await until(AT_MS + 1_000);
          expect(world.node("bob").isRunning).toBe(false);
          // The old life never heard of it.
          expect(old.length).toBe(length);
          const { journal } = world.node("bob").parts.disk;
          sizes.push((await journal.read()).length);
          await paid;
        },
      );
    }
    const [before = 0, behind = 0] = sizes;
    expect(behind).toBeGreaterThan(before);
  });

  crash("is not stopped once more while it is away", async () => {
    const second = atBob({ ...STOP, awayMs: undefined }, 2, AT_MS + 1_000);
    const world = await playFaulty(chain(), [atBob(STOP), second], async ({ underWay, until }) => {
      await until(AT_MS + 40_000);
      expect(underWay.lost.size).toBe(0);
    });

    expect(world.node("bob").isRunning).toBe(true);
    expect(toldAt(world, "bob")).toHaveLength(1);
  });

  crash("stays away where it never comes back, though all is healed", async () => {
    const never = atBob({ ...STOP, awayMs: undefined });
    await playFaulty(chain(), [never], async ({ underWay, until, world }) => {
      await until(AT_MS + 1_000);
      await underWay.heal();
      expect(world.node("bob").isRunning).toBe(false);
      expect([...underWay.lost]).toEqual(["bob"]);
    });
  });

  crash("is started at once when all is healed, and what was to come does not", async () => {
    const faults = [atBob({ ...STOP, awayMs: 9_000_000 }), atBob(STOP, 2, AT_MS + 50_000)];
    await playFaulty(chain(), faults, async ({ underWay, until, world }) => {
      await until(AT_MS + 1_000);
      await underWay.heal();
      expect(world.node("bob").isRunning).toBe(true);
      expect(underWay.isOver()).toBe(true);
      await until(AT_MS + 51_000);
      expect(world.node("bob").isRunning).toBe(true);
    });
  });
});

describe("a node that stands still", () => {
  crash("hears and does nothing, and then goes on in the same life", async () => {
    const freeze = atBob({ type: "Freeze", node: "bob", forMs: 30_000 });
    const played = await playFaulty(chain(), [freeze], async ({ until, world }) => {
      const { engine } = world.node("bob");
      const pay = await openDirect(world);
      await until(AT_MS + 1_000);
      const paid = pay();
      let isAwake = false;
      void world
        .node("bob")
        .awake()
        .then(() => {
          isAwake = true;
        });
      await until(AT_MS + 29_000);
      expect(isAwake).toBe(false);
      await until(AT_MS + 60_000);
      expect(isAwake).toBe(true);
      expect(world.node("bob").engine).toBe(engine);
      await paid;
    });

    expect(written(played, AT_MS + 1, AT_MS + 30_000)).toBe(0);
    expect(written(played, AT_MS + 30_000, AT_MS + 60_000)).toBeGreaterThan(0);
  });

  crash(
    "has another time in its records where its clock is wrong, and only as long as that",
    async () => {
      const skew = atBob({ type: "SkewedClock", node: "bob", skewMs: 500_000, forMs: 30_000 });
      const off: number[] = [];
      await playFaulty(chain(), [skew], async ({ until, world }) => {
        const node = world.node("bob");
        const pay = await openDirect(world);
        void node
          .next(({ timeMs }) => timeMs - world.timeline.nowMs === 500_000)
          .then(() => off.push(1));
        await until(AT_MS);
        expect(off).toEqual([]);
        await pay();
        expect(off).toEqual([1]);
        // The log waits until the right time is ahead of the wrong one.
        await until(AT_MS + 600_000);
        void node.next(({ timeMs }) => timeMs === world.timeline.nowMs).then(() => off.push(2));
        await pay();
        expect(off).toEqual([1, 2]);
      });
    },
  );
});

/** What Bob's log says of his doubts, since the fault. */
async function doubtsOfBob(world: World): Promise<number> {
  const records = await Array.fromAsync(world.node("bob").store.readFrom(0));
  return records.filter(({ event }) => event.type === "ResyncStarted").length;
}

describe("a node with a bad disk", () => {
  crash("knows that the end of its log is gone, and asks its peers for it", async () => {
    for (const id of [1, 2, 3]) {
      const lost = atBob({ type: "LostTail", node: "bob", appends: 3, awayMs: 10_000 }, id);
      await playFaulty(chain(), [lost], async ({ until, world }) => {
        await openLedger(world);
        await until(AT_MS - 1);
        const { length } = world.node("bob").store;
        await until(AT_MS + 10_000);
        expect(world.node("bob").store.length).toBeLessThan(length + 2);
        await until(AT_MS + 60_000);
        expect(await doubtsOfBob(world)).toBeGreaterThan(0);
        expect(world.node("bob").engine.waits()).toEqual([]);
        const { alice, bob, eth } = createStage(world, {});
        await bob.openLedger(alice, [{ asset: eth, amounts: [1n, 1n] }]);
      });
    }
  });

  crash("cuts off what it had not written to the end", async () => {
    const torn = atBob({ type: "TornAppend", node: "bob", awayMs: 10_000 });
    const played = await playFaulty(chain(), [torn], async ({ until, world }) => {
      const pay = await openDirect(world);
      await until(AT_MS);
      await pay();
      const { end, repairs } = world.node("bob").store.recovery;
      expect(repairs.map(({ code }) => code)).toEqual(["TornWrite"]);
      expect(end.type).toBe("Proven");
    });

    expect(toldAt(played, "bob")).toEqual(["stops in the middle of an append"]);
  });

  crash("refuses a log with a wrong bit in it, and is lost", async () => {
    const flipped = atBob({ type: "FlippedBit", node: "bob", place: 0.5, awayMs: 10_000 });
    const played = await playFaulty(chain(), [flipped], async ({ underWay, until, world }) => {
      await openLedger(world);
      await until(AT_MS + 60_000);
      expect([...underWay.lost]).toEqual(["bob"]);
      await underWay.heal();
      expect(world.node("bob").isRunning).toBe(false);
    });

    expect(toldAt(played, "bob")).toEqual([
      "stops, and one bit of its disk flips",
      "cannot be started: LogDamaged",
    ]);
  });

  crash("stops when its disk is full, and is there again when there is room", async () => {
    const full = atBob({ type: "FullDisk", node: "bob", forMs: 100_000 });
    const played = await playFaulty(chain(), [full], async ({ underWay, until, world }) => {
      const pay = await openDirect(world);
      await until(AT_MS);
      const paid = pay();
      await until(AT_MS + 20_000);
      expect(world.node("bob").isRunning).toBe(false);
      await until(AT_MS + 101_000);
      expect(world.node("bob").isRunning).toBe(true);
      expect(underWay.isOver()).toBe(true);
      await paid;
    });

    expect(written(played, AT_MS, AT_MS + 100_000)).toBe(0);
    expect(written(played, AT_MS + 100_000, AT_MS + 200_000)).toBeGreaterThan(0);
  });

  crash(
    "gets an old backup, and signs nothing before its peers have told what it knew",
    async () => {
      const old = atBob({ type: "OldBackup", node: "bob", ageMs: 60_000, awayMs: 10_000 });
      const played = await playFaulty(chain(), [old], async ({ until, world }) => {
        const pay = await openDirect(world);
        await until(AT_MS - 50_000);
        await pay();
        await until(AT_MS - 1);
        const { length } = world.node("bob").store;
        await until(AT_MS + 10_001);
        expect(world.node("bob").store.length).toBeLessThan(length);
        await until(AT_MS + 60_000);
        expect(await doubtsOfBob(world)).toBeGreaterThan(0);
        await pay();
      });

      expect(played.faults.assumptions).toEqual([]);
    },
  );
});
