/** Reads and writes the numbers of the WebAssembly binary format. Source: WebAssembly specification, section 5.2. */
import { malformed } from "./module-rejection.ts";

/** Bytes of a module, and where the next value starts. */
export type ModuleReader = { readonly bytes: Uint8Array; offset: number; end: number };

/** Most bytes that an integer of 32 and of 64 bits takes. */
const LEB32_BYTES_MAX = 5;
const LEB64_BYTES_MAX = 10;

/** The next byte. */
export function readModuleByte(reader: ModuleReader): number {
  const byte = reader.offset < reader.end ? reader.bytes[reader.offset] : undefined;
  if (byte === undefined) return malformed(reader.offset, "the bytes end too early");
  reader.offset += 1;
  return byte;
}

/** An unsigned integer of 32 bits. */
export function readU32(reader: ModuleReader): number {
  const at = reader.offset;
  let value = 0;
  for (let index = 0; index < LEB32_BYTES_MAX; index += 1) {
    const byte = readModuleByte(reader);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return value < 2 ** 32 ? value : malformed(at, "an integer above 32 bits");
  }
  return malformed(at, "an integer of too many bytes");
}

/** A signed integer of 32 bits. */
export function readS32(reader: ModuleReader): number {
  const value = readSigned(reader, 32, LEB32_BYTES_MAX);
  return Number(value);
}

/** Passes over a signed integer of 64 bits. */
export function skipS64(reader: ModuleReader): void {
  readSigned(reader, 64, LEB64_BYTES_MAX);
}

/** Passes over `sizeBytes` bytes and gives where they started. */
export function passBytes(reader: ModuleReader, sizeBytes: number): number {
  const at = reader.offset;
  if (sizeBytes > reader.end - at) return malformed(at, "the bytes end too early");
  reader.offset = at + sizeBytes;
  return at;
}

/** Bytes that are written one after the other. */
export type ModuleWriter = number[];

/** Writes an unsigned integer of 32 bits. */
export function writeU32(writer: ModuleWriter, value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    writer.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  writer.push(rest);
}

/** Writes a signed integer of 32 bits. */
export function writeS32(writer: ModuleWriter, value: number): void {
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const isLast = (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40);
    writer.push(isLast ? low : low | 0x80);
    if (isLast) return;
  }
}

/** The bits above those of the integer must all be its sign, or engines would differ. */
function readSigned(reader: ModuleReader, bits: number, sizeBytesMax: number): bigint {
  const at = reader.offset;
  let value = 0n;
  for (let index = 0; index < sizeBytesMax; index += 1) {
    const byte = readModuleByte(reader);
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) {
      const signed = BigInt.asIntN(7 * (index + 1), value);
      return BigInt.asIntN(bits, signed) === signed
        ? signed
        : malformed(at, `an integer above ${bits} bits`);
    }
  }
  return malformed(at, "an integer of too many bytes");
}
