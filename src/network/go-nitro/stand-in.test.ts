/** Tests of who stands in for a node of go-nitro towards our session. */
import { describe, expect } from "bun:test";
import { unit } from "../../../test/kind.ts";
import type { ChannelId } from "../../channel/channel-id.ts";
import { directDefundId } from "../../channel/objective-id.ts";
import { encodeMessage } from "../../messages/codec.ts";
import type { Message } from "../../messages/message.ts";
import type { Clock } from "../../ports/clock.ts";
import { decodeFrame, encodeFrame, type Frame } from "../frame.ts";
import { StandIn } from "./stand-in.ts";

const channelId = `0x${"01".repeat(32)}` as ChannelId;
const MESSAGE: Message = {
  type: "DefundRequest",
  objectiveId: directDefundId(channelId),
  channelId,
};

/** A stand-in, with the other end in our hands. */
function stand() {
  const timers = new Set<() => void>();
  const clock: Clock = {
    nowMs: () => 0,
    after: (_, run) => {
      timers.add(run);
      return () => timers.delete(run);
    },
  };
  const frames: Frame[] = [];
  const said: Message[] = [];
  const verdicts: (string | undefined)[] = [];
  const standIn = new StandIn({
    clock,
    toSession: (bytes) => {
      const frame = decodeFrame(bytes);
      if (frame.ok) frames.push(frame.value);
    },
    onSaid: (message) => said.push(message),
    onVerdict: ({ code }) => verdicts.push(code),
  });
  const tell = async (frame: Frame): Promise<void> => {
    standIn.receive(encodeFrame(frame));
    await Promise.resolve();
  };
  const ring = async (): Promise<void> => {
    for (const run of [...timers]) {
      timers.delete(run);
      run();
    }
    await Promise.resolve();
  };
  const greet = (lastSent: number, lastReceived: number): Promise<void> =>
    tell({ type: "Greeting", nonce: 9, lastSent, lastReceived });
  return { frames, greet, ring, said, standIn, tell, timers, verdicts };
}

describe("StandIn", () => {
  unit("is as far as our log: nothing of it is doubted", async () => {
    const { frames, greet, standIn } = stand();
    expect(standIn.isFree).toBe(false);
    await greet(5, 3);
    const standing = { lastSent: 3, settledUpTo: 3, lastReceived: 5 };
    expect(frames).toEqual([{ type: "Welcome", nonce: 9, ...standing, head: undefined }]);
    expect(standIn.isFree).toBe(true);
  });

  unit("settles at once what our engine says, since the log has it", async () => {
    const { frames, greet, said, tell } = stand();
    await greet(0, 0);
    await tell({ type: "Data", sequence: 1, lowest: 1, payload: encodeMessage(MESSAGE) });
    expect(said).toEqual([MESSAGE]);
    expect(frames.at(-1)).toMatchObject({ type: "Acknowledged", upTo: 1, refused: [] });
  });

  unit("says one message of the Go node at a time, until it is settled or refused", async () => {
    const { frames, greet, ring, standIn, tell, timers, verdicts } = stand();
    await greet(0, 3);
    standIn.deliver(MESSAGE);
    await ring();
    const data = { type: "Data", sequence: 4, lowest: 4, payload: encodeMessage(MESSAGE) } as const;
    expect(frames.slice(1)).toEqual([data, data]);
    expect(standIn.isFree).toBe(false);

    await tell({ type: "Acknowledged", upTo: 3, refused: [], head: undefined });
    expect(verdicts).toEqual([]);
    const refused = [{ sequence: 4, code: "UnknownChannel" }];
    await tell({ type: "Acknowledged", upTo: 4, refused, head: undefined });
    expect(verdicts).toEqual(["UnknownChannel"]);
    expect(timers.size).toBe(0);

    standIn.deliver(MESSAGE);
    await tell({ type: "Acknowledged", upTo: 5, refused, head: undefined });
    expect(verdicts).toEqual(["UnknownChannel", undefined]);
  });

  unit("gives what is under way a new number when our session begins anew", async () => {
    const { frames, greet, standIn } = stand();
    await greet(0, 3);
    standIn.deliver(MESSAGE);
    await greet(0, 7);
    expect(frames.at(-1)).toMatchObject({ type: "Data", sequence: 8, lowest: 8 });
  });

  unit("says nothing once it is closed", async () => {
    const { frames, greet, ring, standIn } = stand();
    await greet(0, 0);
    standIn.deliver(MESSAGE);
    standIn.close();
    await ring();
    await greet(0, 0);
    expect(frames).toHaveLength(1);
  });
});
