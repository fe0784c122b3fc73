/** One record: its bytes, its chain, its versions, and every way in which it can be wrong. */
import { describe, expect } from "bun:test";
import { adversarial, golden, unit } from "../../test/kind.ts";
import { sha256 } from "../crypto/sha256.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { fromHex, toHex } from "../primitives/hex.ts";
import { boolean, encode, text, uint } from "../primitives/schema.ts";
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
const place = { previousHash: start, offset: 5, timeMs: 1000 };

/** Record bytes with the right hash in front. */
const sealedHex = (hex: string): Uint8Array => {
  const line = Uint8Array.fromHex(hex);
  return concatBytes(sha256(concatBytes(fromHex(start), line)), line);
};

describe("encode", () => {
  golden("writes offset, number, version, time, tags and fields, behind the chained hash", () => {
    const { record: line, stored } = codec.encode(place, bob);

    expect(toHex(stored.subarray(32))).toBe(
      `0x9605${"07"}${"01"}cd03e8${"91a6746f3a626f62"}${"92a3626f62cd012c"}`,
    );
    expect(toHex(stored)).toBe(toHex(sealedHex(stored.subarray(32).toHex())));
    expect(line).toEqual({
      offset: 5,
      timeMs: 1000,
      tags: ["to:bob"],
      event: bob,
      hash: toHex(stored.subarray(0, 32)) as RecordHash,
    });
  });

  golden("starts each log at the hash of a domain and the log's id", () => {
    const preimage = concatBytes(new TextEncoder().encode("channels log 1\n"), new Uint8Array(16));

    expect(fromHex(start)).toEqual(Uint8Array.from(sha256(preimage)));
    expect(() => firstHash(new Uint8Array(15))).toThrow("16 bytes");
  });

  unit("stops the program at an event that is not in the catalogue", () => {
    expect(() => codec.encode(place, { type: "Other" } as never)).toThrow("in the catalogue");
  });

  unit("writes the same bytes after an event that could not be written", () => {
    const before = codec.encode(place, bob).stored;

    expect(() => codec.encode(place, { ...bob, amount: -1 })).toThrow("an integer");
    expect(codec.encode(place, bob).stored).toEqual(before);
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
    expect(codec.decode(start, 0, sealedHex("9600090100" + "9090"))).toEqual({
      ok: false,
      reason: { code: "UnknownEvent", offset: 0, number: 9, version: 1 },
    });
    for (const version of ["00", "02"]) {
      expect(codec.decode(start, 0, sealedHex(`960008${version}009090`))).toMatchObject({
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

    expect(codec.decode(start, 0, sealedHex("960008010090" + "90")).ok).toBe(true);
    expect(reasonOf("")).toEqual(undecodable(32, "the bytes end too early"));
    expect(reasonOf("9500080100" + "90")).toEqual(undecodable(32, "not a record"));
    expect(reasonOf("9600080100" + "9091")).toEqual(undecodable(38, "more items than bytes"));
    expect(reasonOf("9600080100" + "909000")).toEqual(undecodable(39, "bytes after the value"));
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

    expect(changed.decode(start, 0, sealedHex(`960001010090${eve}`))).toMatchObject({
      value: { event },
    });
    expect(changed.decode(start, 0, sealedHex(`96000102009091${eve}`))).toMatchObject({
      value: { event },
    });
    expect(toHex(changed.encode({ ...place, offset: 0 }, event).stored.subarray(32))).toBe(
      `0x96000103cd03e89092${eve}c0`,
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
