/** The globals that a simulation may not touch: refused inside, unchanged outside. */
import { afterEach, describe, expect } from "bun:test";
import nodeCrypto, { randomBytes, randomInt } from "node:crypto";
import { performance as nodePerformance } from "node:perf_hooks";
import { setImmediate as nodeSetImmediate, setTimeout as nodeSetTimeout } from "node:timers";
import { setTimeout as promisedTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { nanoseconds } from "bun";
import { AssertionError } from "../src/primitives/assert.ts";
import { invariant, unit } from "../test/kind.ts";
import { beginSimulation, inRealWorld } from "./banned-globals.ts";
import { realWorld } from "./real-world.ts";

const nothing = (): void => {};
const someDate = new Date(0);

/** Ways to learn the time, to draw a number, to wait; each is harmless when it is allowed. */
const HARMLESS: Readonly<Record<string, () => unknown>> = {
  "Date.now": () => Date.now(),
  "new Date()": () => new Date(),
  "Date()": () => Date(),
  "constructor of a date": () => Reflect.construct(someDate.constructor as () => void, []),
  "performance.now": () => performance.now(),
  "node performance.now": () => nodePerformance.now(),
  "performance.mark": () => performance.mark("a mark"),
  "performance.timeOrigin": () => performance.timeOrigin,
  setTimeout: () => clearTimeout(setTimeout(nothing, 0)),
  setInterval: () => clearInterval(setInterval(nothing, 1)),
  setImmediate: () => clearImmediate(setImmediate(nothing)),
  "node:timers setTimeout": () => clearTimeout(nodeSetTimeout(nothing, 0)),
  "node:timers setImmediate": () => clearImmediate(nodeSetImmediate(nothing)),
  "node:timers/promises setTimeout": () => promisedTimeout(0),
  "promisified setTimeout": () => promisify(setTimeout)(0),
  "Bun.nanoseconds": () => Bun.nanoseconds(),
  "nanoseconds of bun": () => nanoseconds(),
  "Bun.sleep": () => Bun.sleep(0),
  "process.hrtime": () => process.hrtime(),
  "process.hrtime.bigint": () => process.hrtime.bigint(),
  "process.uptime": () => process.uptime(),
  "AbortSignal.timeout": () => AbortSignal.timeout(1),
  "Intl.DateTimeFormat#format": () => new Intl.DateTimeFormat().format(),
  "Intl.DateTimeFormat#formatToParts": () => new Intl.DateTimeFormat().formatToParts(),
  "Math.random": () => Math.random(),
  "crypto.getRandomValues": () => crypto.getRandomValues(new Uint8Array(1)),
  "crypto.randomUUID": () => crypto.randomUUID(),
  "crypto.subtle.digest": () => crypto.subtle.digest("SHA-256", new Uint8Array(1)),
  "Bun.randomUUIDv7": () => Bun.randomUUIDv7(),
  "node:crypto randomBytes": () => randomBytes(1),
  "node:crypto randomInt": () => randomInt(2),
  "node:crypto default randomUUID": () => nodeCrypto.randomUUID(),
  fetch: () => fetch("data:,x"),
  "new WeakRef": () => new WeakRef(nothing),
  "local hours": () => someDate.getHours(),
  "local text": () => someDate.toLocaleString(),
  localeCompare: () => "a".localeCompare("b"),
};

/** Doors to other machines and threads: only their refusal is tried. */
const HARMFUL: Readonly<Record<string, () => unknown>> = {
  "Bun.spawn": () => Bun.spawn(["true"]),
  "Bun.listen": () => Bun.listen({ hostname: "localhost", port: 0, socket: {} }),
  "Bun.serve": () => Bun.serve({ port: 0, fetch: () => new Response() }),
  "new WebSocket": () => new WebSocket("ws://localhost:1"),
  "new Worker": () => new Worker("data:text/javascript,"),
};

let end: () => void = nothing;
afterEach(() => {
  end();
  end = nothing;
});

function simulate(): void {
  const stop = beginSimulation();
  end = stop;
}

describe("banned globals", () => {
  for (const [name, call] of Object.entries({ ...HARMLESS, ...HARMFUL })) {
    invariant(`${name} is refused while a simulation runs`, () => {
      simulate();

      expect(call).toThrow(AssertionError);
      expect(call).toThrow("while a simulation runs");
    });
  }

  for (const [name, call] of Object.entries(HARMLESS)) {
    unit(`${name} works when no simulation runs`, async () => {
      simulate();
      end();
      end = nothing;

      await call();
    });
  }

  unit("the refusal names the global and the door to use instead", () => {
    simulate();

    expect(() => Date.now()).toThrow(
      "Date.now was called while a simulation runs: take time from the Clock door",
    );
  });

  unit("what only computes stays allowed", () => {
    simulate();

    expect(new Date(86_400_000).toISOString()).toBe("1970-01-02T00:00:00.000Z");
    expect(Date.UTC(1970, 0, 2)).toBe(86_400_000);
    expect(new Date(5) instanceof Date).toBe(true);
    const inUtc = new Intl.DateTimeFormat("en", { timeZone: "UTC", year: "numeric" });
    expect(inUtc.format(86_400_000)).toBe("1970");
  });

  invariant("code that a simulation started stays guarded after it awaited", async () => {
    simulate();
    const late = Promise.resolve().then(() => Date.now());

    await expect(late).rejects.toThrow(AssertionError);
  });
});

describe("beginSimulation", () => {
  unit("refuses a second simulation, and a second end", () => {
    simulate();
    expect(() => beginSimulation()).toThrow("one simulation runs at a time");

    end();
    expect(end).toThrow("a simulation ends once");
    end = nothing;
  });
});

describe("inRealWorld", () => {
  unit("opens the world until the call settles, and no longer", async () => {
    simulate();

    await expect(inRealWorld(async () => Date.now())).resolves.toBeGreaterThan(0);
    const failed = inRealWorld(async () => {
      await new Promise((settle) => setTimeout(settle, 0));
      throw new Error("no answer");
    });
    await expect(failed).rejects.toThrow("no answer");

    expect(() => Date.now()).toThrow(AssertionError);
  });
});

describe("realWorld", () => {
  unit("keeps the clock and the timers of the machine", async () => {
    simulate();

    const before = realWorld.performanceNow();
    await new Promise((settle) => realWorld.setTimeout(settle, 2));
    await new Promise((settle) => realWorld.setImmediate(settle));

    expect(realWorld.performanceNow()).toBeGreaterThan(before);
    expect(realWorld.nowMs()).toBeGreaterThan(1_600_000_000_000);
  });
});
