/** The simulator's wire is a wire like the real ones. */
import { describe } from "bun:test";
import { Timeline } from "../../sim/timeline.ts";
import { Trace } from "../../sim/trace.ts";
import { CALM_LINK, Wire } from "../../sim/wire.ts";
import type { Endpoint } from "../../src/ports/transport.ts";
import { assert } from "../../src/primitives/assert.ts";
import { listenAt, testTransport, type UseWires, type WireEnd } from "../ports-transport.ts";

const useVirtualWires: UseWires = (run) => {
  const timeline = new Timeline(0);
  const wire = new Wire({
    seed: 1,
    timeline,
    trace: new Trace(),
    startMs: 0,
    conditionsOf: () => CALM_LINK,
  });
  const openAt = (place: Endpoint): WireEnd =>
    listenAt(wire.transportOf(place), place, async () => wire.disconnect(place));
  let opened = 0;
  return run({
    open: async () => openAt(`end-${++opened}`),
    reopen: async ({ place }) => openAt(place),
    settle: async (condition) => {
      while (!condition()) assert(timeline.step(), "something is to come");
    },
  });
};

describe("the simulator's wire", () => {
  testTransport(useVirtualWires);
});
