/** Channels that are over: after the payout, with nothing open. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { foldedState, logOf, toldEvents } from "../../test/told-log.ts";
import { phaseOf } from "../channel/channel.ts";
import { assertDefined } from "../primitives/assert.ts";
import { finishedChannels, isAboutOnly } from "./finished-channels.ts";

const EVENTS = 6_000;

describe("finishedChannels", () => {
  unit("are concluded and paid out, and nothing of theirs is open", () => {
    const state = foldedState(logOf(toldEvents(EVENTS)), EVENTS);
    const finished = finishedChannels(state);
    expect(finished.size).toBeGreaterThan(0);
    for (const [id, channel] of state.channels) {
      if (finished.has(id)) expect(phaseOf(channel)).toBe("Concluded");
      else expect(phaseOf(channel)).not.toBe("Finalized");
    }

    const [id] = finished;
    const channel = assertDefined(state.channels.get(assertDefined(id, "an id")), "a channel");
    state.channels.set(channel.id, { ...channel, paidOut: new Set() });
    expect(finishedChannels(state).has(channel.id)).toBe(false);
    state.channels.set(channel.id, channel);
    state.desks.set(channel.id, { open: ["x" as never], updatesAsked: [] });
    expect(finishedChannels(state).has(channel.id)).toBe(false);
  });
});

describe("isAboutOnly", () => {
  unit("is true for events of finished channels and of no other", () => {
    const finished = new Set(["0x01", "0x02"]) as never;

    expect(isAboutOnly(finished, ["objective:x", "channel:0x01"])).toBe(true);
    expect(isAboutOnly(finished, ["channel:0x01", "channel:0x02", "peer:0xee"])).toBe(true);
    expect(isAboutOnly(finished, ["channel:0x01", "channel:0x03"])).toBe(false);
    expect(isAboutOnly(finished, ["peer:0xee"])).toBe(false);
  });
});
