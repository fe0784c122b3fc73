/** A slot of a head file: one value with what says whether it is whole, and whether it is the latest. */
import { BOOT_ID_SIZE_BYTES } from "./boot-id.ts";

/** What one slot holds. */
export type HeadSlot = {
  /** Counts the writes of a head file from 1: of two slots, the higher one is the later. */
  readonly count: number;
  /** The start of the machine in which it was written; zeros where that is not known. */
  readonly bootId: Uint8Array;
  /** True when every later write would have reached the disk before it counted. */
  readonly isDurable: boolean;
  readonly value: Uint8Array;
};

/** 4 KiB: slots share no page of the disk, so that a torn write of one leaves the other whole. */
export const SLOT_SIZE_BYTES = 4_096;

/** The first bytes of a slot: "head" and the number of this layout. */
const MAGIC = Uint8Array.of(0x68, 0x65, 0x61, 0x64, 1);

/**
 * Where the parts of a slot lie, in bytes, the highest byte of a number first:
 * magic, count (8), boot id (16), 1 if durable (1), size of the value (2), value, CRC-32 of it all (4).
 */
const AT = { magic: 0, count: 5, bootId: 13, isDurable: 29, size: 30, value: 32 } as const;

const CHECKSUM_SIZE_BYTES = 4;

/** The largest value that a slot holds, in bytes. */
export const HEAD_VALUE_SIZE_BYTES_MAX: number = SLOT_SIZE_BYTES - AT.value - CHECKSUM_SIZE_BYTES;

/** The bytes of a slot, without the zeros after it. */
export function encodeSlot({ bootId, count, isDurable, value }: HeadSlot): Uint8Array {
  const bytes = new Uint8Array(AT.value + value.length + CHECKSUM_SIZE_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC, AT.magic);
  view.setBigUint64(AT.count, BigInt(count));
  bytes.set(bootId, AT.bootId);
  view.setUint8(AT.isDurable, isDurable ? 1 : 0);
  view.setUint16(AT.size, value.length);
  bytes.set(value, AT.value);
  const checkedBytes = AT.value + value.length;
  view.setUint32(checkedBytes, Bun.hash.crc32(bytes.subarray(0, checkedBytes)));
  return bytes;
}

/** The slot in these bytes; undefined for an empty or a damaged one. */
export function decodeSlot(bytes: Uint8Array): HeadSlot | undefined {
  if (bytes.length < AT.value) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const valueEnd = AT.value + view.getUint16(AT.size);
  if (valueEnd + CHECKSUM_SIZE_BYTES > bytes.length) return undefined;
  const isMagic = MAGIC.every((byte, index) => bytes[index] === byte);
  const isWhole = view.getUint32(valueEnd) === Bun.hash.crc32(bytes.subarray(0, valueEnd));
  if (!isMagic || !isWhole) return undefined;
  return {
    count: Number(view.getBigUint64(AT.count)),
    bootId: bytes.slice(AT.bootId, AT.bootId + BOOT_ID_SIZE_BYTES),
    isDurable: view.getUint8(AT.isDurable) === 1,
    value: bytes.slice(AT.value, valueEnd),
  };
}
