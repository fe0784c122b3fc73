/** Requests wait for a while, then they are answered, and none is lost. */
import { describe, expect } from "bun:test";
import { Timeline } from "../../sim/timeline.ts";
import { unit } from "../../test/kind.ts";
import { SAMPLE_CHANNEL_ID } from "../../test/sample-messages.ts";
import type { Input } from "./input.ts";
import { WaitingRoom } from "./waiting-room.ts";

function createRoom() {
  const timeline = new Timeline(0);
  const answers: string[] = [];
  const skew = { ms: 0 };
  const room = new WaitingRoom({
    nowMs: () => timeline.nowMs + skew.ms,
    after: (delayMs, run) => timeline.after(delayMs, run),
  });
  const request = (name: string): Input & { readonly type: "Request" } => ({
    type: "Request",
    request: { type: "DefundDirectly", channelId: SAMPLE_CHANNEL_ID },
    channelNonce: 0n,
    answer: (answer) => answers.push(`${name} ${answer.ok ? "ok" : answer.reason.code}`),
  });
  return { timeline, answers, room, request, skew };
}

describe("a waiting room", () => {
  unit("answers Resyncing after ten seconds, to each for itself", () => {
    const { answers, request, room, timeline } = createRoom();

    room.keep(request("first"));
    timeline.after(4_000, () => room.keep(request("second")));
    timeline.step();
    expect([room.size, answers]).toEqual([2, []]);
    timeline.step();
    expect([timeline.nowMs, room.size, answers]).toEqual([10_000, 1, ["first Resyncing"]]);
    timeline.step();

    expect(timeline.nowMs).toBe(14_000);
    expect([room.size, answers]).toEqual([0, ["first Resyncing", "second Resyncing"]]);
  });

  unit("lets everybody out in the order of coming, and forgets them", () => {
    const { answers, request, room, timeline } = createRoom();
    const requests = [request("first"), request("second")];

    for (const one of requests) room.keep(one);
    const left = room.empty();

    expect(left).toEqual(requests);
    expect([room.size, timeline.nextMs, answers]).toEqual([0, undefined, []]);
  });

  unit("gives nobody more time who comes back", () => {
    const { answers, request, room, timeline } = createRoom();
    const one = request("one");

    room.keep(one);
    timeline.after(9_000, () => {
      for (const again of room.empty()) room.keep(again as typeof one);
    });
    timeline.step();
    timeline.step();

    expect([timeline.nowMs, answers]).toEqual([10_000, ["one Resyncing"]]);
  });

  unit("lets nobody wait longer because the clock was set back", () => {
    const { answers, request, room, skew, timeline } = createRoom();
    const one = request("one");

    room.keep(one);
    skew.ms = -10_800_000;
    for (const again of room.empty()) room.keep(again as typeof one);
    timeline.step();

    expect([timeline.nowMs, answers]).toEqual([10_000, ["one Resyncing"]]);
  });
});
