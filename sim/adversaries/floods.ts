/** Strategies that cost others work or room: too many messages, frames that are too large or no frames at all. */

import type { ChannelId } from "../../src/channel/channel-id.ts";
import { updateId } from "../../src/channel/objective-id.ts";
import type { Message } from "../../src/messages/message.ts";
import { encodeFrame } from "../../src/network/frame.ts";
import { FRAME_BYTES_MAX, SEQUENCE_MAX } from "../../src/network/limits.ts";
import { toHex } from "../../src/primitives/hex.ts";
import type { Adversary } from "./adversary.ts";
import type { Strategy } from "./strategy.ts";

/** Milliseconds between two strikes of a strategy that comes again. */
const AGAIN_MS = 10_000;

export const MESSAGE_FLOOD: Strategy = {
  summary:
    "sends very many messages at once, about channels that nobody knows, inside and outside the window",
  attack: "N1",
  role: "Any",
  settings: { count: [1, 300] },
  play: (adversary) => ({
    begins: () => {
      for (let n = 0; n < adversary.setting("count"); n++) {
        adversary.did("floods");
        adversary.tellAll(junk(adversary, n));
        for (const peer of adversary.peers)
          adversary.seat.throwBytes(peer, lostFrame(adversary, n));
      }
    },
  }),
};

export const GIANT_FRAMES: Strategy = {
  summary: "sends frames that are larger than any may be",
  attack: "N2",
  role: "Any",
  settings: { count: [1, 5], beyondKb: [0, 256] },
  play: (adversary) => ({
    begins: () => {
      const sizeBytes = FRAME_BYTES_MAX + 1 + 1_024 * adversary.setting("beyondKb");
      repeat(adversary, adversary.setting("count"), () => {
        adversary.did("sends a giant");
        const giant = new Uint8Array(sizeBytes).fill(adversary.draw("giant", [0, 255]));
        for (const peer of adversary.peers) adversary.seat.throwBytes(peer, giant);
      });
    },
  }),
};

export const MALFORMED_FRAMES: Strategy = {
  summary:
    "sends bytes that are no frame, frames that are cut or have a flipped bit, and messages that are none",
  attack: "N8",
  role: "Any",
  settings: { count: [1, 20] },
  play: (adversary) => {
    let last: Uint8Array = new Uint8Array(0);
    return {
      sends: (_, frame) => {
        last = encodeFrame(frame);
        return frame;
      },
      begins: () => {
        repeat(adversary, adversary.setting("count"), () => {
          adversary.did("sends what is no frame");
          for (const peer of adversary.peers) {
            adversary.seat.throwBytes(peer, adversary.drawBytes("malformed"));
            adversary.seat.throwBytes(peer, damaged(adversary, last));
            adversary.seat.tellBytes(peer, adversary.drawBytes("malformed"));
          }
        });
      },
    };
  },
};

export const RESYNC_SPAM: Strategy = {
  summary:
    "asks again and again what the others hold of hers, as if she had lost her log, and may acknowledge nothing",
  attack: "N5",
  role: "Any",
  settings: { count: [1, 40], deaf: [0, 1] },
  play: (adversary) => ({
    // What nobody acknowledges waits with the one who said it.
    sends: (_, frame) =>
      frame.type === "Acknowledged" && adversary.setting("deaf") === 1 ? undefined : frame,
    begins: () => {
      for (let round = 1; round <= adversary.setting("count"); round++) {
        adversary.did("asks for everything");
        adversary.tellAll({ type: "ResyncRequest", round });
      }
    },
  }),
};

function junk(adversary: Adversary, n: number): Message {
  const channelId = toHex(adversary.drawBytes("junk")) as ChannelId;
  const objectiveId = updateId(channelId, 0, n);
  if (n % 3 === 0) return { type: "ObjectiveQuery", objectiveId, channelId };
  if (n % 3 === 1) return { type: "DefundRequest", objectiveId, channelId };
  return { type: "LedgerRefusal", channelId, turnNum: n, code: "Junk" };
}

/** A frame far above the window, which nobody has to keep. */
function lostFrame(adversary: Adversary, n: number): Uint8Array {
  const sequence = SEQUENCE_MAX - n;
  const payload = adversary.drawBytes("junk");
  return encodeFrame({ type: "Data", sequence, lowest: sequence - (n % 2), payload });
}

function damaged(adversary: Adversary, frame: Uint8Array): Uint8Array {
  if (frame.length === 0) return frame;
  const place = adversary.draw("damaged byte", [0, frame.length - 1]);
  const isCut = adversary.draw("damage", [0, 1]) === 0;
  if (isCut) return frame.slice(0, place);
  const flipped = frame.slice();
  flipped[place] = (flipped[place] ?? 0) ^ (1 << adversary.draw("damaged bit", [0, 7]));
  return flipped;
}

function repeat(adversary: Adversary, times: number, strike: () => void): void {
  strike();
  if (times > 1) adversary.after(AGAIN_MS, () => repeat(adversary, times - 1, strike));
}
