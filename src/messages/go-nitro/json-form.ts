/** Forms: one description that writes a value as go-nitro's JSON, reads it back, and checks it on both ways. */
import { type Address, parseAddress } from "../../crypto/address.ts";
import { assert } from "../../primitives/assert.ts";
import { fromHex, type Hex, hexSizeBytes, toHex } from "../../primitives/hex.ts";
import { type Json, type JsonObject, refuse } from "./json-reader.ts";

/**
 * How values of one type are written and read. Writing a value outside the form is a bug and asserts;
 * reading one throws `JsonFailure`, whose message says at which `place` it was.
 */
export type Form<Value> = {
  readonly write: (value: Value) => string;
  readonly read: (json: Json, place: string) => Value;
};

/** What Go writes for a list or bytes that are empty: it has two ways, and reads both. */
export type WhenEmpty = "null" | "empty";

/** A whole number from 0 to `max`, however large. */
export function whole(max: bigint): Form<bigint> {
  return {
    write: (value) => {
      assert(value >= 0n && value <= max, "a number fits its form");
      return value.toString();
    },
    read: (json, place) => {
      if (typeof json !== "bigint") return refuse(place, "no number");
      return json <= max ? json : refuse(place, `more than ${max}`);
    },
  };
}

/** A whole number from 0 to `max`, itself at most 2^53 - 1. */
export function count(max: number): Form<number> {
  return converted(whole(BigInt(max)), { read: Number, write: BigInt });
}

/** True or false. */
export const flag: Form<boolean> = {
  write: String,
  read: (json, place) => (typeof json === "boolean" ? json : refuse(place, "no flag")),
};

/** What Go writes where it has no number. It takes 0 for something else. */
export const nothing: Form<null> = {
  write: String,
  read: (json, place) => (json === null ? json : refuse(place, "not null")),
};

/** Text that needs no escape, all of it matched by `pattern`. */
export function plainText<Text extends string>(pattern: RegExp): Form<Text> {
  return {
    write: (value) => {
      assert(pattern.test(value), "a text fits its form");
      return `"${value}"`;
    },
    read: (json, place) => {
      if (typeof json !== "string") return refuse(place, "no text");
      return pattern.test(json) ? (json as Text) : refuse(place, "another text than goes here");
    },
  };
}

/** Bytes of one length, as hex. Go writes lower-case digits. */
export function hexBytes<Bytes extends Hex>(sizeBytes: number): Form<Bytes> {
  return plainText<Bytes>(new RegExp(`^0x[0-9a-f]{${2 * sizeBytes}}$`));
}

/** An address. Go writes lower-case digits and reads any capitals, and so does this. */
export const address: Form<Address> = {
  write: hexBytes<Address>(20).write,
  read: (json, place) => {
    const parsed = parseAddress(json);
    return parsed.ok ? parsed.value : refuse(place, "no address");
  },
};

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** At most `sizeBytesMax` bytes as base64, with its padding. `null` is read as no bytes. */
export function base64(sizeBytesMax: number, whenEmpty: WhenEmpty): Form<Hex> {
  return {
    write: (value) => {
      assert(hexSizeBytes(value) <= sizeBytesMax, "bytes fit their form");
      return value === "0x" && whenEmpty === "null" ? "null" : `"${fromHex(value).toBase64()}"`;
    },
    read: (json, place) => {
      if (json === null) return "0x";
      const bytes = bytesOfBase64(json, place);
      return bytes.length <= sizeBytesMax
        ? toHex(bytes)
        : refuse(place, `more than ${sizeBytesMax} bytes`);
    },
  };
}

/** Reads base64 of any length. The last character may not hold bits that stand for nothing. */
export function bytesOfBase64(json: Json, place: string): Uint8Array {
  if (typeof json !== "string" || !BASE64.test(json)) return refuse(place, "no base64");
  const bytes = Uint8Array.fromBase64(json);
  return bytes.toBase64() === json ? bytes : refuse(place, "base64 with bits left over");
}

/** At most `countMax` values in order. `null` is read as none. */
export function list<Item>(
  item: Form<Item>,
  countMax: number,
  whenEmpty: WhenEmpty,
): Form<readonly Item[]> {
  return {
    write: (items) => {
      assert(items.length <= countMax, "a list fits its form");
      if (items.length === 0 && whenEmpty === "null") return "null";
      return `[${items.map((value) => item.write(value)).join(",")}]`;
    },
    read: (json, place) => {
      if (json === null) return [];
      if (!isList(json)) return refuse(place, "no list");
      if (json.length > countMax) return refuse(place, `more than ${countMax} items`);
      return json.map((value, index) => item.read(value, `${place}[${index}]`));
    },
  };
}

type FormsOf<Value> = { readonly [Name in keyof Value]: Form<Value[Name]> };

/** A Go struct: fields with Go's names, written in this order. None may be missing or too many. */
export function struct<Value extends object>(forms: FormsOf<Value>): Form<Value> {
  const entries = Object.entries(forms) as [keyof Value & string, FormsOf<Value>[keyof Value]][];
  return {
    write: (value) =>
      `{${entries.map(([name, form]) => `"${name}":${form.write(value[name])}`).join(",")}}`,
    read: (json, place) => {
      const object = objectOf(json, place);
      const fields = entries.map(([name, form]) => {
        const field = object.get(name);
        return field === undefined
          ? refuse(place, `no field ${name}`)
          : ([name, form.read(field, `${place}.${name}`)] as const);
      });
      if (object.size > entries.length) return refuse(place, "a field that does not go here");
      return Object.fromEntries(fields) as Value;
    },
  };
}

/** A form whose values this program holds in another way. */
export function converted<Written, Held>(
  form: Form<Written>,
  way: {
    readonly write: (held: Held) => Written;
    readonly read: (written: Written, place: string) => Held;
  },
): Form<Held> {
  return {
    write: (held) => form.write(way.write(held)),
    read: (json, place) => way.read(form.read(json, place), place),
  };
}

/** The fields of an object. */
export function objectOf(json: Json, place: string): JsonObject {
  return json instanceof Map ? json : refuse(place, "no object");
}

/** `Array.isArray` does not know lists that nobody may change. */
const isList = (json: Json): json is readonly Json[] => Array.isArray(json);
