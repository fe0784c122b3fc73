/** Tests of what is said again and again. */
import { describe, expect } from "bun:test";
import { unit } from "../../../test/kind.ts";
import type { ChannelId } from "../../channel/channel-id.ts";
import { Speaker } from "./speaker.ts";
import { NOTHING_SAID, type Word } from "./word.ts";

const CHANNEL = `0x${"01".repeat(32)}` as ChannelId;

/** A speaker with a clock and a wire in our hands. */
function speak(words: () => readonly Word[], takes: () => boolean = () => true) {
  const at = { nowMs: 0 };
  const said: number[] = [];
  const speaker = new Speaker({
    nowMs: () => at.nowMs,
    wordsAbout: words,
    send: () => {
      said.push(at.nowMs);
      return Promise.resolve(takes());
    },
  });
  /** Lets time pass in seconds. */
  const wait = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      at.nowMs += 1_000;
      speaker.speak();
      await Promise.resolve();
    }
  };
  return { at, said, speaker, wait };
}

const word = (changed: Partial<Word> = {}): Word => ({
  key: "prefund",
  content: NOTHING_SAID,
  timesMax: Number.POSITIVE_INFINITY,
  delayMs: 0,
  ...changed,
});

describe("Speaker", () => {
  unit("says a word at once, and again at pauses that double up to half a minute", async () => {
    const { said, speaker, wait } = speak(() => [word()]);
    speaker.speakAbout(CHANNEL);
    speaker.speakAbout(CHANNEL);
    await wait(100);
    expect(said).toEqual([0, 1, 3, 7, 15, 31, 61, 91].map((seconds) => 1_000 * seconds));
  });

  unit("says nothing more once there is no reason to", async () => {
    let words: readonly Word[] = [word()];
    const { said, speaker, wait } = speak(() => words);
    speaker.speakAbout(CHANNEL);
    words = [];
    await wait(10);
    expect(said).toEqual([0]);
    expect(speaker.channelCount).toBe(0);
  });

  unit("says a word no more often than it is worth, and forgets the channel then", async () => {
    const { said, speaker, wait } = speak(() => [word({ timesMax: 2 })]);
    speaker.speakAbout(CHANNEL);
    await wait(60);
    expect(said).toHaveLength(2);
    expect(speaker.channelCount).toBe(0);
  });

  unit("does not count what the wire did not take", async () => {
    let isThere = false;
    const { said, speaker, wait } = speak(
      () => [word({ timesMax: 2 })],
      () => isThere,
    );
    speaker.speakAbout(CHANNEL);
    await wait(5);
    const before = said.length;
    isThere = true;
    await wait(100);
    expect(before).toBe(3);
    expect(said).toHaveLength(before + 2);
  });

  unit("waits with a word that comes too early", async () => {
    const { said, speaker, wait } = speak(() => [word({ delayMs: 3_000 })]);
    speaker.speakAbout(CHANNEL);
    await wait(4);
    expect(said).toEqual([3_000, 4_000]);
  });

  unit(
    "says a word again when the peer shows that it missed it, but not twice in a second",
    async () => {
      const { at, said, speaker, wait } = speak(() => [word()]);
      speaker.speakAbout(CHANNEL);
      await wait(8);
      const before = said.length;
      at.nowMs += 500;
      speaker.repeat(CHANNEL, false);
      expect(said).toHaveLength(before + 1);
      speaker.repeat(CHANNEL, false);
      expect(said).toHaveLength(before + 1);
    },
  );

  unit("says again what was said often enough only where it is asked for", async () => {
    const { said, speaker, wait } = speak(() => [word({ timesMax: 1 })]);
    speaker.speakAbout(CHANNEL);
    await wait(1);
    speaker.repeat(CHANNEL, false);
    expect(said).toHaveLength(1);
    speaker.repeat(CHANNEL, true);
    expect(said).toHaveLength(2);
  });
});
