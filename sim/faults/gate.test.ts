/** A process that stands still hears nothing, and everything in order when it goes on. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { Timeline } from "../timeline.ts";
import { Gate } from "./gate.ts";

describe("Gate", () => {
  unit("lets what waited come in order, before what comes at the same moment", () => {
    const timeline = new Timeline(0);
    const gate = new Gate(timeline);
    const seen: string[] = [];
    const clock = gate.clock(() => 0);
    clock.after(10, () => seen.push(`timer ${timeline.nowMs}`));
    timeline.after(5, () => gate.freeze());
    timeline.after(12, () => gate.pass(() => seen.push(`frame ${timeline.nowMs}`)));
    timeline.after(20, () => gate.thaw());
    timeline.after(20, () => gate.pass(() => seen.push(`late ${timeline.nowMs}`)));

    while (timeline.step());

    expect(seen).toEqual(["timer 20", "frame 20", "late 20"]);
  });

  unit("loses what waited when the process ends, and what comes after", () => {
    const timeline = new Timeline(0);
    const gate = new Gate(timeline);
    let seen = 0;
    gate.freeze();
    gate.pass(() => {
      seen += 1;
    });
    gate.end();
    gate.thaw();
    gate.pass(() => {
      seen += 1;
    });
    while (timeline.step());

    expect(seen).toBe(0);
  });

  unit("runs no timer that was cancelled while it waited", () => {
    const timeline = new Timeline(0);
    const gate = new Gate(timeline);
    let seen = 0;
    const cancel = gate
      .clock(() => 0)
      .after(1, () => {
        seen += 1;
      });
    gate.freeze();
    timeline.step();
    cancel();
    gate.thaw();
    while (timeline.step());

    expect(seen).toBe(0);
  });

  unit("has a clock that can be wrong, and timers that are right", () => {
    const timeline = new Timeline(1_000);
    const clock = new Gate(timeline).clock(() => -400);
    let ranAtMs = 0;
    clock.after(50, () => {
      ranAtMs = timeline.nowMs;
    });
    timeline.step();

    expect(clock.nowMs()).toBe(650);
    expect(ranAtMs).toBe(1_050);
  });
});
