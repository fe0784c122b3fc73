/** Withheld and added messages leave no gap on either side of an adversary. */
import { describe, expect } from "bun:test";
import type { AcknowledgedFrame, DataFrame } from "../../src/network/frame.ts";
import { SEQUENCE_MAX } from "../../src/network/limits.ts";
import { unit } from "../../test/kind.ts";
import { Timeline } from "../timeline.ts";
import { Conversation } from "./conversation.ts";

/** A conversation in which payloads stand for themselves as often as their first byte says. */
function conversation() {
  const sent: (readonly [sequence: number, lowest: number, text: number])[] = [];
  const timeline = new Timeline(0);
  const talk = new Conversation({
    clock: { nowMs: () => timeline.nowMs, after: (ms, run) => timeline.after(ms, run) },
    transmit: ({ lowest, payload, sequence }) => {
      sent.push([sequence, lowest, payload[1] ?? 0]);
    },
    replaced: (payload) => Array.from({ length: payload[0] ?? 0 }, () => payload),
  });
  return { sent, talk, timeline };
}

const data = (sequence: number, times: number): DataFrame => {
  return { type: "Data", sequence, lowest: 1, payload: Uint8Array.of(times, sequence) };
};

const settled = (upTo: number, refused: AcknowledgedFrame["refused"] = []): AcknowledgedFrame => {
  return { type: "Acknowledged", upTo, refused, head: undefined };
};

describe("a conversation of an adversary", () => {
  unit("numbers what goes out without a gap", () => {
    const { sent, talk } = conversation();

    talk.sent(data(1, 1));
    talk.sent(data(2, 0));
    talk.tell(Uint8Array.of(0, 99));
    talk.sent(data(3, 2));

    expect(sent).toEqual([
      [1, 1, 1],
      [2, 1, 99],
      [3, 1, 3],
      [4, 1, 3],
    ]);
  });

  unit("settles what was withheld together with what came before it", () => {
    const { talk } = conversation();
    talk.sent(data(1, 1));

    expect(talk.sent(data(2, 0))).toBe(false);
    expect(talk.settled().upTo).toBe(0);
    expect(talk.acknowledged(settled(1)).upTo).toBe(2);
    expect(talk.settled().upTo).toBe(2);
  });

  unit("settles a message only with the last one that took its place", () => {
    const { talk } = conversation();
    talk.sent(data(1, 3));

    expect(talk.acknowledged(settled(2)).upTo).toBe(0);
    expect(talk.acknowledged(settled(3)).upTo).toBe(1);
  });

  unit("tells the node of refusals in its own numbers, and of none of what it never said", () => {
    const { talk } = conversation();
    talk.tell(Uint8Array.of(0, 99));
    talk.sent(data(1, 1));
    const refused = [1, 2].map((sequence) => ({ sequence, code: "Wrong" }));

    expect(talk.acknowledged(settled(2, refused)).refused).toEqual([
      { sequence: 1, code: "Wrong" },
    ]);
  });

  unit("takes what the node repeats for heard, and repeats by itself what is not settled", () => {
    const { sent, talk, timeline } = conversation();
    talk.sent(data(1, 1));

    expect(talk.sent(data(1, 1))).toBe(true);
    expect(sent).toHaveLength(1);
    timeline.step();
    expect(sent).toHaveLength(2);
    talk.close();
  });

  unit("translates greetings in both directions", () => {
    const { talk } = conversation();
    talk.sent(data(1, 2));
    talk.sent(data(2, 1));
    const standing = { nonce: 7, lastSent: 2, lastReceived: 5 };
    const welcome = { type: "Welcome", ...standing, settledUpTo: 0, head: undefined } as const;

    expect(talk.greeting({ type: "Greeting", ...standing })).toMatchObject({ lastSent: 3 });
    expect(talk.welcome(welcome)).toMatchObject({ lastSent: 3, settledUpTo: 0, lastReceived: 5 });
    expect(talk.welcomed({ ...welcome, lastReceived: 2 })).toMatchObject({ lastReceived: 1 });
    expect(talk.greeted({ type: "Greeting", nonce: 8, lastSent: 4, lastReceived: 3 })).toEqual({
      type: "Greeting",
      nonce: 8,
      lastSent: 4,
      lastReceived: 2,
    });
    talk.close();
  });

  unit("goes on behind what a peer claims to have heard", () => {
    const { sent, talk } = conversation();
    talk.sent(data(1, 1));
    talk.acknowledged(settled(400_000_000));
    talk.sent(data(2, 1));

    expect(sent.at(-1)).toEqual([400_000_001, 400_000_001, 2]);
    talk.close();
  });

  unit("says nothing any more once a peer has heard of the last number", () => {
    const { sent, talk } = conversation();
    talk.sent(data(1, 1));
    talk.acknowledged(settled(SEQUENCE_MAX));
    talk.sent(data(2, 1));

    expect(sent).toHaveLength(1);
  });

  unit("tells the node of no number behind the last, though it has kept messages back", () => {
    const { talk } = conversation();
    talk.sent(data(1, 0));
    talk.sent(data(2, 1));

    expect(talk.acknowledged(settled(SEQUENCE_MAX)).upTo).toBe(SEQUENCE_MAX);
    talk.close();
  });
});
