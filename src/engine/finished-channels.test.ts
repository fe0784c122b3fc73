/** Channels that are over: after the payout, with nothing open. */
import { describe, expect } from "bun:test";
import { COIN, exitOf, finalChannel, runningChannel, TOKEN } from "../../test/disputed-channel.ts";
import { adversarial, unit } from "../../test/kind.ts";
import { foldedState, logOf, toldEvents } from "../../test/told-log.ts";
import { type Channel, phaseOf } from "../channel/channel.ts";
import { assertDefined } from "../primitives/assert.ts";
import { finishedChannels, isAboutOnly } from "./finished-channels.ts";
import { createNodeState } from "./node-state.ts";

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

describe("a channel that a challenge has ended", () => {
  const paid = new Set([COIN, TOKEN]);
  const isFinished = (channel: Channel): boolean => {
    const state = createNodeState();
    state.channels.set(channel.id, channel);
    return finishedChannels(state).has(channel.id);
  };

  unit("is over once each asset was paid out, and nothing of what is held is mine", () => {
    const ended = finalChannel(runningChannel(), [exitOf(COIN, 0n, 5n), exitOf(TOKEN, 0n, 0n)]);
    expect(isFinished({ ...ended, paidOut: paid })).toBe(true);
    expect(isFinished({ ...ended, paidOut: new Set([COIN]) })).toBe(false);
    expect(isFinished({ ...runningChannel(), paidOut: paid })).toBe(false);
  });

  adversarial("is not over while others alone were paid", () => {
    const ended = finalChannel(runningChannel(), [exitOf(COIN, 60n, 0n), exitOf(TOKEN, 0n, 0n)]);
    expect(isFinished({ ...ended, paidOut: paid })).toBe(false);
    expect(isFinished({ ...ended, paidOut: paid, concluded: true })).toBe(false);
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
