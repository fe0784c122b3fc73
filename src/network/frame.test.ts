/** The bytes of the wire, and what is refused at its edge. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, golden, property } from "../../test/kind.ts";
import { decodeFrame, encodeFrame, type Frame } from "./frame.ts";
import { FRAME_BYTES_MAX, PAYLOAD_BYTES_MAX, RECEIVE_WINDOW, SEQUENCE_MAX } from "./limits.ts";

const sequences = fc.oneof(fc.nat(), fc.integer({ min: SEQUENCE_MAX - 9, max: SEQUENCE_MAX }));
const frames: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    type: fc.constant("Data" as const),
    sequence: sequences,
    lowest: sequences,
    payload: fc.uint8Array(),
  }),
  fc.record({
    type: fc.constant("Acknowledged" as const),
    upTo: sequences,
    refused: fc.array(
      fc.record({ sequence: sequences, code: fc.stringMatching(/^[A-Za-z]{1,64}$/) }),
      { maxLength: RECEIVE_WINDOW },
    ),
  }),
);

describe("frame", () => {
  golden("frames have these bytes, for ever", () => {
    const payload = Uint8Array.of(0xca, 0xfe);
    const data = encodeFrame({ type: "Data", sequence: 300, lowest: 299, payload });
    const refused = [{ sequence: 7, code: "WrongTurn" }];
    const acknowledged = encodeFrame({ type: "Acknowledged", upTo: 8, refused });

    expect(data.toHex()).toBe("9401cd012ccd012bc402cafe");
    expect(acknowledged.toHex()).toBe("930208919207a957726f6e675475726e");
  });

  property("a frame is read as it was written", () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(decodeFrame(encodeFrame(frame))).toEqual({ ok: true, value: frame });
      }),
    );
  });

  golden("the largest frames fit the limit", () => {
    const payload = new Uint8Array(PAYLOAD_BYTES_MAX);
    const data = encodeFrame({
      type: "Data",
      sequence: SEQUENCE_MAX,
      lowest: SEQUENCE_MAX,
      payload,
    });
    const refused = Array.from({ length: RECEIVE_WINDOW }, () => ({
      sequence: SEQUENCE_MAX,
      code: "x".repeat(64),
    }));
    const answer = encodeFrame({ type: "Acknowledged", upTo: SEQUENCE_MAX, refused });

    expect(data.length).toBeLessThanOrEqual(FRAME_BYTES_MAX);
    expect(answer.length).toBeLessThanOrEqual(FRAME_BYTES_MAX);
  });
});

describe("attacks on frames", () => {
  adversarial("bytes of any kind are a frame or a refusal, never an error", () => {
    const changed = fc
      .tuple(frames, fc.nat(), fc.integer({ min: 0, max: 255 }))
      .map(([frame, at, byte]) => {
        const bytes = encodeFrame(frame);
        return bytes.fill(byte, at % bytes.length, (at % bytes.length) + 1);
      });

    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), changed), (bytes) => {
        const decoded = decodeFrame(bytes);
        if (decoded.ok) expect(encodeFrame(decoded.value)).toEqual(bytes);
        else expect(decoded.reason.code).toBe("Undecodable");
      }),
      { numRuns: 2000 },
    );
  });

  adversarial("a frame above the limit is refused before it is read", () => {
    const bytes = new Uint8Array(FRAME_BYTES_MAX + 1);

    expect(decodeFrame(bytes)).toEqual({ ok: false, reason: { code: "FrameTooLarge" } });
  });

  adversarial("a code that is no word never reaches a log", () => {
    const bytes = encodeFrame({
      type: "Acknowledged",
      upTo: 1,
      refused: [{ sequence: 1, code: "Wrong" }],
    });
    bytes[bytes.length - 1] = 0x0a;

    expect(decodeFrame(bytes)).toEqual({ ok: false, reason: { code: "Undecodable" } });
  });
});
