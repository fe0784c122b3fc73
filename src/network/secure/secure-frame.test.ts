/** Frames read as they were written, and any other bytes are refused without an error. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, golden, property, unit } from "../../../test/kind.ts";
import { toHex } from "../../primitives/hex.ts";
import { open } from "./cipher-state.ts";
import {
  confirmationFrame,
  initiationFrame,
  PADDING_BYTES,
  readSecureFrame,
  responseFrame,
  sealedFrame,
  TICKET_BYTES,
  unknownFrame,
} from "./secure-frame.ts";
import { HANDSHAKE_BYTES_MAX, INITIATION_BYTES, RAW_FRAME_BYTES_MAX } from "./secure-limits.ts";

const KEY = new Uint8Array(32).fill(3);
const MESSAGE = new Uint8Array(PADDING_BYTES + 32).fill(5);
const TICKET = new Uint8Array(TICKET_BYTES).fill(6);

const sealed = sealedFrame(0x01020304, {
  key: KEY,
  counter: 2 ** 40 + 1,
  kind: "Ping",
  plain: Uint8Array.of(1, 2, 3),
});

describe("frames", () => {
  golden("have these bytes, for ever", () => {
    expect(toHex(sealed)).toBe(
      "0x04010203040000010000000001010ab3084a7aabc1ac81dbf5057c62315ce1c594",
    );
    expect(toHex(unknownFrame(7))).toBe("0x0500000007");
    expect(toHex(responseFrame(1, 2, Uint8Array.of(9)))).toBe("0x02000000010000000209");
    expect(toHex(confirmationFrame(2, Uint8Array.of(9)))).toBe("0x030000000209");
    const initiation = toHex(initiationFrame(1, TICKET, MESSAGE));
    expect(initiation).toBe(`0x0100000001${"06".repeat(16)}${"05".repeat(MESSAGE.length)}`);
  });

  unit("read as they were written", () => {
    expect(readSecureFrame(initiationFrame(1, TICKET, MESSAGE))).toEqual({
      ok: true,
      value: { type: "Initiation", senderIndex: 1, ticket: TICKET, message: MESSAGE },
    });
    expect(readSecureFrame(responseFrame(1, 2, MESSAGE))).toEqual({
      ok: true,
      value: { type: "Response", senderIndex: 1, receiverIndex: 2, message: MESSAGE },
    });
    const read = readSecureFrame(sealed);
    expect(read).toMatchObject({
      value: { type: "Sealed", receiverIndex: 0x01020304, counter: 2 ** 40 + 1, kind: "Ping" },
    });
    if (!read.ok || read.value.type !== "Sealed") return;
    const { counter, head, sealed: ciphertext } = read.value;
    expect(open(KEY, counter, head, ciphertext)).toEqual(Buffer.from([1, 2, 3]));
  });

  adversarial("are refused when they are larger than their kind may be", () => {
    const large = (type: number, size: number): Uint8Array => {
      const frame = new Uint8Array(size);
      frame[0] = type;
      return frame;
    };
    const code = (frame: Uint8Array): string => {
      const read = readSecureFrame(frame);
      return read.ok ? read.value.type : read.reason.code;
    };

    expect(code(large(4, RAW_FRAME_BYTES_MAX))).toBe("Sealed");
    expect(code(large(4, RAW_FRAME_BYTES_MAX + 1))).toBe("FrameTooLarge");
    expect(code(large(3, HANDSHAKE_BYTES_MAX))).toBe("Confirmation");
    expect([1, 2, 3, 5, 9].map((type) => code(large(type, HANDSHAKE_BYTES_MAX + 1)))).toEqual(
      Array(5).fill("FrameTooLarge"),
    );
    expect(code(large(1, INITIATION_BYTES - 1))).toBe("FrameMalformed");
    expect(code(large(4, 29))).toBe("FrameMalformed");
    expect(code(new Uint8Array())).toBe("FrameMalformed");
    const counters = sealed.slice();
    counters.fill(255, 5, 13);
    expect(code(counters)).toBe("FrameMalformed");
  });

  property("any bytes read as a frame or as a refusal", () => {
    const bytes = fc.uint8Array({ maxLength: 600 });
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 6 }), (drawn, type) => {
        const frame = drawn.slice();
        if (frame.length > 0) frame[0] = type;
        const read = readSecureFrame(frame);

        if (!read.ok) expect(["FrameTooLarge", "FrameMalformed"]).toContain(read.reason.code);
      }),
    );
  });
});
