/** One record: its bytes, its chain, its versions, and every way in which it can be wrong. */
import { describe, expect } from "bun:test";
import { adversarial, golden, unit } from "../../test/kind.ts";
import { sha256 } from "../crypto/sha256.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { fromHex, toHex } from "../primitives/hex.ts";
import { ENCODED_SIZE_BYTES_MAX } from "../primitives/message-pack.ts";
import { NodeError } from "../primitives/node-error.ts";
import { boolean, encode, rawBytes, text, uint } from "../primitives/schema.ts";
import { optional, record } from "../primitives/schema-composite.ts";
import { type Catalogue, eventEntry, upcast } from "./catalogue-entry.ts";
import { createRecordCodec, firstHash, type RecordHash } from "./record.ts";

type Paid = { readonly type: "Paid"; readonly to: string; readonly amount: number };
type Closed = { readonly type: "Closed" };

const paid = record({ to: text(20), amount: uint(1000) });
const catalogue: Catalogue<Paid | Closed> = {
  Paid: eventEntry(7, 1, paid),
  Closed: eventEntry(8, 1, record({})),
};
const codec = createRecordCodec(catalogue, (event) =>
  event.type === "Paid" ? [`to:${event.to}`] : [],
);
const start = firstHash(new Uint8Array(16));
const bob: Paid = { type: "Paid", to: "bob", amount: 300 };
const closed: Closed = { type: "Closed" };
const place = { previousHash: start, offset: 5, timeMs: 1000 };

/** Record bytes with the right hash in front. */
const sealedHex = (hex: string): Uint8Array => {
  const line = Uint8Array.fromHex(hex);
  return concatBytes(sha256(concatBytes(fromHex(start), line)), line);
};

describe("encode", () => {
  golden("writes offset, number, version, time and fields, behind the chained hash", () => {
    const { record: line, stored } = codec.encode(place, bob);

    expect(toHex(stored.subarray(32))).toBe(`0x9505${"07"}${"01"}cd03e8${"92a3626f62cd012c"}`);
    expect(toHex(stored)).toBe(toHex(sealedHex(stored.subarray(32).toHex())));
    expect(line).toEqual({
      offset: 5,
      timeMs: 1000,
      event: bob,
      hash: toHex(stored.subarray(0, 32)) as RecordHash,
    });
  });

  golden("starts each log at the hash of a domain and the log's id", () => {
    const preimage = concatBytes(new TextEncoder().encode("channels log 2\n"), new Uint8Array(16));

    expect(fromHex(start)).toEqual(Uint8Array.from(sha256(preimage)));
    expect(() => firstHash(new Uint8Array(15))).toThrow("16 bytes");
  });

  unit("stops the program at an event that is not in the catalogue", () => {
    expect(() => codec.encode(place, { type: "Other" } as never)).toThrow(
      "the type of the event in the catalogue",
    );
  });

  unit("refuses an event above the limit, names the limit, and goes on", () => {
    type Large = { readonly type: "Large"; readonly content: Uint8Array };
    const large = createRecordCodec<Large>(
      { Large: eventEntry(1, 1, record({ content: rawBytes(2 * ENCODED_SIZE_BYTES_MAX) })) },
      () => [],
    );
    const sized = (sizeBytes: number): Large => ({
      type: "Large",
      content: new Uint8Array(sizeBytes),
    });
    const overhead = large.encode(place, sized(70_000)).stored.length - 70_000;
    const most = sized(ENCODED_SIZE_BYTES_MAX - overhead);
    const tooMuch = sized(ENCODED_SIZE_BYTES_MAX - overhead + 1);

    expect(large.encode(place, most).stored.length).toBe(ENCODED_SIZE_BYTES_MAX);
    expect(() => large.encode(place, tooMuch)).toThrow(
      new NodeError(
        "EventTooLarge",
        "an event Large is too large: its record may have 16777216 bytes",
      ),
    );
    expect(large.encode(place, most).stored.length).toBe(ENCODED_SIZE_BYTES_MAX);
  });

  unit("writes the same bytes after an event that could not be written", () => {
    const before = codec.encode(place, bob).stored;

    expect(() => codec.encode(place, { ...bob, amount: -1 })).toThrow("an integer");
    expect(codec.encode(place, bob).stored).toEqual(before);
  });
});

describe("contentId", () => {
  golden("is the hash of a domain and the canonical number, version and fields", () => {
    const preimage = concatBytes(
      new TextEncoder().encode("channels event 1\n"),
      Uint8Array.fromHex(`93${"07"}${"01"}${"92a3626f62cd012c"}`),
    );

    expect(fromHex(codec.contentId(bob))).toEqual(Uint8Array.from(sha256(preimage)));
  });

  unit("is the same at every place and another for every other event", () => {
    const events = [bob, { ...bob, amount: 301 }, { ...bob, to: "eve" }, closed];
    const ids = events.map(codec.contentId);
    codec.encode(place, bob);

    expect(codec.contentId({ amount: 300, to: "bob", type: "Paid" })).toBe(codec.contentId(bob));
    expect(new Set(ids).size).toBe(events.length);
  });
});

