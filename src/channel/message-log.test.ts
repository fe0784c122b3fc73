/** Message logs: one encoding, and steps that only add. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { decodeAbiParameters, encodeAbiParameters, keccak256, parseAbiParameters } from "viem";
import { adversarial, golden, property, unit } from "../../test/kind.ts";
import "../../test/property-seed.ts";
import vectors from "../../test/vectors/message-log.json" with { type: "json" };
import type { Hash } from "../crypto/signature.ts";
import { type Hex, hexSizeBytes, toHex } from "../primitives/hex.ts";
import type { Result } from "../primitives/result.ts";
import type { ChannelId } from "./channel-id.ts";
import {
  appendMessages,
  checkLogStep,
  checkMessageLog,
  decodeMessageLog,
  EMPTY_LOG_HASH,
  emptyMessageLog,
  encodeMessageLog,
  LOG_MESSAGES_PER_TURN_MAX,
  LOG_PAYLOAD_BYTES_MAX,
  type LogMessage,
  type MessageLog,
  messageId,
  nextRunningHash,
} from "./message-log.ts";

const CHANNEL = `0x${"c1".repeat(32)}` as ChannelId;
const REDUCER = `0x${"e0".repeat(32)}` as Hash;
const START = emptyMessageLog(REDUCER, "0x0102");

const LAYOUT = parseAbiParameters(
  "uint64, bytes32, bytes32, bytes, (string messageType, bytes payload, uint64 timeMs)[]",
);
const ID_LAYOUT = parseAbiParameters("bytes32, uint256, uint256, string, bytes");
const HASH_LAYOUT = parseAbiParameters("bytes32, bytes32, uint256, uint256");

function acceptedOf<Value>(result: Result<Value, unknown>): Value {
  if (result.ok) return result.value;
  throw new Error(`refused: ${JSON.stringify(result.reason)}`);
}

const codeOf = (result: Result<unknown, { readonly code: string }>): string =>
  result.ok ? "accepted" : result.reason.code;

const messageOf = (messageType: string, payload: Hex, timeMs = 1_000): LogMessage => ({
  messageType,
  payload,
  timeMs,
});

const added = (before: MessageLog, turnNum: number, messages: readonly LogMessage[]): MessageLog =>
  acceptedOf(
    appendMessages(before, { channelId: CHANNEL, turnNum }, turnNum % 2, messages, "0x03"),
  );

const step = (before: MessageLog, turnNum: number, log: MessageLog, mover = turnNum % 2): string =>
  codeOf(checkLogStep(before, { channelId: CHANNEL, turnNum, log }, mover));

const anyMessages: fc.Arbitrary<readonly LogMessage[]> = fc.array(
  fc.record({
    messageType: fc.stringMatching(/^[ -~]{1,64}$/),
    payload: fc.uint8Array({ maxLength: 120 }).map(toHex),
    timeMs: fc.nat(Number.MAX_SAFE_INTEGER),
  }),
  { maxLength: LOG_MESSAGES_PER_TURN_MAX },
);

describe("encodeMessageLog", () => {
  property("writes what another encoder of the ABI writes, and is read back", () => {
    const twinStates = fc.uint8Array({ maxLength: 70 }).map(toHex);
    fc.assert(
      fc.property(anyMessages, twinStates, (said, twinState) => {
        const place = { channelId: CHANNEL, turnNum: 2 };
        const log = acceptedOf(appendMessages(START, place, 0, said, twinState));
        const encoded = encodeMessageLog(log);

        const parts = log.messages.map((message) => ({
          ...message,
          timeMs: BigInt(message.timeMs),
        }));
        const { count, reducerId, runningHash } = log;
        const values = [BigInt(count), runningHash, reducerId, twinState, parts] as const;
        expect(encoded).toBe(encodeAbiParameters(LAYOUT, values));
        expect(acceptedOf(decodeMessageLog(encoded))).toEqual(log);
      }),
      { numRuns: 60 },
    );
  });

  golden("and all hashes are those of the vectors", () => {
    let before = emptyMessageLog(vectors.reducerId as Hash, "0x");
    const channelId = vectors.channelId as ChannelId;
    for (const { appData, ids, messages: said, sender, turnNum } of vectors.turns) {
      const place = { channelId, turnNum };
      const log = acceptedOf(
        appendMessages(before, place, sender, said as readonly LogMessage[], "0x0a0b"),
      );
      expect(encodeMessageLog(log)).toBe(appData as Hex);
      expect(
        log.messages.map((one, at) => messageId(channelId, turnNum, at, one) as string),
      ).toEqual(ids);
      before = log;
    }
    expect(before.runningHash as string).toBe(vectors.runningHash);
  });
});

describe("messageId and nextRunningHash", () => {
  unit("are hashes of words that a contract can write in one line", () => {
    const said = messageOf("move", "0x0102", 77);
    const id = messageId(CHANNEL, 9, 3, said);

    expect(id as string).toBe(
      keccak256(encodeAbiParameters(ID_LAYOUT, [CHANNEL, 9n, 3n, "move", "0x0102"])),
    );
    expect(nextRunningHash(EMPTY_LOG_HASH, id, 1, 77) as string).toBe(
      keccak256(encodeAbiParameters(HASH_LAYOUT, [EMPTY_LOG_HASH, id, 1n, 77n])),
    );
  });
});

describe("decodeMessageLog", () => {
  adversarial("refuses every other encoding of the same, and what is cut off", () => {
    const encoded = encodeMessageLog(added(START, 2, [messageOf("move", "0x010203")]));
    const sizeBytes = hexSizeBytes(encoded);
    const cut = Array.from(
      { length: sizeBytes },
      (_, size) => encoded.slice(0, 2 + 2 * size) as Hex,
    );
    // The same values with a gap in front of what the twin keeps.
    const moved = decodeAbiParameters(LAYOUT, encoded);
    expect(moved[0]).toBe(1n);
    const gap = `${encoded.slice(0, 2 + 64 * 5)}${"00".repeat(32)}${encoded.slice(2 + 64 * 5)}`;

    for (const bytes of [...cut, `${encoded}00` as Hex, gap as Hex]) {
      expect(codeOf(decodeMessageLog(bytes))).toBe("AppDataMalformed");
    }
  });

  property("never throws, and reads nothing but what is written so", () => {
    const encoded = encodeMessageLog(added(START, 2, [messageOf("move", "0x010203")]));
    const change = fc.tuple(fc.nat(hexSizeBytes(encoded) - 1), fc.nat(255));
    fc.assert(
      fc.property(change, ([at, value]) => {
        const bytes = Uint8Array.fromHex(encoded.slice(2));
        bytes[at] = value;
        const read = decodeMessageLog(toHex(bytes));
        if (read.ok) expect(encodeMessageLog(read.value)).toBe(toHex(bytes));
      }),
      { numRuns: 300 },
    );
  });
});

describe("checkMessageLog", () => {
  adversarial("refuses what a contract would not read", () => {
    const of = (other: Partial<MessageLog>): string =>
      codeOf(checkMessageLog({ ...START, ...other }));
    const says = (...said: readonly LogMessage[]): string => of({ messages: said });
    const bytes = (size: number): Hex => `0x${"00".repeat(size)}`;
    const move = messageOf("move", "0x");

    expect(of({ count: 2 ** 53 })).toBe("CountOutOfRange");
    expect(of({ twinState: bytes(1_025) })).toBe("TwinStateTooLarge");
    expect(says(...new Array<LogMessage>(9).fill(move))).toBe("TooManyMessages");
    expect(says(...new Array<LogMessage>(8).fill(move))).toBe("accepted");
    for (const type of ["", "a".repeat(65), "tab\t", "é", "a\n"]) {
      expect(says(messageOf(type, "0x"))).toBe("MessageTypeInvalid");
    }
    expect(says(messageOf("m", bytes(LOG_PAYLOAD_BYTES_MAX)))).toBe("accepted");
    expect(says(messageOf("m", bytes(LOG_PAYLOAD_BYTES_MAX + 1)))).toBe("PayloadTooLarge");
    expect(says(messageOf("m", "0x", -1))).toBe("TimeOutOfRange");
    expect(says(messageOf("m", "0x", 1.5))).toBe("TimeOutOfRange");
    const large = messageOf("m", bytes(LOG_PAYLOAD_BYTES_MAX));
    expect(says(large, large, large, large)).toBe("AppDataTooLarge");
  });
});

describe("checkLogStep", () => {
  const first = added(START, 2, [messageOf("a", "0x01"), messageOf("b", "0x02")]);

  unit("accepts what only adds, and what adds nothing", () => {
    expect(step(START, 2, first)).toBe("accepted");
    expect(step(first, 3, added(first, 3, [messageOf("c", "0x03")]))).toBe("accepted");
    expect(step(first, 3, { ...first, messages: [] })).toBe("accepted");
  });

  adversarial(
    "refuses a log that drops, rewrites, reorders or lends messages to somebody else",
    () => {
      const [a, b] = first.messages;
      if (a === undefined || b === undefined) throw new Error("two messages");

      expect(step(START, 2, { ...first, messages: [b, a] })).toBe("HashWrong");
      expect(step(START, 2, { ...first, messages: [a] })).toBe("CountWrong");
      expect(step(START, 2, { ...first, messages: [a, { ...b, payload: "0x04" }] })).toBe(
        "HashWrong",
      );
      expect(step(START, 2, { ...first, messages: [a, { ...b, timeMs: 1 }] })).toBe("HashWrong");
      expect(step(START, 2, first, 1)).toBe("HashWrong");
      expect(step(START, 3, first, 0)).toBe("HashWrong");
      expect(step(first, 3, { ...START, messages: [] })).toBe("CountWrong");
      const rewritten = added(START, 2, [messageOf("a", "0x01"), messageOf("b", "0x05")]);
      expect(step(first, 3, added(rewritten, 3, [messageOf("c", "0x")]))).toBe("HashWrong");
      const reducerId = `0x${"e1".repeat(32)}` as Hash;
      expect(step(START, 2, { ...first, reducerId })).toBe("ReducerChanged");
    },
  );
});
