/** The machine's clock behind its door. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { systemClock } from "./system-clock.ts";

describe("systemClock", () => {
  unit("tells the time of the machine", () => {
    const before = Date.now();

    const told = systemClock.nowMs();

    expect(told).toBeGreaterThanOrEqual(before);
    expect(told).toBeLessThanOrEqual(Date.now());
  });

  unit("runs what was asked for once, in the order of the delays", async () => {
    const ran: string[] = [];

    await new Promise<void>((resolve) => {
      systemClock.after(20, () => {
        ran.push("later");
        resolve();
      });
      systemClock.after(1, () => ran.push("sooner"));
    });

    expect(ran).toEqual(["sooner", "later"]);
  });

  unit("does not run what was cancelled, and cancels twice without harm", async () => {
    const ran: string[] = [];
    const cancel = systemClock.after(1, () => ran.push("cancelled"));
    cancel();
    cancel();

    await new Promise<void>((resolve) => {
      systemClock.after(20, resolve);
    });

    expect(ran).toEqual([]);
  });
});