describe("decode", () => {
  unit("gives back the record", () => {
    const { record: line, stored } = codec.encode(place, bob);

    expect(codec.decode(start, 5, stored)).toEqual({ ok: true, value: line });
    expect(Object.keys(line.event)[0]).toBe("type");
  });

  adversarial("finds any changed byte, another predecessor and a record that is cut short", () => {
    const { stored } = codec.encode(place, bob);
    const mismatch = { ok: false, reason: { code: "HashMismatch", offset: 5 } } as const;

    for (let at = 0; at < stored.length; at += 1) {
      const changed = stored.map((byte, index) => (index === at ? byte ^ 1 : byte));
      expect(codec.decode(start, 5, changed)).toEqual(mismatch);
      expect(codec.decode(start, 5, stored.subarray(0, at))).toEqual(mismatch);
    }
    expect(codec.decode(firstHash(new Uint8Array(16).fill(1)), 5, stored)).toEqual(mismatch);
    expect(codec.decode(start, 5, new Uint8Array(2 ** 24 + 1))).toEqual(mismatch);
  });

  adversarial("refuses a record with a right hash that belongs elsewhere", () => {
    const { stored } = codec.encode(place, bob);

    expect(codec.decode(start, 6, stored)).toEqual({
      ok: false,
      reason: { code: "OffsetMismatch", offset: 6, found: 5 },
    });
  });

  adversarial("names the number and version of an event that it does not know", () => {
    expect(codec.decode(start, 0, sealedHex("9500090100" + "90"))).toEqual({
      ok: false,
      reason: { code: "UnknownEvent", offset: 0, number: 9, version: 1 },
    });
    for (const version of ["00", "02"]) {
      expect(codec.decode(start, 0, sealedHex(`950008${version}0090`))).toMatchObject({
        reason: { code: "UnknownEvent", number: 8, version: Number(version) },
      });
    }
  });

  adversarial("says at which byte a record with a right hash is not one", () => {
    const reasonOf = (hex: string): unknown => codec.decode(start, 0, sealedHex(hex));
    const undecodable = (byteOffset: number, problem: string): unknown => ({
      ok: false,
      reason: { code: "Undecodable", offset: 0, byteOffset, problem },
    });

    expect(codec.decode(start, 0, sealedHex("9500080100" + "90")).ok).toBe(true);
    expect(reasonOf("")).toEqual(undecodable(32, "the bytes end too early"));
    expect(reasonOf("9600080100" + "9090")).toEqual(undecodable(32, "not a record"));
    expect(reasonOf("9500080100" + "91")).toEqual(undecodable(37, "more items than bytes"));
    expect(reasonOf("9500080100" + "9000")).toEqual(undecodable(38, "bytes after the value"));
  });
});

describe("eventEntry", () => {
  unit("lets a changed event be read in all its versions, and written in the newest", () => {
    type Met = {
      readonly type: "Met";
      readonly first: string;
      readonly known: boolean | undefined;
    };
    const fieldsOf = (name: string): Omit<Met, "type"> => ({ first: name, known: undefined });
    const changed = createRecordCodec<Met>(
      {
        Met: eventEntry(1, 3, record({ first: text(9), known: optional(boolean) }), [
          upcast(1, text(9), fieldsOf),
          upcast(2, record({ name: text(9) }), ({ name }) => fieldsOf(name)),
        ]),
      },
      () => [],
    );
    const event: Met = { type: "Met", first: "eve", known: undefined };
    const eve = encode(text(9), "eve").toHex();

    expect(changed.decode(start, 0, sealedHex(`9500010100${eve}`))).toMatchObject({
      value: { event },
    });
    expect(changed.decode(start, 0, sealedHex(`950001020091${eve}`))).toMatchObject({
      value: { event },
    });
    expect(toHex(changed.encode({ ...place, offset: 0 }, event).stored.subarray(32))).toBe(
      `0x95000103cd03e892${eve}c0`,
    );
  });

  unit("refuses numbers that are missing, used twice or out of order", () => {
    const empty = record({});
    const older = upcast(2, empty, () => ({}));

    expect(() => eventEntry(0, 1, empty)).toThrow("counts from 1");
    expect(() => eventEntry(70_000, 1, empty)).toThrow("two bytes");
    expect(() => eventEntry(1, 2, empty)).toThrow("every older version");
    expect(() => eventEntry(1, 2, empty, [older])).toThrow("in the order");
    expect(() =>
      createRecordCodec<Paid | Closed>(
        { ...catalogue, Closed: eventEntry(7, 1, record({})) },
        () => [],
      ),
    ).toThrow("no two event types");
  });
});
