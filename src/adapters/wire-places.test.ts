/** When places are dialed: not too often, and each one alone. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { manualClock } from "../../test/manual-clock.ts";
import type { Endpoint } from "../ports/transport.ts";
import { ChunkPool } from "./wire-chunks.ts";
import { type Pipe, WireConnection } from "./wire-connection.ts";
import { WireCounters } from "./wire-counters.ts";
import type { FrameQueue } from "./wire-frame-queue.ts";
import { wireLimits } from "./wire-limits.ts";
import { type Dial, WirePlaces } from "./wire-places.ts";

const FRAME = Uint8Array.of(1);

/** A pipe that takes everything. */
const openPipe: Pipe = {
  write: (bytes) => bytes.length,
  end: () => undefined,
  terminate: () => undefined,
};

type Attempt = { readonly place: Endpoint; readonly open: () => WireConnection | undefined };

/** Places whose attempts to connect succeed when the test says so, with the longest waits between them. */
function places(placesMax = 10) {
  const clock = manualClock();
  const counters = new WireCounters();
  const pool = new ChunkPool(10_000_000);
  const limits = wireLimits({ placesMax });
  const attempts: Attempt[] = [];
  const lost: Endpoint[] = [];
  const dial: Dial = (place, opened) => {
    attempts.push({ place, open: () => opened(openPipe) });
    return new Promise(() => undefined);
  };
  const connect = (endpoint: Endpoint, pipe: Pipe, queue: FrameQueue): WireConnection =>
    new WireConnection({
      endpoint,
      host: undefined,
      pipe,
      queue,
      limits,
      onFrame: () => undefined,
      onFault: () => undefined,
    });
  const random = { bytes: (sizeBytes: number) => new Uint8Array(sizeBytes).fill(255) };
  const onLost = (place: Endpoint): void => void lost.push(place);
  const all = new WirePlaces({ clock, random, limits, counters, pool, dial, connect, onLost });
  return { all, attempts, clock, counters, lost, pool };
}

/** Dials after so many milliseconds, counted from now. */
function dialsAfter({ attempts, clock }: ReturnType<typeof places>, waitMs: number): number {
  const before = attempts.length;
  clock.pass(waitMs);
  return attempts.length - before;
}

describe("WirePlaces", () => {
  unit("has one attempt under way for each place, however much is sent", () => {
    const { all, attempts } = places();
    for (const place of ["a", "b", "a", "a"]) all.send(place, FRAME);

    expect(attempts.map(({ place }) => place)).toEqual(["a", "b"]);
    expect(all.waitingBytes).toBe(20);
  });

  unit("gives up an attempt after ten seconds, and takes no connection from it later", () => {
    const { all, attempts, clock, counters, lost, pool } = places();
    const before = pool.left;
    all.send("a", FRAME);
    clock.pass(9_999);
    expect(lost).toEqual([]);
    clock.pass(1);

    expect(lost).toEqual(["a"]);
    expect(counters.all().DialFailed).toBe(1);
    expect(attempts[0]?.open()).toBeUndefined();
    expect([all.waitingBytes, pool.left]).toEqual([0, before]);
  });

  unit("waits half a second, then a second, then two, while a place says nothing", () => {
    const world = places();
    world.all.send("a", FRAME);

    for (const waitMs of [500, 1_000, 2_000]) {
      world.attempts.at(-1)?.open();
      world.all.lost("a", false);
      world.all.send("a", FRAME);
      expect(dialsAfter(world, waitMs - 10)).toBe(0);
      expect(dialsAfter(world, 10)).toBe(1);
    }
  });

  unit("waits half a second each time after a place that has answered", () => {
    const world = places();
    world.all.send("a", FRAME);

    for (let time = 0; time < 4; time++) {
      world.attempts.at(-1)?.open();
      world.all.lost("a", true);
      world.all.send("a", FRAME);
      expect(dialsAfter(world, 490)).toBe(0);
      expect(dialsAfter(world, 10)).toBe(1);
    }
  });

  unit("dials nobody after a wait in which nothing was sent", () => {
    const world = places();
    world.all.send("a", FRAME);
    world.attempts[0]?.open();
    world.all.lost("a", true);

    expect(dialsAfter(world, 60_000)).toBe(0);
    expect(world.clock.isStill()).toBe(true);
    world.all.send("a", FRAME);
    expect(world.attempts.length).toBe(2);
  });

  unit("drops what waits for a place, and takes no connection with it", () => {
    const { all, attempts, lost } = places();
    all.send("a", FRAME);
    all.drop("a");

    expect(attempts[0]?.open()).toBeUndefined();
    expect([all.waitingBytes, lost.length]).toEqual([0, 0]);
  });

  unit("remembers no more places than it may, and forgets the idle ones for new ones", () => {
    const { all, attempts, clock, counters } = places(2);
    for (const place of ["a", "b", "c"]) all.send(place, FRAME);
    expect(counters.all().TooManyPlaces).toBe(1);

    attempts[0]?.open();
    all.lost("a", true);
    clock.pass(500);
    all.send("c", FRAME);

    expect(attempts.map(({ place }) => place)).toEqual(["a", "b", "c"]);
  });

  unit("forgets a place two minutes after nothing more was wanted of it", () => {
    const { all, clock } = places();
    all.send("a", FRAME);
    all.drop("a");
    clock.pass(60_000);

    for (let tick = 0; tick < 120; tick++) all.tick();
    expect(all.isEmpty).toBe(false);
    all.tick();
    expect(all.isEmpty).toBe(true);
  });
});
