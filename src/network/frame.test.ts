/** The bytes of the wire, and what is refused at its edge. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, golden, property } from "../../test/kind.ts";
import type { RecordHash } from "../events/record.ts";
import type { LogHead } from "../events/record-head.ts";
import { decodeFrame, encodeFrame, type Frame } from "./frame.ts";
import { FRAME_BYTES_MAX, PAYLOAD_BYTES_MAX, RECEIVE_WINDOW, SEQUENCE_MAX } from "./limits.ts";

const sequences = fc.oneof(fc.nat(), fc.integer({ min: SEQUENCE_MAX - 9, max: SEQUENCE_MAX }));
const heads: fc.Arbitrary<LogHead | undefined> = fc.option(
  fc.record({
    length: fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER)),
    hash: fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => `0x${bytes.toHex()}` as RecordHash),
  }),
  { nil: undefined },
);
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
    head: heads,
  }),
  fc.record({
    type: fc.constant("Greeting" as const),
    nonce: sequences,
    lastSent: sequences,
    lastReceived: sequences,
  }),
  fc.record({
    type: fc.constant("Welcome" as const),
    nonce: sequences,
    lastSent: sequences,
    settledUpTo: sequences,
    lastReceived: sequences,
    head: heads,
  }),
);

const HEAD: LogHead = { length: 300, hash: `0x${"4d".repeat(32)}` as RecordHash };

describe("frame", () => {
  golden("frames have these bytes, for ever", () => {
    const payload = Uint8Array.of(0xca, 0xfe);
    const data = encodeFrame({ type: "Data", sequence: 300, lowest: 299, payload });
    const refused = [{ sequence: 7, code: "WrongTurn" }];
    const acknowledged = { type: "Acknowledged", upTo: 8, refused, head: undefined } as const;
    const greeting = encodeFrame({ type: "Greeting", nonce: 1, lastSent: 2, lastReceived: 3 });
    const standing = { lastSent: 2, settledUpTo: 3, lastReceived: 4 };
    const welcome = { type: "Welcome", nonce: 1, ...standing, head: undefined } as const;
    const headBytes = `92cd012cc420${"4d".repeat(32)}`;

    expect(data.toHex()).toBe("9401cd012ccd012bc402cafe");
    expect(encodeFrame(acknowledged).toHex()).toBe("940508919207a957726f6e675475726ec0");
    expect(encodeFrame({ ...acknowledged, head: HEAD }).toHex()).toBe(
      `940508919207a957726f6e675475726e${headBytes}`,
    );
    expect(greeting.toHex()).toBe("9403010203");
    expect(encodeFrame(welcome).toHex()).toBe("960601020304c0");
    expect(encodeFrame({ ...welcome, head: HEAD }).toHex()).toBe(`960601020304${headBytes}`);
  });

  golden("the numbers of frames without a head stand for nothing any more", () => {
    for (const retired of ["930208919207a957726f6e675475726e", "950401020304", "930208c0"]) {
      expect(decodeFrame(Uint8Array.fromHex(retired))).toEqual({
        ok: false,
        reason: { code: "Undecodable" },
      });
    }
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
    const answer = encodeFrame({ type: "Acknowledged", upTo: SEQUENCE_MAX, refused, head: HEAD });

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

  adversarial("a head of another form is no head", () => {
    const bytes = encodeFrame({ type: "Acknowledged", upTo: 1, refused: [], head: HEAD });
    const { hash, length } = HEAD;
    const forms = [
      "9405019080",
      "9405019091cd012c",
      `9405019092cd012cc41f${"4d".repeat(31)}`,
      `9405019092cd012cc421${"4d".repeat(33)}`,
      `9405019092cf0020000000000000c420${"4d".repeat(32)}`,
      `9405019092ffc420${"4d".repeat(32)}`,
      `9405019093cd012cc420${"4d".repeat(32)}00`,
    ];

    expect(decodeFrame(bytes)).toMatchObject({ ok: true, value: { head: { hash, length } } });
    for (const form of forms) {
      expect([form, decodeFrame(Uint8Array.fromHex(form))]).toEqual([
        form,
        { ok: false, reason: { code: "Undecodable" } },
      ]);
    }
  });

  adversarial("a code that is no word never reaches a log", () => {
    const bytes = encodeFrame({
      type: "Acknowledged",
      upTo: 1,
      refused: [{ sequence: 1, code: "Wrong" }],
      head: undefined,
    });
    // The last byte says that there is no head.
    bytes[bytes.length - 2] = 0x0a;

    expect(decodeFrame(bytes)).toEqual({ ok: false, reason: { code: "Undecodable" } });
  });
});
