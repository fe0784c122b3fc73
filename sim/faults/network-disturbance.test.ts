/** Each fault of the network does to its links what it says, and to no other frame anything. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { Timeline } from "../timeline.ts";
import { Trace } from "../trace.ts";
import { CALM_LINK, type LinkConditions, Wire } from "../wire.ts";
import type { NetworkFault } from "./fault.ts";
import { disturbanceOf } from "./network-disturbance.ts";

/** When a copy of a frame arrived, and how long it was under way, in virtual milliseconds. */
type Arrival = { readonly link: string; readonly frame: number; readonly atMs: number };

const LINKS = [
  ["alice", "bob"],
  ["bob", "alice"],
  ["alice", "irene"],
  ["irene", "bob"],
] as const;

/** Virtual milliseconds between two frames of one link, and how many are sent on each. */
const EVERY_MS = 100;
const FRAMES = 30;

/** Sends frames on all links, of which the fault strikes those from 1 s to 2 s, and gives all arrivals. */
function arrivals(fault: NetworkFault | undefined, conditions: Partial<LinkConditions> = {}) {
  const timeline = new Timeline(0);
  const link = { ...CALM_LINK, slowFraction: 0, ...conditions };
  const trace = new Trace();
  const wire = new Wire({ seed: 1, timeline, trace, startMs: 0, conditionsOf: () => link });
  const all: Arrival[] = [];
  for (const name of ["alice", "bob", "irene"]) {
    wire.transportOf(name).listen((from, [frame = 0]) => {
      all.push({ link: `${from}>${name}`, frame, atMs: timeline.nowMs });
    });
  }
  if (fault !== undefined) {
    timeline.after(1_000, () => {
      const end = wire.disturb(disturbanceOf(fault, timeline.nowMs));
      timeline.after(fault.forMs, end);
    });
  }
  for (let frame = 0; frame < FRAMES; frame++) {
    timeline.after(frame * EVERY_MS + 50, () => {
      for (const [from, to] of LINKS) wire.transportOf(from).send(to, Uint8Array.of(frame));
    });
  }
  while (timeline.step());
  return all;
}

/** True for frames that were sent while the fault was in effect. */
const isStruck = ({ frame }: Arrival): boolean => frame >= 10 && frame < 20;

/** The arrivals on one link of frames that were sent under the fault. */
function struck(all: readonly Arrival[], link: string): readonly Arrival[] {
  return all.filter((one) => one.link === link && isStruck(one));
}

/** What is the same in any world: the arrivals of frames that the fault must not touch. */
function untouched(all: readonly Arrival[], links: readonly string[]): readonly Arrival[] {
  return all.filter((one) => !links.includes(one.link) || !isStruck(one));
}

const AT_BOB = { from: "alice", to: "bob", forMs: 1_000 } as const;
const CALM = arrivals(undefined);

describe("a disturbed link", () => {
  unit("lets no frame into a part of the network that is cut off, nor out of it", () => {
    const fault = { type: "Partition", group: ["alice"], lost: "Both", forMs: 1_000 } as const;
    const all = arrivals(fault);

    const links = ["alice>bob", "bob>alice", "alice>irene"];
    for (const link of links) expect(struck(all, link)).toEqual([]);
    expect(untouched(all, links)).toEqual(untouched(CALM, links));
  });

  unit("loses only what a part of the network sends, or only what it would hear", () => {
    const part = { type: "Partition", group: ["alice"], forMs: 1_000 } as const;
    const sent = arrivals({ ...part, lost: "Sent" });
    const heard = arrivals({ ...part, lost: "Heard" });

    expect(struck(sent, "alice>bob")).toEqual([]);
    expect(struck(sent, "bob>alice")).toHaveLength(10);
    expect(struck(heard, "bob>alice")).toEqual([]);
    expect(struck(heard, "alice>bob")).toHaveLength(10);
  });

  unit("loses a fraction of its frames, and never fewer than it would have lost anyway", () => {
    const all = arrivals({ type: "LossyLink", fraction: 0.5, ...AT_BOB });
    const worse = arrivals({ type: "LossyLink", fraction: 0.1, ...AT_BOB }, { dropFraction: 1 });

    const count = struck(all, "alice>bob").length;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(10);
    expect(untouched(all, ["alice>bob"])).toEqual(untouched(CALM, ["alice>bob"]));
    expect(worse).toEqual([]);
  });

  unit("brings frames twice", () => {
    const all = arrivals({ type: "DoublingLink", fraction: 1, ...AT_BOB });

    expect(struck(all, "alice>bob")).toHaveLength(20);
    expect(untouched(all, ["alice>bob"])).toEqual(untouched(CALM, ["alice>bob"]));
  });

  unit("takes its time", () => {
    const all = arrivals({ type: "SlowLink", latencyMs: [5_000, 6_000], ...AT_BOB });

    const times = struck(all, "alice>bob").map(({ atMs, frame }) => atMs - frame * EVERY_MS - 50);
    expect(times).toHaveLength(10);
    for (const time of times) expect(time).toBeWithin(5_000, 6_001);
    expect(untouched(all, ["alice>bob"])).toEqual(untouched(CALM, ["alice>bob"]));
  });

  unit("carries one frame behind the other, and all that wait once it is wide again", () => {
    // Each frame of one byte takes 250 ms, and one comes every 100 ms.
    const all = arrivals({ type: "NarrowLink", bytesPerSec: 4, ...AT_BOB });

    const times = struck(all, "alice>bob").map(({ atMs }) => atMs);
    const inTime = times.filter((time) => time < 2_000);
    expect(inTime.length).toBeWithin(3, 5);
    expect(times.filter((time) => time === 2_000)).toHaveLength(10 - inTime.length);
    expect(untouched(all, ["alice>bob"])).toEqual(untouched(CALM, ["alice>bob"]));
  });

  unit("holds all frames, and brings them together and in order when it ends", () => {
    const all = arrivals({ type: "StalledLink", ...AT_BOB });

    const held = struck(all, "alice>bob");
    expect(held.map(({ atMs }) => atMs)).toEqual(Array(10).fill(2_000));
    expect(held.map(({ frame }) => frame)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(untouched(all, ["alice>bob"])).toEqual(untouched(CALM, ["alice>bob"]));
  });
});
