/** Says to one node of go-nitro what the state of this node gives reason to say, again and again. */

import type { ChannelId } from "../../channel/channel-id.ts";
import { SAY_AGAIN_AFTER_MS, SAY_AGAIN_AFTER_MS_MAX } from "./limits.ts";
import type { Content, Word } from "./word.ts";

/** How often a word was said, how often that was tried, when last, and when it is due. */
type Said = { times: number; tries: number; saidMs: number; dueMs: number };

type Options = {
  readonly nowMs: () => number;
  /** Resolves with true when the wire took it. */
  readonly send: (content: Content) => Promise<boolean>;
  /** Everything that there is to say about a channel now. */
  readonly wordsAbout: (channelId: ChannelId) => readonly Word[];
};

/** What was said to one peer, channel by channel: as much as there is to say, and no more. */
export class Speaker {
  readonly #options: Options;
  readonly #channels = new Map<ChannelId, Map<string, Said>>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Channels about which something may still have to be said. */
  get channelCount(): number {
    return this.#channels.size;
  }

  /** Says at once what is new about a channel, and what is due. */
  speakAbout(channelId: ChannelId): void {
    const { nowMs, wordsAbout } = this.#options;
    const before = this.#channels.get(channelId);
    const after = new Map<string, Said>();
    let isOver = true;
    for (const { content, delayMs, key, timesMax } of wordsAbout(channelId)) {
      const said = before?.get(key) ?? { times: 0, tries: 0, saidMs: 0, dueMs: nowMs() + delayMs };
      after.set(key, said);
      if (said.times < timesMax) isOver = false;
      if (said.times >= timesMax || said.dueMs > nowMs()) continue;
      said.saidMs = nowMs();
      said.dueMs = nowMs() + pauseAfter(said.tries);
      said.tries += 1;
      said.times += 1;
      this.#send(content, said);
    }
    if (isOver) this.#channels.delete(channelId);
    else this.#channels.set(channelId, after);
  }

  /** What the wire did not take was not said. */
  #send(content: Content, said: Said): void {
    void this.#options.send(content).then((isSent) => {
      if (!isSent) said.times -= 1;
    });
  }

  /** Says what is due about any channel. */
  speak(): void {
    for (const channelId of [...this.#channels.keys()]) this.speakAbout(channelId);
  }

  /**
   * The peer says something again: it may not have heard what followed from it, unless that was said just now. What
   * was said often enough is said once more only where the peer asks for it: two who answer each other's repetitions
   * would never end.
   */
  repeat(channelId: ChannelId, isAsked: boolean): void {
    const known = this.#channels.get(channelId);
    if (known === undefined && !isAsked) return;
    const nowMs = this.#options.nowMs();
    for (const said of known?.values() ?? []) {
      if (said.times > 0 && nowMs - said.saidMs >= SAY_AGAIN_AFTER_MS) said.dueMs = nowMs;
    }
    this.speakAbout(channelId);
  }
}

function pauseAfter(tries: number): number {
  return Math.min(SAY_AGAIN_AFTER_MS * 2 ** tries, SAY_AGAIN_AFTER_MS_MAX);
}
